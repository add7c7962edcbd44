"""Every page of the desk, in both languages, on a screen and on a telephone."""

import pytest

from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible

pytestmark = pytest.mark.long

PAGES = ["/desk/", "/desk/account/", "/desk/account/code"]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible(sign_in: SignIn, language: str, width: int) -> None:
    page = sign_in(*Role, language=language, width=width)
    for path in PAGES:
        answer = page.goto(path)
        assert answer
        check_accessible(page)
