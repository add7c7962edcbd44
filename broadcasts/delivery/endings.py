"""How rows end that never leave: skipped, expired, cancelled.

Owns: the moves out of `queued` that are no sending, and the panic stop. Never: decides that it is
time. Called by the upkeep, the desk, the conversation and newsroom.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from broadcasts import clock, db
from broadcasts.delivery.broadcasts import Broadcast, mark_stopped
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, DeliveryState


def skip_broadcasts(subscriber_id: int, kinds: Iterable[BroadcastKind] = BroadcastKind) -> int:
    """Nothing of these kinds that has not left goes to this person any more (invariant 2)."""
    meant = Broadcast.select(Broadcast.id).where(Broadcast.kind.in_(tuple(kinds)))
    return _settle_queued(
        DeliveryState.SKIPPED,
        Delivery.subscriber == subscriber_id,
        Delivery.broadcast.in_(meant),
    )


def skip_drills(subscriber_id: int) -> int:
    """No drill that has not left goes to this person any more: they have left the group."""
    meant = Broadcast.select(Broadcast.id).where(Broadcast.is_drill)
    return _settle_queued(
        DeliveryState.SKIPPED,
        Delivery.subscriber == subscriber_id,
        Delivery.broadcast.in_(meant),
    )


def skip(ids: Sequence[int], code: str) -> None:
    """These recipients cannot get it; `code` says why (our own word)."""
    _settle_queued(DeliveryState.SKIPPED, db.among(Delivery.id, ids), code=code)


def skip_all(subscriber_id: int, code: str) -> None:
    """Nothing that has not left goes to this person any more, whatever it is."""
    _settle_queued(DeliveryState.SKIPPED, Delivery.subscriber == subscriber_id, code=code)


def expire(broadcast_id: int, *, limit: int = 5000) -> int:
    """Turns up to `limit` queued rows of a broadcast into `expired`; 0 when none is left."""
    return _settle_chunk(broadcast_id, DeliveryState.EXPIRED, limit)


def stop(broadcast_id: int) -> None:
    """Panic stop: nothing that has not left yet leaves.

    The broadcast stops first, so that no worker claims while the rows are turned.
    """
    with db.transaction():
        mark_stopped(broadcast_id, clock.now())
        stop_telling(broadcast_id)
    while cancel(broadcast_id):
        pass


def stop_telling(alert_id: int) -> int:
    """The alert is over: an answer that tells of it and has not left never does."""
    return _settle_queued(DeliveryState.CANCELLED, Delivery.tells_of == alert_id)


def cancel_leased(stopped_ids: Iterable[int]) -> None:
    """Of stopped broadcasts, what a worker may just be sending: it leaves before this, or never."""
    _settle_queued(
        DeliveryState.CANCELLED,
        Delivery.broadcast.in_(list(stopped_ids)),
        Delivery.due_at.is_null(False),
        Delivery.leased_by.is_null(False),
    )


def cancel(broadcast_id: int, *, limit: int = 5000) -> int:
    """Turns up to `limit` queued rows of a stopped broadcast into `cancelled`, also what a late
    refusal has brought back; 0 when none is left."""
    return _settle_chunk(broadcast_id, DeliveryState.CANCELLED, limit)


def _settle_chunk(broadcast_id: int, state: DeliveryState, limit: int) -> int:
    chunk = (
        Delivery.select(Delivery.id)
        .where(
            Delivery.broadcast == broadcast_id,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.due_at.is_null(False),
        )
        .limit(limit)
    )
    return _settle_queued(state, Delivery.id.in_(chunk))


def expire_answers(now: datetime) -> int:
    """Answers past their time; a receipt's address goes with its row."""
    with db.transaction():
        receipts = Delivery.delete().where(
            Delivery.broadcast.is_null(),
            Delivery.due_at.is_null(False),
            Delivery.address.is_null(False),
            Delivery.expires_at <= now,
        )
        gone = int(receipts.execute())
        settled = _settle_queued(
            DeliveryState.EXPIRED, Delivery.broadcast.is_null(), Delivery.expires_at <= now
        )
    if gone:
        # Its erasure may be too long ago for anybody else to do it (a service that stood still).
        db.truncate_log()
    return gone + settled


def _settle_queued(state: DeliveryState, *conditions: Any, code: str | None = None) -> int:
    with db.transaction():
        query = Delivery.update(
            state=state, due_at=None, leased_by=None, changed_at=clock.now(), code=code
        ).where(Delivery.state == DeliveryState.QUEUED, *conditions)
        return int(query.execute())
