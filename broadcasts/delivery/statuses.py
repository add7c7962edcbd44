"""Statuses from the provider: sent, delivered, read, failed, in any order, late and doubled.

Owns: moving a delivery by what the provider reports, forward only (invariant 5), and recording
each report once. Never: a call to the provider. Called by bot/receiver inside its transaction.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts import clock, db
from broadcasts.channels.base import Outcome, Receipt, StatusIn
from broadcasts.delivery import accounts, billing, broadcasts, effects, outbox
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.policy import (
    CONSEQUENCES,
    LATE_RETRY,
    LATE_WAITS,
    MOST_LATE_RETRIES,
    Concerns,
)
from broadcasts.delivery.states import (
    MOVES,
    RECEIPT_STATE,
    BroadcastKind,
    BroadcastState,
    DeliveryState,
    before,
)

log = logging.getLogger(__name__)

Key = tuple[int, int]
"""(delivery id, attempt)"""

STATUSES_COME_FOR = timedelta(days=40)
"""After a broadcast's start: the provider tries for 30 days, and redelivers for 7 (whatsapp.md)."""


def tracker(delivery_id: int, attempt: int) -> str:
    """What goes along with a message and comes back in every status; nothing personal."""
    return f"{delivery_id}:{attempt}"


def read_tracker(text: str | None) -> Key | None:
    """None when it is not one of ours."""
    if text is None:
        return None
    delivery_id, colon, attempt = text.partition(":")
    if colon and delivery_id.isascii() and delivery_id.isdigit() and attempt.isascii():
        try:
            key = int(delivery_id), int(attempt)
        except ValueError:
            return None
        return key if 0 < key[0] < 2**63 and 0 < key[1] < 2**31 else None
    return None


def apply(statuses: Sequence[StatusIn], zone: ZoneInfo, *, reads: bool = True) -> list[StatusIn]:
    """Applies a batch in order; returns those that name no message of ours.

    `zone`: the city's, for "a digest only on its day". `reads` false: that a message was read
    tells no more than that it was delivered.
    """
    if not reads:
        statuses = [_unread(status) for status in statuses]
    known: list[tuple[Key, StatusIn]] = []
    strange: list[StatusIn] = []
    for status in statuses:
        key = read_tracker(status.tracker) or _by_provider_id(status)
        if key is None:
            strange.append(status)
        else:
            known.append((key, status))
    outbox.lock_in_order(delivery_id for (delivery_id, _), _ in known)
    billing.note({key: status for key, status in known if billing.is_news(status)}, zone)
    _record(known)
    _move_forward([(key, status) for key, status in known if status.receipt != Receipt.FAILED])
    outbox.drop_receipts([delivery_id for (delivery_id, _), _ in known])
    for key, status in known:
        if status.receipt is Receipt.FAILED:
            _refused_late(key, status, zone)
    _note_how_far(known)
    return strange


def _unread(status: StatusIn) -> StatusIn:
    is_read = status.receipt is Receipt.READ
    return replace(status, receipt=Receipt.DELIVERED) if is_read else status


def _by_provider_id(status: StatusIn) -> Key | None:
    """A status without our tracker (some shapes omit it) still names its message: an answer, or of
    a broadcast that began lately enough."""
    if not status.provider_id:
        return None
    lately = _ids_since(clock.now() - STATUSES_COME_FOR)
    row = (
        Delivery.select(Delivery.id, Delivery.attempt)
        .where(
            Delivery.broadcast.is_null() | Delivery.broadcast.in_(lately),
            Delivery.provider_id == status.provider_id,
        )
        .first()
    )
    return None if row is None else (row.id, row.attempt)


_RECORD = """
INSERT INTO delivery_event (delivery_id, attempt, receipt, at, code, billable, category)
SELECT id, ?, ?, ?, ?, ?, ? FROM delivery WHERE id = ? AND subscriber_id IS NOT NULL
ON CONFLICT DO NOTHING
"""


def _ids_since(since: datetime) -> list[int]:
    """Of everything that was started after that, the newest first."""
    query = Broadcast.select(Broadcast.id).where(Broadcast.created_at > since)
    return [row[0] for row in db.rows(query.order_by(Broadcast.id.desc()))]


def _record(known: Sequence[tuple[Key, StatusIn]]) -> None:
    """Once each. Of somebody erased since nothing is kept but the count in the row's state."""
    db.execute_many(
        _RECORD,
        [
            (
                attempt,
                str(status.receipt),
                db.moment(status.at),
                status.code,
                status.billable,
                status.category,
                delivery_id,
            )
            for (delivery_id, attempt), status in known
        ],
    )


def _move_forward(known: Sequence[tuple[Key, StatusIn]]) -> None:
    now = db.moment(clock.now())
    for receipt in (Receipt.SENT, Receipt.DELIVERED, Receipt.READ):
        target = RECEIPT_STATE[receipt]
        states = ", ".join(f"'{state}'" for state in sorted(_passed_by(target)))
        db.execute_many(
            f"UPDATE delivery SET state = '{target}', due_at = NULL, leased_by = NULL,"
            f" changed_at = ? WHERE id = ? AND attempt = ? AND state IN ({states})",
            [(now, *key) for key, status in known if status.receipt is receipt],
        )
    db.execute_many(
        _NAME, [(status.provider_id, *key) for key, status in known if status.provider_id]
    )


