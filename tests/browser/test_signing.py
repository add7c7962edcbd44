"""The pages to sign up by e-mail and to follow its links, on a screen and on a telephone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.public.signing import WORDS
from broadcasts import clock, db, figures
from broadcasts.channels.base import Address
from broadcasts.channels.email import tokens
from broadcasts.channels.pages import Link
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Wants
from tests.browser.conftest import check_accessible
from tests.system import EMAIL_FROM, EMAIL_SECRET, System, running

pytestmark = pytest.mark.long

ANNA = Address(bsuid="anna@reader.example")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    url = f"sqlite:///{tmp_path / 'stadtbote.db'}"
    with running(tmp_path, url, loops=False, email=9) as made:
        yield made
        figures.finish()


@pytest.fixture(params=[1280, 360])
def page(chromium: Browser, system: System, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A visitor's window; what the page's policy complains about fails the test."""
    complaints: list[str] = []
    size = {"width": request.param, "height": 900}
    context = chromium.new_context(base_url=system.url, viewport=size)
    opened = context.new_page()
    opened.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
    )
    yield opened
    context.close()
    assert complaints == []


def link(button: str, label: str = "") -> str:
    return f"/abo/email/{tokens.make(EMAIL_SECRET, Link(ANNA, button, label), clock.now())}"


def test_it_signs_somebody_up(page: Page) -> None:
    page.goto("/")
    check_accessible(page)
    page.get_by_role("link", name="Mit E-Mail anmelden").click()
    check_accessible(page)
    page.get_by_label("E-Mail-Adresse").fill("anna")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_text(WORDS["de"]["wrong_address"])).to_be_visible()
    check_accessible(page)
    page.get_by_label("E-Mail-Adresse").fill("anna@reader.example")
    page.get_by_label("Anrede und Name").fill("Frau Beispiel")
    page.get_by_label("nur Warnungen").check()
    # Nobody reaches the field for machines by the keyboard.
    assert page.locator("input[name=website]").evaluate("el => el.tabIndex") == -1
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Fast geschafft")).to_be_visible()
    check_accessible(page)


@pytest.mark.parametrize("language", ["de", "en", "nl"])
def test_it_shows_what_a_link_does(page: Page, language: str) -> None:
    words = WORDS[language]
    with db.session():
        person = subscribers.create("email", EMAIL_FROM, ANNA, language=language, at=clock.now())
        subscribers.opt_in(person, Wants.EVERYTHING, clock.now(), language)
        subscribers.call(person, "Frau Beispiel")
    page.goto(link("stop"))
    check_accessible(page)
    page.goto(link("start:yes", "Ja, anmelden"))
    check_accessible(page)
    page.goto(link(""))
    check_accessible(page)
    expect(page.get_by_label(words["called"])).to_have_value("Frau Beispiel")
    buttons = page.locator("button:visible").all_inner_texts()
    assert buttons == [words[key] for key in ("save", "pause_begin", "leave", "ask_copy")]
    erase = page.get_by_role("button", name=words["erase_yes"])
    expect(erase).to_be_hidden()
    page.get_by_text(words["erase"], exact=True).click()
    expect(erase).to_be_visible()
    check_accessible(page)
    erase.click()
    expect(page.get_by_role("heading", name=words["done"])).to_be_visible()
    check_accessible(page)
    page.goto("/abo/email/unknown")
    check_accessible(page)
