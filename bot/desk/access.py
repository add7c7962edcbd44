"""Who may open what: a table, and the guard before every page.

Owns: the rules of access. Never: signs anybody in. Each area brings its rows; a page without a row
is closed to everybody, and a test fails.
"""

import time
from collections.abc import Mapping

from flask import Flask, abort, redirect, request, session, url_for
from werkzeug.wrappers import Response

from bot.desk import here, interrupted
from broadcasts.people.staff import Role, Staff

Rule = frozenset[Role]

PUBLIC: Rule = frozenset()
"""Without signing in."""
ANYBODY: Rule = frozenset(Role)
"""All staff."""

UNFINISHED = frozenset(
    {
        "account.first_password",
        "account.change_password",
        "account.code",
        "account.set_code",
    }
)
"""What is open while password or one-time codes are still to be set up."""

LIVE = "X-Live"
"""Header of requests that a page makes by itself: they are no sign of a person."""

LONGEST = 12 * 3600
"""Seconds after which everybody signs in again."""


def only(*roles: Role) -> Rule:
    return frozenset(roles)


def guard(app: Flask, rules: Mapping[str, Rule]) -> None:
    """Every request passes here before its page."""

    @app.before_request
    def check() -> Response | None:
        if request.endpoint is None:
            return None  # no such page: 404 for everybody
        if request.endpoint not in rules:
            abort(403)
        rule = rules[request.endpoint]
        if not rule:
            return None
        if not here.is_signed_in() or _is_over():
            return _to_sign_in()
        unfinished = _unfinished(here.me())
        if unfinished and request.endpoint not in UNFINISHED:
            return redirect(url_for(unfinished))
        if not here.me().has(rule):
            abort(403)
        return None


def _is_over() -> bool:
    """Idle for too long, or signed in since this morning. Being here counts as not idle."""
    now = time.time()
    idle = here.city().settings.desk.idle_after.total_seconds()
    over: bool = now - session.get("seen", 0) > idle or now - session.get("began", 0) > LONGEST
    if over:
        here.note("session ended", reason="idle")
        interrupted.end()
        session["ended"] = "idle"
    elif LIVE not in request.headers:
        session["seen"] = int(now)
    return over


def _to_sign_in() -> Response:
    if "_user_id" in session:
        # Signed out in another browser, or password, codes or account have changed.
        interrupted.end()
        session["ended"] = "elsewhere"
    if LIVE in request.headers:
        abort(401)
    if request.method == "GET":
        # Kept on our side: an address in the page's own would be an open redirect.
        session["next"] = request.full_path if request.query_string else request.path
    else:
        interrupted.hold()
    return redirect(url_for("signin.form"))


def _unfinished(staff: Staff) -> str | None:
    """The page that must come first, if any."""
    if staff.is_first_password:
        return "account.first_password"
    if staff.needs_code and staff.code_secret is None:
        return "account.code"
    return None


def may_open(rules: Mapping[str, Rule], endpoint: str) -> bool:
    """For the menu: nobody is shown a door that is closed to them."""
    return here.me().has(rules[endpoint])
