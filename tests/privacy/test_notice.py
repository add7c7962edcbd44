"""The privacy notice: made from the configuration, complete, each version kept."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadcasts.privacy import notice
from broadcasts.settings import LANGUAGES, PrivacySettings, RetentionSettings, Settings
from tests.newsroom.makers import newsroom

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FILLED = PrivacySettings(
    controller="Stadt Musterstadt, Markt 1, 12345 Musterstadt",
    officer="datenschutz@musterstadt.example",
    authority="Landesbeauftragte für den Datenschutz, Musterweg 2",
    processor="Rechenzentrum Musterland",
)


def settings(**more: object) -> Settings:
    more = {"privacy": FILLED, "channels": {"whatsapp": object()}, **more}
    return replace(newsroom().settings, **more)


def everything(of: notice.Notice) -> str:
    parts = [line for s in of.sections for line in (s.title, *s.text, *s.list, *s.more)]
    return "\n".join([of.title, *parts])


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_law_asks_for(language: str) -> None:
    said = everything(notice.write(settings(), language))
    named = (FILLED.controller, FILLED.officer, FILLED.authority, FILLED.processor)
    duties = ("WhatsApp Ireland", "Meta", "Data Privacy Framework", "16", "77", "17", "20")
    for words in (*named, *duties):
        assert words in said
    assert "{" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_every_clock_as_it_is_set(language: str) -> None:
    clocks = RetentionSettings(
        closed=81,
        open=82,
        bot_messages=83,
        deliveries=84,
        stopped=85,
        silent_months=46,
        asked=87,
        proof_years=8,
    )
    said = everything(notice.write(settings(retention=clocks), language))
    for number in (81, 82, 83, 84, 85, 46, 87, 8):
        assert f" {number} " in said or f"{number} " in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_what_stays_after_an_erasure_and_a_stop(language: str) -> None:
    """As long as the log of erasures and the table of opt-outs keep it."""
    section = next(
        section
        for section in notice.write(settings(), language).sections
        if section.title in ("Wie lange", "How long", "Hoe lang")
    )
    marks = [
        line for line in section.list if "60 " in line and re.search("rüfsum|checks|contro", line)
    ]
    assert len(marks) == 2
    assert " 90 " in marks[0]
    assert "Stop" in marks[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_a_company_from_a_public_body(language: str) -> None:
    public = everything(notice.write(settings(), language))
    private = replace(FILLED, body="company")
    company = everything(notice.write(replace(settings(), privacy=private), language))
    assert public != company
    assert "(f)" in company or " f DSGVO" in company or "onder f" in company


def test_it_speaks_of_no_channel_and_no_processor_that_is_not_there() -> None:
    alone = replace(settings(), channels={}, privacy=replace(FILLED, processor=""))
    said = everything(notice.write(alone, "de"))
    assert "WhatsApp" not in said
    assert "Auftrag" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_who_carries_each_channels_messages_and_what_links_two(language: str) -> None:
    one = everything(notice.write(settings(), language))
    both = {"whatsapp": object(), "telegram": object()}
    two = everything(notice.write(settings(channels=both), language))
    assert "Telegram" not in one
    assert "15 min" not in one.lower()
    mailed = {"whatsapp": object(), "email": object()}
    assert "15 min" not in everything(notice.write(settings(channels=mailed), language)).lower()
    assert "Telegram FZ-LLC" in two
    assert "15 min" in two.lower()


def test_its_languages_have_the_same_sections() -> None:
    counts = {
        language: [len(s.list) for s in notice.write(settings(), language).sections]
        for language in LANGUAGES
    }
    assert len(set(map(tuple, counts.values()))) == 1


def test_it_says_what_only_the_city_can_fill_in() -> None:
    assert notice.missing(PrivacySettings()) == ["controller", "officer", "authority"]
    assert notice.missing(FILLED) == []


@pytest.mark.usefixtures("database")
def test_it_keeps_each_version_as_it_was() -> None:
    assert notice.keep(settings(), NOW) == list(LANGUAGES)
    assert notice.keep(settings(), NOW + timedelta(days=1)) == []
    later = replace(settings(), retention=RetentionSettings(closed=3))
    assert notice.keep(later, NOW + timedelta(days=2)) == list(LANGUAGES)
    old, new = notice.find("de", 1), notice.find("de")
    assert old is not None
    assert new is not None
    assert (old.version, new.version) == (1, 2)
    assert old.notice == notice.write(settings(), "de")
    assert new.notice == notice.write(later, "de")
    assert list(notice.versions("de")) == [(2, NOW + timedelta(days=2)), (1, NOW)]
    assert notice.find("de", 3) is None
    assert notice.find("fr") is None
