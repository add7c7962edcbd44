"""The loops behind the doors: receiver, writer, sender, upkeep, scheduler.

Owns: one thread each, their signs of life, and a clean end. Never: what they do. Started by
bot/processes and by tests.
"""

import functools
import logging
import threading
import time
from collections.abc import Callable

from bot.city import City
from bot.family import PARTS
from bot.jobs import Jobs
from bot.polling import TROUBLE, Polling
from bot.receiver import CHUNK, Receiver
from broadcasts import clock, db, figures
from broadcasts.delivery import audience, heartbeats, once, upkeep
from broadcasts.delivery.sender import SendLoop
from broadcasts.faults import where
from broadcasts.locks import Lock
from broadcasts.privacy import erasure_log
from broadcasts.wakeups import Wakeups

log = logging.getLogger(__name__)

LOOK_AGAIN = 1.0
"""Seconds after which a loop looks even if nothing has changed."""

BREATH = 0.05
"""Seconds in which statuses gather before the receiver takes the next bite: a transaction costs as
much for a hundred of them as for ten, a sixth of all CPU while a broadcast runs."""


class Pulses:
    """Signs of life of this process's parts. They are written together: each commit wakes every
    loop, and at night there is little else to wake them."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def beat(self, part: str) -> None:
        self._seen[part] = time.monotonic()

    def write(self) -> None:
        """Of whoever has beaten lately."""
        since = time.monotonic() - 2 * heartbeats.EVERY.total_seconds()
        heartbeats.beat(db.process_name(), *(part for part, at in self._seen.items() if at > since))


class Loops:
    """All loops of one process. `start`, then `stop`; both return at once resp. when all ended."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._stop = threading.Event()
        self._wakeups = Wakeups()
        self._receiver = Receiver(city)
        self._upkeep = Lock("upkeep")
        self._pulses = Pulses()
        self._jobs = Jobs(
            city,
            done=functools.partial(self._pulses.beat, "scheduler"),
            beat=self._pulses.write,
        )
        self._watcher = threading.Thread(target=self._wakeups.watch, args=(self._stop,))
        self._threads = [
            self._thread("receiver", self._receive, self._receiver.release),
            self._thread("writer", self._write),
            self._thread("upkeep", self._look_after, self._upkeep.release),
            threading.Thread(target=self._run_sender, name="sender"),
        ]
        found = {kind: channel.poller() for kind, channel in city.channels.items()}
        self._brought = [kind for kind, poller in found.items() if poller is None]
        self._pollers = [
            Polling(city.channels[kind], poller, self._stop)
            for kind, poller in found.items()
            if poller is not None
        ]

    def _thread(
        self, part: str, work: Callable[[], int], end: Callable[[], None] = lambda: None
    ) -> threading.Thread:
        return threading.Thread(target=self._poll, args=(part, work, end), name=part)

    def start(self) -> None:
        with db.session():
            # Before the first turn of each: a probe must not come too early.
            heartbeats.beat(db.process_name(), *PARTS)
            for kind in self._brought:
                # It may have been fetched before, and with trouble.
                figures.forget(TROUBLE.format(kind=kind))
        self._watcher.start()
        for thread in (*self._threads, *self._pollers):
            thread.start()
        self._jobs.start()

    def stop(self) -> None:
        self._stop.set()
        self._wakeups.tell()
        self._jobs.stop()
        for poller in self._pollers:
            poller.cancel()
        for thread in (*self._threads, *self._pollers, self._watcher):
            thread.join()
        self._receiver.close()

    def _poll(self, part: str, work: Callable[[], int], end: Callable[[], None]) -> None:
        """Works whenever the database has changed; its trouble is waited out, never fatal."""
        while not self._stop.is_set():
            try:
                with db.session():
                    self._work_while_connected(part, work)
                    end()
            except Exception as error:
                # Also what we did not foresee: a loop that ends would be worse than one that
                # says each second what is wrong.
                log.error("loop part=%s error=%s", part, where(error))
                self._stop.wait(1.0)

    def _work_while_connected(self, part: str, work: Callable[[], int]) -> None:
        while not self._stop.is_set():
            seen = self._wakeups.count
            while work() and not self._stop.is_set():
                self._pulses.beat(part)
            # After the work: a loop that fails each time must not look alive.
            self._pulses.beat(part)
            self._wakeups.wait(seen, LOOK_AGAIN)

    def _receive(self) -> int:
        taken = self._receiver.drain()
        if 0 < taken < CHUNK:
            self._stop.wait(BREATH)
        return taken

    def _write(self) -> int:
        # A breath between chunks: other writers get their turn.
        return audience.write_all_waiting(
            self._city.channels,
            pause=0.003,
            beat=functools.partial(self._pulses.beat, "writer"),
        )

    def _look_after(self) -> int:
        """What time alone decides; of several workers one does it."""
        self._jobs.catch_up()
        if self._upkeep.acquire():
            now = clock.now()
            upkeep.run_once(
                now,
                settle_after=self._city.settings.sending.settle_after,
                untold=[k for k, c in self._city.channels.items() if not c.tells_receipts],
                beat=functools.partial(self._pulses.beat, "upkeep"),
            )
            once.fall_back(self._city.channels, now)
            if erasure_log.happened_lately(now):
                db.truncate_log()
        self._stop.wait(1.0)
        return 0

    def _run_sender(self) -> None:
        settings = self._city.settings
        while not self._stop.is_set():
            try:
                SendLoop(
                    self._city.channels,
                    default_language=settings.city.language,
                    in_flight=settings.sending.in_flight,
                    request_timeout=settings.sending.request_timeout,
                    beat=functools.partial(self._pulses.beat, "sender"),
                    wakeups=self._wakeups,
                ).run(self._stop)
            except Exception as error:
                log.error("loop part=sender error=%s", where(error))
                self._stop.wait(1.0)
