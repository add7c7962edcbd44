"""Every page of the desk, in both languages, on a screen and on a telephone."""

import pytest

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
