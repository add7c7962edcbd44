"""The archive of a pause: these days and no other, and what somebody makes up as an address."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from broadcasts.newsroom import archive
from tests.newsroom.test_archive import DAY, alert, digest
from tests.system import System, running

pytestmark = pytest.mark.usefixtures("pages_made_anew")

ADDRESS = f"/archiv/?von={DAY}&bis={DAY + timedelta(days=9)}"


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as made:
        yield made


def read(system: System, path: str) -> httpx.Response:
    return httpx.get(f"{system.url}{path}", follow_redirects=True)


def test_it_shows_just_these_days(system: System) -> None:
    digest("Vorher", on=DAY - timedelta(days=1))
    digest("Erster", on=DAY)
    digest("Letzter", on=DAY + timedelta(days=9))
    digest("Nachher", on=DAY + timedelta(days=10))
    alert(title="Unwetter")
    answer = read(system, ADDRESS)
    titles = ("Vorher", "Erster", "Letzter", "Nachher", "Unwetter")
    shown = [said for said in titles if said in answer.text]
    assert shown == ["Erster", "Letzter", "Unwetter"]
    assert "<h1>Vom 24. November 2026 bis 3. Dezember 2026</h1>" in answer.text
    assert "<title>Vom 24. November 2026 bis 3. Dezember 2026 ·" in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert 'href="/archiv/">Zum ganzen Archiv' in answer.text
    assert "Letzter" in read(system, ADDRESS.replace("/?", "?")).text, "without the slash, too"
    assert "X-Robots-Tag" not in read(system, "/archiv/").headers


def test_it_speaks_three_languages_and_leads_from_one_to_the_others(system: System) -> None:
    page = read(system, ADDRESS.replace("/?", "/en?")).text
    assert "<h1>From November 24, 2026 to December 3, 2026</h1>" in page
    assert "There is nothing of that time." in page
    assert f'href="/archiv/nl?von={DAY}&amp;bis=2026-12-03"' in page


def test_it_leads_on_within_these_days(system: System) -> None:
    for number in range(archive.ON_A_PAGE + 2):
        digest(f"Nummer {number}", on=DAY + timedelta(days=number % 10))
    page = read(system, ADDRESS).text
    (link,) = (part.split('"')[0] for part in page.split('href="') if 'rel="next"' in part[:120])
    later = read(system, link.replace("&amp;", "&"))
    assert later.status_code == 200
    assert "Vom 24. November 2026" in later.text
    assert f'href="/archiv/?von={DAY}&amp;bis=2026-12-03">Zu den neuesten' in later.text


@pytest.mark.parametrize(
    "query",
    [
        "von=2026-11-24", "bis=2026-11-24", "von=2026-12-03&bis=2026-11-24",
        "von=2026-02-31&bis=2026-12-03", "von=2020-01-01&bis=2026-12-03", "von=&bis=2026-12-03",
        "von=24.11.2026&bis=3.12.2026", "von=20261124&bis=20261203", "von='--&bis=2026-12-03",
        "von=2026-11-24T00:00&bis=2026-12-03", "von=%00&bis=%00", "von=9999-12-31&bis=0001-01-01",
        "von=" + "9" * 4000 + "&bis=2026-12-03", "von=<script>&bis=<script>",
        "von=٢٠٢٦-١١-٢٤&bis=2026-12-03",
    ],
)  # fmt: skip
def test_it_knows_no_address_that_is_made_up(system: System, query: str) -> None:
    answer = read(system, f"/archiv/?{query}")
    assert answer.status_code == 404
    assert "<script" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_takes_the_first_days_and_the_last(system: System) -> None:
    for days in ("von=0001-01-01&bis=0001-01-01", "von=9999-12-31&bis=9999-12-31"):
        assert read(system, f"/archiv/?{days}").status_code == 200
