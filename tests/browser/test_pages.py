"""Every page of the desk, in both languages, on a screen and on a telephone."""

import pytest
from playwright.sync_api import expect

from bot.desk.app import create_desk
from bot.story import tell
from broadcasts import db
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.system import System

pytestmark = pytest.mark.long


def pages(system: System) -> list[str]:
    """Whatever has an address without a number in it; the areas' own stories see the others."""
    rules = create_desk(system.city).url_map.iter_rules()
    plain = [rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments]
    return sorted(f"/desk{rule.rule}" for rule in plain if not rule.rule.endswith(".csv"))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible(service: System, sign_in: SignIn, language: str, width: int) -> None:
    with db.session():
        tell(service.city)  # pages with something on them
    page = sign_in(*Role, language=language, width=width)
    found = pages(service)
    assert len(found) > 20
    for path in found:
        answer = page.request.get(path)
        assert answer.status == 200, path
        if "<!doctype" in answer.text():  # a part of a page is seen within its page
            page.goto(path)
            check_accessible(page)


def test_it_folds_menu_and_tables_on_a_telephone(service: System, sign_in: SignIn) -> None:
    with db.session():
        tell(service.city)
    page = sign_in(*Role, width=390)
    page.goto("/desk/broadcasts/")
    menu = page.locator("nav.menu")
    assert menu.bounding_box()["height"] < 70  # it is on the page
    link = menu.get_by_role("link", name="Statistik")
    expect(link).to_be_hidden()
    menu.locator("summary").click()
    expect(link).to_be_visible()
    first = page.locator("table.cards tbody tr").first
    for cell in first.locator("td").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
    label = "el => getComputedStyle(el, '::before').content"
    assert first.locator("td").nth(2).evaluate(label) == '"Stand"'
    page.goto("/desk/statistics/")
    expect(page.locator("svg.narrow").first).to_be_visible()
    expect(page.locator("svg.wide").first).to_be_hidden()
