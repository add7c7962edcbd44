"""Staff with a browser that has no script: follows links, fills in forms."""

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pyotp

from bot.city import City
from broadcasts import db
from broadcasts.people import staff
from broadcasts.people.staff import Role
from broadcasts.privacy import keys

PASSWORD = "Nachtigall-im-Rathaus"


class _Fields(HTMLParser):
    """What the forms of a page hold: name → value."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self._area = name
            self.found[name] = ""
        elif tag == "input" and name and given.get("type") not in ("submit", "checkbox", "radio"):
            self.found[name] = given.get("value") or ""
        elif tag == "input" and name and "checked" in given:
            self.found[name] = given.get("value") or "y"

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def fields(page: str) -> dict[str, str]:
    reader = _Fields()
    reader.feed(page)
    return reader.found


class Visitor:
    """One browser; `url` is the service's."""

    def __init__(self, city: City, url: str) -> None:
        self.city = city
        self.http = httpx.Client(base_url=f"{url}/desk", follow_redirects=True, timeout=20)
        self.secret = ""

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)

    def token(self) -> str:
        """Of the present session, as every page with a form carries it."""
        return (
            fields(self.get("/account/").text).get("csrf_token")
            or fields(self.get("/sign-in").text)["csrf_token"]
        )

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return self.http.post(path, data={"csrf_token": self.token(), **(data or {})}, **more)

    def send(self, path: str, values: dict[str, Any], *, to: str = "", **more: Any) -> Any:
        """Opens a page, fills in its form as it stands, sends it (to the same address)."""
        typed = {**fields(self.get(path).text), **values}
        return self.http.post(to or path, data=typed, **more)

    def sign_in(self, name: str, password: str = PASSWORD, *, stay: bool = False) -> httpx.Response:
        """`stay`: without a look at the page it leads to."""
        follow = {"follow_redirects": False} if stay else {}
        answer = self.send("/sign-in", {"name": name, "password": password}, **follow)
        if "/sign-in/code" in f"{answer.url} {answer.headers.get('location')}":
            answer = self.send("/sign-in/code", {"code": self.code()}, **follow)
        return answer

    def code(self) -> str:
        return pyotp.TOTP(self.secret).now()


def account(city: City, name: str, *roles: Role, language: str = "de") -> str:
    """An account that is set up; gives the secret of its one-time codes."""
    with db.session():
        made, _ = staff.add(name, roles, language=language)
        staff.set_password(made, PASSWORD)
        secret = staff.new_code_secret()
        if made.needs_code:
            made.code_secret = (
                keys.fernet(city.config.secret_key, "codes").encrypt(secret.encode()).decode()
            )
            made.save()
    return secret


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""


def signed_in(city: City, url: str, *roles: Role, language: str = "de") -> Visitor:
    """A visitor with a fresh account of these roles."""
    visitor = Visitor(city, url)
    name = "-".join(sorted(roles)) + f"-{language}"
    with db.session():
        is_there = staff.find(name)
    assert is_there is None, "one account per roles and test"
    visitor.secret = account(city, name, *roles, language=language)
    # The page of the day counts a good deal behind its own back.
    answer = visitor.sign_in(name, stay=True)
    assert answer.status_code == 302, answer.text
    assert "/sign-in" not in answer.headers["location"]
    return visitor
