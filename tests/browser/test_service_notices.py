"""Service notices in a real browser: the form, what would happen, how a held one is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from broadcasts import clock, figures
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import reader
from tests.newsroom.makers import local
from tests.system import System, running

pytestmark = pytest.mark.long


@pytest.fixture
def service(tmp_path: Path) -> Iterator[System]:
    """Without loops: what is held stays so."""
    url = f"sqlite:///{tmp_path / 'stadtbote.db'}"
    more = "\n[business_hours]\n"
    with running(tmp_path, url, loops=False, public_url='"http://localhost"', more=more) as system:
        yield system
        figures.finish()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible_from_the_form_to_the_held_one(
    service: System, sign_in: SignIn, language: str, width: int
) -> None:
    reader(1)
    with clock.travel(local("2026-11-28", "12:00")):
        page = sign_in(Role.PRESS, language=language, width=width)
        page.goto("/desk/service-notices/")
        check_accessible(page)
        page.fill("#title", "Wasser abgestellt")
        page.fill("#text", "Am Dienstag von 9 bis 12 Uhr in der ganzen Lindenstraße. " * 10)
        page.fill("#link", "www.musterstadt.example/wasser")
        page.click("main form.card button")
        expect(page.locator("h1")).to_have_text(
            "Den Service-Hinweis senden?" if language == "de" else "Send the service notice?"
        )
        check_accessible(page)
        page.click("button[name=change]")
        expect(page.locator("#title")).to_have_value("Wasser abgestellt")
        page.click("main form.card button")
        page.click("main form.card button >> nth=0")
        page.wait_for_url("**/desk/broadcasts/*")
        expect(page.locator("main")).to_contain_text("08:30")
        check_accessible(page)
        for path in ("/desk/", "/desk/broadcasts/"):
            page.goto(path)
            expect(page.locator("main")).to_contain_text("08:30")
            check_accessible(page)
