"""Citizens' pages over real HTTP: the privacy notice in three languages, earlier versions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

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
        ("/datenschutz", "de", "Datenschutz beim Nachrichtendienst"),
        ("/datenschutz/de", "de", "Datenschutz beim Nachrichtendienst"),
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
