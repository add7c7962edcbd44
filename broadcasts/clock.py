"""Time: aware UTC inside, the city's zone where people read it.

Owns: what "now", "today" and "17:00" mean. Never: a naive datetime, the machine's own zone.
Called by everything that asks for the time, so that tests can travel by `travel`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _shift


def local_now(zone: ZoneInfo) -> datetime:
    return now().astimezone(zone)


def today(zone: ZoneInfo) -> date:
    """The date on the town hall's wall calendar."""
    return local_now(zone).date()


def at(on: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the town hall's clock shows `wall` on that date.

    A wall time that the spring change skips is taken as the moment after the gap; of one that the
    autumn change shows twice, the first counts.
    """
    # With fold=0 a skipped wall time is read with the offset before the change, which lands
    # exactly as far behind the gap as it was inside it.
    return datetime.combine(on, wall, tzinfo=zone).astimezone(UTC)


def next_at(after: datetime, wall: time, zone: ZoneInfo) -> datetime:
    """The first moment later than `after` at which the town hall's clock shows `wall`."""
    on = after.astimezone(zone).date()
    candidate = at(on, wall, zone)
    while candidate <= after:
        on += timedelta(days=1)
        candidate = at(on, wall, zone)
    return candidate


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """For tests: the clock shows `to` at once and runs on from there."""
    global _shift
    before = _shift
    _shift = to - datetime.now(UTC)
    try:
        yield
    finally:
        _shift = before


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


def to_number(at: datetime) -> int:
    """A moment as one number, exactly: for an address that says where a page begins."""
    return (at - _EPOCH) // _STEP


def from_number(number: int) -> datetime:
    """The way back. Raises OverflowError."""
    return _EPOCH + _STEP * number
