"""Pacing: how many messages a number may send now.

Owns: the rate of each number and how it is shared. Never: a row or a call. Pure but for the time
it is told; used by the sender.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from broadcasts.channels.base import HEADROOM

RECOVER_PER_SECOND = 0.05
"""After "too fast" the rate climbs back by this share of the full rate each second."""


@dataclass
class Pacer:
    """Never more than `rate` (or `most`) in any one second, sent and received together. Times in
    seconds."""

    rate: int
    headroom: float = HEADROOM
    most: int | None = None
    factor: float = 1.0
    """Lowered by the provider's "too fast", recovers by itself."""
    _taken: deque[tuple[float, int]] = field(default_factory=deque)
    _in_last_second: int = 0
    _credit: float = 0.0
    _last: float = 0.0
    _slowed_at: float = -1.0

    def grant(self, now: float) -> int:
        """How many may leave now: smoothly, so that a second never begins with a burst."""
        self._forget(now)
        elapsed = min(now - self._last, 0.1) if self._last else 0.05
        self._last = now
        self.factor = min(1.0, self.factor + elapsed * RECOVER_PER_SECOND)
        allowed = max(1.0, self.rate * self.headroom * self.factor)
        # Credit is bounded to 100 ms: what was not used is not made up for in a burst.
        earned = elapsed * allowed
        self._credit = min(self._credit + earned, max(1.0, allowed * 0.1) + earned)
        # Not up to the rate itself: calls that leave in one second may arrive in less.
        most = self.most or self.rate - int(self.rate * (1 - self.headroom))
        free = most - self._in_last_second
        return max(0, min(int(self._credit), free))

    def take(self, number: int, now: float) -> None:
        """`number` are going on the wire now."""
        self._credit = max(0.0, self._credit - number)
        self._count(number, now)

    def received(self, number: int, now: float) -> None:
        """Messages came in: Meta counts them against the same allowance (whatsapp.md §4)."""
        # A second's worth at most: a flood that came in must not silence us for long after it.
        self._credit = max(self._credit - number, -float(self.rate))
        self._count(number, now)

    def slow_down(self, now: float) -> bool:
        """The provider says too fast: half the pace, for a while.

        Once a second at most: everything in flight comes back with the same word. False: it was
        slowed just now.
        """
        if now - self._slowed_at < 1.0:
            return False
        self._slowed_at = now
        self.factor = max(0.05, self.factor / 2)
        self._credit = 0.0
        return True

    def _count(self, number: int, now: float) -> None:
        if number > 0:
            self._taken.append((now, number))
            self._in_last_second += number

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0][0] <= now - 1.0:
            self._in_last_second -= self._taken.popleft()[1]


class Resting:
    """Who has just got something and must not get the next message yet: so long from when the
    last call for them came back, whatever the network did with it. Times in seconds."""

    def __init__(self, rest: timedelta) -> None:
        self._rest = rest.total_seconds()
        self._until: dict[str, float] = {}

    def wait(self, person: str, at: float) -> float:
        """For how long somebody still rests; 0: not at all."""
        return max(0.0, self._until.get(person, at) - at)

    def begin(self, person: str, at: float) -> None:
        """A call for them begins, or has come back."""
        if self._rest:
            self._until[person] = at + self._rest

    def forget(self, at: float) -> None:
        """Drops whoever has rested; at a second's rate these are few."""
        self._until = {person: until for person, until in self._until.items() if until > at}


class AnswersShare:
    """While an alert runs, answers keep 10 % of the rate, at least 1/s (invariant 6)."""

    def __init__(self, rate: int) -> None:
        self._per_second = max(1.0, rate * 0.1)
        self._credit = 1.0
        self._last = 0.0

    def of(self, grant: int, now: float) -> int:
        """How many of `grant` belong to answers now, if there are any."""
        elapsed = min(now - self._last, 1.0) if self._last else 0.0
        self._last = now
        self._credit = min(self._credit + elapsed * self._per_second, self._per_second)
        return min(grant, int(self._credit))

    def took(self, number: int) -> None:
        self._credit = max(0.0, self._credit - number)
