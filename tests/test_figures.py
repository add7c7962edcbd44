"""Figures that are dear to count."""

import datetime as dt
import threading
import time
from collections.abc import Iterator

import pytest

from broadcasts import clock, figures
from broadcasts.figures import Figure, recent
from tests.patience import PATIENCE, wait_until

pytestmark = pytest.mark.usefixtures("database")

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def finished() -> Iterator[None]:
    yield
    figures.finish()


def made_dear(name: str) -> None:
    Figure.update(took=3.0).where(Figure.name == name).execute()


def test_it_counts_what_is_cheap_each_time() -> None:
    assert recent("readers", lambda: 1, max_age=MINUTE).data == 1
    assert recent("readers", lambda: 2, max_age=MINUTE).data == 2


def test_it_shows_what_is_dear_as_it_was_and_counts_behind_the_pages_back() -> None:
    recent("readers", lambda: 1, max_age=MINUTE)
    made_dear("readers")
    assert recent("readers", lambda: 2, max_age=MINUTE).data == 1
    with clock.travel(clock.now() + 2 * MINUTE):
        assert recent("readers", lambda: 2, max_age=MINUTE).data == 1
        figures.finish()
        assert Figure.get().data == 2


def test_it_goes_on_showing_the_last_one_when_counting_fails() -> None:
    recent("readers", lambda: 1, max_age=MINUTE)
    made_dear("readers")
    with clock.travel(clock.now() + 2 * MINUTE):
        recent("readers", lambda: 1 // 0, max_age=MINUTE)
        figures.finish()
        assert recent("readers", lambda: 1 // 0, max_age=MINUTE).data == 1


def test_it_counts_one_thing_once_however_many_ask() -> None:
    counted: list[int] = []

    def count() -> int:
        counted.append(1)
        time.sleep(0.05)
        return 2

    recent("readers", lambda: 1, max_age=MINUTE)
    made_dear("readers")
    with clock.travel(clock.now() + 2 * MINUTE):
        for _ in range(5):
            recent("readers", count, max_age=MINUTE)
        figures.finish()
    assert len(counted) == 1


def test_it_gives_the_first_answer_like_every_later_one() -> None:
    assert recent("by day", lambda: {1: (2, 3)}, max_age=MINUTE).data == {"1": [2, 3]}
    figures.forget("by day")
    assert not Figure.select().exists()


def test_it_keeps_a_list_from_waiting_for_what_was_never_counted() -> None:
    assert figures.later("readers", lambda: 1, max_age=MINUTE) is None
    figures.finish()
    found = figures.later("readers", lambda: 2, max_age=MINUTE)
    assert found is not None
    assert found.data in (1, 2)  # counted anew where that is cheap


def test_it_counts_on_request_and_keeps_what_is_found_out() -> None:
    assert figures.kept("doctor") is None
    figures.renew("doctor", lambda: ["ill"])
    figures.finish()
    known = figures.kept("doctor")
    assert known is not None
    assert known.data == ["ill"]
    figures.keep("doctor", ["well"])
    known = figures.kept("doctor")
    assert known is not None
    assert known.data == ["well"]


def test_it_does_not_wait_for_what_takes_long() -> None:
    go_on = threading.Event()
    figures.renew("provider", lambda: go_on.wait(PATIENCE))
    assert figures.is_being_counted("provider")
    figures.renew("readers", lambda: 7)
    wait_until(lambda: not figures.is_being_counted("readers"))
    known = figures.kept("readers")
    go_on.set()
    assert known is not None
    assert known.data == 7


def test_it_looks_a_list_up_at_once_and_counts_what_is_old() -> None:
    recent("old", lambda: 1, max_age=MINUTE)
    with clock.travel(clock.now() + 2 * MINUTE):
        recent("young", lambda: 1, max_age=MINUTE)
        counts = {"old": lambda: 2, "young": lambda: 2, "never": lambda: 2}
        found = figures.several(counts, max_age=MINUTE)
        assert {name: figure.data for name, figure in found.items()} == {"old": 2, "young": 1}
        figures.finish()
        assert figures.several(counts, max_age=MINUTE)["never"].data == 2
