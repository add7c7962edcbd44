"""Subscribers: who may receive what, and how they are found.

Owns: the table of subscribers and every change of what they want. Never: decides what a text
means (bot/keywords) or what goes out. Called by bot/conversation, the receiver and privacy.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import db
from broadcasts.channels.base import Address
from broadcasts.channels.pages import LONGEST_CALLED
from broadcasts.people import selections
from broadcasts.people.selections import Selection


class Wants(StrEnum):
    """What a person has asked for."""

    NOTHING = "nothing"
    """Wrote to us, never opted in."""
    EVERYTHING = "everything"
    """Digests and alerts."""
    ALERTS_ONLY = "alerts_only"
    STOPPED = "stopped"
    """Opted out."""
    RETIRED = "retired"
    """Not reachable on several days; a new message of theirs brings them back."""
    RESTRICTED = "restricted"
    """Has had it restricted (Art. 18 GDPR): gets nothing until that is lifted."""


REACHED_BY_ALERTS = (Wants.EVERYTHING, Wants.ALERTS_ONLY)
REACHED_BY_DIGESTS = (Wants.EVERYTHING,)


class Subscriber(db.Model):
    """A person on a channel. Belongs to the number last written to: window and pace are its."""

    id = db.SerialField()
    channel = peewee.CharField(max_length=20)
    account = peewee.CharField(max_length=64)
    wa_id = peewee.CharField(max_length=32, null=True)
    bsuid = peewee.CharField(max_length=140, null=True)
    wants = db.EnumField(Wants, default=Wants.NOTHING)
    language = peewee.CharField(max_length=5)
    created_at = db.UTCField()
    reader_since = db.UTCField(null=True)
    """Since when without a break something reaches them; who is one already when a broadcast
    begins gets it, whatever they change meanwhile."""
    opted_in_at = db.UTCField(null=True)
    """When they last said what they want."""
    opted_out_at = db.UTCField(null=True)
    last_inbound_at = db.UTCField(null=True)
    window_closes_at = db.UTCField(null=True)
    acknowledged_at = db.UTCField(null=True)
    """The last "we have received your message"."""
    unreachable_days = peewee.IntegerField(default=0)
    unreachable_on = peewee.DateField(null=True)
    drills = peewee.BooleanField(default=False)
    """Has offered to get drills, too."""
    in_touch_on = peewee.DateField(null=True)
    """A day on which something reached them, or they moved in; written at most once in
    IN_TOUCH_WITHIN, because a million rows a day would be too many."""
    asked_at = db.UTCField(null=True)
    """When they were asked whether they are still there; null once they have written."""
    restricted_at = db.UTCField(null=True)
    """Since when nothing may be done with their data, deleting included (Art. 18 GDPR)."""
    wants_before = db.EnumField(Wants, null=True)
    """What comes back when the restriction is lifted."""
    objected_at = db.UTCField(null=True)
    """Since when nothing they write is kept for people to read (Art. 21 GDPR)."""
    called = peewee.CharField(max_length=LONGEST_CALLED, default="")
    """How they want to be addressed, where they have said so."""
    paused_from = peewee.DateField(null=True)
    """The first day of their pause (people/pauses)."""
    paused_until = peewee.DateField(null=True)
    """Its last day: no digest comes up to it. Past, and still here: they were not yet told what
    they have missed."""
    note = peewee.TextField(null=True)
    """What they want to stand beside their data (Art. 16 GDPR)."""
    selection = peewee.ForeignKeyField(Selection, null=True, index=False)
    """What they have chosen of topics and districts; null: everything."""
    selection_id: int | None
    prefers = peewee.BigIntegerField(null=True)
    """The row of the same person on the channel on which they prefer to be reached; null: this one,
    or the only one (people/links)."""

    class Meta:
        table_name = "subscriber"
        # What somebody else has just changed of the same person stays: a pause that is over is told
        # of once, whoever saves them at that moment.
        only_save_dirty = True
        indexes = (
            (("channel", "wa_id"), True),
            (("channel", "bsuid"), True),
            (("wants", "channel"), False),
        )

    @property
    def address(self) -> Address:
        return Address(self.wa_id, self.bsuid)


# Volunteers are few among a million, and so is whoever has one of these.
Subscriber.add_index(
    Subscriber.index(Subscriber.channel, name="subscriber_drills", where=Subscriber.drills)
)
_RARE = {
    "restricted": Subscriber.restricted_at,
    "asked": Subscriber.asked_at,
    "prefers": Subscriber.prefers,
    "selection": Subscriber.selection,
    "paused": Subscriber.paused_until,
}
for _name, _field in _RARE.items():
    _is_set = _field.is_null(False)
    Subscriber.add_index(Subscriber.index(_field, name=f"subscriber_{_name}", where=_is_set))


IN_TOUCH_WITHIN = timedelta(days=30)


def find(channel: str, address: Address) -> Subscriber | None:
    """The person with either id."""
    found = matching(channel, address)
    return found[0] if found else None


def matching(channel: str, address: Address) -> list[Subscriber]:
    """Everybody with either id, oldest first: two rows mean that one person was known as two."""
    either = [
        field == value
        for field, value in (
            (Subscriber.wa_id, address.wa_id),
            (Subscriber.bsuid, address.bsuid),
        )
        if value
    ]
    if not either:
        return []
    condition = either[0] if len(either) == 1 else either[0] | either[1]
    query = Subscriber.select().where(Subscriber.channel == channel, condition)
    return list(query.order_by(Subscriber.id))


def create(
    channel: str, account: str, address: Address, *, language: str, at: datetime
) -> Subscriber:
    """Somebody who is not known yet; wants nothing so far."""
    return Subscriber.create(
        channel=channel,
        account=account,
        wa_id=address.wa_id,
        bsuid=address.bsuid,
        language=language,
        created_at=at,
    )


def learn(subscriber: Subscriber, address: Address) -> None:
    """Takes over ids not known yet, or changed: the provider's own signed message says so."""
    subscriber.wa_id = address.wa_id or subscriber.wa_id
    subscriber.bsuid = address.bsuid or subscriber.bsuid
    subscriber.save()


