"""Tallies: what became of each broadcast, counted while it is young and kept for good.

Owns: the table of tallies. Never: a person; a single delivery's state. Counted by a job, so that no
page counts a million rows and old deliveries may go. Read by the desk and by the budget.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.delivery.broadcasts import Broadcast, Rendition
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import REACHED, BroadcastKind, DeliveryState

YOUNG = timedelta(days=30)
"""So long receipts may come in; later nothing changes any more."""

SOONEST = timedelta(minutes=2)
"""Between two counts of one broadcast; later a tenth of its age."""


class Tally(db.Model):
    """All but `messages` are numbers of deliveries."""

    broadcast = peewee.ForeignKeyField(Broadcast, primary_key=True, on_delete="CASCADE")
    broadcast_id: int
    recipients = peewee.IntegerField()
    reached = peewee.IntegerField()
    delivered = peewee.IntegerField()
    """Read ones, too."""
    read = peewee.IntegerField()
    failed = peewee.IntegerField()
    messages = db.JSONField()
    """[channel, price category, number] of what reached somebody: for the estimate."""
    counted_at = db.UTCField()

    class Meta:
        table_name = "tally"


def count(broadcast_id: int, now: datetime) -> None:
    """Looks at every row of it."""
    states: Counter[DeliveryState] = Counter()
    messages: Counter[tuple[str, str]] = Counter()
    kinds = _price_lines(broadcast_id)
    query = Delivery.select(Delivery.state, Delivery.rendition, peewee.fn.COUNT(Delivery.id))
    grouped = query.where(Delivery.broadcast == broadcast_id).group_by(
        Delivery.state, Delivery.rendition
    )
    for state, rendition, number in db.rows(grouped):
        states[state] += number
        if state in REACHED and rendition in kinds:
            messages[kinds[rendition]] += number
    values = {
        "recipients": states.total(),
        "reached": sum(states[state] for state in REACHED),
        "delivered": states[DeliveryState.DELIVERED] + states[DeliveryState.READ],
        "read": states[DeliveryState.READ],
        "failed": states[DeliveryState.FAILED],
        "messages": [[*line, number] for line, number in messages.items()],
        "counted_at": now,
    }
    Tally.insert(broadcast=broadcast_id, **values).on_conflict(
        conflict_target=[Tally.broadcast],
        update=values,
        # Recipients never become fewer; but old rows may have been cleared away.
        where=Tally.recipients <= states.total(),
    ).execute()


def _price_lines(broadcast_id: int) -> dict[int, tuple[str, str]]:
    rows = Rendition.select().where(Rendition.broadcast == broadcast_id)
    return {row.id: (row.channel, row.price_category) for row in rows}


def catch_up(now: datetime, *, seconds: float = 20.0) -> int:
    """Counts what is due, the newest first, for so long at most. Returns how many."""
    until = time.monotonic() + seconds
    counted = 0
    for broadcast_id in _due(now):
        if time.monotonic() > until:
            break
        count(broadcast_id, now)
        counted += 1
    return counted


def _due(now: datetime) -> list[int]:
    query = (
        Broadcast.select(Broadcast.id, Broadcast.created_at, Tally.counted_at)
        .left_outer_join(Tally, on=Tally.broadcast == Broadcast.id)
        .where(Tally.counted_at.is_null() | (Broadcast.created_at > now - 2 * YOUNG))
        .order_by(Broadcast.id.desc())
    )
    return [id for id, began, counted in db.rows(query) if _is_due(began, counted, now)]


def _is_due(began: datetime, counted: datetime | None, now: datetime) -> bool:
    if counted is None:
        return True
    # A clock that was put back must not keep a count from being made.
    is_time = abs(now - counted) > max(SOONEST, (counted - began) / 10)
    return is_time and counted - began <= YOUNG


def count_missing(first: date, last: date) -> None:
    """What began between these local days and was never counted, or not since its first minutes:
    the budget must know of an alert a minute ago."""
    query = (
        Broadcast.select(Broadcast.id)
        .left_outer_join(Tally, on=Tally.broadcast == Broadcast.id)
        .where(
            Broadcast.on.between(first, last),
            Tally.counted_at.is_null()
            | (Broadcast.finished_at.is_null())
            | (Tally.counted_at < Broadcast.finished_at),
        )
    )
    for (broadcast_id,) in db.rows(query):
        count(broadcast_id, clock.now())


def recent(kinds: Sequence[BroadcastKind], limit: int) -> list[dict[str, Any]]:
    """The newest broadcasts with their tallies, oldest first; no drill."""
    query = (
        Tally.select(Tally, Broadcast.id, Broadcast.kind, Broadcast.on)
        .join(Broadcast)
        .where(Broadcast.kind.in_(kinds), ~Broadcast.is_drill)
        .order_by(Broadcast.id.desc())
        .limit(limit)
    )
    return db.dicts(query)[::-1]


def messages(first: date, last: date) -> Mapping[date, Counter[tuple[str, str]]]:
    """Local day → (channel, price category) → messages that reached somebody."""
    query = Tally.select(Broadcast.on, Tally.messages).join(Broadcast)
    found: dict[date, Counter[tuple[str, str]]] = {}
    for on, lines in db.rows(query.where(Broadcast.on.between(first, last))):
        day = found.setdefault(on, Counter())
        for channel, category, number in lines:
            day[channel, category] += number
    return found
