"""How fast a broadcast goes, for whoever reads the log.

Owns: one line for each running broadcast every ten seconds: rate, what is left, refusals by cause.
Never: a person, a row's change. Used by the sender.
"""

import logging
from collections import Counter

from broadcasts.channels.base import Outcome, Result
from broadcasts.delivery import outbox

log = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds between two lines of one broadcast."""


class Progress:
    def __init__(self) -> None:
        self._accepted: Counter[int] = Counter()
        self._refused: dict[int, Counter[str]] = {}
        self._said_at: dict[int, float] = {}

    def note(self, broadcast_id: int | None, result: Result) -> None:
        if broadcast_id is None:
            return
        if result.outcome is Outcome.ACCEPTED:
            self._accepted[broadcast_id] += 1
        else:
            cause = " ".join(filter(None, (result.outcome.value, result.code)))
            self._refused.setdefault(broadcast_id, Counter())[cause] += 1

    def say(self, broadcast_id: int, at: float) -> None:
        """Says how far it is, if it is time. `at`: monotonic seconds."""
        since = self._said_at.setdefault(broadcast_id, at)
        if at - since < EVERY:
            return
        rate = self._accepted.pop(broadcast_id, 0) / (at - since)
        left = outbox.count_open(broadcast_id)
        refused = self._refused.pop(broadcast_id, Counter())
        log.info(
            "progress broadcast=%s per_second=%.0f left=%s seconds_left=%s refused=%s",
            broadcast_id,
            rate,
            left,
            round(left / rate) if rate else "unknown",
            ", ".join(f"{cause}: {number}" for cause, number in refused.most_common()) or "none",
        )
        self._said_at[broadcast_id] = at

    def forget(self, live: set[int]) -> None:
        """Broadcasts that are over need no memory."""
        for store in (self._accepted, self._refused, self._said_at):
            for broadcast_id in set(store) - live:
                del store[broadcast_id]
