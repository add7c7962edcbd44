"""Values by their types: what is read, and what is said of anything else."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.reading import Findings, Problem, read_value
from broadcasts.settings import City, Price


@pytest.mark.parametrize(
    ("kind", "raw", "text"),
    [
        (str, 5, "must be text in quotes"),
        (int, "5", "must be a whole number"),
        (int, True, "must be a whole number"),
        (bool, "yes", "must be true or false"),
        (Decimal, "viel", '"viel" is not an amount of money'),
        (Decimal, -1, "must be an amount of 0 or more"),
        (Decimal, float("nan"), "must be an amount of 0 or more"),
        (dt.time, "25:00", '"25:00" is not a time of day like "17:00"'),
        (dt.time, 17, 'a number is not a time of day like "17:00"'),
        (dt.date, "1.10.2026", '"1.10.2026" is not a date like "2026-10-01"'),
        (dt.timedelta, "bald", '"bald" is not a duration like "60s", "5m", "2h" or "1d"'),
        (
            dt.timedelta,
            "999999999999d",
            '"999999999999d" is not a duration like "60s", "5m", "2h" or "1d"',
        ),
        (ZoneInfo, "Europa/Berlin", '"Europa/Berlin" is not a time zone like "Europe/Berlin"'),
        (ZoneInfo, "../etc", '"../etc" is not a time zone like "Europe/Berlin"'),
        (ZoneInfo, "x" * 50, f'"{"x" * 40}…" is not a time zone like "Europe/Berlin"'),
        (tuple[str, ...], "mon", "must be a list out of mon, tue"),
        (tuple[str, ...], ["mit"], '"mit" is not one of mon, tue'),
        (tuple[Price, ...], {}, "must be a list of sections [[x]]"),
        (Mapping[str, City], [], "must be a section [x]"),
        (City, "Musterstadt", "must be a section"),
    ],
)
def test_it_says_what_each_type_expects(kind: Any, raw: Any, text: str) -> None:
    found = Findings()
    read_value(kind, raw, "x", {"choices": ("mon", "tue")}, found)
    assert found.problems == [Problem("x", text)]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (bool, True, True),
        (Decimal, 0.1131, Decimal("0.1131")),
        (Decimal, "0.1131", Decimal("0.1131")),
        (dt.time, dt.time(17, 0), dt.time(17, 0)),
        (dt.date, "2026-10-01", dt.date(2026, 10, 1)),
        (dt.timedelta, "5m", dt.timedelta(minutes=5)),
        (dt.timedelta, "2h", dt.timedelta(hours=2)),
        (dt.timedelta, "1d", dt.timedelta(days=1)),
        (ZoneInfo, "Europe/Amsterdam", ZoneInfo("Europe/Amsterdam")),
        (Mapping[str, Mapping[str, str]], {"de": {"a": "b"}}, {"de": {"a": "b"}}),
    ],
)
def test_it_reads_each_type(kind: Any, raw: Any, value: Any) -> None:
    found = Findings()
    assert read_value(kind, raw, "x", {}, found) == value
    assert found.problems == []
