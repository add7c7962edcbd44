"""Pictures of figures."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask, g

from bot.desk import charts
from tests.newsroom.makers import BERLIN

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=BERLIN)


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    with Flask("page").app_context():
        g.language = "de"
        yield


def test_it_draws_moments_of_the_citys_zone() -> None:
    points = [(NOON, 1), (NOON + timedelta(minutes=3), 5)]
    picture = charts.lines("Verlauf", [("zugestellt", points), ("gelesen", points[:1])])
    assert 'aria-label="Verlauf"' in picture
    assert "zugestellt" in picture


def test_it_draws_a_single_moment() -> None:
    assert "<svg" in charts.lines("Verlauf", [("zugestellt", [(NOON, 1)])])


def test_it_draws_nothing_without_a_point() -> None:
    assert charts.lines("Verlauf", [("zugestellt", [])]) == ""


def test_it_ends_where_more_there_cannot_be() -> None:
    days = [(NOON.date() + timedelta(days=day), 97.0) for day in range(3)]
    picture = charts.lines("Gelesen", [("gelesen", days)], unit="%", most=100)
    assert ">100 %<" in picture
    assert ">150 %<" not in picture


def test_it_draws_one_for_a_screen_and_one_for_a_telephone() -> None:
    days = [(NOON.date() + timedelta(days=day), day) for day in range(30)]
    wide, narrow = charts.lines("Verlauf", [("zugestellt", days)]).split("<svg")[1:]
    assert 'class="chart wide"' in wide
    assert 'class="chart narrow"' in narrow
    last = ">23.12.<"
    assert last in wide
    assert last in narrow
    assert narrow.count("<text") < wide.count("<text")
