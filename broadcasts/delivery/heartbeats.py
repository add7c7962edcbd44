"""Signs of life: which part of which process is alive, and since when without a gap.

Owns: the table of heartbeats. Never: what to do about a silent part (health says it).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from broadcasts import clock, db

EVERY = timedelta(seconds=5)
GAP = timedelta(seconds=15)
"""Longer silence than this means: it was down in between."""

STEP = timedelta(seconds=60)
"""More than this between two clocks is no drift: one of them has been set."""

DOOR = "web"
"""The part at which webhooks come in."""


class Heartbeat(db.Model):
    part = peewee.CharField(max_length=80, primary_key=True)
    """`part@process`, e.g. `receiver@rathaus.4711`."""
    since = db.UTCField()
    beat_at = db.UTCField()

    class Meta:
        table_name = "heartbeat"


def beat(process: str, *parts: str) -> None:
    """One sign of life of each part. A gap starts its `since` anew, and so does a clock that was
    put back: waiting longer for a status is safe."""
    if not parts:
        return
    now = clock.now()
    names = [f"{part}@{process}" for part in parts]
    with db.transaction():
        known = {row.part: row for row in Heartbeat.select().where(Heartbeat.part.in_(names))}
        since = {name: row.since for name, row in known.items() if abs(now - row.beat_at) < GAP}
        Heartbeat.delete().where(Heartbeat.part.in_(names)).execute()
        rows = [{"part": name, "since": since.get(name, now), "beat_at": now} for name in names]
        Heartbeat.insert_many(rows).execute()


def alive(part: str, now: datetime) -> list[Heartbeat]:
    """Every living process's beat of this part."""
    return [row for row in Heartbeat.select() if _is(row, part) and now - row.beat_at < GAP]


def is_alive(part: str, process: str, now: datetime) -> bool:
    """Whether this part of this process has given a sign of life lately."""
    row = Heartbeat.get_or_none(Heartbeat.part == f"{part}@{process}")
    return row is not None and now - row.beat_at < GAP


def is_late(part: str, process: str, now: datetime) -> bool:
    """Whether it has given signs of life, and gives none any more."""
    row = Heartbeat.get_or_none(Heartbeat.part == f"{part}@{process}")
    return row is not None and now - row.beat_at >= GAP


def ahead(now: datetime) -> timedelta:
    """By how much the latest sign of life lies in the future: a clock was put back since, or
    another machine's is fast."""
    latest = Heartbeat.select().order_by(Heartbeat.beat_at.desc()).first()
    return timedelta(0) if latest is None else max(timedelta(0), latest.beat_at - now)


def forget_future(now: datetime) -> None:
    Heartbeat.delete().where(Heartbeat.beat_at > now + STEP).execute()


def _is(row: Heartbeat, part: str) -> bool:
    return row.part.split("@")[0] == part


@dataclass(frozen=True)
class Door:
    """When webhooks could surely come in, without a gap."""

    since: datetime
    until: datetime

    @property
    def is_open_for(self) -> timedelta:
        return self.until - self.since


def door(now: datetime) -> Door | None:
    """None: all doors are closed.

    Of several the youngest counts: waiting longer for a status is safe, too short is not. It ends
    with the last sign of life, not now: a door that was killed just then looks open for a while.
    """
    doors = alive(DOOR, now)
    if not doors:
        return None
    until = max(row.beat_at for row in doors)
    return Door(max(row.since for row in doors), min(until, now))


def forget_old(now: datetime) -> None:
    Heartbeat.delete().where(Heartbeat.beat_at < now - timedelta(days=1)).execute()
