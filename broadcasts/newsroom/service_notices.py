"""The service notice: beside the digest, one a day at the most, in business hours only.

Owns: starting one, and saying beforehand when it leaves and whom it reaches. Never: sends (the
outbox does) or keeps the hours (delivery does, by the spans in its row). Called by the command
line and the desk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from broadcasts import db
from broadcasts.channels.base import Text, unpack
from broadcasts.delivery import broadcasts, outbox
from broadcasts.delivery.broadcasts import Audience, Broadcast, Form, Plan, Rendition, Wording
from broadcasts.delivery.hours import Span
from broadcasts.delivery.states import MAYBE_REACHED, BroadcastKind, BroadcastState
from broadcasts.newsroom import budget, notice_words, office, pricing, reach, subjects, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.notice_words import Draft
from broadcasts.newsroom.pricing import Cost
from broadcasts.newsroom.waiting import gets_news, note_given
from broadcasts.people.subscribers import Subscriber
from broadcasts.saying import Refusal, Said, say

WORKING_DAYS = 3
"""So many it may take, the first one included; what has not left by then expires."""


class NoticeError(Refusal):
    """A service notice cannot go; `said` says why."""


@dataclass(frozen=True)
class Outlook:
    """What would happen if it were sent now."""

    plan: Plan
    leaves_at: datetime
    recipients: int
    unreachable: int
    """Want a template that is not approved."""
    waiting: int
    """On a channel where nothing reaches a closed window: they get it when they write in time."""
    chosen_otherwise: int
    """Readers who have chosen other topics or districts than it is for."""
    renditions: list[tuple[Wording, int, str]]
    """(rendition, recipients, as the phone shows it)"""
    cost: Cost
    duration: timedelta
    warnings: list[Said]
    refusals: list[Said]
    """Why it does not go; in the warnings, too."""
    held_until: datetime | None
    """None: it leaves at once."""

    def as_json(self) -> dict[str, Any]:
        return {
            "on": self.plan.on.isoformat(),
            "leaves_at": self.leaves_at.isoformat(),
            "held_until": self.held_until.isoformat() if self.held_until else None,
            "expires_at": self.plan.expires_at.isoformat(),
            "recipients": self.recipients,
            "unreachable": self.unreachable,
            "waiting": self.waiting,
            "chosen_otherwise": self.chosen_otherwise,
            "renditions": [wording.as_json(*one) for one in self.renditions],
            "cost": self.cost.as_json(),
            "minutes": round(self.duration.total_seconds() / 60, 1),
            "warnings": self.warnings,
        }


def spans(newsroom: Newsroom, now: datetime) -> list[Span]:
    """When one that is sent now may leave. Raises NoticeError where the city has none."""
    hours = office.business(newsroom.settings)
    if hours is None:
        raise NoticeError(
            say("there are no service notices: config.toml has no section [business_hours]")
        )
    found = office.spans(hours, newsroom.zone, now, WORKING_DAYS)
    if not found:
        raise NoticeError(say("no working day is near: look at [business_hours] in config.toml"))
    return found


def leaves_at(newsroom: Newsroom, now: datetime) -> datetime:
    """When one that is sent now begins to leave. Raises NoticeError."""
    return max(spans(newsroom, now)[0][0], now)


def counted(newsroom: Newsroom, now: datetime) -> list[dict[str, Any]]:
    """Its readers, ready to be kept for `outlook`: counting a million takes seconds. Whose window
    is open is asked of the moment at which it leaves. Raises NoticeError."""
    at = leaves_at(newsroom, now)
    return [asdict(group) for group in reach.groups(newsroom, Audience.DIGEST_READERS, at)]


def outlook(
    newsroom: Newsroom,
    draft: Draft,
    now: datetime,
    *,
    readers: Sequence[Mapping[str, Any]] | None = None,
) -> Outlook:
    """What would happen. `readers`: what `counted` gave a moment ago. Raises NoticeError for what
    no service notice can be."""
    open_at = spans(newsroom, now)
    if wrong := notice_words.problems(newsroom, draft):
        raise NoticeError(*wrong)
    scope = subjects.read(newsroom, draft.scope.topics, draft.scope.districts)
    everybody = [reach.Group(**group) for group in readers or counted(newsroom, now)]
    found = reach.fitted(everybody, [scope])
    wordings, needs = notice_words.renditions(newsroom, draft, reach.languages(newsroom, found))
    counts, without = reach.by_wording(newsroom, BroadcastKind.NOTICE, wordings, found)
    begins, waiting = max(open_at[0][0], now), reach.total(reach.waiting(newsroom, without))
    on = begins.astimezone(newsroom.zone).date()
    cost = pricing.estimate(newsroom.settings.prices, reach.prices_of(counts), on)
    over = budget.over(newsroom, on, cost, BroadcastKind.NOTICE)
    duration, unreachable = reach.duration(newsroom, found), reach.total(without) - waiting
    refusals = _refusals(newsroom, on, needs if unreachable else [], unreachable, over)
    warnings = [*refusals, *_warnings(found, needs, begins + duration, open_at)]
    if over is not None and over not in warnings:
        warnings.append(over)
    return Outlook(
        plan=_plan(replace(draft, scope=scope), on, wordings, open_at),
        leaves_at=begins,
        recipients=reach.total(found),
        unreachable=unreachable,
        waiting=waiting,
        chosen_otherwise=reach.total(everybody) - reach.total(found),
        renditions=[(row, counts[row], wording.as_shown(newsroom, row)) for row in wordings],
        cost=cost,
        duration=duration,
        warnings=list(dict.fromkeys(warnings)),
        refusals=refusals,
        held_until=begins if begins > now else None,
    )


def _plan(draft: Draft, on: date, wordings: Sequence[Wording], open_at: Sequence[Span]) -> Plan:
    return Plan(
        kind=BroadcastKind.NOTICE,
        on=on,
        audience=Audience.DIGEST_READERS,
        expires_at=open_at[-1][1],
        hours=open_at,
        wordings=wordings,
        scopes=[draft.scope],
        title=draft.heading,
        text=draft.text.strip(),
        link=draft.address,
    )


def _refusals(
    newsroom: Newsroom,
    on: date,
    needs: Sequence[wording.Need],
    unreachable: int,
    over: Said | None,
) -> list[Said]:
    said = []
    if needs:
        said.append(
            say(
                "%(number)s readers can only be reached by a template that is not approved:"
                " %(names)s (see: stadtbote templates list, templates sync)",
                number=unreachable,
                names=", ".join(str(need) for need in needs),
            )
        )
    if find(on) is not None:
        said += broadcasts.AlreadySentError(on, BroadcastKind.NOTICE).said
    if over is not None and newsroom.settings.budget.hard_cap:
        said.append(over)
    return said


def _warnings(
    found: Sequence[reach.Group],
    needs: Sequence[wording.Need],
    done_at: datetime,
    open_at: Sequence[Span],
) -> list[Said]:
    said = []
    if not found:
        said.append(say("nobody would get it"))
    if needs:
        said.append(say("not approved: %(names)s", names=", ".join(map(str, needs))))
    if done_at > open_at[0][1]:
        said.append(
            say("not everybody can be reached before the hours end: the rest leaves a day later")
        )
    return said


def find(on: date) -> Broadcast | None:
    """The service notice of that local day; not one that was stopped before anything left."""
    found = Broadcast.get_or_none(Broadcast.notice_on == on)
    return None if found is not None and _reached_nobody(found) else found


def _reached_nobody(row: Broadcast) -> bool:
    if not broadcasts.has_ended_unseen(row):
        return False
    counts = outbox.figures(row.id)
    return not any(counts[state] for state in MAYBE_REACHED)


def send(
    newsroom: Newsroom,
    draft: Draft,
    now: datetime,
    *,
    readers: Sequence[Mapping[str, Any]] | None = None,
) -> Broadcast:
    """Starts it; outside the business hours it is held until they begin. Raises NoticeError,
    AlreadySentError for a second one of the day on which it leaves."""
    if newsroom.settings.budget.hard_cap:
        budget.bring_up_to_date(leaves_at(newsroom, now).astimezone(newsroom.zone).date())
    seen = outlook(newsroom, draft, now, readers=readers)
    on = seen.plan.on
    with db.transaction():
        if find(on) is not None:
            raise broadcasts.AlreadySentError(on, BroadcastKind.NOTICE)
        if seen.refusals:
            raise NoticeError(*seen.refusals)
        # Of one that was stopped before anybody got it.
        Broadcast.update(notice_on=None).where(Broadcast.notice_on == on).execute()
        return broadcasts.start(seen.plan)


def missed(newsroom: Newsroom, person: Subscriber, now: datetime) -> Text | None:
    """The newest one, if the person missed only their window for it and it has not run out; once:
    part of the transaction that answers with it."""
    if not gets_news(newsroom, person, now.astimezone(newsroom.zone).date()):
        return None
    newest: Broadcast | None = (
        Broadcast.select()
        .where(
            Broadcast.kind == BroadcastKind.NOTICE,
            Broadcast.state != BroadcastState.STOPPED,
            Broadcast.expires_at > now,
        )
        .order_by(Broadcast.id.desc())
        .first()
    )
    if newest is None or not note_given(person, [newest.id]):
        return None
    said = {
        row.language: unpack(row.content)
        for row in list(
            Rendition.select().where(
                Rendition.broadcast == newest.id,
                Rendition.channel == person.channel,
                Rendition.form == Form.WINDOW,
            )
        )
    }
    text = said.get(person.language) or said.get(newsroom.language)
    # Whoever writes may hear it.
    return replace(text, silent=False) if isinstance(text, Text) else None
