"""How the service is: what `doctor` and `readiness` say, and the templates.

Owns: the pages around them. Never: a check (bot/checks, bot/provider). Part of the desk.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot import health as doctor
from bot.desk import counted, here
from bot.desk.access import ANYBODY, only
from bot.desk.language import gettext, lazy
from bot.provider import refusal
from broadcasts import clock, db, figures
from broadcasts.channels.base import ProviderError
from broadcasts.newsroom import template_overview, template_sync
from broadcasts.people.staff import Role
from broadcasts.saying import Said, pack, unpack

pages = Blueprint("health", __name__, url_prefix="/health")
ACCESS = {
    "page": ANYBODY,
    "live": ANYBODY,
    "check": ANYBODY,
    "templates": ANYBODY,
    "sync": only(Role.ADMIN),
}
MENU = (("page", lazy("Health")),)

ASK_AFTER = timedelta(hours=7)
"""The scheduler asks every six hours; where none runs, whoever looks does."""

SYNC = "templates sync"
TONES = ("bad", "warn", "good")
"""What is wrong stands first."""

TITLES: Mapping[str, Any] = {
    "processes": lazy("Processes"),
    "examples": lazy("Values of the example"),
    "privacy_notice": lazy("Privacy notice"),
    "contact_picture": lazy("Picture of the contact card"),
    "configuration": lazy("Configuration"),
    "secrets": lazy("Secrets"),
    "database": lazy("Database"),
    "credentials": lazy("Access to the provider"),
    "token": lazy("Access token"),
    "provider": lazy("Templates at the provider"),
    "templates": lazy("Templates"),
    "number": lazy("Sending number"),
    "fetching": lazy("Fetching what comes in"),
    "feeds": lazy("Feed"),
    "topics": lazy("Topics"),
    "webhook": lazy("Way of incoming messages"),
    "bot": lazy("Name of the bot"),
    "page": lazy("Name of the page"),
    "token_end": lazy("End of the access token"),
    "review": lazy("Meta's review of the app"),
    "broadcast": lazy("Broadcast"),
    "not_understood": lazy("Not understood"),
    "journal": lazy("Incoming messages"),
    "disk": lazy("Disk"),
    "clock": lazy("Clock"),
    "backup": lazy("Backup"),
    "erasures": lazy("Erasures"),
}
"""Check → its name; of "number.123" the first word counts, of "whatsapp.token" the last."""


def title(id: str) -> str:
    first, _, rest = id.partition(".")
    if first in TITLES and not rest:
        return str(TITLES[first])
    if rest in TITLES:
        return str(TITLES[rest])
    return f"{TITLES[first]} {rest}" if first in TITLES else id


def keep_asking() -> None:
    """Asks the provider behind the page's back if nobody has for long."""
    last = figures.kept(doctor.ASKED)
    if last is None or clock.now() - last.computed_at > ASK_AFTER:
        doctor.ask_again(here.city())


@pages.get("/")
def page() -> str:
    keep_asking()
    return render_template("health/page.html", **_found(), **_ready())


@pages.get("/live")
def live() -> str:
    return render_template("health/_checks.html", **_found())


LEVELS = ("bad", "warn", "none", "ok")


def _found() -> dict[str, Any]:
    checks, asked_at = doctor.known(here.city())
    return {
        "checks": sorted(checks, key=lambda check: LEVELS.index(check.level)),
        "asked_at": asked_at,
        "is_asking": doctor.is_asking(),
        "title_of": title,
    }


def _ready() -> dict[str, Any]:
    found = counted.ready()
    if found is None:
        return {"verdict": None}
    channels = [
        {**channel, "obstacles": [unpack(row) for row in channel["obstacles"]]}
        for channel in found.data["channels"]
    ]
    return {
        "verdict": unpack(found.data["verdict"]),
        "is_ready": found.data["ready"] and any(channel["readers"] for channel in channels),
        "channels": channels,
        "ready_at": found.computed_at,
    }


@pages.post("/check")
def check() -> Response:
    with db.transaction():
        here.note("provider asked")
    doctor.ask_again(here.city())
    flash(gettext("The provider is being asked; the answers show here in a moment."))
    return redirect(url_for("health.page"))


# ------------------------------------------------------------------ templates


@pages.get("/templates")
def templates() -> str:
    report = figures.kept(SYNC)
    return render_template(
        "health/templates.html",
        rows=sorted(template_overview.look(here.newsroom()), key=lambda row: TONES.index(row.tone)),
        report=report.data if report else None,
        notes=[unpack(note) for note in report.data["notes"]] if report else [],
        refused=unpack(report.data["refused"]) if report and report.data["refused"] else None,
        synced_at=report.computed_at if report else None,
        is_syncing=figures.is_being_counted(SYNC),
    )


@pages.post("/templates/sync")
def sync() -> Response:
    """Creating forty takes half a minute: behind the page's back."""
    room = here.newsroom()
    with db.transaction():
        here.note("templates synced")
    figures.renew(SYNC, lambda: _sync(room))
    flash(gettext("What is missing is being created; the result shows here in a moment."))
    return redirect(url_for("health.templates"))


def _sync(room: Any) -> dict[str, Any]:
    try:
        report = template_sync.sync(room)
    except ProviderError as error:
        return {**template_sync.Report().as_json(), "refused": pack(refusal(error))}
    notes = [pack(note) for note in report.notes if isinstance(note, Said)]
    return {**report.as_json(), "notes": notes, "refused": None}
