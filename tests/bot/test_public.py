"""Citizens' pages over real HTTP: the privacy notice in three languages, earlier versions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.keywords import Command
from bot.keywords import read as read_word
from bot.words import Intent
from broadcasts import clock
from broadcasts.privacy import notice
from broadcasts.settings import RetentionSettings
from tests.system import System, running


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as made:
        yield made


def read(system: System, path: str) -> httpx.Response:
    return httpx.get(f"{system.url}{path}")


@pytest.mark.parametrize(
    ("path", "language", "title"),
    [
        ("/datenschutz", "de", "Datenschutz beim Messenger-Dienst"),
        ("/datenschutz/de", "de", "Datenschutz beim Messenger-Dienst"),
        ("/datenschutz/en", "en", "Privacy notice"),
        ("/datenschutz/nl", "nl", "Privacyverklaring"),
    ],
)
def test_it_shows_the_notice(system: System, path: str, language: str, title: str) -> None:
    page = read(system, path)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert title in page.text
    assert "Stadt Musterstadt" in page.text
    assert system.city.texts.privacy_url(language).endswith(path) or path == "/datenschutz/de"


def test_it_keeps_and_links_earlier_versions(system: System) -> None:
    later = replace(system.city.settings, retention=RetentionSettings(closed=3))
    notice.keep(later, clock.now() + timedelta(seconds=1))
    new = read(system, "/datenschutz").text
    assert "3 Tage, nachdem das Gespräch" in new
    assert "/datenschutz/de/1" in new
    old = read(system, "/datenschutz/de/1").text
    assert "7 Tage, nachdem das Gespräch" in old
    assert "frühere Fassung" in old


@pytest.mark.parametrize("path", ["/datenschutz/fr", "/datenschutz/de/9", "/datenschutz/de/x"])
def test_it_knows_no_other(system: System, path: str) -> None:
    assert read(system, path).status_code == 404


@pytest.mark.parametrize(
    ("path", "language", "keyword"),
    [
        ("/datenschutz/loeschen", "de", "Alle Daten löschen"),
        ("/datenschutz/loeschen/en", "en", "Delete all data"),
        ("/datenschutz/loeschen/nl", "nl", "Alle gegevens verwijderen"),
    ],
)
def test_it_says_how_to_have_everything_deleted(
    tmp_path: Path, database_url: str, path: str, language: str, keyword: str
) -> None:
    """The address that Meta wants of an app; the keyword it names must be one."""
    with running(tmp_path, database_url, loops=False, telegram="webhook", meta=True) as system:
        page = read(system, path)
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        for link in ("wa.me/4917604069000", "t.me/MusterstadtBot", "m.me/musterstadt", "ig.me/m/"):
            assert f'href="https://{link}' in page.text
        assert f"<strong>{keyword}</strong>" in page.text
        assert read_word(keyword) == Command(Intent.ERASE, language)
        assert "form-action 'none'" in page.headers["Content-Security-Policy"]
        assert (
            f'href="{path.removesuffix("/" + language)}/{language}"'
            in read(system, f"/datenschutz/{language}").text
        )
        assert read(system, "/datenschutz/loeschen/fr").status_code == 404


def test_it_offers_each_messengers_own_link(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url, loops=False, telegram="webhook", meta=True) as system:
        page = read(system, "/").text
    assert 'href="https://wa.me/4917604069000?text=Start"' in page
    assert 'href="https://t.me/MusterstadtBot?start=Start"' in page
    assert 'href="https://m.me/musterstadt?text=Start"' in page
    assert 'href="https://ig.me/m/musterstadt?ref=Start"' in page
