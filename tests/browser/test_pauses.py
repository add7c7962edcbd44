"""The pages of a pause in a browser: accessible, and narrow enough for a telephone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from broadcasts import clock
from broadcasts.newsroom import pausing
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from broadcasts.settings import LANGUAGES
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import reader
from tests.newsroom.test_archive import DAY, alert, digest
from tests.system import System

pytestmark = pytest.mark.long


@pytest.mark.parametrize("width", [360, 1280])
def test_it_shows_what_was_missed(chromium: Browser, service: System, width: int) -> None:
    digest("Markt am Samstag", "Bad geschlossen", on=DAY)
    digest("Vorher", on=DAY - timedelta(days=3))
    alert(title="Unwetter")
    last = DAY + timedelta(days=9)
    with chromium.new_context(
        base_url=service.url, viewport={"width": width, "height": 800}
    ) as context:
        page = context.new_page()
        for language in LANGUAGES:
            address = pausing.link(service.city.newsroom, DAY, last, language)
            page.goto(address.removeprefix(service.city.newsroom.public_url))
            expect(page.get_by_role("heading", level=1)).to_contain_text("2026")
            expect(page.get_by_text("Markt am Samstag")).to_be_visible()
            expect(page.get_by_text("Vorher")).to_have_count(0)
            check_accessible(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_it_ends_a_pause_by_a_click(service: System, sign_in: SignIn, width: int) -> None:
    person, today = reader(1), clock.today(service.city.zone)
    pausing.begin(person, today + timedelta(days=9), today)
    page = sign_in(Role.PRIVACY, width=width)
    page.goto("/desk/subscribers/")
    expect(page.get_by_text("In Pause")).to_be_visible()
    check_accessible(page)
    page.goto("/desk/subscribers/person")
    page.get_by_label("Telefonnummer oder Kennung").fill("0176 04069001")
    page.get_by_role("button", name="Nachschlagen").click()
    expect(page.get_by_text("Warnungen kommen weiterhin")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Pause beenden").click()
    expect(page.get_by_role("button", name="Pause beenden")).to_have_count(0)
    assert Subscriber.get().paused_until is None
