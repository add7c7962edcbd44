"""One sending number: whose turn it is, at what pace, and whether it may send at all.

Owns: priorities, the number's pauses and stops, the rows leased for it. Never: calls a provider.
One lane per number in the process that sends for it; used by the sender.
"""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from broadcasts import db
from broadcasts.channels.base import Account, Outcome, Result
from broadcasts.delivery import accounts, hours, outbox, settling, wire
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import LEASE
from broadcasts.delivery.pacing import AnswersShare, Pacer, Resting
from broadcasts.delivery.policy import CONSEQUENCES, PAUSES, PROBE_EVERY, Concerns
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastState, Priority, priority
from broadcasts.delivery.wire import Outgoing
from broadcasts.locks import Lock

log = logging.getLogger(__name__)

Source = int | None
"""A broadcast's id, or None for the answers."""

ANSWERS: Source = None

OUTAGE = (Outcome.TRANSIENT, Outcome.UNKNOWN)
IN_VAIN = 20
"""So many of these in a row are an outage: one probe at a time, not each reader's turn."""

ASK_EVERY = 0.5
"""Seconds between two tries for a number that another process has."""


class Lane:
    def __init__(
        self, account: Account, *, terms: wire.Terms, worker: str, renditions: Renditions
    ) -> None:
        self.account = account
        self._terms = terms
        self._worker = worker
        self._renditions = renditions
        self._pacer = Pacer(account.rate, account.headroom, account.most_in_a_second)
        self._resting = Resting(account.person_rests)
        self._share = AnswersShare(account.rate)
        self._leased: dict[Source, deque[int]] = defaultdict(deque)
        self._lease_ends: dict[Source, datetime] = {}
        self._number = accounts.get(account.id)
        self._received = self._number.received
        self._failing = 0
        """Refusals of the number itself in a row: from the first on, one message at a time."""
        self._in_vain = 0
        """Calls in a row that came to nothing, each for a reason that may be its own."""
        self._last_probe = 0.0
        self._turn = 0
        self._under_way = 0
        self._lock = Lock(f"number-{account.channel}-{account.id}")
        self._ours, self._asked_at = False, -ASK_EVERY

    def is_ours(self, at: float, now: datetime) -> bool:
        """Whether this process sends for the number: one at a time does, so that the provider's
        rate needs no counter between machines. A dead one's lock is free by itself."""
        if not self._ours and at - self._asked_at >= ASK_EVERY:
            self._asked_at = at
            self._ours = self._lock.acquire()
            if self._ours and settling.take_over(self.account.id, self._worker, now):
                # Whoever died has used up this second's pace.
                self._pacer.received(self.account.rate, at)
        return self._ours

    def let_go(self) -> None:
        """Another process may send for the number."""
        self._ours = False
        with suppress(db.DatabaseError):
            self._lock.release()

    def refresh(self, at: float) -> None:
        """Reads the number's state anew: what came in counts against the pace."""
        self._number = accounts.get(self.account.id)
        if self.account.counts_received:
            self._pacer.received(self._number.received - self._received, at)
        self._received = self._number.received

    def next(
        self, live: Sequence[Broadcast], now: datetime, at: float, room: int, *, reserve: int = 0
    ) -> list[Outgoing]:
        """What goes on the wire now, committed as `sending`: alert > answer > digest.

        `at`: monotonic seconds, for the pace. `room`: how many calls may be added; the last
        `reserve` of them not by a digest, so that a slow provider cannot keep an alert waiting.
        """
        began = time.monotonic()
        self._resting.forget(at)
        grant = min(self._pacer.grant(at), room, self._most(now, at))
        if grant <= 0:
            return []
        alerts = [b for b in live if priority(b.kind) is Priority.ALERT]
        digests = self._in_turns(live, now)
        alert_runs = any(self._is_running(broadcast, now) for broadcast in alerts)
        answers = self._share.of(grant, at) if alert_runs else grant
        outgoing = self._take(ANSWERS, answers, now, at)
        if alert_runs:
            self._share.took(len(outgoing))
        # Nothing of a digest leaves on this number until the alert is through (invariant 6).
        most = grant if alert_runs else min(grant, room - reserve)
        if alert_runs:
            for broadcast in alerts:
                outgoing += self._take(broadcast.id, most - len(outgoing), now, at)
        else:
            outgoing += self._take_shared(digests, most - len(outgoing), now, at)
        if alert_runs and len(outgoing) < grant:
            outgoing += self._take(ANSWERS, grant - len(outgoing), now, at)
        # They leave now, not when they were asked for: the database may have taken its time, and
        # the next ones must not follow too closely.
        self._pacer.take(len(outgoing), at + time.monotonic() - began)
        self._under_way += len(outgoing)
        if outgoing:
            self._last_probe = at
        return outgoing

    def _in_turns(self, live: Sequence[Broadcast], now: datetime) -> list[Broadcast]:
        """Digests and service notices that may leave; another one first each time."""
        found = [
            b for b in live if priority(b.kind) is Priority.DIGEST and hours.is_open(b.hours, now)
        ]
        self._turn += 1
        first = self._turn % len(found) if found else 0
        return found[first:] + found[:first]

    def _take_shared(
        self, chosen: Sequence[Broadcast], number: int, now: datetime, at: float
    ) -> list[Outgoing]:
        """An equal share of each, so that none waits for the end of another. What one leaves goes
        to the next ones, or with the next look: pace that nobody has used is not lost."""
        outgoing: list[Outgoing] = []
        for position, broadcast in enumerate(chosen):
            share = -(-(number - len(outgoing)) // (len(chosen) - position))
            outgoing += self._take(broadcast.id, share, now, at)
        return outgoing

    def _most(self, now: datetime, at: float) -> int:
        """How many at once, for the state the number is in."""
        if self._number.stopped_at is not None:
            due = at - self._last_probe >= PROBE_EVERY.total_seconds() or not self._last_probe
            return 1 if due and not self._under_way else 0
        if self._number.paused_until is not None and self._number.paused_until > now:
            return 0
        if self._failing:
            return 0 if self._under_way else 1
        return self.account.rate

    def _is_running(self, broadcast: Broadcast, now: datetime) -> bool:
        if broadcast.expires_at <= now:
            return False
        return (
            broadcast.state == BroadcastState.WRITING
            or bool(self._leased[broadcast.id])
            or outbox.has_due(broadcast.id, self.account.id, now)
        )

    def _take(self, source: Source, number: int, now: datetime, at: float) -> list[Outgoing]:
        if number <= 0:
            return []
        ids = self._leased_ids(source, number, now)
        return wire.take(
            ids,
            worker=self._worker,
            renditions=self._renditions,
            terms=self._terms,
            rest=partial(self._rest, at=at) if self.account.person_rests else None,
            now=now,
        )

    def _rest(self, person: str, *, at: float) -> float:
        """How long a person's next message waits; 0: it goes now, and the one after it waits."""
        wait = self._resting.wait(person, at)
        if not wait:
            self._resting.begin(person, at)
        return wait

    def _leased_ids(self, source: Source, number: int, now: datetime) -> list[int]:
        leased = self._leased[source]
        if leased and self._lease_ends[source] <= now:
            leased.clear()
        if not leased:
            # About a second's worth: few enough that a stop finds them unleased soon.
            limit = max(number, min(self.account.rate, 400))
            leased.extend(
                outbox.claim(self.account.id, source, worker=self._worker, limit=limit, now=now)
            )
            # A second short of the lease: a row must not leave when another may have it.
            self._lease_ends[source] = now + LEASE - timedelta(seconds=1)
        return [leased.popleft() for _ in range(min(number, len(leased)))]

    def landed(self, person: str, at: float) -> None:
        """A call has come back, whatever it says."""
        self._under_way -= 1
        self._resting.begin(person, at)

    def learn(self, result: Result, now: datetime, at: float) -> None:
        """What an answer says of the number itself (invariant 7)."""
        concerns = CONSEQUENCES[result.outcome].concerns
        if result.outcome is Outcome.ACCEPTED:
            self._recover()
        elif result.outcome in OUTAGE:
            self._in_vain += 1
            if self._in_vain >= IN_VAIN:
                self._pause(result, now)
        elif concerns is Concerns.PACE:
            if self._pacer.slow_down(at):
                log.warning("slowed number=%s code=%s", self.account.id, result.code)
        elif concerns is Concerns.NUMBER_PAUSE:
            self._pause(result, now)
        elif concerns is Concerns.NUMBER_STOP:
            self._failing += 1
            if accounts.stop(self.account.id, result.outcome, result.code):
                log.error("stopped number=%s code=%s", self.account.id, result.code)
            self._number = accounts.get(self.account.id)

    def _recover(self) -> None:
        self._failing = self._in_vain = 0
        if self._number.paused_since is not None and accounts.unpause(self.account.id):
            log.warning("gets through again number=%s", self.account.id)
            self._number = accounts.get(self.account.id)
        if self._number.stopped_at is not None and accounts.resume(self.account.id):
            log.warning("resumed number=%s", self.account.id)
            self._number = accounts.get(self.account.id)

    def _pause(self, result: Result, now: datetime) -> None:
        if self._number.paused_until is not None and self._number.paused_until > now:
            # It was under way when the pause began, and says nothing new.
            return
        shortest, longest = PAUSES.get(result.outcome, PAUSES[Outcome.NETWORK])
        wait = result.retry_after or min(shortest * 2 ** min(self._failing, 10), longest)
        self._failing += 1
        reason = f"{result.outcome} {result.code}".strip()
        accounts.pause(self.account.id, now + wait, reason)
        self._number = accounts.get(self.account.id)
        log.warning(
            "paused number=%s outcome=%s code=%s seconds=%.0f",
            self.account.id,
            result.outcome,
            result.code,
            wait.total_seconds(),
        )

    def give_back(self, now: datetime) -> None:
        """On a clean end: what is leased and has not left is due for whoever comes next."""
        for leased in self._leased.values():
            outbox.release(list(leased), self._worker, now)
            leased.clear()
