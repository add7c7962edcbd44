"""The catalogue: the same keys and placeholders in each language, within every limit."""

import re
from datetime import date

import pytest

from bot import until_when
from bot.keywords import Command, read, read_answer, read_button
from bot.until_when import Days
from bot.words import BUTTONS, LEAVING, WORDS, Intent, first_word
from broadcasts.newsroom.texts import (
    BY_LINK,
    MUST_SAY,
    PLACEHOLDER,
    Texts,
    UnknownTextError,
    catalogue,
    limit,
    problems,
)
from broadcasts.settings import LANGUAGES

BOLD = re.compile(r"\*(\w[^*{}\n]*\w)\*")
VALUES = {
    "chosen": "Baustellen, Nordstadt",
    "list": "1 Baustellen\n2 Nordstadt",
    "most": "2",
    "now": "Zurzeit: alles.",
    "address": "+4917604069001",
    "known": "01.11.2026",
    "wants": "die tägliche Nachricht und Warnungen",
    "evidence": "12",
    "called": "Frau Beispiel",
    "messages": "1234",
    "broadcasts": "400",
    "answers": "1234",
    "word": "Alleen noodgevallen",
    "code": "ABCDEF2345",
    "count": "3",
    "time": "14:05",
    "link": "https://bote.example",
    "day": "Donnerstag, 31.12.2026",
    "first": "Donnerstag",
    "last": "Donnerstag, 31.12.2026",
    "back": "Donnerstag, 31.12.2026",
    "example": "31.12.",
    "contact": "die Stadtverwaltung, stadt@musterstadt.example",
    "provider": "E-Mails sind unterwegs nicht von Ende zu Ende verschlüsselt; ob Sie sie öffnen.",
}


def texts(city: str = "Stadt Musterstadt", **more: object) -> Texts:
    known = {
        "city": city,
        "public_url": "https://bote.example/",
        "language": "de",
        "minimum_age": 16,
        "digest_time": "17:00",
    }
    return Texts(**{**known, **more})


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_the_same_texts_in_each_language(language: str) -> None:
    german, other = catalogue("de"), catalogue(language)
    assert set(german) == set(other)
    for key in set(german) - {"example_post", "example_alert"}:
        assert set(PLACEHOLDER.findall(german[key])) == set(PLACEHOLDER.findall(other[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(catalogue("de")))
def test_it_fills_each_text_within_its_limit(language: str, key: str) -> None:
    filled = texts().get(key, language, **VALUES)
    assert filled.strip()
    assert not PLACEHOLDER.search(filled)
    assert len(filled) <= limit(key)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["welcome", "welcome_back", "welcome_alerts_only"])
def test_it_says_in_each_welcome_what_it_must(language: str, key: str) -> None:
    said = texts().get(key, language)
    assert "Stadt Musterstadt" in said
    assert "16" in said
    assert "https://bote.example/datenschutz" in said
    assert any(word in said for word in ("automatisch", "automated"))
    assert any(word in said for word in ("*Stopp*", "*Stop*"))
    erase = ("Alle Daten löschen", "Delete all data", "Alle gegevens verwijderen")
    assert any(word in said for word in erase)


def test_it_tells_people_in_danger_whom_to_call() -> None:
    for key in ("acknowledge", "media_received", "help", "help_stranger"):
        assert all("112" in texts().get(key, language) for language in LANGUAGES)


def understood(word: str) -> bool:
    """By itself, or as the answer to a question of ours."""
    if until_when.read(word, Days(date(2026, 11, 24), date(2026, 11, 24))):
        return True
    return isinstance(read(word) or read_answer(word, {"stop:yes": "", "stop:no": ""}), Command)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_people_only_words_that_are_understood(language: str) -> None:
    texts = {
        key: text
        for key, text in catalogue(language).items()
        if "example" not in key and not key.endswith(BY_LINK)
    }
    told = {word for text in texts.values() for word in BOLD.findall(text)}
    assert len(told) >= 6
    assert [word for word in told if not understood(word)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["stop_yes", "stop_no", "erase_yes", "erase_no"])
def test_it_labels_buttons_as_people_may_type_them(language: str, name: str) -> None:
    button = name.replace("_", ":")
    label = texts().get(f"button_{name}", language)
    assert read(label) == read_button(button, label) == Command(BUTTONS[button], language)


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", "Prüfsumme"), ("en", "checksum"), ("nl", "controlesom")],
)
def test_it_does_not_hide_that_a_checksum_stays(language: str, words: str) -> None:
    assert words in texts().get("erased", language, code="A2")


