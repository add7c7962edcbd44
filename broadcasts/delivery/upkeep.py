"""Upkeep of the outbox: what time alone decides, looked at every second.

Owns: expiring, finishing, settling, retiring. Never: sends. Called by the upkeep loop (bot/app);
every step is safe to repeat and to run twice.
"""

import logging
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from broadcasts import db
from broadcasts.channels.base import Outcome
from broadcasts.delivery import (
    accounts,
    broadcasts,
    endings,
    heartbeats,
    keeping_hours,
    outbox,
    settling,
)
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastState, DeliveryState
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Subscriber

log = logging.getLogger(__name__)

RETIRE_AFTER_DAYS = 3
"""Not reachable on so many different days: the row retires."""

OUTAGE_SHARE = 0.2
"""More unreachable recipients than this share are an outage, and retire nobody (invariant 7)."""


def run_once(
    now: datetime,
    *,
    settle_after: timedelta,
    untold: Collection[str] = (),
    beat: Callable[[], None] = lambda: None,
) -> None:
    """`untold`: channels of which no status ever comes. `beat`: called between chunks, because a
    million rows take longer than a sign of life may."""
    mend_clock(now)
    if outbox.is_empty() and not broadcasts.unfinished():
        return  # most seconds of most days
    settling.find_orphans(now)
    settling.settle(now, settle_after, untold)
    settling.settle_untold(now, settle_after, untold)
    endings.expire_answers(now)
    for broadcast in broadcasts.stopped_since(now - timedelta(days=1)):
        while endings.cancel(broadcast.id):
            beat()
    for broadcast in broadcasts.unfinished():
        look_after(broadcast, now, beat)


def mend_clock(now: datetime) -> bool:
    """After the clock was put back nothing may wait for the old time to come round again.

    True: it was. What was due is due now; what is on the wire keeps its lease.
    """
    back = heartbeats.ahead(now)
    if back <= heartbeats.STEP:
        return False
    log.warning("clock went back seconds=%.0f", back.total_seconds())
    with db.transaction():
        settling.bring_forward(now)
        accounts.bring_forward(now)
        heartbeats.forget_future(now)
    return True


def look_after(
    broadcast: Broadcast, now: datetime, beat: Callable[[], None] = lambda: None
) -> None:
    """Expires what has not left in time; keeps business hours; finishes what is through."""
    if broadcast.expires_at <= now:
        while endings.expire(broadcast.id):
            beat()
        if broadcast.state in (BroadcastState.WRITING, BroadcastState.HELD):
            broadcasts.close_expired(broadcast.id)
    elif broadcast.hours is not None:
        keeping_hours.look(broadcast, now)
    if broadcast.state == BroadcastState.RUNNING and outbox.is_through(broadcast.id):
        finish(broadcast, now)


def finish(broadcast: Broadcast, now: datetime) -> None:
    """Looks once more while nobody can bring a row back: a late refusal waits for this, and then
    finds a finished broadcast to open again."""
    with db.transaction():
        done = broadcasts.lock(broadcast.id) and outbox.is_through(broadcast.id)
        done = done and broadcasts.mark_finished(broadcast.id, now)
    if done:
        log.info("finished broadcast=%s kind=%s", broadcast.id, broadcast.kind)


def retire_unreachable(yesterday: date) -> int:
    """Counts, the day after, who could not be reached by the digest: refusals come late.

    Safe to repeat. So many that it looks like an outage retire nobody.
    """
    digest = broadcasts.digest_of(yesterday)
    if digest is None:
        return 0
    refused = (
        Delivery.select(Delivery.subscriber)
        .join(Subscriber)
        .where(
            Delivery.broadcast == digest.id,
            Delivery.state == DeliveryState.FAILED,
            Delivery.outcome == Outcome.UNREACHABLE,
            Subscriber.last_inbound_at.is_null() | (Subscriber.last_inbound_at < digest.created_at),
        )
    )
    people = [row[0] for row in db.rows(refused)]
    everyone = outbox.figures(digest.id)["recipients"]
    if len(people) > max(1, everyone * OUTAGE_SHARE):
        log.warning("outage broadcast=%s unreachable=%s", digest.id, len(people))
        return 0
    with db.transaction():
        for subscriber_id in people:
            subscribers.note_unreachable(subscriber_id, yesterday, days=RETIRE_AFTER_DAYS)
    return len(people)
