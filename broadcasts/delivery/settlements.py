"""What became of outcomes that were unknown for a while: counted and shown, never hidden.

Owns: the figures of invariant 5. Never: moves a row (settling does). Used by the command line, the
metrics and the kill benchmark.
"""

from typing import Any

import peewee

from broadcasts import db
from broadcasts.channels.base import Outcome, Receipt
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState

ARRIVED = (Receipt.SENT, Receipt.DELIVERED, Receipt.READ)


def of(broadcast_id: int) -> dict[str, int]:
    """How many deliveries were `unknown` for a while, and how that was settled.

    `by_provider`: by a status, or an answer that came after all. `by_silence`: sent once more,
    because nothing was heard of them. `given_up`: no status can come, and a repeat would have been
    a double; nobody knows whether it arrived. `open`: not yet. `doubled`: of those settled by
    silence, who got it twice, as a status that came too late has shown.
    """
    counted = (
        Delivery.select(
            Delivery.state == DeliveryState.UNKNOWN,
            Delivery.settled_by_silence > 0,
            (Delivery.state == DeliveryState.FAILED) & (Delivery.outcome == Outcome.UNKNOWN),
            peewee.fn.COUNT(Delivery.id),
        )
        .where(Delivery.broadcast == broadcast_id, Delivery.unknowns > 0)
        .group_by(peewee.SQL("1"), peewee.SQL("2"), peewee.SQL("3"))
    )
    found = {"by_provider": 0, "by_silence": 0, "given_up": 0, "open": 0}
    for is_open, by_silence, given_up, number in db.rows(counted):
        settled = "given_up" if given_up else "by_silence" if by_silence else "by_provider"
        found["open" if is_open else settled] += number
    return {"passed": sum(found.values()), **found, "doubled": _doubled(broadcast_id)}


def _doubled(broadcast_id: int) -> int:
    """The older try has arrived after all, and the newer one too (or may have)."""
    older: Any = DeliveryEvent.select(DeliveryEvent.id).where(
        DeliveryEvent.delivery == Delivery.id,
        DeliveryEvent.attempt < Delivery.attempt,
        DeliveryEvent.receipt.in_(ARRIVED),
    )
    query = Delivery.select(peewee.fn.COUNT(Delivery.id)).where(
        Delivery.broadcast == broadcast_id,
        Delivery.settled_by_silence > 0,
        peewee.fn.EXISTS(older),
    )
    return int(query.scalar())
