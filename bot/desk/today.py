"""The first page: is all well, and what goes out today?

Owns: the overview. Never: a figure of its own. Part of the desk.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, render_template

from bot import health as doctor
from bot.checks import Check
from bot.desk import counted, here
from bot.desk.access import ANYBODY
from bot.desk.broadcasts import course_of
from bot.desk.health import keep_asking, title
from bot.desk.language import lazy
from bot.desk.words import BROADCAST_STATES
from broadcasts import clock
from broadcasts.delivery import broadcasts, uncleared
from broadcasts.delivery.states import BroadcastState
from broadcasts.newsroom import digests, posts, releases
from broadcasts.people import inbox
from broadcasts.saying import Said, say, unpack

pages = Blueprint("today", __name__)
ACCESS = dict.fromkeys(("page", "live"), ANYBODY)
MENU = (("page", lazy("Today")),)

REMIND_FOR = timedelta(days=2)
"""An alert that ran out without its all-clear is named for so long."""


@dataclass(frozen=True)
class Concern:
    """Something that somebody should look at."""

    text: str
    is_grave: bool
    """Something stands still, or citizens wait for it."""
    what: str = ""
    """A heading."""
    remedy: str | None = None
    endpoint: str = ""
    values: Mapping[str, Any] | None = None
    link: Any = ""


@pages.get("/")
def page() -> str:
    keep_asking()
    return render_template("today/page.html", **_state(), **_running(), **_digest())


@pages.get("/live/<part>")
def live(part: str) -> str:
    """A part of the page that moves."""
    if part not in PARTS:
        abort(404)
    return render_template(f"today/_{part}.html", **PARTS[part]())


# ------------------------------------------------------------------ is all well?


def _state() -> dict[str, Any]:
    checks = doctor.known(here.city())[0]
    concerns = sorted(_concerns(checks), key=lambda one: not one.is_grave)
    return {
        "unknown": [(title(one.id), one.detail) for one in checks if one.level == "none"],
        "concerns": concerns,
        "grave": sum(one.is_grave for one in concerns),
        "unanswered": inbox.unanswered(),
    }


def _concerns(checks: Iterable[Check]) -> Iterator[Concern]:
    yield from _alerts()
    for check in checks:
        if not check.ok:
            yield Concern(
                check.detail,
                check.stops,
                what=title(check.id),
                remedy=check.remedy,
                **LINKS.get(check.id, SERVICE),
            )
    ready = counted.ready()
    if ready and not ready.data["ready"]:
        yield Concern(
            unpack(ready.data["verdict"]),
            False,
            endpoint="health.page",
            link=lazy("Readiness for an alert"),
        )


SERVICE: Mapping[str, Any] = {"endpoint": "health.page", "link": lazy("State of the service")}
LINKS: Mapping[str, Mapping[str, Any]] = {
    "templates": {"endpoint": "health.templates", "link": lazy("Templates at the provider")}
}
"""Check → where more of it stands."""


def _alerts() -> Iterator[Concern]:
    now = clock.now()
    for row in uncleared.expired(now, since=now - REMIND_FOR):
        yield Concern(
            say(
                "Alert %(id)s ran out on %(time)s without an all-clear: its readers wait for one.",
                id=str(row.id),
                time=row.expires_at,
            ),
            True,
            endpoint="alerts.page",
            link=lazy("To the alerts"),
        )
    for row in uncleared.open_alerts(now):
        if row.state == BroadcastState.STOPPED and not row.is_drill:
            yield Concern(
                say(
                    "Alert %(id)s was stopped on its way: whoever has got it waits for an"
                    " all-clear.",
                    id=str(row.id),
                ),
                True,
                endpoint="alerts.page",
                link=lazy("To the alerts"),
            )
    for asked in releases.waiting(now):
        yield Concern(
            say(
                "%(what)s by %(who)s, written on %(time)s, waits for a second person.",
                what=releases.name_of(asked),
                who=asked.written_by,
                time=asked.written_at,
            ),
            True,
            endpoint="alerts.show",
            values={"id": asked.id},
            link=lazy("Look at it and decide"),
        )


# ------------------------------------------------------------------ what goes out


def _running() -> dict[str, Any]:
    return {
        "running": [(row, course_of(row)[0]) for row in broadcasts.unfinished()],
        "open_alerts": uncleared.open_alerts(clock.now()),
        "words": BROADCAST_STATES,
    }


def _digest() -> dict[str, Any]:
    room, now = here.newsroom(), clock.now()
    on = clock.today(here.city().zone)
    leaving = digests.leaves(room, now)
    if leaving.used is not None:
        held = posts.of_broadcast(leaving.used.id)
        how_far, as_of = course_of(leaving.used)
        return {"leaving": leaving, "on": on, "posts": held, "course": how_far, "as_of": as_of}
    readers = counted.digest_readers()
    found = digests.preview(room, on, now, readers=readers.data)
    return {
        "leaving": leaving,
        "on": on,
        "posts": found.posts,
        "found": found,
        "as_of": readers.computed_at,
        "warnings": _beyond(found.warnings, leaving),
    }


def _beyond(warnings: list[Said], leaving: digests.Leaving) -> list[Said]:
    """That nothing is queued has been said."""
    return warnings if leaving.at is not None else []


PARTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "state": _state,
    "running": _running,
    "digest": _digest,
}
