"""Many machines on one PostgreSQL: two web, two worker; one of them dies."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from broadcasts.delivery import broadcasts, outbox, settlements
from broadcasts.delivery.states import BroadcastState
from broadcasts.locks import key
from tests.patience import wait_until
from tests.postgres import Postgres
from tests.processes import Ground, Serve, city, free_port
from tests.system import NUMBER

READERS = 700

pytestmark = pytest.mark.long


@pytest.fixture
def ground(tmp_path: Path, postgres: Postgres) -> Iterator[Ground]:
    """Today's digest is due as soon as a scheduler looks; there will be two."""
    lines = {"time": '"00:00"', "latest": '"23:59"'}
    with city(tmp_path, readers=READERS, database_url=postgres.fresh(), **lines) as here:
        yield here


@contextmanager
def processes(ground: Ground, command: str, number: int) -> Iterator[list[Serve]]:
    """`number` of a kind, healthy; whoever still lives is ended."""
    parts = [Serve(ground.config, free_port(), command=command) for _ in range(number)]
    for part in parts:
        part.start()
    try:
        for part in parts:
            part.wait_healthy()
        yield parts
    finally:
        for part in parts:
            if part.process.poll() is None:
                part.kill()


@contextmanager
def balanced(ground: Ground, webs: list[Serve]) -> Iterator[None]:
    """Webhooks go to one web process, then the other: what a load balancer does."""
    over = threading.Event()

    def alternate() -> None:
        for web in itertools.cycle(webs):
            ground.sandbox.set_webhook(f"{web.url}/webhooks/whatsapp")
            if over.wait(0.1):
                return

    thread = threading.Thread(target=alternate)
    thread.start()
    yield
    over.set()
    thread.join()


def holder(url: str) -> str:
    """Which process holds the number's lock, as the database sees it."""
    query = """
        SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND pg_locks.objid = %s AND granted
    """
    with psycopg.connect(url) as connection:
        number = key(f"number-whatsapp-{NUMBER}") & 0xFFFFFFFF
        found = connection.execute(query, (number,)).fetchone()
    return str(found[0]) if found else ""


def test_it_goes_on_within_five_seconds_when_a_worker_dies(
    ground: Ground, postgres: Postgres
) -> None:
    accepted = ground.sandbox.world.accepted
    with (
        processes(ground, "web", 2) as webs,
        balanced(ground, webs),
        processes(ground, "worker", 2) as workers,
    ):
        wait_until(lambda: len(accepted) > 100)
        name = holder(postgres.url)
        (dying,) = [w for w in workers if name.endswith(f".{w.process.pid}")]
        dying.kill()
        before, at = len(accepted), time.monotonic()
        wait_until(lambda: len(accepted) > before + 20)
        assert time.monotonic() - at < 5
        assert holder(postgres.url) not in ("", name)
        (digest,) = broadcasts.recent()  # two schedulers, one digest
        wait_until(lambda: broadcasts.get(digest.id).state == BroadcastState.FINISHED)
        counts = Counter(ground.sandbox.call(lambda: dict(accepted)).values())
        assert counts == {1: READERS}
        assert outbox.figures(digest.id)["recipients"] == READERS
        assert settlements.of(digest.id)["open"] == 0


def test_it_lets_one_of_two_on_one_file_send(tmp_path: Path) -> None:
    """Two `serve` on one SQLite by mistake: one sends, the rate is kept, nobody is doubled."""
    with (
        city(tmp_path, readers=200, time='"00:00"', latest='"23:59"') as here,
        processes(here, "serve", 2) as both,
        balanced(here, both),
    ):
        wait_until(lambda: len(here.sandbox.world.accepted) == 200)
        time.sleep(1.0)
        counts = Counter(here.sandbox.call(lambda: dict(here.sandbox.world.accepted)).values())
        assert counts == {1: 200}
        assert here.sandbox.call(lambda: here.sandbox.world.meters[NUMBER].most) <= 84
