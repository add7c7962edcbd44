"""Growth: how many readers there were on each local day, who came and who went, as counts.

Owns: the table of daily figures. Never: a person, in no row. Counted by a job from the evidence of
consent; a day keeps its figures when a person in them is erased. Read by the desk.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import peewee

from broadcasts import clock, db, figures
from broadcasts.people import subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber, Wants

LATE = timedelta(days=8)
"""A provider brings a message again for a week: so long a day's figures may still grow."""

DAY = timedelta(days=1)

CURRENT = timedelta(minutes=2)

CountErased = Callable[[datetime, datetime], Mapping[str, int]]
"""Channel → erased persons in a span of time (privacy keeps that log)."""


class DailyFigure(db.Model):
    """One local day on one channel."""

    on = peewee.DateField(column_name="on_date")
    channel = peewee.CharField(max_length=20)
    joined = peewee.IntegerField(default=0)
    imported = peewee.IntegerField(default=0)
    """Moved in from another provider on that day, whenever they opted in there."""
    left = peewee.IntegerField(default=0)
    """By their own word, by hand, or unreachable for days."""
    erased = peewee.IntegerField(default=0)
    with_digests = peewee.IntegerField(null=True)
    """At the day's last count; None: not counted yet."""
    alerts_only = peewee.IntegerField(null=True)

    class Meta:
        table_name = "daily_figure"
        primary_key = peewee.CompositeKey("on", "channel")


NOBODY = Wants.NOTHING

MEANS: Mapping[Deed, Wants] = {
    Deed.OPT_IN: Wants.EVERYTHING,
    Deed.IMPORTED: Wants.EVERYTHING,
    Deed.PLATFORM_OPT_IN: Wants.EVERYTHING,
    Deed.ALERTS_ONLY: Wants.ALERTS_ONLY,
    Deed.PLATFORM_OPT_OUT: Wants.ALERTS_ONLY,
    Deed.OPT_OUT: NOBODY,
    Deed.BLOCKED: NOBODY,
    Deed.BY_STAFF: NOBODY,
    Deed.MOVED: NOBODY,
}
"""Deed → what somebody is from then on."""

Step = tuple[str, Wants, Wants]
"""(channel, was before, is now)"""


def note_imported(channel: str, number: int, on: date) -> None:
    """In the transaction of the import; their consent may be years old."""
    if number:
        DailyFigure.insert(on=on, channel=channel, imported=number).on_conflict(
            conflict_target=[DailyFigure.on, DailyFigure.channel],
            update={DailyFigure.imported: DailyFigure.imported + number},
        ).execute()


# ------------------------------------------------------------------ counting


def count(zone: ZoneInfo, now: datetime, *, erased: CountErased) -> int:
    """Brings every day up to date that may still change: today, the last week, all that were
    missed; on the first run everything since the first opt-in. Safe to repeat. Returns the days."""
    today = now.astimezone(zone).date()
    on = _first(zone, today)
    present = _present()
    days = 0
    while on <= today:
        _count_day(on, zone, erased, present if on == today else None)
        on += DAY
        days += 1
    return days


def _first(zone: ZoneInfo, today: date) -> date:
    counted = DailyFigure.select().where(DailyFigure.with_digests.is_null(False))
    newest = counted.order_by(DailyFigure.on.desc()).first()
    if newest is not None:
        oldest: date = counted.order_by(DailyFigure.on).first().on
        latest: date = min(newest.on, today)
        # The last week once a day: its latecomers are few, and a day of a million takes long.
        return max(oldest, latest - (LATE if latest < today else DAY))
    consents = Consent.select(peewee.fn.MIN(Consent.at)).where(Consent.deed != Deed.IMPORTED)
    began = consents.scalar()
    return today if began is None else _moment(began).astimezone(zone).date()


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _present() -> Counter[tuple[str, Wants]]:
    """(channel, wants) → readers now."""
    query = Subscriber.select(Subscriber.channel, Subscriber.wants, peewee.fn.COUNT(Subscriber.id))
    grouped = query.where(Subscriber.wants.in_(REACHED_BY_ALERTS)).group_by(
        Subscriber.channel, Subscriber.wants
    )
    return Counter({(channel, wants): number for channel, wants, number in db.rows(grouped)})


def _count_day(
    on: date, zone: ZoneInfo, erased: CountErased, present: Counter[tuple[str, Wants]] | None
) -> None:
    begin, end = (clock.at(day, time(), zone) for day in (on, on + DAY))
    steps, gone = _steps(begin, end), erased(begin, end)
    retired = _retired(on)
    known = {row.channel: row for row in DailyFigure.select().where(DailyFigure.on == on)}
    before = {row.channel: row for row in DailyFigure.select().where(DailyFigure.on == on - DAY)}
    channels = {channel for channel, _, _ in steps} | set(gone) | set(retired) | set(known)
    channels |= set(before) | {channel for channel, _ in present or ()}
    with db.transaction():
        for channel in channels:
            row = known.get(channel)
            joined = _total(steps, channel, was=False)
            left = _total(steps, channel, was=True) + retired.get(channel, 0)
            values = {
                # Never less than before: who was erased since is no evidence any more.
                "joined": max(joined, row.joined if row else 0),
                "left": max(left, row.left if row else 0),
                "erased": gone.get(channel, 0),
                **_active(channel, present, row, before.get(channel), steps),
            }
            DailyFigure.insert(on=on, channel=channel, **values).on_conflict(
                conflict_target=[DailyFigure.on, DailyFigure.channel], update=values
            ).execute()