def test_it_requires_what_its_own_wording_says() -> None:
    for key, name in MUST_SAY.items():
        assert all(f"{{{name}}}" in catalogue(language)[key] for language in LANGUAGES)


def test_it_takes_the_citys_own_wording() -> None:
    own = texts(overrides={"de": {"farewell": "Tschüss aus {city}!"}})
    assert own.get("farewell", "de") == "Tschüss aus Stadt Musterstadt!"
    assert "unsubscribed" in own.get("farewell", "en")


def test_it_leaves_braces_in_a_citys_name_alone() -> None:
    assert "Bad {age} {0}" in texts("Bad {age} {0}").get("info", "de")


def test_it_speaks_the_citys_language_to_others() -> None:
    assert texts().get("kept", "fr") == texts().get("kept", "de")


def test_it_misses_no_value_silently() -> None:
    with pytest.raises(UnknownTextError, match="code"):
        texts().get("erased", "de")
    with pytest.raises(UnknownTextError):
        texts().get("no_such_text", "de")


def test_it_versions_the_wording_people_agreed_to() -> None:
    plain, own = texts(), texts(overrides={"de": {"welcome": "Hallo"}})
    assert plain.consent_version("de") == "de-2026-11"
    assert own.consent_version("de").startswith("de-2026-11-")
    assert own.consent_version("de") == texts(overrides=own_welcome()).consent_version("de")
    assert own.consent_version("en") == plain.consent_version("en")


def own_welcome() -> dict[str, dict[str, str]]:
    return {"de": {"welcome": "Hallo"}}


@pytest.mark.parametrize("key", ["welcome", "welcome_back", "welcome_alerts_only"])
def test_it_counts_every_wording_that_consent_was_given_to(key: str) -> None:
    versions = {
        texts(overrides={"de": {key: wording}}).consent_version("de") for wording in ("A", "B")
    }
    assert len(versions | {texts().consent_version("de")}) == 3


@pytest.mark.parametrize(
    ("overrides", "word"),
    [
        ({"fr": {}}, "unknown language"),
        ({"de": {"farewel": "x"}}, "no such text"),
        ({"de": {"consent_version": "x"}}, "no such text"),
        ({"de": {"farewell": " "}}, "empty"),
        ({"de": {"farewell": "x" * 1001}}, "at most 1000"),
        ({"de": {"button_stop_yes": "x" * 21}}, "at most 20"),
        ({"de": {"farewell": "{nummer}"}}, "unknown placeholder {nummer}"),
        ({"de": {"farewell": "Bis bald, {City}"}}, "{City} is no placeholder"),
        ({"de": {"farewell": "Bis bald, {city"}}, "{city is no placeholder"),
        ({"de": {"farewell": "Bis bald, city}"}}, "} is no placeholder"),
        ({"de": {"erased": "Gelöscht."}}, "{code} is missing"),
        ({"de": {"welcome": "Hallo"}}, "{privacy_url} is missing"),
        ({"de": {"digest_footer": "x" * 61}}, "at most 60"),
        ({"de": {"alert_footer": "x" * 61}}, "at most 60"),
    ],
)
def test_it_finds_what_is_wrong_with_an_override(
    overrides: dict[str, dict[str, str]], word: str
) -> None:
    (found,) = problems(overrides)
    assert word in found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", sorted(set(WORDS) - {Intent.KEEP, *LEAVING}))
def test_it_calls_each_command_by_a_word_that_fits_its_button(
    language: str, intent: Intent
) -> None:
    word = first_word(intent, language)
    assert len(word) <= 20
    assert BUTTONS[intent.value] is intent
    understood_as = read(word)
    assert isinstance(understood_as, Command)
    assert understood_as.intent is intent


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_asks_nobody_to_write_where_nobody_can(language: str) -> None:
    """There the first line, in bold, is a headline; nothing else in bold is a word to write."""
    found = {key: text for key, text in catalogue(language).items() if key.endswith(BY_LINK)}
    assert len(found) >= 15
    for key, text in found.items():
        assert key.removesuffix(BY_LINK) in catalogue(language)
        headline, _, rest = text.strip().partition("\n")
        assert not BOLD.findall(rest), key
        assert headline.startswith("*") or "\n" not in text
    room = texts()
    assert room.get("farewell", language, by_link=True) != room.get("farewell", language)
    assert room.get("kept", language, by_link=True) == room.get("kept", language)
