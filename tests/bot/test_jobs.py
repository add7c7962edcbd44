"""What the clock starts: due is decided by the database, one result per run."""

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot import jobs
from bot.jobs import Job, Jobs
from broadcasts import clock, journal
from broadcasts.delivery import accounts, broadcasts, templates
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, posts
from broadcasts.newsroom.alerts import Draft
from broadcasts.newsroom.posts import Written
from broadcasts.people import growth
from broadcasts.people.notices import StaffNotice
from broadcasts.privacy import link_codes
from broadcasts.privacy.link_codes import LinkCode, Purpose
from tests.delivery.makers import reader
from tests.patience import wait_until
from tests.system import NUMBER, System, running


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as system:
        yield system


def queue(system: System) -> None:
    posts.add(system.city.newsroom, Written("Markt", on=clock.today(system.city.zone)))


def test_it_has_nothing_to_catch_up_before_it_has_started(system: System) -> None:
    Jobs(system.city).catch_up()


def test_it_starts_a_due_digest_once(system: System) -> None:
    assert jobs.send_digest(system.city) == "not due"
    queue(system)
    assert jobs.send_digest(system.city) == "started broadcast 1"
    assert jobs.send_digest(system.city) == "not due"


def test_it_says_why_a_due_digest_did_not_start(system: System) -> None:
    reader(1, window=False)
    templates.note_refused("whatsapp", "digest_1", "de", "PAUSED")
    queue(system)
    assert "digest_1 (de)" in jobs.send_digest(system.city)


def test_it_says_once_that_a_digest_would_pass_the_budget(
    tmp_path: Path, database_url: str
) -> None:
    lines = {"hard_cap": "true", "per_month": '"0.05"'}
    with running(tmp_path, database_url, loops=False, **lines) as system:
        reader(1, window=False)
        queue(system)
        said = {jobs.send_digest(system.city)}
        reader(2, window=False)
        said.add(jobs.send_digest(system.city))
        assert said == {"refused: it would pass the month's budget"}


def test_it_counts_what_pages_show(system: System) -> None:
    reader(1)
    assert jobs.count_growth(system.city) == jobs.count_broadcasts(system.city) == "ok"
    assert growth.by_day(growth.rows(clock.today(system.city.zone)))[0].active == 1
    assert growth.present().data == [["whatsapp", "de", "everything", 1]]


def test_it_bows_to_another_scheduler(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*arguments: object, **more: object) -> None:
        raise broadcasts.AlreadySentError(clock.today(system.city.zone))

    queue(system)
    monkeypatch.setattr(jobs.digests, "send", taken)
    assert jobs.send_digest(system.city) == "already sent"


def test_it_asks_once_for_an_all_clear(system: System) -> None:
    reader(1)
    draft = Draft(BroadcastKind.ALERT, "Sturm")
    with clock.travel(clock.now() - timedelta(hours=3)):
        alerts.send(system.city.newsroom, draft, clock.now())
    assert jobs.ask_for_all_clear(system.city) == "1 alerts without all-clear"
    assert jobs.ask_for_all_clear(system.city) == "0 alerts without all-clear"
    assert StaffNotice.select().count() == 1


def test_it_asks_the_provider_for_templates_and_limits(system: System) -> None:
    assert jobs.ask_provider(system.city) == "ok"
    assert accounts.get(NUMBER).daily_limit == 10_000
    system.sandbox.replace_token("another")
    assert jobs.ask_provider(system.city) == "not well: whatsapp.credentials, templates.provider"


def test_it_cleans_up_what_is_old(system: System) -> None:
    with clock.travel(clock.now() - timedelta(days=9)):
        journal.first_time(b"k", "wamid.alt")
        journal.keep_strange("whatsapp", "unreadable", "x")
        link_codes.make(reader(1), Purpose.CONNECT, key=b"k", now=clock.now())
    journal.first_time(b"k", "wamid.neu")
    assert jobs.clean_up(system.city) == "ok"
    assert journal.Seen.select().count() == 1
    assert LinkCode.select().count() == 0


def at(system: System, hour: int) -> datetime:
    today = clock.today(system.city.zone)
    return clock.at(today, time(hour, 30), system.city.zone) + timedelta(days=1)


def test_it_deletes_once_a_night(system: System) -> None:
    journal.keep_strange("whatsapp", "unreadable", "x")
    night = at(system, 3) + timedelta(days=8)
    with clock.travel(night - timedelta(hours=2)):
        assert jobs.delete_old(system.city) == "not due"
    with clock.travel(night):
        assert jobs.delete_old(system.city) == "strange=1"
        assert jobs.delete_old(system.city) == "not due"


def test_it_asks_the_silent_by_day_only(system: System) -> None:
    reader(1)
    late = timedelta(days=400)
    for hour in (9, 18):
        with clock.travel(at(system, hour) + late):
            assert jobs.ask_silent(system.city) == "not due"
    with clock.travel(at(system, 11) + late):
        assert jobs.ask_silent(system.city) == "1 asked"
        assert jobs.ask_silent(system.city) == "not due"


def test_it_retires_after_yesterday(system: System) -> None:
    assert jobs.retire_unreachable(system.city) == "0 unreachable"


def test_it_lets_nothing_wait_behind_long_jobs(system: System) -> None:
    ran, released = threading.Event(), threading.Event()

    def endless(city: object) -> str:
        released.wait()
        return "ok"

    def short(city: object) -> str:
        ran.set()
        return "ok"

    often = timedelta(seconds=0.1)
    long = [Job(f"long {n}", often, endless, is_long=True) for n in range(4)]
    scheduler = Jobs(system.city, [*long, Job("short", often, short)])
    scheduler.start()
    try:
        assert ran.wait(5)
    finally:
        released.set()
        scheduler.stop()
    assert {job.name for job in jobs.JOBS if job.is_long} == {"backup", "delete_old", "fetch_feeds"}


def test_it_runs_each_job_at_once_and_survives_its_failure(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail(city: object) -> str:
        done.append("ran")
        raise RuntimeError("unforeseen")

    caplog.set_level(logging.CRITICAL)
    scheduler = Jobs(system.city, [Job("fails", timedelta(seconds=0.1), fail)])
    scheduler.start()
    wait_until(lambda: len(done) >= 2)
    scheduler.stop()
