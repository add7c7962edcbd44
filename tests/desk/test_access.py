"""Who may open what: every page, for every role and for nobody."""

import re

import httpx
import pytest

from bot.desk import areas
from bot.desk.app import create_desk
from broadcasts.people.staff import Role
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor
from tests.system import System

OPEN = {
    "static",
    "signin.form",
    "signin.enter",
    "signin.code",
    "signin.use_code",
    "signin.out",
    "signin.choose",
}
"""Without signing in, and nothing else."""


def routes(service: System) -> list[tuple[str, str, str]]:
    """(endpoint, method, path) of every page, with 1 and the like where a page wants a number."""
    found = []
    for rule in create_desk(service.city).url_map.iter_rules():
        path = re.sub(r"<(int:)?\w+>", "1", rule.rule).replace("<path:filename>", "desk.css")
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        found += [(rule.endpoint, method, path) for method in methods]
    return found


def test_it_has_a_row_for_every_page(service: System) -> None:
    pages = {endpoint for endpoint, _, _ in routes(service)}
    assert pages == set(areas.rules())


def test_it_is_open_to_strangers_only_where_it_must_be(service: System) -> None:
    visitor = Visitor(service.city, service.url)
    for endpoint, method, path in routes(service):
        answer = ask(visitor, method, path)
        if endpoint not in OPEN:
            assert answer.status_code in (302, 400), endpoint
            assert method == "POST" or answer.headers["location"] == "/desk/sign-in", endpoint


def ask(visitor: Visitor, method: str, path: str, **data: str) -> httpx.Response:
    return visitor.http.request(method, path, data=data or None, follow_redirects=False)


@pytest.mark.parametrize("role", list(Role))
def test_it_opens_to_each_role_what_its_row_says(service: System, desk: Open, role: Role) -> None:
    visitor, rules = desk(role), areas.rules()
    token = visitor.token()
    for endpoint, method, path in routes(service):
        if endpoint in OPEN:
            continue
        data = {"csrf_token": token} if method == "POST" else {}
        answer = ask(visitor, method, path, **data)
        assert (answer.status_code == 403) == (role not in rules[endpoint]), endpoint


def test_it_takes_no_change_without_the_token_of_its_own_page(service: System, desk: Open) -> None:
    visitor = desk(*Role)
    for endpoint, method, path in routes(service):
        if method != "GET":
            assert ask(visitor, method, path).status_code == 400, endpoint


def test_it_says_on_every_page_what_may_be_loaded(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    for path in ("/", "/account/", "/no-such-page", "/static/desk.css"):
        headers = visitor.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert visitor.get("/").headers["cache-control"] == "no-store"