def later_word(one: Subscriber, other: Subscriber) -> Subscriber:
    """Of two rows of one person: the one that last said what they want."""
    return max(one, other, key=_last_said)


def _last_said(subscriber: Subscriber) -> datetime:
    said = [at for at in (subscriber.opted_in_at, subscriber.opted_out_at) if at]
    return max(said, default=datetime.min.replace(tzinfo=UTC))


def has_said_later(subscriber: Subscriber, at: datetime) -> bool:
    """A late "Start" from before the person's own "Stopp" must not undo it, nor what they have
    chosen since. The platform's opt-out does not count: it is of no text they wrote."""
    left = subscriber.opted_out_at if subscriber.wants in (Wants.NOTHING, Wants.STOPPED) else None
    later = max(filter(None, (subscriber.opted_in_at, left)), default=None)
    return later is not None and at < later


def heard_from(
    subscriber: Subscriber, account: str, at: datetime, window: timedelta | None
) -> None:
    """A person's own message opens the window, and shows that they can be reached."""
    subscriber.account = account
    if subscriber.last_inbound_at is None or at > subscriber.last_inbound_at:
        subscriber.last_inbound_at = at
        subscriber.window_closes_at = None if window is None else at + window
    subscriber.unreachable_days, subscriber.unreachable_on = 0, None
    subscriber.save()


def opt_in(
    subscriber: Subscriber,
    wants: Wants,
    at: datetime,
    language: str,
    *,
    said_at: datetime | None = None,
) -> None:
    """From now on `wants`; the evidence is the caller's to record (people/consent). `said_at`:
    where it may have been said before `at`, from when on another word counts as later."""
    if subscriber.wants not in REACHED_BY_ALERTS or subscriber.reader_since is None:
        subscriber.reader_since = at
    subscriber.wants, subscriber.language = wants, language
    subscriber.opted_in_at = said_at or at
    subscriber.paused_from = subscriber.paused_until = None
    subscriber.save()


def would_read(subscriber: Subscriber) -> bool:
    """Whether they would get anything, were their data not restricted."""
    wants = subscriber.wants
    return (subscriber.wants_before if wants == Wants.RESTRICTED else wants) in REACHED_BY_ALERTS


def opt_out(subscriber: Subscriber, at: datetime, wants: Wants = Wants.STOPPED) -> None:
    subscriber.wants, subscriber.opted_out_at = wants, at
    subscriber.paused_from = subscriber.paused_until = None
    if wants not in REACHED_BY_ALERTS:
        subscriber.reader_since, subscriber.drills, subscriber.selection = None, False, None
    subscriber.save()


def volunteer(subscriber: Subscriber, *, drills: bool) -> None:
    subscriber.drills = drills
    subscriber.save()


def note_asked(subscriber: Subscriber, at: datetime | None) -> None:
    """They are asked whether they are still there; None: they have answered, or never got it."""
    subscriber.asked_at = at
    subscriber.save()


def call(subscriber: Subscriber, called: str) -> None:
    """From now on they are addressed so; empty: by no name."""
    subscriber.called = called
    subscriber.save()


def speak(subscriber: Subscriber, language: str) -> None:
    """From now on in this language."""
    subscriber.language = language
    subscriber.save()


def select(subscriber: Subscriber, selection_id: int | None) -> None:
    """From now on they get what fits this choice (people/selections); None: everything."""
    subscriber.selection_id = selection_id
    subscriber.save()


