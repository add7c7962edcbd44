"""Readiness: how many an alert would reach now, how soon, at what cost, and what stands in the way.

Owns: the verdict. Never: sends, or asks the provider (the daily job and `doctor` do). Called by
`stadtbote readiness`, by `alert send` before it asks, and by the desk.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import db
from broadcasts.delivery import accounts, templates, wire
from broadcasts.delivery.broadcasts import Audience, Broadcast, Form, Rendition
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import MAYBE_REACHED, BroadcastKind
from broadcasts.newsroom import alerts, pricing, reach, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.pricing import Cost
from broadcasts.newsroom.reach import Group
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber
from broadcasts.saying import Said, say

LIMIT_PERIOD = timedelta(hours=24)
"""Unique persons outside the window in moving 24 h, all numbers of a business portfolio together
(developers.facebook.com/documentation/business-messaging/whatsapp/messaging-limits)."""

SHARES = (50, 95, 100)
"""Per cent of the readers whom the minutes are given for."""


@dataclass(frozen=True)
class ChannelReadiness:
    """One channel now. `window_open`, `by_template` and `not_reachable` together are `readers`."""

    channel: str
    readers: int
    window_open: int
    by_template: int
    not_reachable: int
    day_limit: int | None
    """None: unlimited, or the provider has not said."""
    day_used: int
    """At most: whoever got a template in the last 24 h; their window may have been open then."""
    day_left: int | None
    templates: dict[str, str]
    minutes: dict[str, float]
    """Per cent of those who are reached → minutes."""
    cost: Cost
    obstacles: list[Said]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "cost": self.cost.as_json()}


@dataclass(frozen=True)
class Readiness:
    channels: list[ChannelReadiness]
    verdict: Said

    @property
    def is_ready(self) -> bool:
        return all(channel.not_reachable == 0 for channel in self.channels)

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "ready": self.is_ready,
            "channels": [channel.as_json() for channel in self.channels],
        }


def look(
    newsroom: Newsroom, now: datetime, *, expires_in: timedelta = alerts.DEFAULT_EXPIRY
) -> Readiness:
    """What an alert to everybody would come to if it were sent now."""
    found = reach.groups(newsroom, Audience.ALERT_READERS, now)
    name = alerts.TEMPLATE[BroadcastKind.ALERT]
    suffix, _ = alerts.choose_lifetime(newsroom, name, expires_in)
    channels = [
        _channel(newsroom, kind, [g for g in found if g.channel == kind], suffix, now)
        for kind in newsroom.channels
    ]
    return Readiness(channels, _verdict(channels))


def _channel(
    newsroom: Newsroom, kind: str, found: Sequence[Group], suffix: str, now: datetime
) -> ChannelReadiness:
    wordings, needs = wording.alert(
        newsroom,
        alerts.TEMPLATE[BroadcastKind.ALERT],
        suffix,
        words=wording.AlertWords("-"),
        languages=reach.languages(newsroom, found),
    )
    stopped = {state.account: state for state in accounts.stopped()}
    sending = [group for group in found if group.account not in stopped]
    counts, without = reach.by_wording(newsroom, BroadcastKind.ALERT, wordings, sending)
    waiting = reach.waiting(newsroom, without)
    open_now = reach.total([g for g in sending if g.window_open and g not in without])
    outside = reach.total([g for g in sending if not g.window_open and g not in without])
    limit, used, again = _limit(kind), 0, 0
    if limit is not None:
        used, again = _used(kind, now)
    left = None if limit is None else max(0, limit - used)
    by_template = outside if left is None else min(outside, left + again)
    readers = reach.total(found)
    return ChannelReadiness(
        channel=kind,
        readers=readers,
        window_open=open_now,
        by_template=by_template,
        not_reachable=readers - open_now - by_template,
        day_limit=limit,
        day_used=used,
        day_left=left,
        templates=_templates(kind),
        minutes=_minutes(newsroom, sending),
        cost=pricing.estimate(
            newsroom.settings.prices,
            reach.prices_of(counts),
            now.astimezone(newsroom.zone).date(),
        ),
        obstacles=_obstacles(
            stopped,
            [str(need) for need in needs] if without else [],
            waiting=reach.total(waiting),
            # A number may be stopped because the limit is used up: then this is what helps.
            is_limited=by_template < outside or (bool(stopped) and left == 0),
        ),
    )


def _obstacles(
    stopped: Mapping[str, accounts.NumberState],
    missing: Sequence[str],
    *,
    waiting: int,
    is_limited: bool,
) -> list[Said]:
    """What would have to be done so that more are reached."""
    said = [
        say("number %(account)s is stopped (code %(code)s)", account=account, code=s.stop_code)
        for account, s in stopped.items()
    ]
    said += [say("get template %(name)s approved", name=name) for name in missing]
    if waiting:
        said.append(
            say(
                "%(number)s have a closed window: there nothing reaches them until they write",
                number=waiting,
            )
        )
    if is_limited:
        said.append(say("raise the messaging limit"))
    return said


def _limit(channel: str) -> int | None:
    """The smallest that the provider names: it is one for the whole portfolio."""
    known = [
        state.daily_limit
        for state in accounts.everyone()
        if state.channel == channel and state.daily_limit is not None
    ]
    return min(known, default=None)


def _used(channel: str, now: datetime) -> tuple[int, int]:
    """(persons who got a template in the last 24 h, those of them who would get one now): these
    cost nothing of the limit a second time."""
    recent = Broadcast.select(Broadcast.id).where(Broadcast.created_at > now - 2 * LIMIT_PERIOD)
    sent = (
        Delivery.select(Delivery.subscriber)
        .join(Rendition, on=Delivery.rendition == Rendition.id)
        .where(
            Delivery.broadcast.in_([row[0] for row in db.rows(recent)]),
            Delivery.channel == channel,
            Delivery.state.in_(tuple(MAYBE_REACHED)),
            Delivery.sending_at > now - LIMIT_PERIOD,
            Rendition.form.in_((Form.TEMPLATE, Form.REPEAT)),
        )
    )
    closed = Subscriber.window_closes_at.is_null() | (
        Subscriber.window_closes_at <= now + wire.MARGIN
    )
    again = Subscriber.select(peewee.fn.COUNT(Subscriber.id)).where(
        Subscriber.id.in_(sent), Subscriber.wants.in_(REACHED_BY_ALERTS), closed
    )
    persons = Delivery.subscriber.distinct()
    used = sent.select(peewee.fn.COUNT(persons))
    return int(used.scalar()), int(again.scalar())


def _templates(channel: str) -> dict[str, str]:
    names = set(alerts.TEMPLATE.values())
    return {
        f"{row.name} ({row.language})": row.state or "unknown"
        for row in templates.everyone()
        if row.channel == channel and row.name.rpartition("_")[0] in names
    }


def _minutes(newsroom: Newsroom, found: Sequence[Group]) -> dict[str, float]:
    paces = {a.id: a.pace for channel in newsroom.channels.values() for a in channel.accounts}
    waiting: Counter[str] = Counter()
    for group in found:
        waiting[group.account] += group.number
    queues = [(number, paces.get(account, 1.0)) for account, number in waiting.items()]
    return {str(share): round(reach.seconds_until(share / 100, queues) / 60, 1) for share in SHARES}


def _verdict(channels: Sequence[ChannelReadiness]) -> Said:
    readers = sum(channel.readers for channel in channels)
    missed = sum(channel.not_reachable for channel in channels)
    if not readers:
        return say("Nobody would get the alert: there are no readers yet.")
    if not missed:
        slowest = timedelta(minutes=max(channel.minutes["100"] for channel in channels))
        if slowest < reach.SOON:
            return say(
                "The alert would reach all readers (%(number)s), within a few seconds.",
                number=readers,
            )
        return say(
            "The alert would reach all readers (%(number)s), in about %(time)s.",
            number=readers,
            time=slowest,
        )
    reasons = list(dict.fromkeys(text for channel in channels for text in channel.obstacles))
    return say(
        "The alert would reach %(reached)s of %(all)s readers today: %(reasons)s.",
        reached=readers - missed,
        all=readers,
        reasons=reasons or [say("some have no number that sends")],
    )
