"""What ten million rows in the outbox cost each message.

Owns: filling the table. Never: asserts a time. Small and large are measured in turns.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.ground import Ground, cpu, ground, wait_for
from benchmarks.report import Row
from broadcasts import clock, db
from broadcasts.delivery import outbox, tallies
from broadcasts.delivery.broadcasts import Broadcast

READERS = 10_000
LARGE = 10_000_000
CHUNK = 500_000

_FILL = """
WITH RECURSIVE numbers(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
INSERT INTO delivery (broadcast_id, channel, account, state, attempt, refusals, unknowns,
    settled_by_silence, provider_id, outcome, code, sending_at, changed_at)
SELECT ?, 'whatsapp', '1234567890', 'read', 1, 0, 0, 0, 'wamid.' || lower(hex(randomblob(16))),
    'accepted', '', ?, ? FROM numbers
"""


def run(rounds: int) -> Iterator[Row]:
    """The same city before and after ten million deliveries of earlier days."""
    with ground(READERS, rate=1000) as here:
        small = [send(here) for _ in range(rounds)]
        fill(here, LARGE)
        large = [send(here) for _ in range(rounds)]
    for value in small:
        yield Row("growth", "CPU-ms per message, 10 thousand rows", "Stadtbote", value)
    for value in large:
        yield Row("growth", "CPU-ms per message, 10 million rows", "Stadtbote", value)
    for before, after in zip(sorted(small), sorted(large), strict=True):
        yield Row("growth", "ratio", "Stadtbote", after / before, "≤ 1.2")


def send(here: Ground) -> float:
    """CPU-ms per message of one digest with all its statuses."""
    Broadcast.update(digest_on=None).execute()
    serve = here.serve()
    time.sleep(1.0)
    before = cpu(serve.process.pid)
    broadcast = here.digest()
    wait_for(lambda: here.provider.counts()["waiting"] == 0, 60)
    wait_for(lambda: outbox.figures(broadcast.id)["read"] >= READERS, 300, 0.25)
    used = cpu(serve.process.pid) - before
    serve.stop()
    return used / READERS * 1000


def fill(here: Ground, number: int) -> None:
    now = db.moment(clock.now())
    past = Broadcast.select().order_by(Broadcast.id).get()
    for start in range(0, number, CHUNK):
        with db.transaction():
            values = (start, start + CHUNK, past.id, now, now)
            db.database.execute_sql(_FILL, values)
    # Of earlier days: what became of it has been counted.
    Broadcast.update(created_at=clock.now() - timedelta(days=100)).where(
        Broadcast.id == past.id
    ).execute()
    tallies.count(past.id, clock.now())
    db.truncate_log()
