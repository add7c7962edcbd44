"""What a step of retention keeps from everybody else, with a million readers and ten million rows.

Owns: filling the tables and timing the steps. Never: asserts a time. While a step lasts no webhook
is written down and no alert begins (SQLite); the baseline is the same over a hundred readers.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from benchmarks import pages
from benchmarks.ground import ground
from benchmarks.report import Row
from bot import jobs
from broadcasts import clock, db
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy.ageing import Ground
from broadcasts.privacy.retention import RULES, Rule

STEPS = 400
"""Of each rule; a night has as many as it needs."""

AGE = timedelta(days=40)
"""So long after the tables were filled: past every clock but those of the silent and of proofs."""

_ANSWERS = """
INSERT INTO delivery (subscriber_id, channel, account, state, attempt, refusals, unknowns,
    settled_by_silence, outcome, content, sending_at, changed_at)
SELECT id, channel, account, 'read', 1, 0, 0, 0, 'accepted', '{"body": "."}', ?, ?
FROM subscriber WHERE id % 10 = 1
"""

_CLOSED = """
INSERT INTO conversation (subscriber_id, version, last_at, due_by, assigned_to, checked_by,
    closed_by, closed_at)
SELECT DISTINCT subscriber_id, 1, ?, ?, '', '', '', ? FROM message
"""

STOPPED = 50
"""Every so many-th reader has left."""


def run(rounds: int) -> Iterator[Row]:
    """One pass: what a step has deleted cannot be deleted again."""
    for readers, who in ((100, "with 100 readers"), (pages.READERS, "with 1,000,000 readers")):
        with ground(readers, rate=1000) as here:
            pages.fill(here)
            _add()
            db.database.execute_sql("ANALYZE")
            pages.warm(here)
            then = replace(jobs.ground(here.city), now=clock.now() + AGE)
            others = Others(here.city.config.database_url.removeprefix("sqlite:///"))
            try:
                for rule in RULES:
                    yield from _measure(rule, then, who, others)
            finally:
                others.end()


def _add() -> None:
    """Answers of the service, conversations that are closed, readers who have left."""
    now, param = db.moment(clock.now()), db.database.param
    for sql in (_ANSWERS, _CLOSED):
        db.database.execute_sql(sql.replace("?", param), (now,) * sql.count("?"))
    gone = Subscriber.id % STOPPED == 0
    Subscriber.update(wants="stopped", opted_out_at=clock.now()).where(gone).execute()


def _measure(rule: Rule, ground: Ground, who: str, others: "Others") -> Iterator[Row]:
    times, gone = [], 0
    steps = rule.step(ground)
    others.waits.clear()
    while len(times) < STEPS:
        begin = time.perf_counter()
        number = next(steps, None)
        times.append((time.perf_counter() - begin) * 1000)
        if number is None:
            break
        gone += number
        # As at night, where the pause is longer: somebody else gets in between.
        time.sleep(0.005)
    times.sort()
    yield Row("retention", f"ms for a step of {rule.name}, median", who, times[len(times) // 2])
    longest = max(others.waits, default=0.0)
    yield Row("retention", f"ms somebody else waited, {rule.name}, longest", who, longest, "≤ 50")
    if gone:
        yield Row("retention", f"ms for one row of {rule.name}", who, sum(times) / gone)


class Others:
    """Whoever writes meanwhile: wants the writer's place all the time, and notes how long it took.

    Reading keeps nobody waiting (WAL), so a step's own time says little.
    """

    def __init__(self, path: str) -> None:
        self.waits: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, args=(path,))
        self._thread.start()

    def _write(self, path: str) -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
            # SQLite's own waiting sleeps longer and longer; here it is asked again at once.
            connection.execute("PRAGMA busy_timeout = 0")
            while not self._stop.is_set():
                self.waits.append(self._once(connection))
                time.sleep(0.002)

    def _once(self, connection: sqlite3.Connection) -> float:
        begin = time.perf_counter()
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                time.sleep(0.0005)
                continue
            connection.execute("ROLLBACK")
            return (time.perf_counter() - begin) * 1000

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
