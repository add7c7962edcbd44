"""Full disk, locked database, set clock, provider away: what is said, and that it goes on."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.jobs import JOBS, Jobs
from broadcasts import clock, db, journal
from broadcasts.delivery import accounts, broadcasts, heartbeats, outbox, settling, upkeep
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import alerts, digests
from broadcasts.newsroom.alerts import Draft
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import ACCOUNT, broadcast, reader, states
from tests.patience import wait_until
from tests.processes import Ground, city
from tests.stories.telling import post
from tests.system import NUMBER, System, running

HOUR = timedelta(hours=1)
SETTLE = timedelta(seconds=60)


def upkeep_at(now: object) -> None:
    upkeep.run_once(now, settle_after=SETTLE)


# ------------------------------------------------------------------ the clock is set


@pytest.mark.usefixtures("database")
class TestClock:
    def test_it_waits_for_no_old_time_after_it_went_back(self) -> None:
        for number in range(3):
            reader(number)
        digest = broadcast()
        before = clock.now() - HOUR
        accounts.ensure([])
        heartbeats.beat("x", "sender")
        first, second, _ = Delivery.select().order_by(Delivery.id)
        Delivery.update(state="sending", leased_by="x", due_at=clock.now()).where(
            Delivery.id == first
        ).execute()
        Delivery.update(state="unknown", due_at=clock.now()).where(Delivery.id == second).execute()
        claim = {"worker": "x", "limit": 9}
        assert outbox.claim(ACCOUNT, digest.id, now=before, **claim) == []
        upkeep_at(before)
        assert len(outbox.claim(ACCOUNT, digest.id, now=before, **claim)) == 1
        assert states(digest) == ["sending", "unknown", "queued"]
        assert Delivery.get_by_id(first.id).due_at == before + outbox.LEASE
        assert heartbeats.ahead(before) == timedelta(0)

    def test_it_says_so_until_it_is_mended(self) -> None:
        heartbeats.beat("x", "sender")
        now = clock.now() - HOUR
        assert heartbeats.ahead(now) > timedelta(minutes=59)
        assert upkeep.mend_clock(now)
        assert not upkeep.mend_clock(now)

    def test_it_ends_a_pause_that_the_old_clock_began(self) -> None:
        accounts.NumberState.create(account=ACCOUNT, channel="whatsapp")
        accounts.pause(ACCOUNT, clock.now() + timedelta(seconds=30))
        heartbeats.beat("x", "sender")
        before = clock.now() - HOUR
        upkeep_at(before)
        assert accounts.get(ACCOUNT).paused_until == before

    def test_it_settles_nothing_by_a_jump_forward(self) -> None:
        """An hour passes at once: no status had an hour to come."""
        reader(1)
        digest = broadcast()
        accounts.NumberState.create(account=ACCOUNT, channel="whatsapp")
        heartbeats.beat("x", heartbeats.DOOR)
        now = clock.now()
        Delivery.update(state="unknown", due_at=now, sending_at=now).execute()
        with clock.travel(now + HOUR):
            heartbeats.beat("x", heartbeats.DOOR)
            assert settling.settle(clock.now(), SETTLE) == 0
        assert states(digest) == ["unknown"]


def test_it_runs_its_jobs_on_after_the_clock_went_back(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url, loops=False) as system:
        jobs = Jobs(system.city, [job for job in JOBS if job.name == "digest"])
        jobs.start()
        job = jobs._scheduler.get_job("digest")
        late = job.next_run_time + HOUR
        job.modify(next_run_time=late)
        jobs.catch_up()
        wait_until(lambda: jobs._scheduler.get_job("digest").next_run_time < late)
        jobs.stop()


# ------------------------------------------------------------------ the disk is full


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    url = f"sqlite:///{tmp_path / 'stadtbote.db'}"
    with running(tmp_path, url, loops=False) as system:
        yield system


def fill(system: System) -> None:
    """SQLite's own word for a full disk, from every connection made from now on."""
    quiet(system)
    pages = db.database.execute_sql("PRAGMA page_count").fetchone()[0]
    url = system.city.config.database_url
    db.close_database()
    db.open_database(url)
    db.database.obj._pragmas.append(("max_page_count", pages))
    db.database.connect(reuse_if_open=True)


def quiet(system: System) -> None:
    """Nobody knocks while there is no database: it would be told 503, and knock again."""
    wait_until(system.sandbox.is_quiet)


def empty(system: System) -> None:
    quiet(system)
    url = system.city.config.database_url
    db.close_database()
    db.open_database(url)
    db.database.connect(reuse_if_open=True)


