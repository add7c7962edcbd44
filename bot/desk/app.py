"""The desk's own Flask application: sessions, headers, errors.

Owns: what holds for every page. Never: a page. Made by bot/app when somebody first opens the desk.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from flask import Flask, Response, current_app, g, render_template, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.city import City
from bot.desk import access, areas, charts, here, language, subject_fields, words
from broadcasts import clock, db
from broadcasts.delivery import holds, keeping_hours
from broadcasts.faults import let_go, where
from broadcasts.newsroom import alerts, releases
from broadcasts.people import notices, staff
from broadcasts.privacy import keys

log = logging.getLogger(__name__)

LARGEST_REQUEST = 8 * 1024 * 1024
"""Bytes: a picture of 5 MB and the words around it."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": the check against forged requests wants it over HTTPS.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_desk(city: City) -> Flask:
    desk = Flask("bot.desk", static_folder="static", template_folder="templates")
    is_https = city.settings.city.public_url.startswith("https://")
    desk.config.update(
        SECRET_KEY=keys.derive(city.config.secret_key, "sessions"),
        SESSION_COOKIE_NAME="stadtbote_desk",
        SESSION_COOKIE_PATH="/desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Over plain HTTP (a demonstration on one's own machine) it would never come back.
        SESSION_COOKIE_SECURE=is_https,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a draft may take a morning
        WTF_I18N_ENABLED=False,  # forms.DeskForm
    )
    desk.extensions[here.CITY] = city
    desk.jinja_env.trim_blocks = desk.jinja_env.lstrip_blocks = True
    CSRFProtect(desk)
    _sign_ins(desk)
    language.prepare(desk)
    rules = areas.rules()
    access.guard(desk, rules)
    for blueprint in areas.blueprints():
        desk.register_blueprint(blueprint)
    _context(desk, city, rules)
    _headers(desk, is_https=is_https)
    _errors(desk)
    if city.settings.desk.behind_proxy:
        desk.wsgi_app = ProxyFix(desk.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]  # Flask's own way
    return desk


def _sign_ins(desk: Flask) -> None:
    manager = LoginManager(desk)
    manager.session_protection = None  # staff on the move change networks; sessions end when idle

    def load(token: str) -> staff.Staff | None:
        number, _, key = token.partition(":")
        return staff.of_session(int(number), key) if number.isdigit() else None

    manager.user_loader(load)


def _context(desk: Flask, city: City, rules: dict[str, access.Rule]) -> None:
    @desk.context_processor
    def shared() -> dict[str, object]:
        signed_in = here.is_signed_in()
        entries = areas.menu(city.settings) if signed_in else []
        return {
            "city_name": city.settings.city.name,
            "me": here.me() if signed_in else None,
            "menu": [entry for entry in entries if access.may_open(rules, entry.endpoint)],
            "may_open": lambda endpoint: signed_in and access.may_open(rules, endpoint),
            "now": clock.now(),
            # Asked for by the layout only: parts of pages and errors have no use for them.
            "notices": lambda: notices.unseen(here.me()) if signed_in else [],
            "alert_requests": lambda: releases.waiting(clock.now()),
        }

    desk.jinja_env.globals.update(
        chart=charts.lines,
        alert_times=alerts.times,
        held_until=lambda row: keeping_hours.held_until(row, clock.now()),
        refused=lambda row: holds.unpack(row.refused),
    )
    for name, table in (
        ("channel", words.CHANNELS),
        ("wants", words.WANTS),
        ("tongue", words.LANGUAGES),
        ("deed", words.DEEDS),
        ("price_category", words.PRICE_CATEGORIES),
    ):
        desk.jinja_env.filters[name] = partial(_word, table)
    desk.jinja_env.filters["kind"] = lambda name: str(words.KINDS[name])
    desk.jinja_env.filters["messenger"] = lambda kind: str(
        words.CHANNELS.get(kind) or language.gettext("The messenger")
    )
    desk.jinja_env.filters["subjects"] = subject_fields.named
    desk.jinja_env.filters["alert_name"] = lambda row: language.said(releases.name_of(row))
    desk.jinja_env.filters["request_state"] = lambda name: str(words.REQUEST_STATES[name])
    desk.jinja_env.filters["cause"] = words.cause
    desk.jinja_env.filters["reason"] = words.reason
    desk.jinja_env.filters["delivery_state"] = lambda name: str(words.DELIVERY_STATES[name])


def _word(table: Mapping[str, object], name: str) -> str:
    return str(table.get(name, name or "–"))


def _headers(desk: Flask, *, is_https: bool) -> None:
    @desk.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _errors(desk: Flask) -> None:
    """Says what happened, never what is inside."""

    @desk.errorhandler(CSRFError)
    def forged(error: CSRFError) -> tuple[str, int]:
        return render_template("error.html", code=400, kind="forged"), 400

    @desk.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | tuple[str, int]:
        code = error.code or 500
        try:
            return render_template("error.html", code=code, kind=str(code)), code
        except db.DatabaseError:
            return _alone(code)

    @desk.errorhandler(OverflowError)
    def too_large(error: OverflowError) -> tuple[str, int]:
        """A number in an address that no row can have."""
        return render_template("error.html", code=404, kind="404"), 404

    @desk.errorhandler(db.DatabaseError)
    def no_database(error: Exception) -> tuple[str, int]:
        log.error("desk page=%s error=%s", request.endpoint, where(error))
        let_go(error)
        return _alone(503)

    @desk.errorhandler(Exception)
    def failed(error: Exception) -> tuple[str, int]:
        log.error("desk page=%s error=%s", request.endpoint, where(error))
        let_go(error)
        return _alone(500)


def _alone(code: int) -> tuple[str, int]:
    """A page that asks nobody, not even who is signed in: the database may be what is away."""
    g.setdefault("language", here.strangers_language())
    page = current_app.jinja_env.get_template("error.html")
    return page.render(code=code, kind=str(code), alone=True), code
