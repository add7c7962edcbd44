"""The outbox: one row per recipient, written before anything is sent.

Owns: the table `delivery`, claiming and every conditional move of a row. Never: calls a provider.
Called by the sender, the audience writer, the receiver (answers, Stopp) and privacy.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import clock, db, wakeups
from broadcasts.channels.base import Address, Content, Outcome, pack
from broadcasts.delivery.broadcasts import Broadcast, Rendition
from broadcasts.delivery.states import DeliveryState
from broadcasts.people.subscribers import Subscriber

LEASE = timedelta(seconds=30)
"""How long a worker may hold a row; a dead worker's rows are free again after it."""


class Delivery(db.Model):
    """A subscriber within a broadcast, or an answer; with its state.

    `due_at` is set while the row is open and null once it is settled: the one index on it holds
    only what is open, so that ten million settled rows cost the sender nothing.
    queued: not before this time. sending: the lease ends. unknown: unknown since.
    """

    id = db.SerialField()
    broadcast = peewee.ForeignKeyField(Broadcast, null=True, index=False)
    broadcast_id: int | None
    """None: an answer."""
    subscriber = peewee.ForeignKeyField(Subscriber, null=True, on_delete="SET NULL")
    subscriber_id: int | None
    """None: erased since (the row counts on without the person), or an erasure's receipt."""
    channel = peewee.CharField(max_length=20)
    account = peewee.CharField(max_length=64)
    state = db.EnumField(DeliveryState, default=DeliveryState.QUEUED)
    attempt = peewee.IntegerField(default=0)
    """How often it has gone on the wire; names the try in every status."""
    refusals = peewee.IntegerField(default=0)
    """How often a late refusal has brought it back (at most twice)."""
    due_at = db.UTCField(null=True)
    leased_by = peewee.CharField(max_length=40, null=True)
    rendition = peewee.ForeignKeyField(Rendition, null=True, index=False, on_delete="SET NULL")
    rendition_id: int | None
    content = db.JSONField(null=True)
    """An answer's own wording."""
    tells_of = peewee.IntegerField(null=True)
    """An answer that tells of an alert still in force: the id of that alert's broadcast."""
    address = db.JSONField(null=True)
    """Only of an erasure's receipt: [wa_id, bsuid], gone with the row."""
    expires_at = db.UTCField(null=True)
    """An answer's; a broadcast's rows expire with it."""
    provider_id = peewee.TextField(null=True)
    outcome = db.EnumField(Outcome, null=True)
    code = peewee.CharField(max_length=40, null=True)
    sending_at = db.UTCField(null=True)
    changed_at = db.UTCField()
    unknowns = peewee.IntegerField(default=0)
    """How often its outcome was unknown for a while."""
    settled_by_silence = peewee.IntegerField(default=0)
    """How often it went back to the queue because no status came (invariant 5)."""

    class Meta:
        table_name = "delivery"
        indexes = ((("broadcast", "subscriber"), True),)


Delivery.add_index(
    Delivery.index(
        Delivery.broadcast,
        Delivery.account,
        Delivery.state,
        Delivery.due_at,
        name="delivery_open",
        where=Delivery.due_at.is_null(False),
    )
)
Delivery.add_index(
    Delivery.index(
        Delivery.broadcast,
        Delivery.id,
        name="delivery_failed",
        where=peewee.SQL("state IN ('failed', 'skipped')"),
    )
)
# Within its broadcast: a provider's ids are random, and a place among all those of all years costs
# a page read and a page written for every message.
Delivery.add_index(
    Delivery.index(
        Delivery.broadcast,
        Delivery.provider_id,
        name="delivery_message",
        where=Delivery.provider_id.is_null(False),
    )
)
Delivery.add_index(
    Delivery.index(
        Delivery.tells_of,
        Delivery.subscriber,
        name="delivery_tells_of",
        where=Delivery.tells_of.is_null(False),
    )
)


def answer(
    subscriber: Subscriber,
    content: Content,
    *,
    expires_at: datetime | None = None,
    tells_of: int | None = None,
) -> int:
    """Queues an answer in the transaction that applies the message (invariant 1).

    Without a window's end to bind it, it is tried for a day at most. `tells_of`: an alert's id.
    """
    now = clock.now()
    wakeups.announce()
    return int(
        Delivery.insert(
            subscriber=subscriber,
            channel=subscriber.channel,
            account=subscriber.account,
            content=pack(content),
            tells_of=tells_of,
            due_at=now,
            changed_at=now,
            expires_at=expires_at or subscriber.window_closes_at or now + timedelta(days=1),
        ).execute()
    )


def receipt(
    channel: str, account: str, address: Address, content: Content, *, expires_at: datetime
) -> int:
    """Queues the last message to somebody who is erased: the address stands only here."""
    now = clock.now()
    wakeups.announce()
    return int(
        Delivery.insert(
            channel=channel,
            account=account,
            content=pack(content),
            address=[address.wa_id, address.bsuid],
            due_at=now,
            changed_at=now,
            expires_at=expires_at,
        ).execute()
    )


def lock_in_order(ids: Iterable[int]) -> None:
    """Takes these rows for this transaction, lowest first. Answers and statuses change the same
    rows in different orders: without this two processes on PostgreSQL would wait for each other."""
    if db.is_sqlite():
        return
    rows = Delivery.select(Delivery.id).where(db.among(Delivery.id, set(ids)))
    db.rows(rows.order_by(Delivery.id).for_update())


