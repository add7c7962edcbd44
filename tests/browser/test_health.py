"""Today, state, settings, staff and audit trail in a real browser."""

import pytest
from playwright.sync_api import expect

from broadcasts import figures
from broadcasts.delivery import accounts
from broadcasts.delivery.accounts import Outcome
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.delivery.makers import reader, sent
from tests.system import NUMBER

pytestmark = pytest.mark.long

PAGES = [
    "/desk/",
    "/desk/health/",
    "/desk/health/templates",
    "/desk/settings/",
    "/desk/staff/",
    "/desk/staff/new",
    "/desk/staff/1",
    "/desk/audit/",
    "/desk/audit/?act=sign-in&since=2026-01-01",
]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible(sign_in: SignIn, language: str, width: int) -> None:
    reader(1)
    sent({DeliveryState.READ: 3, DeliveryState.QUEUED: 2}, title="Markt")
    sent({DeliveryState.READ: 1}, kind=BroadcastKind.ALERT, title="Rauch", text="Fenster zu.")
    accounts.stop(NUMBER, Outcome.CREDENTIALS, "190")
    page = sign_in(*Role, language=language, width=width)
    page.goto("/desk/health/")
    figures.finish()
    for path in PAGES:
        answer = page.goto(path)
        assert answer
        assert answer.status == 200, path
        check_accessible(page)


def test_it_moves_by_itself(sign_in: SignIn) -> None:
    # Held: what has nothing open is finished by the upkeep within the second.
    row = sent({DeliveryState.SENT: 1, DeliveryState.UNKNOWN: 3}, state=BroadcastState.HELD)
    page = sign_in(Role.PRESS)
    expect(page.get_by_text("1 von 4")).to_be_visible()
    Delivery.update(state=DeliveryState.DELIVERED).where(Delivery.broadcast == row.id).execute()
    expect(page.get_by_text("1 von 4")).to_be_hidden(timeout=10_000)
    accounts.stop(NUMBER, Outcome.ACCOUNT, "131031")
    expect(page.get_by_text("Code 131031")).to_be_visible(timeout=10_000)


def test_it_shows_a_first_password_once(sign_in: SignIn) -> None:
    page = sign_in(Role.ADMIN)
    page.goto("/desk/staff/new")
    page.fill("#name", "m.muster")
    page.get_by_label("Pressestelle").check()
    page.get_by_role("button", name="Konto anlegen").click()
    expect(page.locator("code.secret")).to_be_visible()
    check_accessible(page)
