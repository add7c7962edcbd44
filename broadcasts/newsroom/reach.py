"""How many a broadcast reaches, in which form, and how long it takes.

Owns: counting before anything is sent. Never: sends. Used by digests, alerts and readiness.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from itertools import product
from operator import or_
from typing import Any

import peewee

from broadcasts import db
from broadcasts.channels.base import waits
from broadcasts.delivery import audience, renditions, wire
from broadcasts.delivery.broadcasts import Audience, Form, Wording
from broadcasts.delivery.editions import WHOLE, edition
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import selections
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber

SOON = timedelta(seconds=9)
"""Less than this is said as "a few seconds": nobody has measured it."""


@dataclass(frozen=True)
class Group:
    """Readers for whom the same rendition is right."""

    channel: str
    account: str
    language: str
    window_open: bool
    number: int
    selection: int | None = None
    """What they have chosen (people/selections); None: everything."""
    edition: str = WHOLE
    """Which parts of a broadcast that is, once `fitted`."""


def groups(
    newsroom: Newsroom, rule: Audience, now: datetime, *, follows: int | None = None
) -> list[Group]:
    """The readers a rule means now, by what decides their rendition and their pace."""
    on = now.astimezone(newsroom.zone).date()
    opened = peewee.Case(None, [(is_open(newsroom, now), 1)], 0)
    columns = (
        Subscriber.channel,
        Subscriber.account,
        Subscriber.language,
        Subscriber.selection,
    )
    query = (
        audience.meant(rule, list(newsroom.channels), follows=follows, on=on)
        .select(*columns, opened.alias("is_open"), peewee.fn.COUNT(Subscriber.id))
        .group_by(*columns, peewee.SQL("is_open"))
    )
    return [
        Group(channel, account, language, bool(is_open_now), number, selection)
        for channel, account, language, selection, is_open_now, number in db.rows(query)
    ]


def fitted(found: Sequence[Group], scopes: Sequence[Scope]) -> list[Group]:
    """Whoever has chosen something of a broadcast whose parts are about `scopes`, each with their
    edition."""
    if not any(scope.names for scope in scopes):
        return list(found)
    editions: dict[int | None, str | None] = {
        id: edition(choice, scopes) for id, choice in selections.known().items()
    }
    return [
        replace(group, edition=which)
        for group in found
        # One chosen a moment ago is the whole, as the sender has it.
        if (which := editions.get(group.selection, WHOLE)) is not None
    ]


def editions(found: Sequence[Group]) -> list[str]:
    """The whole one first, whoever gets it: it is for those who change their choice meanwhile."""
    return list(dict.fromkeys([WHOLE, *sorted({group.edition for group in found})]))


def is_open(newsroom: Newsroom, now: datetime) -> Any:
    """Whether free text reaches a subscriber, as the sender will decide."""
    margins = {kind: wire.terms(channel).margin for kind, channel in newsroom.channels.items()}
    conditions = [
        (Subscriber.channel == kind)
        & (True if margin is None else Subscriber.window_closes_at > now + margin)
        for kind, margin in margins.items()
    ]
    return reduce(or_, conditions)


def languages(newsroom: Newsroom, found: Sequence[Group]) -> list[str]:
    """The city's first, then whatever else readers have."""
    return list(dict.fromkeys([newsroom.language, *sorted({group.language for group in found})]))


def by_wording(
    newsroom: Newsroom, kind: BroadcastKind, wordings: Sequence[Wording], found: Sequence[Group]
) -> tuple[Counter[Wording], list[Group]]:
    """How many get each rendition, chosen as the sender will; and who gets none."""
    known = {(w.channel, w.language, w.form, w.edition): w for w in wordings}
    counts: Counter[Wording] = Counter()
    without = []
    for group in found:
        chosen = _choose(newsroom, kind, known, group)
        if chosen is None:
            without.append(group)
        else:
            counts[chosen] += group.number
    return counts, without


def _choose(
    newsroom: Newsroom,
    kind: BroadcastKind,
    known: Mapping[tuple[str, str, Form, str], Wording],
    group: Group,
) -> Wording | None:
    forms = renditions.forms(kind, window_open=group.window_open, repeat=False)
    wanted, tongues = (group.edition, WHOLE), (group.language, newsroom.language)
    for form, tongue, which in product(forms, tongues, wanted):
        if wording := known.get((group.channel, tongue, form, which)):
            return wording
    return None


def seconds_until(share: float, queues: Sequence[tuple[int, float]]) -> float:
    """When `share` of all messages have left: `queues` are (messages, pace in messages per second),
    each at its own."""
    target = share * sum(number for number, _ in queues)
    before, sent = 0.0, 0.0
    for end in sorted(number / pace for number, pace in queues):
        running = sum(pace for number, pace in queues if number / pace >= end)
        if sent + running * (end - before) >= target:
            return before + (target - sent) / running
        sent += running * (end - before)
        before = end
    return before


def duration(newsroom: Newsroom, found: Sequence[Group]) -> timedelta:
    """How long the slowest number needs for its share."""
    paces = {a.id: a.pace for channel in newsroom.channels.values() for a in channel.accounts}
    first = next(iter(paces.values()), 1.0)
    waiting: Counter[str] = Counter()
    for group in found:
        waiting[group.account] += group.number
    seconds = [number / paces.get(account, first) for account, number in waiting.items()]
    return timedelta(seconds=max(seconds, default=0.0))


def waiting(newsroom: Newsroom, without: Sequence[Group]) -> list[Group]:
    """Of those who get none, they whose channel lets nothing through until they write."""
    return [group for group in without if waits(newsroom.channels[group.channel])]


def total(found: Sequence[Group]) -> int:
    return sum(group.number for group in found)


def prices_of(counts: Mapping[Wording, int]) -> dict[tuple[str, str], int]:
    """(channel, price category) → messages."""
    summed: Counter[tuple[str, str]] = Counter()
    for wording, number in counts.items():
        summed[wording.channel, wording.price_category] += number
    return dict(summed)