def drop_receipts(ids: Sequence[int]) -> None:
    """An erasure's receipt that is out of our hands takes its address along (rule 8)."""
    Delivery.delete().where(
        db.among(Delivery.id, ids),
        Delivery.address.is_null(False),
        Delivery.state.not_in((DeliveryState.QUEUED, DeliveryState.SENDING)),
    ).execute()


def claim(
    account: str, broadcast_id: int | None, *, worker: str, limit: int, now: datetime
) -> list[int]:
    """Leases up to `limit` due rows of one broadcast (None: answers); they stay `queued`.

    Returns their ids, the longest due first. Another worker cannot have them until the lease ends.
    """
    due = (
        Delivery.select(Delivery.id)
        .where(
            _of(broadcast_id),
            Delivery.account == account,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.due_at <= now,
        )
        .order_by(Delivery.due_at)
        .limit(limit)
    )
    ids = [row[0] for row in db.rows(due)]
    if not ids:
        return []
    with db.transaction():
        claimed = (
            Delivery.update(due_at=now + LEASE, leased_by=worker)
            .where(
                db.among(Delivery.id, ids),
                Delivery.state == DeliveryState.QUEUED,
                Delivery.due_at <= now,
            )
            .returning(Delivery.id)
            .tuples()
            .execute()
        )
        won = {row[0] for row in claimed}
    return [delivery_id for delivery_id in ids if delivery_id in won]


def _of(broadcast_id: int | None) -> Any:
    if broadcast_id is None:
        return Delivery.broadcast.is_null()
    return Delivery.broadcast == broadcast_id


def release(ids: Sequence[int], worker: str, due_at: datetime) -> None:
    """Gives leased rows back, due again at `due_at`."""
    if not ids:
        return  # most looks of the sender have none
    Delivery.update(due_at=due_at, leased_by=None).where(
        db.among(Delivery.id, ids),
        Delivery.state == DeliveryState.QUEUED,
        Delivery.leased_by == worker,
    ).execute()


def has_due(broadcast_id: int, account: str, now: datetime) -> bool:
    """Whether anything of it could leave now on this number, or is just leaving."""
    return (
        Delivery.select(Delivery.id)
        .where(
            Delivery.broadcast == broadcast_id,
            Delivery.account == account,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.due_at <= now,
        )
        .exists()
    )


def has_queued(broadcast_id: int) -> bool:
    """Whether anything of it has not left yet, due or not."""
    return (
        Delivery.select(Delivery.id)
        .where(
            Delivery.broadcast == broadcast_id,
            Delivery.due_at.is_null(False),
            Delivery.state == DeliveryState.QUEUED,
        )
        .exists()
    )


def reached_nobody(broadcast_id: int) -> bool:
    """There were recipients, and every row expired before the provider took it.

    Of a million that were reached it looks at one: it is asked every few seconds for two days.
    """
    rows = Delivery.select(Delivery.id).where(Delivery.broadcast == broadcast_id)
    never = (DeliveryState.EXPIRED, DeliveryState.SKIPPED)
    perhaps = rows.where(Delivery.state.not_in(never) | (Delivery.unknowns > 0))
    return not perhaps.exists() and rows.where(Delivery.state == DeliveryState.EXPIRED).exists()


def count_open(broadcast_id: int) -> int:
    """How many of it are not settled yet: read off the index of open rows."""
    query = Delivery.select(peewee.fn.COUNT(Delivery.id)).where(
        Delivery.broadcast == broadcast_id, Delivery.due_at.is_null(False)
    )
    return int(query.scalar())


def is_empty() -> bool:
    """Nothing at all is open."""
    return not Delivery.select(Delivery.id).where(Delivery.due_at.is_null(False)).exists()


def is_through(broadcast_id: int) -> bool:
    """No row of it is open any more."""
    return not (
        Delivery.select(Delivery.id)
        .where(Delivery.broadcast == broadcast_id, Delivery.due_at.is_null(False))
        .exists()
    )


def figures(broadcast_id: int) -> dict[str, int]:
    """How many deliveries are now in exactly each state; together they are `recipients`."""
    counted = (
        Delivery.select(Delivery.state, peewee.fn.COUNT(Delivery.id))
        .where(Delivery.broadcast == broadcast_id)
        .group_by(Delivery.state)
    )
    found = {str(state): number for state, number in db.rows(counted)}
    by_state = {str(state): found.get(str(state), 0) for state in DeliveryState}
    return {"recipients": sum(by_state.values()), **by_state}


def causes(broadcast_id: int) -> dict[str, int]:
    """How many failed or were skipped, by the provider's code or our own word."""
    counted = (
        Delivery.select(
            Delivery.state, Delivery.outcome, Delivery.code, peewee.fn.COUNT(Delivery.id)
        )
        .where(
            Delivery.broadcast == broadcast_id,
            Delivery.state.in_((DeliveryState.FAILED, DeliveryState.SKIPPED)),
        )
        .group_by(Delivery.state, Delivery.outcome, Delivery.code)
    )
    return {
        " ".join(str(word) for word in (state, outcome, code) if word): number
        for state, outcome, code, number in db.rows(counted)
    }
