"""The states of a delivery and of a broadcast: one table of allowed moves each.

Owns: which move is allowed; every group ("open", "final", "reached") is derived from it.
Never: touches a row (outbox and statuses do, by one conditional UPDATE).
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from broadcasts.channels.base import Receipt


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


S = DeliveryState

MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    S.QUEUED: frozenset({S.SENDING, S.SKIPPED, S.EXPIRED, S.CANCELLED}),
    S.SENDING: frozenset({S.SENT, S.DELIVERED, S.READ, S.FAILED, S.QUEUED, S.UNKNOWN}),
    S.UNKNOWN: frozenset({S.SENT, S.DELIVERED, S.READ, S.FAILED, S.QUEUED}),
    # Back to queued: a late refusal proves that it did not arrive.
    S.SENT: frozenset({S.DELIVERED, S.READ, S.FAILED, S.QUEUED}),
    S.DELIVERED: frozenset({S.READ}),
    S.READ: frozenset(),
    S.FAILED: frozenset(),
    S.SKIPPED: frozenset(),
    S.EXPIRED: frozenset(),
    S.CANCELLED: frozenset(),
}

OPEN = frozenset({S.QUEUED, S.SENDING, S.UNKNOWN})
"""The outbox: not decided yet."""

FINAL = frozenset(state for state, moves in MOVES.items() if not moves)

REACHED = frozenset({S.SENT} | {s for s in MOVES if s in MOVES[S.SENT]} - {S.FAILED, S.QUEUED})
"""The provider has accepted it, and nothing since says that it did not arrive."""

MAYBE_REACHED = REACHED | {S.SENDING, S.UNKNOWN}

RECEIPT_STATE: Mapping[Receipt, DeliveryState] = {
    Receipt.SENT: S.SENT,
    Receipt.DELIVERED: S.DELIVERED,
    Receipt.READ: S.READ,
    Receipt.FAILED: S.FAILED,
}


def before(target: DeliveryState) -> frozenset[DeliveryState]:
    """From which states `target` may be reached in one move."""
    return frozenset(state for state, moves in MOVES.items() if target in moves)


class BroadcastKind(StrEnum):
    DIGEST = "digest"
    ALERT = "alert"
    UPDATE = "update"
    """Follow-up of an alert; sent like one."""
    CLEAR = "clear"
    """The all-clear; sent like an alert."""
    NOTICE = "notice"
    """A service notice: beside the digest, in business hours only."""


class BroadcastState(StrEnum):
    WRITING = "writing"
    """The audience is fixed, rows are still being written; what is written may leave."""
    RUNNING = "running"
    HELD = "held"
    """Waits for something that a person must mend, e.g. a paused template, or for its business
    hours; nothing is lost."""
    FINISHED = "finished"
    STOPPED = "stopped"
    """Panic stop."""


class Priority(IntEnum):
    """Alert > answer > digest (invariant 6); a service notice goes like a digest."""

    ALERT = 0
    ANSWER = 1
    DIGEST = 2


_PRIORITIES: Mapping[BroadcastKind, Priority] = {
    BroadcastKind.DIGEST: Priority.DIGEST,
    BroadcastKind.ALERT: Priority.ALERT,
    BroadcastKind.UPDATE: Priority.ALERT,
    BroadcastKind.CLEAR: Priority.ALERT,
    BroadcastKind.NOTICE: Priority.DIGEST,
}

NEWS = tuple(kind for kind, rank in _PRIORITIES.items() if rank is Priority.DIGEST)
"""What goes to those who want everything."""

WARNINGS = tuple(kind for kind, rank in _PRIORITIES.items() if rank is Priority.ALERT)
"""An alert and what follows it up."""


LIVE = (BroadcastState.WRITING, BroadcastState.RUNNING)
"""What the sender may take from."""

UNFINISHED = (*LIVE, BroadcastState.HELD)


def priority(kind: BroadcastKind) -> Priority:
    return _PRIORITIES[kind]


NO_WORDING = "no_wording"
"""Code of a row that was skipped because nothing may be written to this person now."""

WAITING = "waiting"
"""The same on a channel where nothing reaches a closed window: the person gets it when they next
write (newsroom/waiting)."""

NOT_CHOSEN = "not_chosen"
"""Code of a row that was skipped because, since it was written, they have chosen nothing of it."""

UNWORDED = (NO_WORDING, WAITING)

PAUSED = "paused"
"""Code of a digest's row that was skipped because the person has begun a pause just now."""

GIVEN = "given"
"""Code of a row that was WAITING, since the person has written and was answered with it."""
