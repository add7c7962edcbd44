"""The loops behind the doors: receiver, writer, sender, upkeep, scheduler.

Owns: one thread each, their signs of life, and a clean end. Never: what they do. Started by
bot/processes and by tests.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

from bot.city import City
from bot.jobs import Jobs
from bot.receiver import Receiver
from broadcasts import clock, db
from broadcasts.delivery import audience, heartbeats, upkeep
from broadcasts.delivery.sender import SendLoop
from broadcasts.faults import where
from broadcasts.privacy import erasure

log = logging.getLogger(__name__)

POLL = 0.02
"""Seconds between two looks at SQLite's change counter (a few microseconds each)."""

LOOK_AGAIN = 1.0
"""Seconds after which a loop looks even if nothing has changed."""

PARTS = ("receiver", "writer", "sender", "upkeep", "scheduler")


class Pulse:
    """Writes a part's sign of life, but not more often than needed."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._process = str(os.getpid())
        self._next = 0.0

    def beat(self) -> None:
        if time.monotonic() >= self._next:
            heartbeats.beat(self._part, self._process)
            self._next = time.monotonic() + heartbeats.EVERY.total_seconds()


class Loops:
    """All loops of one process. `start`, then `stop`; both return at once resp. when all ended."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._stop = threading.Event()
        self._receiver = Receiver(city)
        self._jobs = Jobs(city)
        self._threads = [
            threading.Thread(target=self._poll, args=("receiver", self._receive), name="receiver"),
            threading.Thread(target=self._poll, args=("writer", self._write), name="writer"),
            threading.Thread(target=self._run_sender, name="sender"),
            threading.Thread(target=self._run_upkeep, name="upkeep"),
        ]

    def start(self) -> None:
        with db.session():
            # Before the first turn of each: a probe must not come too early.
            for part in PARTS:
                heartbeats.beat(part, str(os.getpid()))
        for thread in self._threads:
            thread.start()
        self._jobs.start()

    def stop(self) -> None:
        self._stop.set()
        self._jobs.stop()
        for thread in self._threads:
            thread.join()
        self._receiver.close()

    def _poll(self, part: str, work: Callable[[], int]) -> None:
        """Works whenever the database has changed; its trouble is waited out, never fatal."""
        pulse = Pulse(part)
        while not self._stop.is_set():
            try:
                with db.session():
                    self._work_while_connected(pulse, work)
            except Exception as error:
                # Also what we did not foresee: a loop that ends would be worse than one that
                # says each second what is wrong.
                log.error("loop part=%s error=%s", part, where(error))
                self._stop.wait(1.0)

    def _work_while_connected(self, pulse: Pulse, work: Callable[[], int]) -> None:
        counter, looked = -1, 0.0
        while not self._stop.is_set():
            pulse.beat()
            now = db.change_counter()
            if now == counter and time.monotonic() - looked < LOOK_AGAIN:
                self._stop.wait(POLL)
                continue
            counter, looked = now, time.monotonic()
            while work() and not self._stop.is_set():
                pulse.beat()

    def _receive(self) -> int:
        return self._receiver.drain()

    def _write(self) -> int:
        # A breath between chunks: other writers get their turn.
        return audience.write_all_waiting(self._city.channels, pause=0.003)

    def _run_sender(self) -> None:
        settings = self._city.settings
        while not self._stop.is_set():
            try:
                SendLoop(
                    self._city.channels,
                    default_language=settings.city.language,
                    in_flight=settings.sending.in_flight,
                    request_timeout=settings.sending.request_timeout,
                    beat=Pulse("sender").beat,
                ).run(self._stop)
            except Exception as error:
                log.error("loop part=sender error=%s", where(error))
                self._stop.wait(1.0)

    def _run_upkeep(self) -> None:
        settle_after = self._city.settings.sending.settle_after
        pulse = Pulse("upkeep")
        while not self._stop.is_set():
            try:
                with db.session():
                    pulse.beat()
                    now = clock.now()
                    upkeep.run_once(now, settle_after=settle_after)
                    if erasure.happened_lately(now):
                        db.truncate_log()
            except Exception as error:
                log.error("loop part=upkeep error=%s", where(error))
            self._stop.wait(1.0)
