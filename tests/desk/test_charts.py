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
