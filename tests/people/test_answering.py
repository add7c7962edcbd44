"""Questions and how soon they were answered."""

from datetime import datetime, timedelta

import pytest

from broadcasts.people import answering
from broadcasts.people.inbox import Direction, Message
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import reader
from tests.newsroom.makers import BERLIN, local

pytestmark = pytest.mark.usefixtures("database")

SINCE = local("2026-11-01", "00:00")
MONDAY = local("2026-11-23", "09:00")


def said(person: Subscriber, at: datetime, direction: Direction = Direction.IN) -> None:
    Message.create(subscriber=person, direction=direction, kind="text", text="…", at=at)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def test_it_tells_how_many_were_answered_and_how_soon() -> None:
    for number, wait in ((1, 10), (2, 30), (3, 200)):
        person = reader(number)
        said(person, MONDAY)
        said(person, MONDAY + minutes(wait), Direction.OUT)
    said(reader(4), MONDAY)
    assert answering.weeks(BERLIN, SINCE) == [
        {"week": "2026-11-23", "questions": 4, "answered": 3, "minutes": 30.0}
    ]


def test_it_takes_what_one_person_writes_in_a_row_as_one_question() -> None:
    person = reader(1)
    for wait in (0, 1, 2):
        said(person, MONDAY + minutes(wait))
    said(person, MONDAY + minutes(60), Direction.OUT)
    said(person, MONDAY + minutes(61), Direction.OUT)
    said(person, MONDAY + timedelta(days=2))
    said(person, MONDAY + timedelta(days=8))
    weeks = answering.weeks(BERLIN, SINCE)
    assert [(week["questions"], week["answered"], week["minutes"]) for week in weeks] == [
        (2, 1, 60.0),
        (1, 0, None),
    ]


def test_it_puts_a_question_into_the_week_of_the_citys_calendar() -> None:
    said(reader(1), local("2026-11-22", "23:59"))
    said(reader(2), local("2026-11-23", "00:00"))
    assert [week["week"] for week in answering.weeks(BERLIN, SINCE)] == ["2026-11-16", "2026-11-23"]
