"""Waking whoever waits for work as soon as somebody has written some.

Owns: noticing commits (SQLite's change counter, PostgreSQL's NOTIFY) and telling this process's
loops. Never: what there is to do. One watcher thread per process; used by bot/loops.
"""

import logging
import threading
import time
from collections.abc import Callable

from broadcasts import db
from broadcasts.faults import where

log = logging.getLogger(__name__)

POLL = 0.03
"""Seconds between two looks at SQLite's change counter (a few microseconds each)."""


def announce() -> None:
    """To be called in the transaction that writes work: it is heard when that commits.

    SQLite needs no word; its counter moves by itself.
    """
    if not db.is_sqlite():
        db.database.execute_sql(f"NOTIFY {db.NOTICE}")


class Wakeups:
    """What has changed since: a count that every waiter compares with the one it has seen."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._listeners: list[Callable[[], None]] = []

    @property
    def count(self) -> int:
        return self._count

    def tell(self) -> None:
        """Somebody has written something."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def wait(self, seen: int, seconds: float) -> None:
        """Until the count is another than `seen`, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, seconds)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls back in the watcher's thread from now on; returns what ends it."""
        with self._changed:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def watch(self, stop: threading.Event) -> None:
        """The watcher's thread. While the database is away the loops look by themselves."""
        while not stop.is_set():
            try:
                with db.session():
                    _watch_sqlite(self, stop) if db.is_sqlite() else _watch_postgres(self, stop)
            except db.DatabaseError as error:
                log.warning("watching error=%s", where(error))
                stop.wait(1.0)


def _watch_sqlite(wakeups: Wakeups, stop: threading.Event) -> None:
    counter = db.change_counter()
    while not stop.is_set():
        # A plain sleep: waiting for an event costs several times as much, fifty times a second.
        time.sleep(POLL)
        now = db.change_counter()
        if now != counter:
            counter = now
            wakeups.tell()


def _watch_postgres(wakeups: Wakeups, stop: threading.Event) -> None:
    for heard in db.notices(seconds=1.0):
        if stop.is_set():
            return
        if heard:
            wakeups.tell()
