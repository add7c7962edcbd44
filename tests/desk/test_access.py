"""Who may open what: every page, for every role and for nobody; and what protects each page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.app import create_web
from bot.desk import access, areas
from bot.desk.app import HEADERS, LARGEST_REQUEST, create_desk
from broadcasts import clock, db
from broadcasts.delivery.states import BroadcastKind, DeliveryState
from broadcasts.newsroom import alerts, answers, posts, prepared, proposals, releases
from broadcasts.newsroom.posts import Written
from broadcasts.people import inbox, notices, staff
from broadcasts.people.staff import Role
from broadcasts.saying import say
from broadcasts.settings import FeedSettings
from tests.delivery.makers import reader, sent
from tests.desk.conftest import Open
from tests.desk.visitor import PASSWORD, Visitor, account, fields
from tests.system import System, running

PRESS, EMERGENCY, PRIVACY, ADMIN = (frozenset({role}) for role in Role)
STAFF = frozenset(Role)
STRANGERS: frozenset[Role] = frozenset()
"""Without signing in, and nothing else than these."""

TABLE: dict[str, dict[str, frozenset[Role]]] = {
    "static": {"": STRANGERS},
    "signin": dict.fromkeys(("form", "enter", "code", "use_code", "out", "choose"), STRANGERS),
    "account": dict.fromkeys(
        ("page", "first_password", "change_password", "code", "set_code"), STAFF
    ),
    "notices": {"mark_seen": STAFF},
    "today": dict.fromkeys(("page", "live"), STAFF),
    "posts": dict.fromkeys(
        (
            *("listing", "past", "new", "add", "edit", "change", "move", "withdraw", "queue"),
            *("duplicate", "preview", "keep_draft", "drop_draft", "picture"),
        ),
        PRESS,
    ),
    "feeds": dict.fromkeys(("page", "fetch", "correct", "take_over", "dismiss"), PRESS),
    "corrections": {"add": PRESS},
    "digest": dict.fromkeys(("page", "ask", "send", "try_out"), PRESS),
    "service_notices": dict.fromkeys(("page", "look", "send"), PRESS),
    "alerts": dict.fromkeys(
        ("page", "live", "show", "fate", "outlook", "release", "alone", "refuse"), EMERGENCY
    ),
    "alerts.writing": dict.fromkeys(("new", "add", "preview", "follow", "add_follow"), EMERGENCY),
    "alerts.texts": dict.fromkeys(("listing", "new", "add", "edit", "change", "drop"), EMERGENCY),
    "broadcasts": {
        **dict.fromkeys(("listing", "page", "live", "acts", "curve", "failures", "export"), STAFF),
        **dict.fromkeys(("ask_stop", "stop", "resume"), PRESS | EMERGENCY),
    },
    "inbox": dict.fromkeys(
        (
            *("listing", "live", "search", "page", "news", "picture", "show", "export"),
            *("answer", "assign", "identity", "close", "reopen"),
        ),
        PRESS | EMERGENCY,
    ),
    "canned": dict.fromkeys(("listing", "new", "add", "edit", "change", "drop"), PRESS | EMERGENCY),
    "subscribers": dict.fromkeys(("page", "export"), STAFF),
    "person": dict.fromkeys(
        (
            *("form", "find", "show", "opt_out", "export", "ask_erasure", "erase"),
            *("correct", "restrict", "lift", "object_to_reading", "take_objection_back"),
            "resume",
        ),
        PRIVACY,
    ),
    "proofs": dict.fromkeys(("page", "receipt", "look", "found", "live"), PRIVACY),
    "statistics": dict.fromkeys(("page", "reach_file", "costs_file", "answers_file"), STAFF),
    "health": {**dict.fromkeys(("page", "live", "check", "templates"), STAFF), "sync": ADMIN},
    "settings": {"page": ADMIN},
    "staff": dict.fromkeys(("listing", "new", "add", "edit", "change", "disable", "reset"), ADMIN),
    "audit": dict.fromkeys(("listing", "check", "live", "export"), ADMIN | PRIVACY),
    "retention": {"page": ADMIN | PRIVACY},
}
"""Area → page → who may open it. A new page needs its line here as well as in its area."""

ROWS = {
    f"{area}.{page}".rstrip("."): who for area, row in TABLE.items() for page, who in row.items()
}


def test_it_knows_every_page_and_who_may_open_it(service: System) -> None:
    pages = {rule.endpoint for rule in create_desk(service.city).url_map.iter_rules()}
    assert pages == set(ROWS)
    assert areas.rules() == ROWS


# ------------------------------------------------------------------ every page has something


@pytest.fixture
def things(service: System) -> dict[str, dict[str, Any]]:
    """Area or page → what its address wants, of things that are there."""
    room = service.city.newsroom
    citizen = reader(1)
    inbox.receive(citizen, kind="image", text="", media="1", at=clock.now())
    post = posts.add(room, Written("Markt", on=clock.today(service.city.zone)))
    digest = sent({DeliveryState.QUEUED: 1})
    alert = sent({DeliveryState.SENT: 1}, kind=BroadcastKind.ALERT)
    asked = releases.ask(room, alerts.Draft(BroadcastKind.ALERT, "Hochwasser"), by="lage")
    kept = prepared.keep(
        title="Rauch", text="Fenster zu", severity=alerts.Severity.DANGER, minutes=60, by="lage"
    )
    said = answers.keep_canned("Öffnungszeiten", "Montag bis Freitag", language="", by="presse")
    notices.tell(say("the text is empty"))
    service.city.settings.feeds["presse"] = FeedSettings(url="https://a.example")
    proposals.propose(post, "presse", Written("Markt"), clock.now())
    colleague, _ = staff.add("kollegin", [Role.PRIVACY])
    media = service.city.config.media_dir
    media.mkdir(exist_ok=True)
    (media / "markt.jpg").write_bytes(b"\xff\xd8")
    picture = inbox.Picture.get()
    inbox.Picture.update(state=inbox.PictureState.KEPT).execute()
    inbox.path_of(media, picture.file).parent.mkdir()
    inbox.path_of(media, picture.file).write_bytes(b"\xff\xd8")
    return {
        "static": {"filename": "desk.css"},
        "today.live": {"part": "state"},
        "notices": {"id": 1},
        "posts": {"id": post.id, "name": "markt.jpg"},
        "alerts.writing": {"id": alert.id, "kind": "update"},
        "alerts.texts": {"id": kept.id},
        "inbox.picture": {"id": picture.id},
        "inbox": {"id": inbox.Conversation.get().id},
        "canned": {"id": said.id},
        "feeds": {"id": 1, "name": "presse"},
        "corrections": {"id": post.id},
        "alerts": {"id": asked.id},
        "broadcasts": {"id": digest.id},
        "emergency": {"id": alert.id},
        "staff": {"id": colleague.id},
    }


def requests(
    service: System, things: dict[str, dict[str, Any]], role: Role | None = None
) -> Iterator[tuple[str, str, str]]:
    """(page, method, address) of every page; what throws something away comes last."""
    url_map = create_desk(service.city).url_map
    addresses = url_map.bind("localhost")
    for rule in sorted(url_map.iter_rules(), key=_when):
        area = rule.endpoint.rpartition(".")[0] or rule.endpoint
        if (area, role) == ("broadcasts", Role.EMERGENCY):
            area = "emergency"  # they stop alerts, and the press office digests
        known = things.get(rule.endpoint) or things.get(area, {})
        values = {name: known[name] for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, addresses.build(rule.endpoint, values, method)


def _when(rule: Any) -> tuple[bool, bool, str]:
    return "POST" in rule.methods, rule.endpoint.endswith(".drop"), rule.endpoint


def ask(visitor: Visitor, method: str, path: str, token: str = "") -> httpx.Response:
    data = {"csrf_token": token} if token else None
    return visitor.http.request(method, path, data=data, follow_redirects=False)


# ------------------------------------------------------------------ every page × everybody


def test_it_is_open_to_strangers_only_where_it_must_be(
    service: System, things: dict[str, dict[str, Any]]
) -> None:
    visitor = Visitor(service.city, service.url)
    for page, method, path in requests(service, things):
        token = fields(visitor.get("/sign-in").text)["csrf_token"]
        answer = ask(visitor, method, path, token if method == "POST" else "")
        is_sent_away = answer.headers.get("location") == "/desk/sign-in"
        if ROWS[page]:
            assert (answer.status_code, is_sent_away) == (302, True), (page, method)
        else:
            assert answer.status_code < 500, (page, method)
            assert answer.status_code not in (401, 403, 404), (page, method)


@pytest.mark.parametrize("role", list(Role))
def test_it_opens_to_each_role_what_its_row_says(
    service: System, desk: Open, things: dict[str, dict[str, Any]], role: Role
) -> None:
    visitor = desk(role)
    token = visitor.token()
    for page, method, path in requests(service, things, role):
        if not ROWS[page]:
            continue
        answer = ask(visitor, method, path, token if method == "POST" else "")
        if role in ROWS[page]:
            assert answer.headers.get("location") != "/desk/sign-in", (page, method)
            assert answer.status_code < 500, (page, method)
            assert answer.status_code not in (401, 403, 404, 405), (page, method)
        else:
            assert answer.status_code == 403, (page, method)


def test_it_takes_no_change_without_the_token_of_its_own_page(
    service: System, desk: Open, things: dict[str, dict[str, Any]]
) -> None:
    visitor = desk(*Role)
    for page, method, path in requests(service, things):
        if method != "GET":
            assert ask(visitor, method, path).status_code == 400, page
            assert ask(visitor, method, path, "another's").status_code == 400, page


def test_it_changes_nothing_when_a_page_is_only_looked_at(service: System) -> None:
    for rule in create_desk(service.city).url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), rule.endpoint


def test_it_asks_a_pages_own_requests_to_sign_in_by_401(service: System) -> None:
    visitor = Visitor(service.city, service.url)
    answer = visitor.http.get("/live/state", headers={access.LIVE: "1"}, follow_redirects=False)
    assert answer.status_code == 401


# ------------------------------------------------------------------ what protects every page


def check_headers(answer: Any) -> None:
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_it_protects_every_page_and_every_error(
    service: System, desk: Open, things: dict[str, dict[str, Any]]
) -> None:
    visitor = desk(*Role)
    for page, method, path in requests(service, things):
        if method == "GET":
            answer = visitor.get(path)
            check_headers(answer)
            if page != "static":
                assert answer.headers["cache-control"] == "no-store", page
    assert "unknown page" not in visitor.get("/no-such-page").text
    for answer, code in (
        (visitor.get("/no-such-page"), 404),
        (visitor.get("/static/no-such-file.css"), 404),
        (visitor.http.delete("/"), 405),
        (visitor.http.post("/sign-out"), 400),
    ):
        assert answer.status_code == code
        check_headers(answer)


@pytest.fixture
def within(service: System) -> tuple[Flask, FlaskClient]:
    """The desk itself, and a browser of nobody in front of it."""
    made = create_desk(service.city)
    return made, made.test_client()


INTERNALS = re.compile(r"Traceback|File \"|\.py\b|werkzeug|flask|peewee|SELECT |geheim", re.I)


def test_it_shows_nothing_of_its_inside_when_something_breaks(
    within: tuple[Flask, FlaskClient],
) -> None:
    made, browser = within

    def broken() -> str:
        raise RuntimeError("geheim")

    def no_database() -> str:
        raise db.DatabaseError("SELECT geheim")

    for view, code in ((broken, 500), (no_database, 503)):
        made.view_functions["signin.form"] = view
        answer = browser.get("/sign-in")
        assert answer.status_code == code
        assert not INTERNALS.search(answer.text)
        check_headers(answer)


def test_it_says_so_when_the_database_is_away_before_anybody_is_known(
    desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = desk(Role.PRESS)

    def away(*arguments: object) -> None:
        raise db.DatabaseError("SELECT geheim")

    monkeypatch.setattr(staff, "of_session", away)
    answer = visitor.get("/")
    assert answer.status_code == 503
    assert "<h1>" in answer.text
    assert not INTERNALS.search(answer.text)
    check_headers(answer)


def test_it_refuses_what_is_too_large(within: tuple[Flask, FlaskClient]) -> None:
    _, browser = within
    answer = browser.post("/sign-in", data={"name": "x" * (LARGEST_REQUEST + 1)})
    assert answer.status_code == 413
    assert not INTERNALS.search(answer.text)
    check_headers(answer)


@pytest.mark.parametrize(
    "path", ["/no-such-page", "/posts/99999999999999999999", "/%00", "/../.env"]
)
def test_it_says_no_more_than_that_there_is_no_such_page(desk: Open, path: str) -> None:
    answer = desk(Role.PRESS).get(path)
    assert answer.status_code == 404
    assert not INTERNALS.search(answer.text)


# ------------------------------------------------------------------ cookies and redirects


def test_it_keeps_its_cookies_to_itself(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url, loops=False, public_url='"https://localhost"') as system:
        account(system.city, "presse", Role.PRESS)
        browser = create_web(system.city).test_client()
        base = {"base_url": "https://localhost"}
        page = browser.get("/desk/sign-in", **base)
        typed = {**fields(page.text), "name": "presse", "password": PASSWORD}
        answer = browser.post(
            "/desk/sign-in",
            data=typed,
            headers={"Referer": "https://localhost/desk/sign-in"},
            **base,
        )
        assert answer.status_code == 302
        cookies = answer.headers.getlist("Set-Cookie")
        assert {one.partition("=")[0] for one in cookies} == {"stadtbote_desk", "stadtbote_device"}
        for cookie in cookies:
            assert {"Secure", "HttpOnly", "Path=/desk", "SameSite=Lax"} <= set(cookie.split("; "))
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/\\evil.example/",
        "/account/?next=https://evil.example/",
        "/account/?next=//evil.example",
        "/@evil.example",
    ],
)
def test_it_leads_nowhere_else(service: System, path: str) -> None:
    account(service.city, "presse", Role.PRESS)
    visitor = Visitor(service.city, service.url)
    visitor.get(path)
    token = fields(visitor.get("/sign-in", headers={"Host": "evil.example"}).text)["csrf_token"]
    answer = visitor.http.post(
        "/sign-in",
        data={"name": "presse", "password": PASSWORD, "csrf_token": token},
        headers={"Host": "evil.example"},
        follow_redirects=False,
    )
    assert answer.status_code == 302
    assert re.match(r"/desk/(?![/\\])", answer.headers["location"])
