"""A page for each post, and what a link shows where somebody shares it: over real HTTP."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import corrections
from broadcasts.newsroom.posts import Post, PostState
from tests.bot.test_archive_pages import EVIL, PAGE, read
from tests.newsroom.test_archive import alert, digest
from tests.system import System, running


@pytest.fixture
def system(tmp_path: Path, database_url: str, pages_made_anew: None) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as made:
        yield made


def preview(page: str) -> dict[str, str]:
    """What a messenger or a network shows of a link that is shared."""
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page)
    return {name: unescape(said) for name, said in found}


BASE = "https://bote.musterstadt.example"


def test_it_has_a_page_of_each_post_to_be_shared(system: System) -> None:
    digest("Markt", "Bad", text="Am *Samstag* ab 8")
    markt, bad = Post.select().order_by(Post.id)
    Post.update(image="a.jpg", image_alt="Am Fluss").where(Post.id == markt.id).execute()
    path = f"{PAGE}/beitrag-{markt.id}"
    assert f'href="{path}"' in read(system, PAGE).text, "its digest leads there"
    page = read(system, path).text
    shared = preview(page)
    assert shared["og:title"] == "Markt"
    assert shared["og:description"] == shared["description"] == "Am Samstag ab 8"
    assert shared["og:url"] == BASE + path
    assert (shared["og:image"], shared["og:image:alt"]) == (f"{BASE}/media/a.jpg", "Am Fluss")
    assert f'<link rel="canonical" href="{BASE}{path}">' in page
    assert "Bad" not in page
    corrections.add(markt.id, "Ab 9.", by="eva")
    assert "Ab 9." in read(system, f"{path}/en").text
    assert "og:image" not in preview(read(system, f"{PAGE}/beitrag-{bad.id}").text)


def test_it_shares_a_post_in_the_words_that_a_reader_has_chosen(system: System) -> None:
    digest("Markt", "Bad")
    post = Post.get(Post.title == "Markt")
    post.voices = {
        "plain": {"title": "Der Markt", "text": "Am Samstag ist Markt.", "link": ""},
        "en": {"title": "Market", "text": "On Saturday.", "link": ""},
    }
    post.save()
    path = f"{PAGE}/beitrag-{post.id}"
    assert f'href="{path}?sprache=plain"' in read(system, path).text
    plain = read(system, f"{path}?sprache=plain").text
    assert "Am Samstag ist Markt." in plain
    assert f'href="{path}"' in plain, "the way back"
    assert preview(read(system, f"{path}/en").text)["og:title"] == "Market"


def test_it_says_of_every_page_what_it_is_when_it_is_shared(system: System) -> None:
    digest("Markt", "Bad")
    Post.update(image="b.jpg").where(Post.title == "Bad").execute()
    row = alert(title="Unwetter", text="Sturm *ab* 16 Uhr")
    of_digest, of_alert = preview(read(system, PAGE).text), f"{PAGE}/warnung-{row.id}"
    assert of_digest["og:title"] == "Nachrichten vom 24. November 2026"
    assert of_digest["og:description"] == "Markt · Bad"
    assert of_digest["og:image"] == f"{BASE}/media/b.jpg"
    warned = preview(read(system, of_alert).text)
    assert warned["og:title"] == "Unwetter"
    assert re.fullmatch(r"Gilt bis .+: Sturm ab 16 Uhr", warned["og:description"])
    alert(BroadcastKind.CLEAR, follows=row.id, text="Vorbei")
    over = preview(read(system, of_alert).text)
    assert over["og:description"] == "Entwarnung gegeben: Vorbei"
    for path in ("/", "/archiv/", "/archiv/suche"):
        assert preview(read(system, path).text)["og:description"]


def test_it_lets_nobody_write_into_the_preview_of_a_link(system: System) -> None:
    digest(f'"> {EVIL}', text=f'" onload="x {EVIL}')
    Post.update(image="a.jpg", image_alt=f'" onload="x {EVIL}').execute()
    row = alert(title=f'"> {EVIL}', text=f'" onload="x {EVIL}')
    for path in (PAGE, f"{PAGE}/beitrag-{Post.get().id}", f"{PAGE}/warnung-{row.id}"):
        page = read(system, path).text
        head = page.partition("</head>")[0]
        assert "<script" not in page
        assert not re.search(r'" onload|[^/]">? *<script', head)
        assert preview(page)["og:title"].startswith('"> <') or path == PAGE


@pytest.mark.parametrize("state", [PostState.QUEUED, PostState.WITHDRAWN])
def test_it_has_no_page_of_a_post_that_was_not_sent(system: System, state: PostState) -> None:
    digest("Markt", "Bad")
    post = Post.get(Post.title == "Markt")
    Post.update(state=state).where(Post.id == post.id).execute()
    path = f"beitrag-{post.id}"
    assert read(system, f"{PAGE}/{path}").status_code == 404
    assert path not in read(system, "/sitemap-2026.xml").text
    elsewhere = Post.get(Post.title == "Bad").id
    assert read(system, f"/archiv/2026-11-23/beitrag-{elsewhere}").status_code == 404
    assert read(system, f"{PAGE}/beitrag-{'9' * 40}").status_code == 404