def _active(
    channel: str,
    present: Counter[tuple[str, Wants]] | None,
    row: DailyFigure | None,
    before: DailyFigure | None,
    steps: Counter[Step],
) -> dict[str, int]:
    """Today as it is; a past day keeps what was counted then; one that was missed follows from the
    day before it."""
    found = {}
    for field, wants in (
        ("with_digests", Wants.EVERYTHING),
        ("alerts_only", Wants.ALERTS_ONLY),
    ):
        counted = getattr(row, field) if row else None
        if present is not None:
            counted = present[channel, wants]
        if counted is None:
            change = sum(
                number * ((now == wants) - (was == wants))
                for (one, was, now), number in steps.items()
                if one == channel
            )
            counted = max(0, (getattr(before, field) if before else None) or 0) + change
        found[field] = max(0, counted)
    return found


def _total(steps: Counter[Step], channel: str, *, was: bool) -> int:
    """How many became readers (`was` false), or stopped being some."""
    return sum(
        number
        for (one, before, after), number in steps.items()
        if one == channel
        and (before in REACHED_BY_ALERTS) == was
        and (after in REACHED_BY_ALERTS) != was
    )


def _steps(begin: datetime, end: datetime) -> Counter[Step]:
    """Every change in a span of time, by what the person was before it. Those who moved in are
    counted by the import, on its own day."""
    earlier = Consent.alias()
    before = (
        earlier.select(earlier.deed)
        .where(
            earlier.subscriber == Consent.subscriber,
            earlier.deed.in_(list(MEANS)),
            (earlier.at < Consent.at) | ((earlier.at == Consent.at) & (earlier.id < Consent.id)),
        )
        .order_by(earlier.at.desc(), earlier.id.desc())
        .limit(1)
    )
    deeds = [deed for deed in MEANS if deed != Deed.IMPORTED]
    each = Consent.select(Consent.channel, before.alias("before"), Consent.deed).where(
        Consent.at >= begin, Consent.at < end, Consent.deed.in_(deeds)
    )
    columns = (each.c.channel, each.c.before, each.c.deed)
    query = Consent.select(*columns, peewee.fn.COUNT(peewee.SQL("*")))
    found: Counter[Step] = Counter()
    for channel, was, deed, number in db.rows(query.from_(each).group_by(*columns)):
        was_wanted = MEANS[Deed(was)] if was else NOBODY
        found[channel, was_wanted, MEANS[Deed(deed)]] += number
    return found


def _retired(on: date) -> dict[str, int]:
    query = Subscriber.select(Subscriber.channel, peewee.fn.COUNT(Subscriber.id)).where(
        Subscriber.wants == Wants.RETIRED, Subscriber.unreachable_on == on
    )
    return dict(db.rows(query.group_by(Subscriber.channel)))


# ------------------------------------------------------------------ reading


@dataclass(frozen=True)
class Span:
    """A day, or a week; of one channel or of all."""

    begin: date
    joined: int
    imported: int
    left: int
    erased: int
    with_digests: int
    alerts_only: int
    """Both as last counted in the span."""

    @property
    def active(self) -> int:
        return self.with_digests + self.alerts_only


def rows(since: date) -> list[DailyFigure]:
    """Day and channel, oldest first."""
    query = DailyFigure.select().where(
        DailyFigure.on >= since, DailyFigure.with_digests.is_null(False)
    )
    return list(query.order_by(DailyFigure.on, DailyFigure.channel))


def by_day(found: Sequence[DailyFigure]) -> list[Span]:
    return _spans(found, lambda on: on)


def by_week(found: Sequence[DailyFigure]) -> list[Span]:
    """Weeks begin on Monday."""
    return _spans(found, lambda on: on - timedelta(days=on.weekday()))


def _spans(found: Sequence[DailyFigure], begin_of: Callable[[date], date]) -> list[Span]:
    spans: dict[date, list[DailyFigure]] = {}
    for row in found:
        spans.setdefault(begin_of(row.on), []).append(row)
    return [_span(begin, rows) for begin, rows in sorted(spans.items())]


def _span(begin: date, rows: Sequence[DailyFigure]) -> Span:
    last = max(row.on for row in rows)
    ending = [row for row in rows if row.on == last]
    return Span(
        begin=begin,
        joined=sum(row.joined for row in rows),
        imported=sum(row.imported for row in rows),
        left=sum(row.left for row in rows),
        erased=sum(row.erased for row in rows),
        with_digests=sum(row.with_digests or 0 for row in ending),
        alerts_only=sum(row.alerts_only or 0 for row in ending),
    )


def present() -> figures.Recent:
    """Readers now, as subscribers.groups gives them, at most so old."""
    return figures.recent("subscribers", subscribers.groups, max_age=CURRENT)


def chosen() -> figures.Recent:
    """The same of `subscribers.by_selection`."""
    return figures.recent("selections", subscribers.by_selection, max_age=CURRENT)