# Apart from the move: naming an indexed column in an UPDATE rewrites its index, changed or not.
# Of somebody erased no id comes back: a number stands in it.
_NAME = """
UPDATE delivery SET provider_id = ? WHERE id = ? AND attempt = ? AND provider_id IS NULL
  AND state <> 'queued' AND (subscriber_id IS NOT NULL OR address IS NOT NULL)
"""


def _passed_by(target: DeliveryState) -> frozenset[DeliveryState]:
    """A `read` may come before `delivered`, and either before the answer to our call: whatever
    leads to `target` by allowed moves may be left for it, but never the queue."""
    return before(target) - {DeliveryState.QUEUED}


def _refused_late(key: Key, status: StatusIn, zone: ZoneInfo) -> None:
    """A `failed` status. It moves only the attempt it names, and never back from `delivered`."""
    delivery_id, attempt = key
    delivery = Delivery.get_or_none(Delivery.id == delivery_id, Delivery.attempt == attempt)
    if delivery is None or DeliveryState.FAILED not in MOVES[delivery.state]:
        return
    outcome = status.outcome or Outcome.OUR_MISTAKE
    consequence = CONSEQUENCES[outcome]
    target = _late_target(delivery, outcome, zone)
    change: dict[str, Any] = {"outcome": outcome, "code": status.code, "changed_at": clock.now()}
    if target is DeliveryState.QUEUED:
        due = clock.now() + max(consequence.wait(attempt), LATE_WAITS.get(outcome, timedelta(0)))
        change |= {"due_at": due, "refusals": delivery.refusals + 1, "provider_id": None}
    else:
        change |= {"due_at": None}
    moved = (
        Delivery.update(state=target, leased_by=None, **change)
        .where(
            Delivery.id == delivery_id,
            Delivery.attempt == attempt,
            Delivery.state.in_(tuple(before(DeliveryState.FAILED))),
        )
        .execute()
    )
    if moved and target is DeliveryState.QUEUED and delivery.broadcast_id is not None:
        broadcasts.reopen(delivery.broadcast_id)
    # Statuses never stop or pause a number (invariant 7).
    if moved and consequence.concerns in _ABOUT_OTHERS:
        evidence = status.provider_id or f"status {delivery_id}"
        effects.apply(
            consequence.concerns,
            effects.Refusal(delivery, outcome, status.code or "", evidence, status.at),
        )


_ABOUT_OTHERS = (
    Concerns.PERSON_WINDOW,
    Concerns.PERSON_DIGESTS,
    Concerns.TEMPLATE,
    Concerns.MEDIA,
)


def _late_target(delivery: Delivery, outcome: Outcome, zone: ZoneInfo) -> DeliveryState:
    """Back to the queue at most twice, a digest only on its day, an answer never to a closed
    window (it has no template)."""
    if outcome not in LATE_RETRY or delivery.refusals >= MOST_LATE_RETRIES:
        return DeliveryState.FAILED
    broadcast = delivery.broadcast
    if broadcast is None:
        closed = outcome is Outcome.WINDOW_CLOSED
        return DeliveryState.FAILED if closed else DeliveryState.QUEUED
    if broadcast.kind == BroadcastKind.DIGEST and broadcast.on != clock.today(zone):
        return DeliveryState.FAILED
    if broadcast.expires_at <= clock.now() or broadcast.state == BroadcastState.STOPPED:
        return DeliveryState.FAILED
    if broadcast.kind in (BroadcastKind.ALERT, BroadcastKind.UPDATE):
        # Waits for an all-clear that is just being sent: a warning must not come after it.
        broadcasts.lock(broadcast.root_id)
        if broadcasts.is_cleared(broadcast.root_id):
            return DeliveryState.FAILED
    return DeliveryState.QUEUED


def _note_how_far(known: Sequence[tuple[Key, StatusIn]]) -> None:
    """Statuses have arrived of messages sent up to then: the silence of older ones now speaks."""
    accounts_of = {key: status.account for key, status in known}
    newest: dict[str, Any] = {}
    rows = Delivery.select(Delivery.id, Delivery.attempt, Delivery.sending_at).where(
        db.among(Delivery.id, {delivery_id for delivery_id, _ in accounts_of}),
        Delivery.sending_at.is_null(False),
    )
    for delivery_id, attempt, sending_at in db.rows(rows):
        account = accounts_of.get((delivery_id, attempt))
        if account is None:
            # Of an older attempt: when that was sent is not known any more.
            continue
        newest[account] = max(newest.get(account, sending_at), sending_at)
    for account, sent_upto in newest.items():
        accounts.note_statuses(account, sent_upto)
