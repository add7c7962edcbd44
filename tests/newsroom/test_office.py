"""Office hours: who reads when, over weekends and holidays."""

import datetime as dt
from datetime import date

import pytest

from broadcasts.newsroom import office
from broadcasts.newsroom.office import BusinessDay
from broadcasts.settings import WEEKDAYS, OfficeSettings
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


SERVICE = BusinessDay(WEEK, dt.time(8, 30), dt.time(17), "BW")


@pytest.mark.parametrize(
    ("day", "wall", "expected"),
    [
        ("2026-11-26", "16:59", ["26", "27", "30"]),
        ("2026-11-26", "17:00", ["27", "30", "01"]),
        ("2026-11-28", "12:00", ["30", "01", "02"]),  # a Saturday
        ("2026-12-23", "18:00", ["24", "28", "29"]),  # Christmas is a Friday
        ("2027-01-05", "18:00", ["07", "08", "11"]),  # Epiphany
    ],
)
def test_it_names_the_next_spans(day: str, wall: str, expected: list[str]) -> None:
    found = office.spans(SERVICE, BERLIN, local(day, wall), 3)
    assert [f"{start.astimezone(BERLIN):%d}" for start, _ in found] == expected
    walls = {tuple(f"{at.astimezone(BERLIN):%H:%M}" for at in span) for span in found}
    assert walls == {("08:30", "17:00")}


@pytest.mark.parametrize(
    ("saturday", "length"), [("2027-03-27", 23), ("2026-10-24", 25), ("2026-11-21", 24)]
)
def test_it_keeps_the_wall_clock_over_a_clock_change(saturday: str, length: int) -> None:
    every = BusinessDay(WEEKDAYS, dt.time(8, 30), dt.time(17), "")
    before, after = office.spans(every, BERLIN, local(saturday, "08:30"), 2)
    assert after[0] - before[0] == dt.timedelta(hours=length)
    assert after[1] - after[0] == dt.timedelta(hours=8, minutes=30)


def test_it_leaves_out_a_span_that_the_clock_change_has_swallowed() -> None:
    night = BusinessDay(WEEKDAYS, dt.time(2, 30), dt.time(3, 10), "")
    (first, *_) = office.spans(night, BERLIN, local("2027-03-28", "01:00"), 2)
    assert first[0] == local("2027-03-29", "02:30")
