"""What goes wrong on request: a number of times, or by chance with a seed.

Owns: which fault strikes next, and what HTTP itself does then. Never: an API's own refusal (graph,
telegram and webhooks know them).
"""

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

HELD = 120.0
"""Seconds a held answer is held; every caller gives up before."""


class Cut(Exception):
    """The connection was closed under the caller."""


def cut(request: web.Request) -> None:
    """Closes the connection under the caller."""
    if request.transport is not None:
        request.transport.abort()
    raise Cut


KINDS = (
    "lost_reply",  # accepted, but the answer never arrives
    "reset_before",  # connection closed, not accepted
    "reset_after",  # accepted, connection reset
    "server_error",  # 500, not accepted
    "hang",  # accepted, the answer is held until the caller gives up
    "too_fast",  # 130429
    "code",  # any code; `value` says which
    "status_double",
    "status_reversed",
    "status_lost",
    "status_late",  # `value`: seconds
)


@dataclass
class Faults:
    seed: int = 1
    planned: dict[str, deque[float]] = field(default_factory=dict)
    chances: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Kind → (probability, value)."""
    down: bool = False
    """The whole API answers 503."""

    def __post_init__(self) -> None:
        self.reseed(self.seed)

    def reseed(self, seed: int) -> None:
        """The same seed gives the same faults on the same occasions."""
        self._random = random.Random(seed)

    def plan(self, kind: str, times: int = 1, value: float = 0) -> None:
        """The next `times` occasions go wrong in this way."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        self.planned.setdefault(kind, deque()).extend([value] * times)

    def chance(self, kind: str, probability: float, value: float = 0) -> None:
        """Each occasion goes wrong with this probability."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        self.chances[kind] = (probability, value)

    def strikes(self, kind: str) -> float | None:
        """The fault's value if it strikes now, else None."""
        waiting = self.planned.get(kind)
        if waiting:
            return waiting.popleft()
        probability, value = self.chances.get(kind, (0.0, 0.0))
        return value if probability and self._random.random() < probability else None

    async def strike_after(self, request: web.Request) -> None:
        """What goes wrong once a message was accepted."""
        for kind in ("lost_reply", "reset_after"):
            if self.strikes(kind) is not None:
                cut(request)
        if self.strikes("hang") is not None:
            await asyncio.sleep(HELD)

    def clear(self) -> None:
        self.planned.clear()
        self.chances.clear()
        self.down = False
