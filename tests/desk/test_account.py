"""One's own account: who may change it, how often one may try, and what ends with it."""

import datetime as dt
import re

import pyotp
import pytest

from broadcasts import clock, db
from broadcasts.people import attempts, staff
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.desk.conftest import Open
from tests.desk.visitor import PASSWORD, Visitor
from tests.system import System

NEW = "Amsel-auf-dem-Dach"
TYPED = {"old": PASSWORD, "password": NEW, "again": NEW}


def other_browser(service: System, visitor: Visitor, name: str) -> Visitor:
    """Somebody has copied the session."""
    copy = Visitor(service.city, service.url)
    copy.http.cookies.update(visitor.http.cookies)
    assert copy.get("/account/").url.path == "/desk/account/"
    return copy


def is_out(visitor: Visitor) -> bool:
    return visitor.get("/account/").url.path == "/desk/sign-in"


def change_password(visitor: Visitor, **more: str) -> int:
    answer = visitor.send("/account/", {**TYPED, **more}, to="/account/password")
    status: int = answer.status_code
    return status


def set_code(visitor: Visitor, old: str = PASSWORD) -> int:
    page = visitor.get("/account/code").text
    found = re.search(r'class="secret">(\w+)<', page)
    assert found
    code = pyotp.TOTP(found[1]).now()
    status: int = visitor.send("/account/code", {"old": old, "code": code}).status_code
    return status


def test_it_asks_for_the_password_before_it_replaces_the_codes(desk: Open) -> None:
    visitor = desk(Role.EMERGENCY)
    before = staff.get("emergency-de").code_secret
    assert set_code(visitor, "geraten") == 422
    assert set_code(visitor, "") == 422
    assert staff.get("emergency-de").code_secret == before
    assert set_code(visitor) == 200
    assert staff.get("emergency-de").code_secret != before


@pytest.mark.parametrize("change", [change_password, set_code])
def test_it_ends_all_other_sessions_with_a_change(
    service: System, desk: Open, change: object
) -> None:
    visitor = desk(Role.PRESS)
    copy = other_browser(service, visitor, "press-de")
    assert callable(change)
    assert change(visitor) == 200
    assert not is_out(visitor)
    assert is_out(copy)


def test_it_ends_all_sessions_with_signing_out(service: System, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    copy = other_browser(service, visitor, "press-de")
    assert "in allen Browsern" in visitor.get("/account/").text
    assert "in allen anderen Browsern" in visitor.post("/sign-out").text
    assert is_out(copy)


@pytest.mark.parametrize("way", ["password", "code"])
def test_it_bars_who_tries_out_passwords_in_a_session(desk: Open, way: str) -> None:
    visitor = desk(Role.PRESS)

    def attempt(old: str) -> int:
        return change_password(visitor, old=old) if way == "password" else set_code(visitor, old)

    for _ in range(attempts.MOST_FAILURES):
        assert attempt("geraten") == 422
    assert attempt(PASSWORD) == 429
    with db.session():
        assert len(audit.newest(act="present password wrong")) == attempts.MOST_FAILURES
    with clock.travel(clock.now() + attempts.FAILURES_COUNT_FOR + dt.timedelta(seconds=1)):
        assert change_password(visitor) == 200
