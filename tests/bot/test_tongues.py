"""Choosing one's language in the chat: by its name, by a button, before and after signing up."""

from collections.abc import Iterator

import pytest

from bot.tongues import CHOICES
from bot.words import BUTTONS
from broadcasts.delivery.outbox import Delivery
from broadcasts.languages import READ
from broadcasts.people import subscribers
from broadcasts.people.consent import Consent
from broadcasts.people.subscribers import Subscriber, Wants
from tests.bot.test_choosing import DISTRICTS, TOPICS, settle
from tests.bot.test_linking import connected
from tests.two import ONE, OTHER, Two, opened


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    with opened(database_url) as made:
        yield made


def language(two: Two, kind: str = ONE) -> str:
    return str(two.row(kind).language)


@pytest.mark.parametrize(
    ("written", "chosen", "answer"),
    [
        ("Einfache Sprache", "plain", "Wir schreiben Ihnen jetzt in einfacher Sprache."),
        ("leichte sprache bitte", "plain", "in einfacher Sprache"),
        ("einfach", "plain", "in einfacher Sprache"),
        ("Plain language", "plain", "in einfacher Sprache"),
        ("eenvoudige taal", "plain", "in einfacher Sprache"),
        ("English", "en", "from now on we write to you in English"),
        ("Englisch, bitte", "en", "has not been translated comes in the city's own"),
        ("Nederlands", "nl", "voortaan in het Nederlands"),
        ("Deutsch", "de", "jetzt auf Deutsch"),
    ],
)
def test_it_writes_in_the_language_that_is_named(
    two: Two, written: str, chosen: str, answer: str
) -> None:
    two.write(ONE, "Start")
    assert answer in two.said(ONE, written)
    assert language(two) == chosen
    assert two.row(ONE).wants == Wants.EVERYTHING


def test_it_lets_strangers_choose_and_takes_it_for_no_consent(two: Two) -> None:
    assert "einfacher Sprache" in two.said(ONE, "Einfache Sprache")
    assert (language(two), two.row(ONE).wants) == ("plain", Wants.NOTHING)
    assert not Consent.select().exists()
    two.write(ONE, "Anmelden")
    assert (language(two), two.row(ONE).wants) == ("plain", Wants.EVERYTHING)


@pytest.mark.parametrize(
    ("now", "labels"),
    [
        ("de", ["Einfache Sprache", "English", "Nederlands"]),
        ("plain", ["Deutsch", "English", "Nederlands"]),
        ("en", ["Einfache Sprache", "Deutsch", "Nederlands"]),
        ("nl", ["Einfache Sprache", "Deutsch", "English"]),
    ],
)
def test_it_offers_the_three_others_by_name(two: Two, now: str, labels: list[str]) -> None:
    two.write(ONE, "Start")
    subscribers.speak(two.row(ONE), now)
    two.write(ONE, "Sprache")
    sent = Delivery.select().order_by(Delivery.id.desc()).get().content
    assert [button["label"] for button in sent["buttons"]] == labels
    assert {button["id"] for button in sent["buttons"]} < set(BUTTONS)


@pytest.mark.parametrize("word", ["Aktuell", "Hilfe", "Start", "Anmelden", "Nur Notfälle", "Info"])
def test_it_keeps_plain_words_for_whoever_writes_german(two: Two, word: str) -> None:
    for written in ("Start", "Einfache Sprache", word):
        two.write(ONE, written)
    assert language(two) == "plain"


def test_it_answers_an_english_word_in_english_and_keeps_the_choice(two: Two) -> None:
    """The same as of somebody who reads German."""
    two.write(ONE, "Start")
    for chosen in ("Deutsch", "Einfache Sprache"):
        two.write(ONE, chosen)
        before = language(two)
        assert "In an emergency please call 112" in two.said(ONE, "Commands")
        assert language(two) == before


def test_it_counts_for_every_messenger_of_a_person(two: Two) -> None:
    connected(two)
    two.write(ONE, "Einfache Sprache")
    assert (language(two), language(two, OTHER)) == ("plain", "plain")
    two.write(OTHER, "Trennen")
    two.write(OTHER, "English")
    assert (language(two), language(two, OTHER)) == ("plain", "en")


def test_it_goes_along_to_another_messenger(two: Two) -> None:
    two.write(ONE, "Einfache Sprache")
    connected(two, "Umziehen")
    assert language(two, OTHER) == "plain"


def test_it_does_nothing_on_a_language_that_is_none(two: Two) -> None:
    two.write(ONE, "Start")
    two.write(ONE, "Klingonisch")
    two.write(ONE, "Sprache xx")
    assert language(two) == "de"
    assert not Subscriber.select().where(Subscriber.language.not_in(list(READ))).exists()


def test_it_keeps_plain_words_for_whoever_chooses_a_topic_in_german(two: Two) -> None:
    settle(two, topics=TOPICS, districts=DISTRICTS)
    two.write(ONE, "Einfache Sprache")
    two.write(ONE, "Anmelden Baustellen")
    assert (language(two), two.row(ONE).wants) == ("plain", Wants.EVERYTHING)
    two.write(ONE, "Nur Nordstadt")
    assert language(two) == "plain"
    assert "Baustellen" in two.said(ONE, "Themen")


@pytest.mark.parametrize("word", ["Pause 2 Wochen", "Pause", "Weiter"])
def test_it_answers_a_german_word_of_a_pause_and_keeps_plain_words(two: Two, word: str) -> None:
    for written in ("Start", "Einfache Sprache", word):
        two.write(ONE, written)
    assert language(two) == "plain"


def test_it_has_a_choice_for_every_language() -> None:
    assert set(CHOICES) == set(READ)
