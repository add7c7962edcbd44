"""The pages of data protection in a browser: what was deleted, one person, the copy."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from broadcasts import clock, figures
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.people.staff import Role
from broadcasts.privacy import copies, leaving, retention
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import linked, reader
from tests.system import System

pytestmark = pytest.mark.long


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_is_accessible(service: System, sign_in: SignIn, language: str) -> None:
    linked(1)
    retention.note(date(2026, 11, 3), "stopped", 2, done=True)
    retention.note(date(2026, 11, 3), "closed", 17, done=True)
    figures.keep(leaving.WAITING, 3)
    page = sign_in(Role.PRIVACY, language=language)
    page.goto("/desk/deleted/")
    check_accessible(page)
    page.goto("/desk/subscribers/person")
    page.fill("#address", "+49 176 04069001")
    page.click("main form.card button")
    page.click("form[action$='/restrict'] button")
    check_accessible(page)


def test_it_downloads_the_copy_once(service: System, chromium: Browser, tmp_path: Path) -> None:
    token = copies.offer(reader(1), key=service.city.key, now=clock.now())
    with chromium.new_context(base_url=service.url) as window:
        page = window.new_page()
        page.goto(f"/{COPY_PATH}/{token}")
        check_accessible(page)
        with page.expect_download() as loading:
            page.click("button")
        loading.value.save_as(tmp_path / "kopie.zip")
        page.goto(f"/{COPY_PATH}/{token}")
        check_accessible(page)
        assert "gilt nicht mehr" in page.content()
    assert (tmp_path / "kopie.zip").stat().st_size > 200
