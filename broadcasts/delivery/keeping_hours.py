"""Business hours kept by the clock: held when they end, on its way again when they begin.

Owns: both moves, and until when something is held. Never: lifts a hold of another reason, which
somebody must mend; decides what leaves (wire asks the clock itself). Called by the upkeep loop.
"""

import logging
from datetime import datetime

from broadcasts import clock, db, locks, wakeups
from broadcasts.delivery import broadcasts, holds, hours, outbox
from broadcasts.delivery.broadcasts import BEGINNING, Broadcast
from broadcasts.delivery.states import BroadcastState

log = logging.getLogger(__name__)


def is_held(row: Broadcast) -> bool:
    """By the clock, not by somebody or something else."""
    return row.state == BroadcastState.HELD and row.held_reason == hours.OUTSIDE


def held_until(row: Broadcast, now: datetime) -> datetime | None:
    """When it goes on by itself; None: it is not held, or not by the clock."""
    return hours.begins(row.hours, now) if is_held(row) and row.hours else None


def look(broadcast: Broadcast, now: datetime) -> None:
    """Holds what is left of it outside its hours, and lets it go on inside. What somebody has let
    go on at night is held again before anything leaves. Safe to repeat and to run twice."""
    if hours.is_open(broadcast.hours, now):
        if is_held(broadcast) and _let_go_on(broadcast.id):
            log.info("hours begin broadcast=%s", broadcast.id)
        return
    is_left = broadcast.state == BroadcastState.WRITING or outbox.has_queued(broadcast.id)
    if is_left and holds.hold(broadcast.id, hours.OUTSIDE):
        log.info("hours end broadcast=%s", broadcast.id)


def _let_go_on(broadcast_id: int) -> bool:
    """Who became a reader while it was held as a whole gets it, too."""
    with db.transaction():
        locks.in_turn(BEGINNING)
        held = (Broadcast.state == BroadcastState.HELD, Broadcast.held_reason == hours.OUTSIDE)
        chosen = (Broadcast.id == broadcast_id, *held)
        Broadcast.update(audience_at=clock.now(), cut_off=broadcasts.newest_subscriber()).where(
            *chosen, Broadcast.written_upto == 0, Broadcast.started_at.is_null()
        ).execute()
        wakeups.announce()
        query = Broadcast.update(state=BroadcastState.WRITING, held_reason=None)
        return bool(query.where(*chosen).execute())
