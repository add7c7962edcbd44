"""Readers by day: right on every local day, through downtime and erasures, and counts only."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from broadcasts import clock, journal
from broadcasts.people import consent, growth, subscribers
from broadcasts.people.consent import Deed
from broadcasts.people.growth import DailyFigure, Span
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure, erasure_log
from tests.newsroom.makers import BERLIN, local
from tests.privacy.test_erasure import KEY

pytestmark = pytest.mark.usefixtures("database")

DAY = "2026-11-24"


def joins(number: int, at: datetime, deed: Deed = Deed.OPT_IN) -> Subscriber:
    address = subscribers.Address(wa_id=f"49176040690{number:02}")
    person = subscribers.create("whatsapp", "1", address, language="de", at=at)
    does(person, deed, at)
    return person


def does(person: Subscriber, deed: Deed, at: datetime) -> None:
    wants = growth.MEANS[deed]
    if wants == Wants.NOTHING:
        subscribers.opt_out(person, at)
    else:
        subscribers.opt_in(person, wants, at, "de")
    consent.record(person, deed, at=at, evidence="test")


def count(at: datetime) -> int:
    with clock.travel(at):
        return growth.count(BERLIN, clock.now(), erased=erasure_log.counted)


def spans() -> Mapping[str, Span]:
    found = growth.by_day(growth.rows(date(2020, 1, 1)))
    return {span.begin.isoformat(): span for span in found}


def test_it_counts_who_came_and_went_by_class() -> None:
    one = joins(1, local(DAY, "09:00"))
    joins(2, local(DAY, "09:01"), Deed.ALERTS_ONLY)
    does(joins(3, local(DAY, "09:02")), Deed.OPT_OUT, local(DAY, "10:00"))
    does(one, Deed.ALERTS_ONLY, local(DAY, "11:00"))  # is a reader all the time
    count(local(DAY, "12:00"))
    assert spans() == {DAY: Span(date.fromisoformat(DAY), 3, 0, 1, 0, 0, 2)}


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", DAY])
def test_it_begins_and_ends_each_day_with_the_town_halls_clock(day: str) -> None:
    """Of 23, 25 and 24 hours."""
    on = date.fromisoformat(day)
    before, after = (str(on + timedelta(days=days)) for days in (-1, 1))
    joins(1, local(before, "23:59:59"))
    joins(2, local(day, "00:00:00"))
    joins(3, local(day, "23:59:59"))
    joins(4, local(after, "00:00:00"))
    count(local(after, "12:00"))
    assert [span.joined for span in spans().values()] == [1, 2, 1]
    assert [span.active for span in spans().values()] == [1, 3, 4]


def test_it_tells_both_hours_of_the_autumn_change_apart_from_the_day() -> None:
    """02:30 comes twice; both belong to the same day."""
    joins(1, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    joins(2, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    count(local("2026-10-25", "12:00"))
    assert spans()["2026-10-25"].joined == 2


def test_it_fills_in_the_past_on_the_first_run() -> None:
    one = joins(1, local("2026-11-02", "09:00"))
    joins(2, local("2026-11-04", "09:00"))
    does(one, Deed.OPT_OUT, local("2026-11-05", "09:00"))
    count(local("2026-11-06", "12:00"))
    assert [(day[-1], span.active) for day, span in spans().items()] == [
        ("2", 1),
        ("3", 1),
        ("4", 2),
        ("5", 1),
        ("6", 1),
    ]


def test_it_catches_up_with_what_came_late() -> None:
    """The service was down for three days; the provider brings what was written meanwhile."""
    joins(3, local("2026-11-19", "13:00"))
    count(local("2026-11-20", "12:00"))
    joins(1, local("2026-11-20", "13:00"))
    joins(2, local("2026-11-21", "13:00"))
    count(local("2026-11-24", "12:00"))
    found = spans()
    assert [found[f"2026-11-{day}"].joined for day in (20, 21, 22, 23, 24)] == [1, 1, 0, 0, 0]
    # The 20th as it was counted then; the days that were missed follow from it.
    assert [found[f"2026-11-{day}"].active for day in (20, 21, 22, 24)] == [1, 2, 2, 3]


def test_it_takes_in_what_is_brought_a_week_late() -> None:
    joins(1, local("2026-11-10", "12:00"))
    for day in range(10, 25):
        count(local(f"2026-11-{day}", "23:00"))
    joins(2, local("2026-11-17", "12:00"))
    count(local("2026-11-25", "00:10"))
    assert spans()["2026-11-17"].joined == 1


def test_it_counts_the_last_week_once_a_day() -> None:
    joins(1, local("2026-11-10", "12:00"))
    days = [count(local("2026-11-24", wall)) for wall in ("00:10", "00:25", "12:00")]
    assert days == [15, 2, 2]
    assert count(local("2026-11-25", "00:10")) == 10


def test_it_says_the_same_however_often_it_counts() -> None:
    joins(1, local("2026-11-20", "12:00"))
    for wall in ("12:00", "12:15", "23:59"):
        count(local(DAY, wall))
    assert sum(span.joined for span in spans().values()) == 1


def test_it_keeps_a_days_figures_when_somebody_in_them_is_erased() -> None:
    person = joins(1, local("2026-11-23", "12:00"))
    joins(2, local("2026-11-23", "12:00"))
    count(local("2026-11-23", "13:00"))
    with clock.travel(local(DAY, "09:00")):
        erasure.erase(person, key=KEY, before=clock.now(), media=Path("/nonexistent"))
    count(local(DAY, "12:00"))
    assert spans()["2026-11-23"].joined == 2
    assert (spans()[DAY].erased, spans()[DAY].active) == (1, 1)


def test_it_counts_no_erasure_of_an_address_without_a_row() -> None:
    count(local(DAY, "09:00"))
    with clock.travel(local(DAY, "10:00")):
        address = subscribers.Address(wa_id="4917604069077")
        journal.keep_strange("whatsapp", "unreadable", '{"from": "4917604069077"}')
        erasure.erase_address(
            "whatsapp", address, key=KEY, before=clock.now(), media=Path("/nonexistent")
        )
    joins(1, local(DAY, "10:00"))
    count(local(DAY, "12:00"))
    assert spans()[DAY].erased == 0


def test_it_counts_those_who_moved_in_on_the_day_they_did() -> None:
    joins(1, local("2025-05-01", "12:00"), Deed.IMPORTED)
    growth.note_imported("whatsapp", 1, date.fromisoformat(DAY))
    growth.note_imported("whatsapp", 2, date.fromisoformat(DAY))
    count(local(DAY, "12:00"))
    assert list(spans()) == [DAY]
    assert (spans()[DAY].imported, spans()[DAY].joined, spans()[DAY].active) == (3, 0, 1)


def test_it_counts_who_could_not_be_reached_any_more_as_gone() -> None:
    person = joins(1, local("2026-11-20", "12:00"))
    count(local("2026-11-20", "12:00"))
    subscribers.note_unreachable(person.id, date(2026, 11, 23), days=1)
    count(local(DAY, "12:00"))
    assert (spans()["2026-11-23"].left, spans()[DAY].active) == (1, 0)


def test_it_counts_each_channel_apart() -> None:
    joins(1, local(DAY, "09:00"))
    address = subscribers.Address(bsuid="chat-7")
    other = subscribers.create("telegram", "1", address, language="de", at=local(DAY, "09:00"))
    does(other, Deed.OPT_IN, local(DAY, "09:00"))
    count(local(DAY, "12:00"))
    assert [(row.channel, row.joined) for row in growth.rows(date(2026, 1, 1))] == [
        ("telegram", 1),
        ("whatsapp", 1),
    ]
    assert spans()[DAY].joined == 2


def test_it_adds_days_up_to_weeks() -> None:
    joins(1, local("2026-11-20", "09:00"))  # a Friday
    joins(2, local("2026-11-22", "09:00"))
    joins(3, local("2026-11-23", "09:00"))
    count(local(DAY, "12:00"))
    weeks = growth.by_week(growth.rows(date(2026, 1, 1)))
    assert [(str(week.begin), week.joined, week.active) for week in weeks] == [
        ("2026-11-16", 2, 2),
        ("2026-11-23", 1, 3),
    ]


def test_it_holds_no_column_that_could_name_a_person() -> None:
    assert set(DailyFigure._meta.fields) == {
        *("on", "channel", "joined", "imported", "left", "erased", "with_digests", "alerts_only")
    }
