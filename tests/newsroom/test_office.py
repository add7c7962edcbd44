"""Office hours: who reads when, over weekends and holidays."""

import datetime as dt
from datetime import date

import pytest

from broadcasts.newsroom import office
from broadcasts.settings import OfficeSettings
from tests.newsroom.makers import BERLIN, local

WEEK = ("mon", "tue", "wed", "thu", "fri")
HALL = OfficeSettings(weekdays=WEEK, start=dt.time(8, 30), end=dt.time(16), state="BW")


@pytest.mark.parametrize(
    ("day", "wall", "expected"),
    [
        ("2026-11-26", "08:29", False),
        ("2026-11-26", "08:30", True),
        ("2026-11-26", "15:59", True),
        ("2026-11-26", "16:00", False),
        ("2026-11-28", "10:00", False),  # a Saturday
        ("2027-01-06", "10:00", False),  # Epiphany, in Baden-Württemberg
    ],
)
def test_it_is_open_in_its_hours(day: str, wall: str, expected: bool) -> None:
    assert office.is_open(HALL, BERLIN, local(day, wall)) is expected


@pytest.mark.parametrize(
    ("day", "wall", "expected"),
    [
        ("2026-11-26", "07:00", date(2026, 11, 26)),
        ("2026-11-26", "16:30", date(2026, 11, 27)),
        ("2026-11-27", "16:30", date(2026, 11, 30)),
        # Christmas, a weekend and nothing in between.
        ("2026-12-24", "18:00", date(2026, 12, 28)),
        ("2026-12-31", "18:00", date(2027, 1, 4)),
    ],
)
def test_it_says_the_next_working_day(day: str, wall: str, expected: date) -> None:
    assert office.next_day(HALL, BERLIN, local(day, wall)) == expected


def test_it_knows_holidays_only_of_its_state() -> None:
    epiphany = date(2027, 1, 6)
    assert office.is_holiday(HALL, epiphany)
    assert not office.is_holiday(OfficeSettings(weekdays=WEEK, state="NI"), epiphany)
    assert not office.is_holiday(OfficeSettings(weekdays=WEEK), date(2026, 12, 25))
