"""Settling what is unknown: by a status, or by silence (invariant 5).

Owns: `sending` that nobody holds → `unknown`, and `unknown` without a status → `queued`. Never:
asks the provider (there is no call for it). Called every second by the upkeep loop.
"""

import functools
import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import db, journal
from broadcasts.channels.base import Outcome
from broadcasts.delivery import accounts, broadcasts, heartbeats
from broadcasts.delivery.outbox import LEASE, Delivery
from broadcasts.delivery.states import DeliveryState, Priority, priority

log = logging.getLogger(__name__)


def find_orphans(now: datetime) -> int:
    """Rows in `sending` whose lease has ended: the worker died with them in its hands."""
    return _orphan(now, Delivery.due_at <= now)


def take_over(account: str, worker: str, now: datetime) -> int:
    """For whoever has just got a number's lock: what others hold of it need not wait for the end
    of its lease, they do not send for it any more. Returns how many rows were held.

    What was on the wire becomes `unknown`; an answer that comes back to a worker that is still
    alive settles it all the same.
    """
    held = (Delivery.account == account) & (Delivery.leased_by != worker)
    freed = _per_open(
        now,
        lambda condition: Delivery.update(due_at=now, leased_by=None).where(
            condition, held, Delivery.state == DeliveryState.QUEUED, Delivery.due_at > now
        ),
    )
    return freed + _orphan(now, held & Delivery.due_at.is_null(False))


def _orphan(now: datetime, chosen: Any) -> int:
    """`sending` → `unknown`: nobody will tell what came of these calls."""
    moved = _per_open(
        now,
        lambda condition: Delivery.update(
            state=DeliveryState.UNKNOWN,
            unknowns=Delivery.unknowns + 1,
            due_at=now,
            leased_by=None,
            changed_at=now,
        ).where(condition, Delivery.state == DeliveryState.SENDING, chosen),
    )
    if moved:
        log.warning("orphans number=%s", moved)
    return moved


def bring_forward(now: datetime) -> None:
    """After the clock was put back: what waits is due, what is on the wire keeps its lease."""
    for states, due_at in (
        ((DeliveryState.QUEUED, DeliveryState.UNKNOWN), now),
        ((DeliveryState.SENDING,), now + LEASE),
    ):
        _per_open(
            now,
            functools.partial(_set_due, states=states, due_at=due_at),
        )


def _set_due(condition: Any, *, states: tuple[DeliveryState, ...], due_at: datetime) -> Any:
    return Delivery.update(due_at=due_at).where(
        condition, Delivery.state.in_(states), Delivery.due_at > due_at
    )


MOST_REPEATS = 2
"""Of what no status can settle: so often it may be sent once more."""


def settle_untold(now: datetime, settle_after: timedelta, channels: Collection[str]) -> int:
    """On `channels` no status ever comes, so silence says nothing (decision 0017). A digest is not
    repeated: it counts as failed, because nobody knows. An alert (whose repeat says that it may be
    one) and an answer go once more, twice at most."""
    if not channels:
        return 0
    waited = (
        Delivery.channel.in_(list(channels)),
        Delivery.state == DeliveryState.UNKNOWN,
        Delivery.due_at <= now - settle_after,
    )
    digests = [row.id for row in broadcasts.with_open_rows(now) if _is_digest(row)]
    may_repeat = Delivery.settled_by_silence < MOST_REPEATS
    # Of an answer's row the broadcast is null, which is in no list and out of none.
    is_digest = Delivery.broadcast.is_null(False) & Delivery.broadcast.in_(digests)
    with db.transaction():
        repeated = _per_open(
            now,
            lambda condition: _back_to_the_queue(now).where(
                condition, *waited, ~is_digest, may_repeat
            ),
        )
        given_up = _per_open(
            now,
            lambda condition: Delivery.update(
                state=DeliveryState.FAILED,
                outcome=Outcome.UNKNOWN,
                code=NO_ANSWER,
                due_at=None,
                changed_at=now,
            ).where(condition, *waited, is_digest | ~may_repeat),
        )
    if repeated or given_up:
        log.warning("settled untold repeated=%s given_up=%s", repeated, given_up)
    return repeated + given_up


def _is_digest(row: broadcasts.Broadcast) -> bool:
    return priority(row.kind) is Priority.DIGEST


NO_ANSWER = "no_answer"


def settle(now: datetime, settle_after: timedelta, untold: Collection[str] = ()) -> int:
    """Unknown outcomes whose silence has lasted long enough go back to the queue; not on the
    channels that are `untold`, where there is nothing but silence.

    Long enough: for `settle_after` both the door has surely been open and the outcome unknown, with
    statuses of later messages of that number already in; twice as long where none came. Nothing
    is settled while the journal still holds something.
    """
    door = heartbeats.door(now)
    if door is None or door.is_open_for < settle_after or not journal.is_drained():
        return 0
    with db.transaction() as transaction:
        settled = sum(
            _settle_number(number, door, now, settle_after)
            for number in accounts.everyone()
            if number.channel not in untold
        )
        if not journal.is_drained():
            # A status has come in this very moment: it may be the one.
            transaction.rollback()
            return 0
    if settled:
        log.warning("settled by silence number=%s", settled)
    return settled


def _settle_number(
    number: accounts.NumberState, door: heartbeats.Door, now: datetime, settle_after: timedelta
) -> int:
    account = number.account
    settled = _settle(
        account, door.until - settle_after, now, Delivery.sending_at < number.status_upto
    )
    if door.is_open_for >= 2 * settle_after:
        settled += _settle(account, door.until - 2 * settle_after, now)
    return settled


def _settle(account: str, unknown_before: datetime, now: datetime, *more: peewee.Expression) -> int:
    return _per_open(
        now,
        lambda condition: _back_to_the_queue(now).where(
            condition,
            Delivery.account == account,
            Delivery.state == DeliveryState.UNKNOWN,
            Delivery.due_at <= unknown_before,
            *more,
        ),
    )


def _back_to_the_queue(now: datetime) -> Any:
    return Delivery.update(
        state=DeliveryState.QUEUED,
        due_at=now,
        changed_at=now,
        settled_by_silence=Delivery.settled_by_silence + 1,
    )


def _per_open(now: datetime, query: Callable[[Any], Any]) -> int:
    """Runs a query once per unfinished broadcast and once for the answers: each is one range of
    the index of open rows, whatever number of settled ones lies beside it."""
    conditions: list[Any] = [Delivery.broadcast == row.id for row in broadcasts.with_open_rows(now)]
    return sum(
        int(query(condition).execute()) for condition in (*conditions, Delivery.broadcast.is_null())
    )
