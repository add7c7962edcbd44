"""What is answered by itself, without guessing, and what people get to read."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState
from broadcasts.newsroom import answers, satisfaction
from broadcasts.newsroom.satisfaction import Rating, RatingCount
from broadcasts.people import conversations
from broadcasts.people.inbox import Conversation, Message
from broadcasts.settings import OfficeSettings
from tests.newsroom.makers import local
from tests.two import ONE, Two, opened

WEEK = ("mon", "tue", "wed", "thu", "fri")
SATURDAY = "2026-11-28"


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    with opened(database_url) as made:
        yield made


def office(two: Two, **values: Any) -> None:
    room = two.city.newsroom
    settings = replace(room.settings, office=OfficeSettings(**values))
    object.__setattr__(room, "settings", settings)
    object.__setattr__(two.city.config, "settings", settings)


def canned(keywords: str, text: str = "Mo-Fr 8 bis 12 Uhr.", language: str = "") -> None:
    answers.keep_canned(text[:20], text, language=language, by="Anna", keywords=keywords)


@pytest.mark.parametrize(
    "typed",
    ["Öffnungszeiten", "öffnungszeiten?", "Hallo, oeffnungszeiten bitte!", "ÖFFNUNGSZEITEN"],
)
def test_it_answers_a_message_that_is_a_keyword(two: Two, typed: str) -> None:
    canned("Öffnungszeiten, geöffnet")
    said = two.said(ONE, typed)
    assert "Mo-Fr 8 bis 12 Uhr." in said
    assert "Mitarbeiter" in said
    assert not Message.select().exists()


@pytest.mark.parametrize(
    "typed", ["Wann sind die Öffnungszeiten im Bad?", "Öffnungszeiten falsch", "öffnen", ""]
)
def test_it_guesses_nothing(two: Two, typed: str) -> None:
    canned("Öffnungszeiten")
    assert "Mo-Fr" not in two.said(ONE, typed)


def test_it_takes_the_one_in_the_persons_language(two: Two) -> None:
    canned("Bus", "Buses run every hour.", "en")
    canned("Bus", "Busse fahren jede Stunde.", "de")
    assert "Busse" in two.said(ONE, "Bus")


def test_a_command_comes_first(two: Two) -> None:
    canned("Stopp, Hilfe")
    assert "Mo-Fr" not in two.said(ONE, "Stopp")


def test_it_leaves_to_people_what_is_written_after_a_question(two: Two) -> None:
    canned("Öffnungszeiten")
    two.write(ONE, "Bei mir brennt die Laterne nicht")
    assert "Mo-Fr" not in two.said(ONE, "Öffnungszeiten")
    assert Message.select().count() == 2


def test_it_hands_over_to_people(two: Two) -> None:
    canned("Öffnungszeiten")
    assert "Menschen lesen" in two.said(ONE, "Mitarbeiter")
    assert Conversation.get().waiting_since is not None
    assert "Mo-Fr" not in two.said(ONE, "Öffnungszeiten")


@pytest.mark.parametrize(
    ("day", "wall", "expected"),
    [(SATURDAY, "10:00", "Montag, 30.11.2026"), ("2026-11-27", "10:00", "zu den Dienstzeiten")],
)
def test_it_says_when_people_read(two: Two, day: str, wall: str, expected: str) -> None:
    office(two, weekdays=WEEK, start=dt.time(8), end=dt.time(16), state="BW")
    with clock.travel(local(day, wall)):
        assert expected in two.said(ONE, "Eine Frage")


def test_a_one_way_channel_keeps_nothing_and_says_whom_to_ask(two: Two) -> None:
    office(two, one_way=True, contact="stadt@musterstadt.example")
    for number, typed in enumerate(("Eine Frage", "Mitarbeiter"), start=1):
        assert "stadt@musterstadt.example" in two.said(ONE, typed, number=number)
    assert not Message.select().exists()


def test_it_asks_once_whether_it_helped_and_only_counts(two: Two) -> None:
    office(two, satisfaction=True)
    two.write(ONE, "Bei mir brennt die Laterne nicht")
    number = Conversation.get().id
    conversations.close(number, by="Anna")
    # Nobody has answered: nobody asks whether the answer helped.
    assert not satisfaction.ask(two.city.newsroom, number, clock.now())
    conversations.reopen(number)
    version = Conversation.get().version
    answers.answer(two.city.channels, number, "Wir kommen.", version=version, by="Anna")
    conversations.close(number, by="Anna")
    assert satisfaction.ask(two.city.newsroom, number, clock.now())
    assert "geholfen" in two.answers(ONE)[-1]
    Delivery.update(state=DeliveryState.SENT, sending_at=clock.now()).execute()
    assert "Danke" in two.said(ONE, "Teilweise")
    assert "Danke" not in two.said(ONE, "Teilweise")
    assert [(row.rating, row.number) for row in RatingCount.select()] == [(Rating.FAIR, 1)]


def test_it_tells_nothing_of_fewer_than_five(two: Two) -> None:
    today = clock.today(two.city.zone)
    since = clock.now() - timedelta(weeks=2)
    for number in range(5):
        two.write(ONE, "Frage", number=number)
        person = two.row(ONE, number)
        Conversation.update(is_rating_asked=True).execute()
        assert satisfaction.weeks(two.city.zone, since) in (
            [],
            [(satisfaction.monday(today), None)],
        )
        assert satisfaction.count(person.id, Rating.GOOD, today)
    ((_, counts),) = satisfaction.weeks(two.city.zone, since)
    assert counts == {"good": 5, "fair": 0, "poor": 0}
