"""Business hours of a broadcast: between which moments it may leave, as its row keeps them.

Owns: reading these spans. Never: which hours a city has (newsroom/office), or moves a state
(broadcasts, by the upkeep's clock). Pure. Used by whatever is about to send.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

Span = tuple[datetime, datetime]
"""From the first to before the second."""

Kept = Sequence[Sequence[str]]
"""Spans as JSON takes them."""

OUTSIDE = "outside_business_hours"
"""Why the clock holds a broadcast; what is held for another reason it leaves alone."""


def pack(spans: Iterable[Span]) -> list[list[str]] | None:
    """None, for "at any hour", where there are none."""
    return [[at.astimezone(UTC).isoformat() for at in span] for span in spans] or None


def _unpack(kept: Kept) -> Iterator[Span]:
    for start, end in kept:
        yield datetime.fromisoformat(start), datetime.fromisoformat(end)


def is_open(kept: Kept | None, now: datetime) -> bool:
    """Whether it may leave at this moment; what has no hours may at any."""
    return kept is None or any(start <= now < end for start, end in _unpack(kept))


def begins(kept: Kept, now: datetime) -> datetime | None:
    """When it may leave next; at once while it may. None: never more."""
    return next((max(start, now) for start, end in _unpack(kept) if now < end), None)


def first(kept: Kept) -> datetime:
    """Since when it may leave."""
    return min(start for start, _ in _unpack(kept))
