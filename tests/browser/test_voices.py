"""Writing plain words beside a post and an alert, in a real browser."""

import httpx
import pytest

from broadcasts.newsroom.posts import Post
from broadcasts.newsroom.releases import AlertRequest
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import reader
from tests.system import System

pytestmark = pytest.mark.long
SUMMARY = "In einfacher Sprache und anderen Sprachen"


@pytest.mark.parametrize("width", [1280, 390])
def test_it_shows_the_telephone_of_whoever_reads_plain_words(
    service: System, sign_in: SignIn, width: int
) -> None:
    page = sign_in(Role.PRESS, width=width)
    page.goto("/desk/posts/new")
    check_accessible(page)
    assert not page.is_visible("#plain_text")
    page.fill("#title", "Sperrung")
    page.fill("#text", "Die Brücke ist für Kraftfahrzeuge gesperrt.")
    page.click(f"summary:has-text('{SUMMARY}')")
    page.fill("#plain_title", "Brücke zu")
    page.fill("#plain_text", "Autos dürfen nicht über die Brücke.")
    page.select_option("#looked_at", "plain")
    page.wait_for_selector("#phones .bubble:has-text('Autos dürfen nicht')")
    check_accessible(page)
    page.click("#post-form .actions button:has-text('Speichern')")
    page.wait_for_url("**/desk/posts/")
    assert Post.get().voices["plain"]["title"] == "Brücke zu"


@pytest.mark.parametrize("width", [1280, 390])
def test_it_asks_once_and_one_click_goes_on(service: System, sign_in: SignIn, width: int) -> None:
    reader(1, language="plain")
    page = sign_in(Role.EMERGENCY, width=width)
    second = sign_in(Role.EMERGENCY, width=width)
    page.goto("/desk/alerts/new")
    page.fill("#title", "Sturm")
    page.fill("#text", "Sturm ab 16 Uhr")
    page.click("#alert-form button.danger")
    page.wait_for_selector("text=Geht sie so hinaus?")
    check_accessible(page)
    page.click("text=Ohne einfache Sprache weitergeben")
    page.wait_for_url("**/alerts/requests/*")
    asked = AlertRequest.get()
    second.goto(f"/desk/alerts/requests/{asked.id}")
    second.wait_for_selector("text=Jetzt ohne einfache Sprache senden")
    check_accessible(second)
    second.click("text=Jetzt ohne einfache Sprache senden")
    second.wait_for_url("**/broadcasts/*")


def test_it_leads_a_reader_of_the_archive_to_plain_words(service: System, sign_in: SignIn) -> None:
    reader(1)
    voices = {"plain_title": "Brücke zu", "plain_text": "Keine Autos.", "en_title": "Bridge"}
    page = sign_in(Role.PRESS)
    page.goto("/desk/posts/new")
    page.fill("#title", "Sperrung")
    page.click(f"summary:has-text('{SUMMARY}')")
    for name, words in voices.items():
        page.fill(f"#{name}", words)
    page.click("#post-form .actions button:has-text('Speichern')")
    page.wait_for_url("**/desk/posts/")
    page.goto("/desk/digest/send")
    page.click("main form button")
    page.wait_for_url("**/broadcasts/*")
    page.goto("/archiv/")
    page.click("text=Sperrung")
    check_accessible(page)
    page.click("text=Einfache Sprache")
    page.wait_for_selector("h2:has-text('Brücke zu')")
    check_accessible(page)
    assert httpx.get(page.url.replace("http://localhost", service.url)).status_code == 200
