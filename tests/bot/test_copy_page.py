"""The page behind "Meine Daten" over real HTTP: a preview does not use it up, one download does."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from broadcasts import clock
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.people import subscribers
from broadcasts.privacy import copies, erasure
from tests.delivery.makers import reader
from tests.system import System, running


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as made:
        yield made


def link(system: System, language: str = "de") -> str:
    person = reader(1)
    subscribers.speak(person, language)
    reader(2)
    token = copies.offer(person, key=system.city.key, now=clock.now())
    return f"{system.url}/{COPY_PATH}/{token}"


def test_it_gives_the_copy_once(system: System) -> None:
    address = link(system)
    for _ in range(2):
        page = httpx.get(address)
        assert page.status_code == 200
        assert '<html lang="de">' in page.text
        assert "Kopie herunterladen" in page.text
        assert "04069001" not in page.text
    answer = httpx.post(address)
    assert answer.headers["content-type"] == "application/zip"
    held = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("daten.json"))
    assert held["wa_id"] == "4917604069001"
    assert b"4917604069002" not in answer.content
    for again in (httpx.post(address), httpx.get(address)):
        assert again.status_code == 404
        assert "Dieser Link gilt nicht mehr" in again.text
        assert '<section lang="nl">' in again.text


def test_it_is_kept_by_no_browser_and_told_to_nobody(system: System) -> None:
    address = link(system)
    for answer in (httpx.get(address), httpx.post(address), httpx.get(address)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert "form-action 'self'" in answer.headers["content-security-policy"]


def test_it_speaks_the_persons_language(system: System) -> None:
    assert "Download the copy" in httpx.get(link(system, "en")).text


def test_it_ends_after_a_day_and_with_the_person(system: System) -> None:
    address = link(system)
    copies.CopyLink.update(expires_at=clock.now() - timedelta(seconds=1)).execute()
    assert httpx.get(address).status_code == 404
    copies.CopyLink.update(expires_at=clock.now() + timedelta(hours=1)).execute()
    assert httpx.get(address).status_code == 200
    erasure.erase(
        copies.CopyLink.get().subscriber,
        key=system.city.key,
        before=clock.now(),
        media=system.city.config.media_dir,
    )
    assert httpx.post(address).status_code == 404