def drop_unselected() -> int:
    """Every choice that nobody has any more; returns how many."""
    # To look for the readers of each would take the writer's place every time.
    used = Subscriber.select(Subscriber.selection).where(Subscriber.selection.is_null(False))
    unused = selections.known().keys() - {id for (id,) in db.rows(used.distinct())}
    return sum(drop_if_unselected(id) for id in unused)


def drop_if_unselected(selection_id: int) -> int:
    """The same of one choice."""
    who = Subscriber.select(Subscriber.id).where(Subscriber.selection == selection_id)
    return selections.drop_unused(selection_id, who)


def by_selection() -> list[tuple[int, int]]:
    """(choice, readers of digests who have it), who is linked once; reads all of them: pages ask
    through figures."""
    query = Subscriber.select(Subscriber.selection, peewee.fn.COUNT(Subscriber.id)).where(
        Subscriber.selection.is_null(False),
        Subscriber.wants.in_(REACHED_BY_DIGESTS),
        Subscriber.prefers.is_null(),
    )
    return [(id, number) for id, number in db.rows(query.group_by(Subscriber.selection))]


def restricted() -> "peewee.ModelSelect[Subscriber]":
    """Whose data nothing may touch; a handful, through their own index."""
    return Subscriber.select(Subscriber.id).where(Subscriber.restricted_at.is_null(False))


def note_stop(subscriber: Subscriber, at: datetime) -> None:
    """Somebody who gets nothing says once more that they want nothing."""
    subscriber.opted_out_at = max(at, subscriber.opted_out_at or at)
    subscriber.save()


def close_window(subscriber_ids: Sequence[int]) -> None:
    """The provider says that these windows are closed, whatever we believed."""
    Subscriber.update(window_closes_at=None).where(Subscriber.id.in_(subscriber_ids)).execute()


def note_unreachable(subscriber_id: int, on: date, *, days: int) -> None:
    """One more day on which this person could not be reached; after `days` different ones
    the row retires."""
    Subscriber.update(unreachable_days=Subscriber.unreachable_days + 1, unreachable_on=on).where(
        Subscriber.id == subscriber_id,
        Subscriber.unreachable_on.is_null() | (Subscriber.unreachable_on < on),
    ).execute()
    Subscriber.update(wants=Wants.RETIRED).where(
        Subscriber.id == subscriber_id,
        Subscriber.unreachable_days >= days,
        Subscriber.wants.in_(REACHED_BY_ALERTS),
    ).execute()


def count() -> dict[str, Any]:
    """`{"active","alerts_only","stopped","retired","by_channel"}`; the erased are in none.

    `active` is everybody an alert reaches, `alerts_only` those of them without digests: persons.
    `by_channel` counts who is linked on several channels on each of them.
    """
    query = Subscriber.select(Subscriber.channel, Subscriber.wants, peewee.fn.COUNT(Subscriber.id))
    figures = {"active": 0, "alerts_only": 0, "stopped": 0, "retired": 0}
    by_channel: dict[str, int] = {}
    grouped = query.group_by(Subscriber.channel, Subscriber.wants)
    for channel, wants, number in db.rows(grouped):
        if wants in REACHED_BY_ALERTS:
            figures["active"] += number
            by_channel[channel] = by_channel.get(channel, 0) + number
        if wants in figures:
            figures[wants] += number
    linked = _counted_elsewhere()
    figures["active"] -= sum(linked.values())
    figures["alerts_only"] -= linked.get(Wants.ALERTS_ONLY, 0)
    return {**figures, "by_channel": by_channel}


def _counted_elsewhere() -> dict[Wants, int]:
    """Readers who are one on the channel they prefer, too, or else on another one that comes first;
    through the index of linked rows."""
    other = Subscriber.alias()
    is_before = (other.prefers == Subscriber.prefers) & (other.id < Subscriber.id)
    elsewhere = other.select(other.id).where(
        (other.id == Subscriber.prefers) | is_before, other.wants.in_(REACHED_BY_ALERTS)
    )
    query = Subscriber.select(Subscriber.wants, peewee.fn.COUNT(Subscriber.id)).where(
        Subscriber.prefers.is_null(False),
        Subscriber.wants.in_(REACHED_BY_ALERTS),
        peewee.fn.EXISTS(elsewhere),
    )
    return dict(db.rows(query.group_by(Subscriber.wants)))


def groups() -> list[tuple[str, str, str, int]]:
    """(channel, language, wants, persons); reads every row: pages ask through figures."""
    columns = (Subscriber.channel, Subscriber.language, Subscriber.wants)
    query = Subscriber.select(*columns, peewee.fn.COUNT(Subscriber.id)).group_by(*columns)
    return [(channel, tongue, str(wants), n) for channel, tongue, wants, n in db.rows(query)]
