"""Alerts that have had no all-clear yet: in force, open, or run out.

Owns: which these are, and that staff were told of one. Never: moves one (broadcasts). Called by
desk, conversation and newsroom.
"""

from datetime import datetime
from typing import Any

import peewee

from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState


def alert_in_force(now: datetime) -> Broadcast | None:
    """What somebody who comes or leaves is told of. Never a drill: nobody is in danger who hears
    no more of it."""
    return next((row for row in alerts_in_force(now) if not row.is_drill), None)


def alerts_in_force(now: datetime) -> list[Broadcast]:
    """Neither cleared, expired nor stopped, drills too; the newest first. It lasts as long as its
    latest update."""
    return _lasting(Broadcast.state != BroadcastState.STOPPED, Broadcast.expires_at > now)


def open_alerts(now: datetime) -> list[Broadcast]:
    """The same with those stopped on their way: whoever got them holds a warning still, and
    expects an all-clear."""
    return _lasting(~_NOTHING_LEFT, Broadcast.expires_at > now)


def _lasting(*conditions: Any) -> list[Broadcast]:
    return list(_uncleared(Broadcast.id.in_(_roots(*conditions))).order_by(Broadcast.id.desc()))


def expired(now: datetime, *, since: datetime) -> list[Broadcast]:
    """Alerts that ran out after `since` and never had their all-clear: their readers still wait
    for one. No drills. Oldest first."""
    ran_out = _roots(~_NOTHING_LEFT, Broadcast.expires_at.between(since, now))
    lasts = _roots(~_NOTHING_LEFT, Broadcast.expires_at > now)
    query = _uncleared(~Broadcast.is_drill, Broadcast.id.in_(ran_out), Broadcast.id.not_in(lasts))
    return list(query.order_by(Broadcast.id))


_NOTHING_LEFT = (Broadcast.state == BroadcastState.STOPPED) & Broadcast.started_at.is_null()
"""Stopped before the provider had answered for a single message: nobody knows of it."""


def _roots(*conditions: Any) -> "peewee.ModelSelect[Broadcast]":
    """Alerts of which a part, itself or an update, is like this."""
    part = Broadcast.kind.in_((BroadcastKind.ALERT, BroadcastKind.UPDATE))
    root = peewee.fn.COALESCE(Broadcast.follows, Broadcast.id)
    return Broadcast.select(root).where(part, *conditions)


def _uncleared(*conditions: Any) -> "peewee.ModelSelect[Broadcast]":
    cleared = Broadcast.select(Broadcast.follows).where(Broadcast.kind == BroadcastKind.CLEAR)
    is_alert = Broadcast.kind == BroadcastKind.ALERT
    return Broadcast.select().where(is_alert, Broadcast.id.not_in(cleared), *conditions)


def note_all_clear_asked(broadcast_id: int, at: datetime) -> bool:
    """True once for each alert, whoever asks first."""
    query = Broadcast.update(all_clear_asked_at=at).where(
        Broadcast.id == broadcast_id, Broadcast.all_clear_asked_at.is_null()
    )
    return bool(query.execute())


def forget_asked(broadcast_id: int) -> None:
    """An update makes it last longer: when that runs out, staff are told anew."""
    Broadcast.update(all_clear_asked_at=None).where(Broadcast.id == broadcast_id).execute()
