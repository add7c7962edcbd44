"""Connections: kept, never taken from a running thread, none left when the database is closed."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import clock, db, figures
from broadcasts.figures import Figure

pytestmark = pytest.mark.usefixtures("database")

SHORTLY = 0.05


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """What these tests open besides."""
    yield
    db.close_database()


def in_thread(work: Callable[[], object]) -> object:
    """What it gives, or the error that it ends with."""
    said: list[object] = []

    def run() -> None:
        try:
            said.append(work())
        except Exception as error:
            said.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return said[0]


def is_open(connection: object) -> bool:
    try:
        connection.execute("SELECT 1")
    except Exception:
        return False
    return True


def lend() -> object:
    """This thread's connection as the driver knows it; given back."""
    with db.session():
        return db.database.connection()


def test_it_keeps_a_connection_for_the_next_thread() -> None:
    assert in_thread(lend) is in_thread(lend)


def test_it_refuses_who_comes_after_the_end() -> None:
    db.close_database()
    assert isinstance(in_thread(lend), db.UNAVAILABLE)


def test_it_closes_what_lies_idle() -> None:
    idle = in_thread(lend)
    assert is_open(idle)
    db.close_database()
    assert not is_open(idle)


def test_it_closes_what_a_dead_thread_has_left() -> None:
    left = in_thread(db.database.connection)
    assert is_open(left)
    db.close_database()
    assert not is_open(left)


def test_it_takes_no_connection_from_a_running_thread() -> None:
    """On SQLite the interpreter itself would end."""
    at_work, go_on = threading.Event(), threading.Event()
    found: list[object] = []

    def work() -> None:
        with db.session():
            at_work.set()
            go_on.wait(5)
            found.append(db.database.execute_sql("SELECT 1").fetchone())
            found.append(db.database.connection())

    thread = threading.Thread(target=work)
    thread.start()
    at_work.wait(5)
    db.close_database()
    go_on.set()
    thread.join()
    answer, connection = found
    assert answer == (1,)
    assert not is_open(connection)


def test_it_closes_the_one_before_when_another_is_opened(tmp_path: Path) -> None:
    before = in_thread(lend)
    db.open_database(f"sqlite:///{tmp_path / 'another.db'}")
    assert not is_open(before)


def test_it_waits_for_what_is_being_counted() -> None:
    """Its thread would find the next test's database, or leave a connection behind."""
    figures.recent("readers", lambda: 1, max_age=timedelta(0))
    Figure.update(took=3.0, computed_at=clock.now() - timedelta(hours=1)).execute()
    counted: list[int] = []

    def count() -> int:
        time.sleep(SHORTLY)
        counted.append(1)
        return 2

    figures.recent("readers", count, max_age=timedelta(0))
    db.close_database()
    assert counted == [1]
