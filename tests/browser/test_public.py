"""The public pages in a browser: accessible, one column wide, codes that a camera reads."""

import io
import os
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from bot.story import tell
from broadcasts import clock, db
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import archive, corrections
from broadcasts.newsroom.posts import Post
from broadcasts.settings import LANGUAGES
from tests.browser.conftest import check_accessible
from tests.newsroom.test_archive import alert
from tests.system import System

pytestmark = pytest.mark.long


@pytest.fixture(params=[360, 1280])
def window(request: pytest.FixtureRequest, chromium: Browser, service: System) -> Iterator[Page]:
    """Without a script; what the policy forbids fails the test."""
    complaints: list[str] = []
    with chromium.new_context(
        base_url=service.url, viewport={"width": request.param, "height": 800}
    ) as context:
        page = context.new_page()
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        yield page
    assert complaints == []


def fill(service: System) -> list[str]:
    """An archive with one of each; gives the pages."""
    today = clock.today(service.city.zone)
    with db.session():
        tell(service.city)
        post = Post.select().order_by(Post.id.desc()).get()
        post.text, post.link = "Am *Samstag* 🎉", f"https://stadt.example/{'lang-' * 40}"
        post.image, post.image_alt = "wappen.png", "Das Wappen der Stadt"
        post.save()
        alone = archive.item_path(post.broadcast.on, post.id)
        corrections.add(post.id, "Erst um 9 Uhr.", by="eva")
        warned = alert(title="Unwetter", on=today)
        cleared = alert(title="Bombenfund", on=today)
        alert(BroadcastKind.CLEAR, follows=cleared.id, on=today)
        paths = [entry.path for entry in archive.page(clock.now(), limit=4)]
        assert any(str(warned.id) in path for path in paths)
    media = service.city.config.media_dir
    media.mkdir(exist_ok=True)
    Image.new("RGB", (900, 500), "#12507b").save(media / "wappen.png")
    return ["/", "/archiv/", "/archiv/suche?q=markt", "/archiv/nichts", alone, *paths]


def spoken(path: str, language: str) -> str:
    before, mark, after = path.partition("?")
    return f"{before.rstrip('/')}/{language}{mark}{after}"


def test_it_is_accessible(service: System, window: Page) -> None:
    for path in fill(service):
        for language in LANGUAGES if path != "/archiv/nichts" else ("de",):
            answer = window.request.get(spoken(path, language))
            if answer.status == 200:
                window.goto(spoken(path, language))
                check_accessible(window)
                if (folder := os.environ.get("SHOTS")) and language == "de":
                    assert window.viewport_size is not None
                    name = f"{path.replace('/', '_')}-{window.viewport_size['width']}"
                    window.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_it_is_found_again_with_the_keyboard(service: System, window: Page) -> None:
    fill(service)
    window.goto("/archiv/")
    window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.textContent") == "Zum Inhalt"
    window.fill("#q", "Bombenfund")
    window.keyboard.press("Enter")
    window.wait_for_url("**/archiv/suche?q=Bombenfund")
    window.get_by_role("link", name="Bombenfund").click()
    assert "Entwarnung gegeben" in window.inner_text("main")


def test_it_shows_codes_that_a_camera_reads(service: System, window: Page) -> None:
    window.goto("/")
    window.locator("img.qr").scroll_into_view_if_needed()
    with Image.open(io.BytesIO(window.screenshot(full_page=True))) as seen:
        (found,) = zxingcpp.read_barcodes(seen)
    assert found.text == "https://wa.me/4917604069000?text=Start"
    assert found.text == window.get_attribute("a.join", "href")
