"""The archive over real HTTP: what stands there, asked for anew, and what somebody makes up."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import httpx
import pytest
from flask import Flask

from bot.public import archive as pages
from bot.public import site
from broadcasts import clock
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import archive, corrections
from broadcasts.newsroom.posts import Post
from broadcasts.settings import LANGUAGES
from tests.newsroom.test_archive import DAY, alert, digest
from tests.system import System, running

pytestmark = pytest.mark.usefixtures("pages_made_anew")

PAGE = f"/archiv/{DAY}"
EVIL = '<script>alert("1")</script>'


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as made:
        yield made


def read(system: System, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{system.url}{path}", headers=headers)


def test_it_shows_a_digest_with_all_that_stands_in_it(system: System) -> None:
    digest("Markt", text="Am *Samstag*")
    Post.update(image="a.jpg", link="https://stadt.example/m?a=1&b=2", author="eva").execute()
    corrections.add(Post.get().id, "Erst um 9 Uhr.", by="eva")
    page = read(system, PAGE).text
    for said in (
        "Nachrichten vom 24. November 2026",
        "Am <b>Samstag</b>",
        'src="/media/a.jpg" alt="Bild zu „Markt“"',
        'href="https://stadt.example/m?a=1&amp;b=2"',
        "Korrektur vom",
        "Erst um 9 Uhr.",
        f'<link rel="canonical" href="https://bote.musterstadt.example{PAGE}">',
    ):
        assert said in page
    assert "eva" not in page, "who wrote it is nobody's business"


def test_it_says_what_a_picture_shows(system: System) -> None:
    digest("Markt")
    Post.update(image="a.jpg", image_alt=f'Am Fluss" onload="x {EVIL}').execute()
    shown = 'alt="Am Fluss&#34; onload=&#34;x &lt;script&gt;'
    for path in (PAGE, "/archiv/feed.atom"):
        page = read(system, path).text
        assert shown in page.replace("&amp;", "&").replace("&lt;img", "<img") or "atom" in path
        assert "<script" not in page
    (entry,) = feedparser.parse(read(system, "/archiv/feed.atom").content).entries
    assert "Am Fluss" in entry.content[0].value


def test_it_escapes_whatever_staff_have_typed(system: System) -> None:
    digest(EVIL, text=EVIL)
    corrections.add(Post.get().id, EVIL, by="eva")
    alert(title=EVIL, text=EVIL)
    for path in (PAGE, "/archiv/", "/archiv/suche?q=script", "/archiv/feed.atom"):
        assert "<script" not in read(system, path).text, path


@pytest.mark.parametrize(
    ("language", "in_force", "over"),
    [("de", "Gilt bis", "Entwarnung gegeben"), ("en", "In force until", "All-clear given")],
)
def test_it_says_on_list_and_page_how_an_alert_stands(
    system: System, language: str, in_force: str, over: str
) -> None:
    row = alert(title="Unwetter")
    paths = [f"/archiv/{language}", f"{PAGE}/warnung-{row.id}/{language}"]
    for path in paths:
        assert in_force in read(system, path).text
    Broadcast.update(expires_at=clock.now() - timedelta(hours=1)).execute()
    for path in paths:
        assert in_force not in read(system, path).text
    alert(BroadcastKind.CLEAR, follows=row.id, text="Der Sturm ist vorbei.")
    for path in paths:
        assert over in read(system, path).text
    assert "Der Sturm ist vorbei." in read(system, paths[1]).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_three_languages_and_says_which_one_the_city_writes(
    system: System, language: str
) -> None:
    digest("Markt", text="Am Samstag")
    for path in (f"/archiv/{language}", f"{PAGE}/{language}", f"/archiv/suche/{language}?q=markt"):
        page = read(system, path)
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert 'lang="de">Markt' in page.text


def test_it_pages_and_jumps_to_years(system: System) -> None:
    for days in range(archive.ON_A_PAGE + 1):
        digest(f"Nr. {days}", on=DAY - timedelta(days=days * 30))
    first = read(system, "/archiv/").text
    assert "Nr. 19<" in first
    assert "Nr. 20<" not in first
    older = first.partition("?vor=")[2].partition('"')[0]
    assert "Nr. 20<" in read(system, f"/archiv/?vor={older}").text
    assert (
        "Nr. 13<" in read(system, "/archiv/?vor=2025-12-31.999999999").text.partition("Nr. 14")[0]
    )


def test_it_answers_as_before_to_who_has_it(system: System) -> None:
    digest("Markt")
    for path in (PAGE, "/archiv/", "/archiv/feed.atom", "/sitemap.xml", "/sitemap-2026.xml"):
        page = read(system, path)
        tag = page.headers["etag"]
        again = read(system, path, **{"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == tag
        assert "max-age" in again.headers["cache-control"]
    corrections.add(Post.get().id, "Erst um 9 Uhr.", by="eva")
    assert read(system, PAGE, **{"If-None-Match": tag}).status_code == 200


def test_it_knows_when_a_page_changed(system: System) -> None:
    row = digest("Markt")
    Broadcast.update(created_at=clock.now() - timedelta(days=2)).execute()
    changed = read(system, PAGE).headers["last-modified"]
    assert read(system, PAGE, **{"If-Modified-Since": changed}).status_code == 304
    correction = corrections.add(Post.get().id, "Erst um 9 Uhr.", by="eva")
    assert "last-modified" not in read(system, PAGE).headers, "this second may bring another"
    corrections.Correction.update(at=correction.at - timedelta(hours=1)).execute()
    assert read(system, PAGE, **{"If-Modified-Since": changed}).status_code == 200
    assert row.id


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": "\x80\xff, W/"},
        {"If-None-Match": "x" * 4000},
        {"If-Modified-Since": "gestern"},
        {"Range": "bytes=5-1"},
        {"Accept-Language": "*;q=x"},
    ],
)
def test_it_is_not_confused_by_headers(system: System, headers: dict[str, Any]) -> None:
    digest("Markt")
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    assert httpx.get(f"{system.url}{PAGE}", headers=raw).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/archiv/2026-11-25",
        "/archiv/20261124",
        "/archiv/2026-W48-2",
        "/archiv/2026-11-24/fr",
        "/archiv/2026-11-24/warnung-99",
        "/archiv/2026-11-24/warnung-99999999999999999999999",
        "/archiv/2026-11-24/warnung--1",
        "/archiv/..%2f..%2fconfig.toml",
        "/archiv/?vor=heute",
        "/archiv/?vor=2026-11-24.99999999999",
        "/archiv/?vor=٢٠٢٦-11-24.1",
        "/archiv/%00",
    ],
)
def test_it_says_in_words_that_there_is_no_such_page(system: System, path: str) -> None:
    digest("Markt")
    page = read(system, path)
    assert page.status_code == 404
    assert "Diese Seite gibt es nicht" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_it_takes_an_alert_only_on_its_day(system: System) -> None:
    row = alert()
    assert read(system, f"{PAGE}/warnung-{row.id}").status_code == 200
    assert read(system, f"/archiv/2026-11-23/warnung-{row.id}").status_code == 404


@pytest.mark.parametrize("typed", ["%", "_", EVIL, "x" * 5000, "\x00", "' OR 1=1 --", "äöü" * 40])
def test_it_searches_for_anything(system: System, typed: str) -> None:
    digest("Markt", text="Am Samstag")
    page = httpx.get(f"{system.url}/archiv/suche", params={"q": typed})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "beitrag-" not in page.text, "nothing is found"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"


def test_it_leaves_threads_to_others_while_many_search(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest("Markt")
    monkeypatch.setattr(pages, "AT_ONCE", threading.BoundedSemaphore(1))
    for _ in range(3):
        assert read(system, "/archiv/suche?q=markt").status_code == 200
    with pages.AT_ONCE:
        busy = read(system, "/archiv/suche/en?q=markt")
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "60")
        assert "try again" in busy.text
        assert read(system, "/archiv/").status_code == 200
    assert read(system, "/archiv/suche?q=markt").status_code == 200


def test_it_leads_from_what_is_found_to_its_place(system: System) -> None:
    digest("Markt", text="Am Samstag")
    page = read(system, "/archiv/suche/nl?q=MARKT").text
    assert f'href="{PAGE}/nl#beitrag-{Post.get().id}"' in page


def test_it_feeds_readers_of_feeds(system: System) -> None:
    digest("Markt & Musik", text="Am <Samstag>")
    row = alert(title="Unwetter")
    alert(BroadcastKind.CLEAR, follows=row.id)
    before = feedparser.parse(read(system, "/archiv/feed.atom").content)
    assert not before.bozo
    assert [one.title for one in before.entries] == [
        "Warnung · Unwetter · Entwarnung gegeben",
        "Markt & Musik",
    ]
    corrections.add(Post.get().id, "Erst um 9 Uhr.", by="eva")
    after = feedparser.parse(read(system, "/archiv/feed.atom").content)
    old, new = before.entries[1], after.entries[1]
    assert new.id == old.id == new.link == f"https://bote.musterstadt.example{PAGE}"
    assert new.updated > old.updated
    assert new.published == old.published
    assert "Erst um 9 Uhr." in new.content[0].value
    assert "Am &lt;Samstag&gt;" in new.content[0].value


def places(system: System, path: str) -> list[str | None]:
    return [place[0].text for place in ElementTree.fromstring(read(system, path).content)]


def test_it_has_a_sitemap_before_anything_was_said(system: System) -> None:
    base = "https://bote.musterstadt.example"
    (of_year,) = places(system, "/sitemap.xml")
    path = str(of_year).removeprefix(base)
    assert places(system, path) == [f"{base}/", f"{base}/archiv/"]


@pytest.mark.parametrize("year", ["0", "99999999999999999999", "-1", "zwei", "2026%00"])
def test_it_has_no_sitemap_of_made_up_years(system: System, year: str) -> None:
    digest("Markt")
    assert read(system, f"/sitemap-{year}.xml").status_code == 404


def test_it_names_every_page_in_its_sitemaps(system: System) -> None:
    digest("Markt")
    row = alert()
    alert(is_drill=True)
    digest("Alt", on=DAY - timedelta(days=365))
    base = "https://bote.musterstadt.example"
    assert places(system, "/sitemap.xml") == [
        f"{base}/sitemap-2026.xml",
        f"{base}/sitemap-2025.xml",
    ]
    new, old = (post.id for post in Post.select().order_by(Post.id))
    paths = ("/", "/archiv/", f"{PAGE}/warnung-{row.id}", PAGE, f"{PAGE}/beitrag-{new}")
    assert places(system, "/sitemap-2026.xml") == [base + path for path in paths]
    for_old = [f"/archiv/2025-11-24{more}" for more in ("", f"/beitrag-{old}")]
    assert places(system, "/sitemap-2025.xml") == [base + path for path in for_old]
    for path in (*paths, *for_old):
        assert read(system, path).status_code == 200, path
    assert read(system, "/sitemap-2024.xml").status_code == 404
    robots = read(system, "/robots.txt").text
    assert "Disallow: /desk/" in robots
    assert f"Sitemap: {base}/sitemap.xml" in robots


def test_it_is_light_and_needs_no_script(system: System) -> None:
    for days in range(archive.ON_A_PAGE):
        titles = [f"Überschrift Nummer {n} von mittlerer Länge".ljust(80, "x") for n in range(4)]
        digest(*titles, on=DAY - timedelta(days=days), text="Wort " * 100)
    for path in ("/archiv/", PAGE, "/archiv/suche?q=wort"):
        page = read(system, path)
        size = len(page.content) + len(read(system, site.style_address()).content)
        assert size < 30_000, path
        assert "<script" not in page.text
        assert "unsafe" not in page.headers["content-security-policy"]


def test_it_hides_what_was_stopped_before_anything_left(system: System) -> None:
    row = alert(started_at=None)
    assert read(system, f"{PAGE}/warnung-{row.id}").status_code == 200
    Broadcast.update(state=BroadcastState.STOPPED).execute()
    assert read(system, f"{PAGE}/warnung-{row.id}").status_code == 404
    assert "warnung-" not in read(system, "/archiv/").text + read(system, "/sitemap-2026.xml").text


def test_it_makes_a_page_once_for_all_who_ask_at_the_same_time(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(system, PAGE).status_code == 404
    digest("Markt")
    monkeypatch.setattr(site, "FRESH", 600.0)
    before = read(system, PAGE)
    assert before.status_code == 200, "that there was none is not remembered"
    corrections.add(Post.get().id, "Erst um 9 Uhr.", by="eva")
    assert read(system, PAGE).content == before.content
    assert "Erst um 9 Uhr." in read(system, f"{PAGE}/en").text
    monkeypatch.setattr(site, "FRESH", 0.0)
    assert "Erst um 9 Uhr." in read(system, PAGE).text


def test_it_remembers_no_more_than_it_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "FRESH", 600.0)
    memory = site.Memory()
    with Flask("pages").test_request_context():
        for number in range(3 * site.MOST_KEPT):
            memory.answer(number, lambda: site.Page("x"))
    assert len(memory._kept) <= site.MOST_KEPT
