"""An erasure, its receipt and the search for remnants, with keyboard and screen reader in mind."""

import os

import pytest
from playwright.sync_api import Page

from broadcasts import figures
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import reader
from tests.system import System

pytestmark = pytest.mark.long


def seen(page: Page, name: str) -> None:
    check_accessible(page)
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/proofs-{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_proves_an_erasure(service: System, sign_in: SignIn, language: str) -> None:
    reader(1)
    page = sign_in(Role.PRIVACY, language=language)
    folder = service.city.config.backup_dir
    folder.mkdir()
    (folder / "stadtbote-20260901T030000Z.age").write_bytes(b"x")
    page.goto("/desk/subscribers/proofs")
    seen(page, f"{language}-form")
    for number, name in ((1, "found"), (2, "nowhere")):
        page.goto("/desk/subscribers/proofs")
        page.fill("#search-address", f"+49 176 0406900{number}")
        page.click("form[action$=search] button")
        # The result comes by itself.
        page.wait_for_selector("[data-done]")
        figures.finish()
        seen(page, f"{language}-{name}")
        assert ("subscriber.wa_id" in page.inner_text("main")) is (number == 1)
    page.goto("/desk/subscribers/person")
    page.fill("#address", "+49 176 04069001")
    page.click("main form button")
    page.click("button.danger")
    page.click("button.danger")
    code = page.inner_text(".secret")
    seen(page, f"{language}-erased")
    page.goto("/desk/subscribers/proofs")
    page.fill("#receipt-code", code.lower())
    page.click("form[action$=receipt] button")
    seen(page, f"{language}-receipt")
    assert "Person" in page.inner_text("main table")
