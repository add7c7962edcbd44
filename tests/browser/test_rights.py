"""The pages of data protection in a browser: what was deleted, one person, the copy."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from broadcasts import clock, figures
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.people import subscribers
from broadcasts.people.staff import Role
from broadcasts.privacy import audit, copies, leaving, retention, rights
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import linked, reader
from tests.people.test_inbox import write
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


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_shows_a_restriction_beside_the_answer(
    service: System, sign_in: SignIn, language: str
) -> None:
    person = reader(1)
    conversation = write(person)
    subscribers.heard_from(person, person.account, clock.now(), timedelta(hours=24))
    rights.restrict(person, clock.now())
    page = sign_in(Role.PRESS, language=language)
    for path in ("", str(conversation)):
        page.goto(f"/desk/inbox/{path}")
        check_accessible(page)
        assert "Art. 18" in page.inner_text("main")


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_reads_the_trail_in_words(service: System, sign_in: SignIn, language: str) -> None:
    audit.record(service.city.audit_key, "eva", "broadcast stopped", "broadcast 49")
    page = sign_in(Role.PRIVACY, language=language)
    page.goto("/desk/audit/")
    check_accessible(page)
    assert ("Sendung 49" if language == "de" else "broadcast 49") in page.inner_text("main")


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
