"""Accounts of the desk, for administrators."""

import re

import pytest

from broadcasts.people import staff
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.desk.conftest import Open
from tests.desk.visitor import PASSWORD, Visitor, account, heading
from tests.system import System

pytestmark = pytest.mark.usefixtures("service")


def shown(page: str) -> str:
    found = re.search(r'class="secret">([^<]+)<', page)
    assert found
    return found[1]


def id_of(name: str) -> int:
    return int(staff.get(name).id)


def test_it_makes_an_account_and_shows_its_password_once(service: System, desk: Open) -> None:
    visitor = desk(Role.ADMIN)
    page = visitor.post("/staff/new", {"name": " M.Muster ", "roles": "press", "language": "en"})
    assert heading(page.text) == "Erstpasswort von m.muster"
    password = shown(page.text)
    assert password not in visitor.get("/staff/").text
    other = Visitor(service.city, service.url)
    assert heading(other.sign_in("m.muster", password).text) == "Choose your password"
    (entry,) = audit.newest(act="staff added")
    assert (entry.staff, entry.about, entry.detail) == (
        "admin-de",
        "m.muster",
        {"roles": ["press"]},
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "x y", "roles": "press"}, "ein Name hat 3 bis 60 Zeichen"),
        ({"name": "m.muster"}, "mindestens eine Rolle"),
        ({"name": "admin-de", "roles": "press"}, "gibt schon ein Konto"),
        ({"name": "m.muster", "roles": "mayor"}, "error"),
        ({"name": "", "roles": "press"}, "error"),
    ],
)
def test_it_says_beside_the_field_what_is_wrong(
    desk: Open, typed: dict[str, str], said: str
) -> None:
    page = desk(Role.ADMIN).post("/staff/new", {"language": "de", **typed})
    assert page.status_code == 422
    assert said in page.text
    assert f'value="{typed["name"]}"' in page.text


def test_it_changes_roles_at_once(service: System, desk: Open) -> None:
    account(service.city, "kollegin", Role.PRESS)
    other = Visitor(service.city, service.url)
    other.sign_in("kollegin")
    assert other.get("/posts/").status_code == 200
    page = desk(Role.ADMIN).post(f"/staff/{id_of('kollegin')}", {"roles": "privacy"})
    assert "Datenschutz" in page.text
    assert other.get("/posts/").status_code == 403
    (entry,) = audit.newest(act="staff roles changed")
    assert entry.detail == {"before": ["press"], "roles": ["privacy"]}


def test_it_disables_and_opens_again(service: System, desk: Open) -> None:
    account(service.city, "kollegin", Role.PRESS)
    other = Visitor(service.city, service.url)
    other.sign_in("kollegin")
    visitor, id = desk(Role.ADMIN), id_of("kollegin")
    assert "nicht mehr anmelden" in visitor.post(f"/staff/{id}/disable").text
    assert other.get("/").url.path == "/desk/sign-in"
    assert other.sign_in("kollegin").status_code == 422
    assert "Wieder öffnen" in visitor.get(f"/staff/{id}").text
    password = shown(visitor.post(f"/staff/{id}/reset").text)
    assert other.sign_in("kollegin", PASSWORD).status_code == 422
    assert heading(other.sign_in("kollegin", password).text) == "Wählen Sie Ihr Passwort"
    acts = [row.act for row in audit.newest() if row.staff == "admin-de"]
    assert acts[:2] == ["staff reset", "staff disabled"]


def test_it_lets_nobody_lock_themselves_out(service: System, desk: Open) -> None:
    account(service.city, "zweite", Role.ADMIN)
    visitor = desk(Role.ADMIN)
    me = id_of("admin-de")
    assert "niemand sperrt sich selbst aus" in visitor.post(f"/staff/{me}/disable").text
    assert "niemand sperrt sich selbst aus" in visitor.post(f"/staff/{me}/reset").text
    page = visitor.post(f"/staff/{me}", {"roles": "press"})
    assert page.status_code == 422
    assert "nimmt sich niemand selbst" in page.text
    assert visitor.get("/staff/").status_code == 200
    assert "Disable" not in visitor.get(f"/staff/{me}").text


def test_it_has_no_page_for_an_account_that_is_not_there(desk: Open) -> None:
    visitor = desk(Role.ADMIN)
    assert visitor.get("/staff/4711").status_code == 404
    assert visitor.post("/staff/4711/disable").status_code == 404