def stored(body: bytes) -> bool:
    return any(bytes(entry.body) == body for entry in journal.JournalEntry.select())


def test_it_acknowledges_nothing_that_a_full_disk_did_not_take(system: System) -> None:
    fill(system)
    large = b'{"x": "%s"}' % (b"y" * 200_000)
    assert post(system, large).status_code == 503
    assert not stored(large)
    empty(system)
    assert post(system, large).status_code == 200
    assert stored(large)


def test_it_names_a_full_disk(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import checks

    monkeypatch.setattr(checks, "LEAST_DISK", 2**62)
    answer = httpx.get(f"{system.url}/healthz").json()
    assert answer["ok"]
    assert any(text.startswith("disk: ") for text in answer["warnings"])


def test_it_says_what_the_database_says_when_signs_of_life_fail(system: System) -> None:
    """Silent loops on a database that cannot be written: the cause is named, not only them."""
    from bot import checks

    blocker = sqlite3.connect(system.city.config.database_url.removeprefix("sqlite:///"))
    blocker.execute("BEGIN IMMEDIATE")
    assert checks.unwritable() == "database is locked"
    assert not checks.database().ok
    blocker.rollback()
    assert checks.unwritable() is None
    blocker.close()


# ------------------------------------------------------------------ long ones, real processes


@pytest.fixture
def ground(tmp_path: Path, database_url: str) -> Iterator[Ground]:
    with city(tmp_path, readers=400, database_url=database_url) as here:
        yield here
        if here.serve.process.poll() is None:
            here.serve.kill()


def healthz(ground: Ground) -> dict[str, object]:
    return dict(httpx.get(f"{ground.serve.url}/healthz", timeout=30).json())


def under_way(ground: Ground) -> Broadcast:
    """A digest that has begun to go out."""
    ground.serve.start().wait_healthy()
    digest = digests.send(ground.city.newsroom, now=clock.now(), allow_quiet=True)
    wait_until(lambda: len(ground.sandbox.world.accepted) >= 60)
    return digest


def wait_finished(digest: Broadcast) -> None:
    wait_until(lambda: broadcasts.get(digest.id).state == BroadcastState.FINISHED, 300)


def once_each(ground: Ground, number: int = 400) -> None:
    counts = Counter(ground.sandbox.call(lambda: dict(ground.sandbox.world.accepted)).values())
    assert counts == {1: number}
    assert Subscriber.select().where(Subscriber.wants == "everything").count() == number


@pytest.mark.long
@pytest.mark.sqlite
def test_it_outlasts_a_database_locked_for_thirty_seconds(ground: Ground) -> None:
    digest = under_way(ground)
    said = []
    path = ground.city.config.database_url.removeprefix("sqlite:///")
    blocker = sqlite3.connect(path)
    blocker.execute("BEGIN IMMEDIATE")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        said.append(healthz(ground))
        time.sleep(2)
    blocker.rollback()
    blocker.close()
    assert any("cannot be written" in str(answer.get("problems")) for answer in said)
    wait_finished(digest)
    once_each(ground)
    # Signs of life are written together, every five seconds: the sender is faster than that.
    within = 2 * heartbeats.EVERY.total_seconds()
    wait_until(lambda: healthz(ground)["ok"], within, "a healthy answer")
    ground.serve.stop()


@pytest.mark.long
def test_it_outlasts_a_provider_that_is_away(ground: Ground) -> None:
    """An hour is the same as a minute: pauses are 30 s at most, and one message probes."""
    digest = under_way(ground)
    ground.sandbox.faults.down = True
    time.sleep(25)
    answer = healthz(ground)
    assert answer["ok"]
    assert "nothing gets through" in str(answer["warnings"])
    tried = accounts.get(NUMBER)
    assert tried.paused_since is not None
    ground.sandbox.faults.clear()
    wait_finished(digest)
    once_each(ground)
    assert healthz(ground)["warnings"] == []
    ground.serve.stop()


@pytest.mark.long
def test_it_lets_an_alert_through_at_once_after_the_outage(ground: Ground) -> None:
    """No reader's turn was used up while nothing got through."""
    ground.serve.start().wait_healthy()
    ground.sandbox.faults.down = True
    draft = Draft(BroadcastKind.ALERT, "Sturm")
    alert = alerts.send(ground.city.newsroom, draft, clock.now())
    time.sleep(10)
    attempts = Delivery.select().where(Delivery.broadcast == alert.id, Delivery.attempt > 0)
    assert attempts.count() < 100
    ground.sandbox.faults.clear()
    wait_finished(alert)
    once_each(ground)
    ground.serve.stop()
