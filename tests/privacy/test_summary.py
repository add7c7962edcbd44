"""What somebody is told in the chat of what is held of them."""

from datetime import date, timedelta

import pytest

from broadcasts import clock
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import summary
from broadcasts.settings import SubjectSettings
from tests.delivery.makers import reader
from tests.newsroom.makers import BERLIN, newsroom

pytestmark = pytest.mark.usefixtures("database")

TOPICS = {f"t{number}": SubjectSettings(name=f"Thema {number}") for number in range(12)}


def told(person: Subscriber, language: str = "de") -> str:
    return summary.write(newsroom(topics=TOPICS), person, language, link="https://x.example/k")


def pausing(until: date) -> Subscriber:
    person = reader(1)
    person.paused_from, person.paused_until = until - timedelta(days=3), until
    person.save()
    return person


def test_it_says_what_they_have_chosen_and_how_long_they_pause() -> None:
    person = pausing(clock.today(BERLIN) + timedelta(days=2))
    subscribers.select(person, selections.keep(Scope(("t1", "gone"))))
    until = f"{person.paused_until:%d.%m.%Y}"
    wants = "die tägliche Nachricht und Warnungen"
    assert (
        f"Sie bekommen: {wants}; gewählt: gone, Thema 1; Pause bis einschließlich {until}\n"
        in told(person)
    )
    assert f"; chosen: gone, Thema 1; paused up to and including {until}\n" in told(person, "en")
    assert f"; gekozen: gone, Thema 1; pauze tot en met {until}\n" in told(person, "nl")


def test_it_says_nothing_of_a_pause_that_is_over_or_a_choice_that_was_never_made() -> None:
    person = pausing(clock.today(BERLIN) - timedelta(days=1))
    assert "Sie bekommen: die tägliche Nachricht und Warnungen\n" in told(person)


def test_it_stays_short_with_many_choices() -> None:
    person = reader(1)
    subscribers.select(person, selections.keep(Scope(tuple(TOPICS))))
    text = told(person)
    assert text.count("Thema") == summary.MOST_NAMES
    assert ", …\n" in text
