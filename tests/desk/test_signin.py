"""Signing in: password, one-time code, idle sessions, too many attempts."""

import datetime as dt

import pyotp
import pytest

from bot.desk import access
from broadcasts import clock, db
from broadcasts.people import attempts, staff
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.desk.conftest import Open
from tests.desk.visitor import PASSWORD, Visitor, account, fields, heading
from tests.system import System


@pytest.fixture
def visitor(service: System) -> Visitor:
    return Visitor(service.city, service.url)


def test_it_lets_in_with_name_and_password(service: System, visitor: Visitor) -> None:
    account(service.city, "presse", Role.PRESS)
    assert heading(visitor.sign_in("presse").text).startswith("Heute")


def test_it_says_the_same_for_a_wrong_name_and_a_wrong_password(
    service: System, visitor: Visitor
) -> None:
    account(service.city, "presse", Role.PRESS)
    answers = [visitor.sign_in("presse", "falsch"), visitor.sign_in("niemand", PASSWORD)]
    assert [a.status_code for a in answers] == [422, 422]
    assert all("Name oder Passwort stimmt nicht" in a.text for a in answers)


def test_it_asks_for_a_code_and_takes_each_once(service: System, visitor: Visitor) -> None:
    visitor.secret = account(service.city, "lage", Role.EMERGENCY)
    code = visitor.code()
    visitor.send("/sign-in", {"name": "lage", "password": PASSWORD})
    assert visitor.get("/").url.path == "/desk/sign-in"
    assert heading(visitor.send("/sign-in/code", {"code": code}).text).startswith("Heute")
    other = Visitor(service.city, service.url)
    other.send("/sign-in", {"name": "lage", "password": PASSWORD})
    assert other.send("/sign-in/code", {"code": code}).status_code == 422


def test_it_makes_a_new_account_choose_password_and_code(service: System, visitor: Visitor) -> None:
    with db.session():
        _, first = staff.add("lage", [Role.EMERGENCY])
    page = visitor.sign_in("lage", first)
    assert heading(page.text) == "Wählen Sie Ihr Passwort"
    assert visitor.get("/").url.path == "/desk/account/password"
    typed = {"old": first, "password": PASSWORD, "again": PASSWORD}
    page = visitor.send("/account/password", typed)
    assert heading(page.text) == "Einmalcodes einrichten"
    secret = page.text.split('class="secret">')[1].split("<")[0]
    page = visitor.send("/account/code", {"code": pyotp.TOTP(secret).now(), "old": PASSWORD})
    assert heading(page.text).startswith("Heute")


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("kurz", "kurz", "mindestens 12 Zeichen"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "zu leicht zu erraten"),
        ("passwort1234", "passwort1234", "zu leicht zu erraten"),
        (PASSWORD, PASSWORD, "das ist das alte"),
        ("Amsel-auf-dem-Dach", "Amsel", "Die beiden sind nicht gleich"),
    ],
)
def test_it_refuses_a_weak_password_beside_its_field(
    desk: Open, new: str, again: str, said: str
) -> None:
    visitor = desk(Role.PRESS)
    typed = {"old": PASSWORD, "password": new, "again": again}
    page = visitor.send("/account/", typed, to="/account/password")
    assert page.status_code == 422
    assert said in page.text


def test_it_bars_a_name_after_five_failures_even_for_the_right_password(
    service: System, visitor: Visitor
) -> None:
    account(service.city, "presse", Role.PRESS)
    for _ in range(5):
        assert visitor.sign_in("presse", "falsch").status_code == 422
    assert visitor.sign_in("presse").status_code == 429
    with clock.travel(clock.now() + attempts.FAILURES_COUNT_FOR + dt.timedelta(seconds=1)):
        assert visitor.sign_in("presse").status_code == 200


def test_it_lets_nobody_keep_the_emergency_staff_out(service: System, visitor: Visitor) -> None:
    account(service.city, "lage", Role.PRESS)
    visitor.sign_in("lage")
    visitor.post("/sign-out")
    stranger = Visitor(service.city, service.url)
    for _ in range(6):
        answer = stranger.sign_in("lage", "falsch")
    assert answer.status_code == 429
    assert visitor.sign_in("lage").status_code == 200
    visitor.post("/sign-out")
    for _ in range(6):
        answer = visitor.sign_in("lage", "falsch")
    assert answer.status_code == 429


def test_it_does_not_take_another_names_browser_for_known(
    service: System, visitor: Visitor
) -> None:
    account(service.city, "presse", Role.PRESS)
    account(service.city, "lage", Role.PRESS)
    visitor.sign_in("presse")
    visitor.post("/sign-out")
    for _ in range(5):
        Visitor(service.city, service.url).sign_in("lage", "falsch")
    assert visitor.sign_in("lage").status_code == 429


def test_it_ends_a_session_in_which_nobody_does_anything(
    desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = desk(Role.PRESS)
    later = access.time.time() + 31 * 60
    monkeypatch.setattr(access.time, "time", lambda: later)
    page = visitor.get("/account/")
    assert page.url.path == "/desk/sign-in"
    assert "weil eine Weile nichts geschah" in page.text


def test_it_does_not_take_a_pages_own_requests_for_a_person(
    desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, now = desk(Role.PRESS), access.time.time()
    for minute in range(5, 40, 5):
        monkeypatch.setattr(access.time, "time", lambda at=now + minute * 60: at)
        answer = visitor.get("/", headers={access.LIVE: "1"})
    assert answer.status_code == 401


def test_it_ends_sessions_with_the_account(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    with db.session():
        staff.disable(staff.get("press-de"))
    assert visitor.get("/").url.path == "/desk/sign-in"
    assert visitor.sign_in("press-de").status_code == 422


def test_it_goes_on_to_where_one_wanted_to_go_and_nowhere_else(
    service: System, visitor: Visitor
) -> None:
    account(service.city, "presse", Role.PRESS)
    visitor.get("/account/?next=https://evil.example/")
    assert visitor.sign_in("presse").url.path == "/desk/account/"
    visitor.post("/sign-out")
    visitor.get("//evil.example/")
    assert visitor.sign_in("presse").url.host == "127.0.0.1"


def test_it_writes_sign_ins_into_the_trail_and_never_what_was_typed(
    service: System, visitor: Visitor
) -> None:
    account(service.city, "presse", Role.PRESS)
    visitor.sign_in(PASSWORD, "presse")  # the two fields mixed up
    visitor.sign_in("presse", "falsch")
    visitor.sign_in("presse")
    visitor.post("/sign-out")
    with db.session():
        rows = [(row.staff, row.act) for row in audit.newest()]
        assert audit.verify(service.city.audit_key).is_whole
    assert rows == [
        ("presse", "sign-out"),
        ("presse", "sign-in"),
        ("presse", "sign-in failed"),
        ("unknown", "sign-in failed"),
    ]


def test_it_speaks_english_to_who_wants_it(service: System, visitor: Visitor) -> None:
    token = fields(visitor.get("/sign-in").text)["csrf_token"]
    page = visitor.http.post("/language", data={"language": "en", "csrf_token": token})
    assert heading(page.text) == "Sign in"
    assert 'lang="en"' in page.text


def test_it_marks_its_cookie_for_https_where_there_is_https(service: System) -> None:
    from bot.desk.app import create_desk

    desk = create_desk(service.city)
    assert desk.config["SESSION_COOKIE_HTTPONLY"]
    assert desk.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert not desk.config["SESSION_COOKIE_SECURE"]  # the test's own address is plain HTTP
