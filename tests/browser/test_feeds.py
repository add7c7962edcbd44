"""Feeds in a real browser: what waits for a decision, and what is wrong."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot import feeds
from broadcasts import figures
from broadcasts.newsroom.posts import Post, PostState
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import sent
from tests.patience import wait_until
from tests.stories.test_feeds import look, press, publish, section
from tests.system import System, running
from tests.website import Website, website

pytestmark = pytest.mark.long


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as found:
        yield found


@pytest.fixture
def service(tmp_path: Path, site: Website) -> Iterator[System]:
    """Without loops: each look at a feed is asked for."""
    url = f"sqlite:///{tmp_path / 'stadtbote.db'}"
    more = section(site) + section(site, "rathaus", "/gone")
    with running(tmp_path, url, loops=False, public_url='"http://localhost"', more=more) as system:
        yield system
        figures.finish()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible(
    service: System, site: Website, sign_in: SignIn, language: str, width: int
) -> None:
    long = (
        "Der Wochenmarkt auf dem Rathausplatz findet wegen des Stadtfestes am Samstag statt. " * 4
    )
    publish(site)
    look(service)
    publish(site, press(text=long), press(2, text=long))
    look(service)
    Post.update(state=PostState.SENT).where(Post.title == "Markt 1").execute()
    publish(site, press(text=long.replace("Samstag", "Sonntag")), press(2, text=long))
    look(service)
    for _ in range(3):
        look(service, "rathaus")
    page = sign_in(Role.PRESS, language=language, width=width)
    for name in ("feeds", "posts"):
        page.goto(f"/desk/{name}/")
        check_accessible(page)
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{language}-{width}.png", full_page=True)


def test_it_asks_decides_and_queues(service: System, site: Website, sign_in: SignIn) -> None:
    publish(site)
    look(service)
    publish(site, press())
    page = sign_in(Role.PRESS)
    page.goto("/desk/feeds/")
    page.locator("form[action$='presse/fetch'] button").click()
    expect(page.get_by_text("wird abgerufen")).to_be_visible()
    wait_until(lambda: feeds.fetch_next(service.city) is None)
    page.goto("/desk/posts/")
    expect(page.get_by_text("aus dem Feed presse")).to_be_visible()
    page.get_by_role("button", name="Einreihen Markt 1").click()
    assert Post.get().state == PostState.QUEUED
    Post.update(state=PostState.SENT).execute()
    publish(site, press(text="Am Sonntag."))
    look(service)
    page.goto("/desk/feeds/")
    page.get_by_role("button", name="Als neuer Beitrag").click()
    expect(page.locator("#title")).to_have_value("Korrektur: Markt 1")
    check_accessible(page)


def test_it_corrects_the_old_entry_with_one_click(
    service: System, site: Website, sign_in: SignIn
) -> None:
    publish(site)
    look(service)
    publish(site, press())
    look(service)
    row = sent({})
    Post.update(state=PostState.SENT, broadcast=row).execute()
    publish(site, press(text="Am Sonntag."))
    look(service)
    page = sign_in(Role.PRESS)
    page.goto("/desk/feeds/")
    expect(page.locator("textarea")).to_have_value("Am Sonntag.")
    page.get_by_role("button", name="Korrektur veröffentlichen").click()
    expect(page.get_by_text("steht jetzt im Archiv")).to_be_visible()
    page.goto(f"/archiv/{row.on}")
    expect(page.locator(".correction")).to_contain_text("Am Sonntag.")
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/corrected.png", full_page=True)
