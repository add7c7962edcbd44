"""Which topics a text asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import choosing_words
from bot.choosing_words import Verb, Wish
from broadcasts.newsroom.subjects import Subject
from broadcasts.people.selections import Scope
from broadcasts.settings import SubjectSettings

ROADS = SubjectSettings(name="Baustellen", en="Roadworks", words="Straßensperrung, Umleitung")
CULTURE = SubjectSettings(name="Kultur & Feste", en="Culture")
NORTH, SOUTH = SubjectSettings(name="Nordstadt"), SubjectSettings(name="Südstadt")
KNOWN = (
    Subject("roads", False, ROADS),
    Subject("culture", False, CULTURE),
    Subject("north", True, NORTH),
    Subject("south", True, SOUTH),
)
ROAD = Scope(("roads",))


@pytest.mark.parametrize(
    ("text", "verb", "scope"),
    [
        ("Start Baustellen", Verb.ADD, ROAD),
        ("start baustellen!", Verb.ADD, ROAD),
        ("Bitte Start Baustellen, danke", Verb.ADD, ROAD),
        ("Start Baustelen", Verb.ADD, ROAD),
        ("Start Bausetllen", Verb.ADD, ROAD),
        ("Sttart Baustellen", Verb.ADD, ROAD),
        ("Start Strassensperrung", Verb.ADD, ROAD),
        ("Start Kultur & Feste", Verb.ADD, Scope(("culture",))),
        ("Subscribe to roadworks", Verb.ADD, ROAD),
        ("Baustellen abonnieren", Verb.ADD, ROAD),
        ("Start Baustellen und Nordstadt", Verb.ADD, Scope(("roads",), ("north",))),
        ("Start Suedstadt", Verb.ADD, Scope((), ("south",))),
        ("Nur Nordstadt, Südstadt", Verb.ONLY, Scope((), ("north", "south"))),
        ("nur noch Umleitung", Verb.ONLY, ROAD),
        ("Stopp Baustellen", Verb.DROP, ROAD),
        ("Baustellen abbestellen", Verb.DROP, ROAD),
        ("keine Baustellen mehr", None, None),
        ("Keine Baustellen", None, None),
        ("Baustellen nicht mehr", Verb.DROP, ROAD),
        ("Start", None, None),
        ("Stopp", None, None),
        ("Baustellen", None, None),
        ("Start Kultur", Verb.ADD, Scope(("culture",))),
        ("Start Feste", Verb.ADD, Scope(("culture",))),
        ("Start Baustellen?", None, None),
        ("Start Weststadt", None, None),
        ("Stopp Baustellen und Müll", None, None),
        ("Start der Baustellen am Montag", None, None),
    ],
)
def test_it_reads_a_verb_and_names(text: str, verb: Verb | None, scope: Scope | None) -> None:
    found = choosing_words.read_wish(text, KNOWN)
    assert (found and found.verb, found and found.scope) == (verb, scope)


def test_it_knows_the_verbs_language() -> None:
    assert choosing_words.read_wish("Abonnieren Baustellen", KNOWN) == Wish(Verb.ADD, ROAD, "de")
    assert choosing_words.read_wish("Start Baustellen", KNOWN) == Wish(Verb.ADD, ROAD, "")


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("1", ROAD),
        ("1 3", Scope(("roads",), ("north",))),
        ("1, 3.", Scope(("roads",), ("north",))),
        ("1 und 2", Scope(("culture", "roads"))),
        ("0", Scope()),
        ("Alles", Scope()),
        ("Baustellen, Nordstadt bitte", Scope(("roads",), ("north",))),
        ("5", None),
        ("1 9", None),
        ("-1", ROAD),
        ("٣", None),
        ("1" * 4000, None),
        ("99999999999999999999", None),
        (" ".join(["1"] * 40), ROAD),
        (" ".join(["1", "2"] * 15), None),
        ("1; DROP TABLE subscriber", None),
        ("Stopp", None),
    ],
)
def test_it_reads_the_answer_to_the_list(text: str, scope: Scope | None) -> None:
    assert choosing_words.read_answer(text, KNOWN) == scope


@given(st.text(max_size=60) | st.from_regex(r"(Start|Stopp|Nur) [\w ,]{0,40}", fullmatch=True))
def test_it_never_raises_and_names_only_what_there_is(text: str) -> None:
    wish, chosen = choosing_words.read_wish(text, KNOWN), choosing_words.read_answer(text, KNOWN)
    choosing_words.are_numbers(text)
    names = {one.name for one in KNOWN}
    assert set(wish.scope.names if wish else ()) <= names
    assert set(chosen.names if chosen else ()) <= names


@pytest.mark.parametrize(
    ("name", "words", "fault"),
    [
        ("Baustellen", "", ""),
        ("Stopp", "", "something else"),
        ("Daten löschen", "", "something else"),
        ("alles", "", "something else"),
        ("Notfälle", "", "something else"),
        ("Verkehr", "Hilfe", "something else"),
        ("Alle Nachrichten", "", "leaving"),
        ("Meldungen", "", "leaving"),
        ("Stoppt", "", "leaving"),
        ("Verkehr", "Ende", "leaving"),
        ("Was ist los?", "", "after a verb"),
        ("Plus 60", "", "after a verb"),
        ("60 plus", "", ""),
        ("Hilfen", "", ""),
        ("12", "", "a number"),
        ("🚧", "", "neither letters nor digits"),
        ("Baustellen und Sperrungen", "", "longer than 24"),
        ("Bau\nstellen", "", "one line"),
    ],
)
def test_it_refuses_a_name_that_nobody_could_type(name: str, words: str, fault: str) -> None:
    one = SubjectSettings(name=name, words=words)
    found = [text for _, text in choosing_words.problems({"topics": {"x": one}, "districts": {}})]
    assert any(fault in text for text in found) if fault else not found


def test_it_refuses_a_name_that_stands_twice() -> None:
    kinds = {"topics": {"a": NORTH}, "districts": {"b": NORTH}}
    found = dict(choosing_words.problems(kinds))
    assert found["districts.b"] == "has a name or word that topics.a has, too"


@pytest.mark.parametrize(
    ("text", "is_unknown"),
    [
        ("Start Fußball", True),
        ("abo Sport heute", True),
        ("Start", False),
        ("Start Fußball?", False),
        ("Start der Arbeiten Montag", False),
        ("Wann ist Start", False),
        ("Stopp Fußball", False),
    ],
)
def test_it_knows_who_asks_for_a_topic_that_there_is_not(text: str, is_unknown: bool) -> None:
    assert choosing_words.is_unknown(text) is is_unknown
