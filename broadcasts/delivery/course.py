"""The course of one broadcast: how far it is, when it arrived, what failed.

Owns: reading it, for people. Never: moves a row. Every function here reads many rows: pages ask
through broadcasts/figures. Used by the desk.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import peewee

from broadcasts import db
from broadcasts.channels.base import Receipt
from broadcasts.delivery import reading
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import OPEN, REACHED, BroadcastState

CURVE = timedelta(hours=48)
"""How long arrivals are drawn; hardly anybody reads a message later."""

POINTS = 48
"""Of a curve at most."""


@dataclass(frozen=True)
class Course:
    """Now. All but `seconds_left` are numbers of deliveries."""

    recipients: int
    gone: int
    """Has left, or need not any more: no longer open, and not held back."""
    reached: int
    delivered: int
    read: int | None
    """None: too few were reached to say it."""
    failed: int
    skipped: int
    unknown: int
    expired: int
    cancelled: int
    """Never leave: the panic stop. Those that wait still once it is stopped are among them."""
    on_the_wire: int
    per_second: float | None
    """On the whole since the start; None before it."""
    seconds_left: float | None

    @property
    def share(self) -> float:
        return self.gone / self.recipients if self.recipients else 0.0

    @property
    def read_share(self) -> float | None:
        return self.read / self.reached if self.read is not None and self.reached else None


def of(broadcast: Broadcast, counts: dict[str, int], now: datetime) -> Course:
    """`counts` as outbox.figures gives them."""
    is_stopped = broadcast.state == BroadcastState.STOPPED
    still = sum(counts[str(state)] for state in OPEN)
    held_back = counts["cancelled"] + (counts["queued"] if is_stopped else 0)
    gone = counts["recipients"] - still - counts["cancelled"] - counts["expired"]
    reached = sum(counts[str(state)] for state in REACHED)
    rate = None
    if broadcast.started_at is not None:
        end = broadcast.finished_at or now
        rate = gone / max(1.0, (end - broadcast.started_at).total_seconds())
    return Course(
        recipients=counts["recipients"],
        gone=gone,
        reached=reached,
        delivered=counts["delivered"] + counts["read"],
        read=reading.shown(counts["read"], reached=reached),
        failed=counts["failed"],
        skipped=counts["skipped"],
        unknown=counts["unknown"],
        expired=counts["expired"],
        cancelled=held_back,
        on_the_wire=counts["sending"],
        per_second=rate,
        seconds_left=still / rate if rate and still and not is_stopped else None,
    )


def curve(broadcast_id: int) -> dict[str, list[tuple[str, int]]]:
    """Receipt → (moment as ISO text, how many had come by then), for the first 48 hours."""
    minute = db.minute(DeliveryEvent.at)
    began = Broadcast.get_by_id(broadcast_id).created_at
    counted = (
        DeliveryEvent.select(DeliveryEvent.receipt, minute, peewee.fn.COUNT(DeliveryEvent.id))
        .join(Delivery, on=DeliveryEvent.delivery == Delivery.id)
        .where(
            Delivery.broadcast == broadcast_id,
            DeliveryEvent.receipt.in_((Receipt.DELIVERED, Receipt.READ)),
            DeliveryEvent.at < began + CURVE,
        )
        .group_by(DeliveryEvent.receipt, peewee.SQL("2"))
        .order_by(peewee.SQL("2"))
    )
    found: dict[str, list[tuple[str, int]]] = {"delivered": [], "read": []}
    for receipt, at, number in db.rows(counted):
        points = found[str(receipt)]
        before = points[-1][1] if points else 0
        points.append((_moment(at), before + number))
    return {name: _thinned(points) for name, points in found.items()}


def _moment(minute: str) -> str:
    return datetime.strptime(minute, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).isoformat()


def _thinned(points: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """So many that a table of them can be read; the last one stays."""
    step = max(1, -(-len(points) // POINTS))
    return points[::-step][::-1]


def causes(broadcast_id: int) -> list[dict[str, Any]]:
    """Why deliveries did not arrive: `{"state","outcome","code","number"}`, most frequent first."""
    counted = (
        Delivery.select(
            Delivery.state, Delivery.outcome, Delivery.code, peewee.fn.COUNT(Delivery.id)
        )
        .where(Delivery.broadcast == broadcast_id, _not_arrived())
        .group_by(Delivery.state, Delivery.outcome, Delivery.code)
    )
    rows = [
        {"state": str(s), "outcome": str(o or ""), "code": c or "", "number": n}
        for s, o, c, n in db.rows(counted)
    ]
    return sorted(rows, key=lambda row: -row["number"])


def _not_arrived() -> Any:
    # Word for word as in the index: otherwise ten million rows are looked through.
    return peewee.SQL("state IN ('failed', 'skipped')")


def failures(broadcast_id: int, *, after: int = 0, limit: int = 100) -> list[Delivery]:
    """What did not arrive, by id; the person is not in it for the pages."""
    query = (
        Delivery.select(
            Delivery.id, Delivery.state, Delivery.outcome, Delivery.code, Delivery.changed_at
        )
        .where(Delivery.broadcast == broadcast_id, _not_arrived(), Delivery.id > after)
        .order_by(Delivery.id)
        .limit(limit)
    )
    return list(query)
