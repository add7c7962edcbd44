"""Broadcasts: what goes out and what went out, with its course; the panic stop.

Owns: the pages of a broadcast. Never: starts one (digest, service notice, alert). Part of the desk.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.desk import files, here
from bot.desk.access import ANYBODY, only
from bot.desk.language import gettext, lazy
from bot.desk.words import BROADCAST_STATES, CHANNELS, SEVERITIES
from broadcasts import clock, db, figures
from broadcasts.delivery import (
    broadcasts,
    course,
    holds,
    keeping_hours,
    outbox,
    reading,
    settlements,
)
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.course import Course
from broadcasts.delivery.states import (
    NEWS,
    UNFINISHED,
    WAITING,
    WARNINGS,
    BroadcastKind,
    BroadcastState,
)
from broadcasts.people.staff import Role

pages = Blueprint("broadcasts", __name__, url_prefix="/broadcasts")
SENDERS = only(Role.PRESS, Role.EMERGENCY)
ACCESS = {
    "listing": ANYBODY,
    "page": ANYBODY,
    "live": ANYBODY,
    "acts": ANYBODY,
    "curve": ANYBODY,
    "failures": ANYBODY,
    "export": ANYBODY,
    "ask_stop": SENDERS,
    "stop": SENDERS,
    "resume": SENDERS,
}
MENU = (("listing", lazy("Broadcasts")),)

Curve = list[tuple[str, list[tuple[datetime, int]]]]
"""Name and its points."""

ON_A_PAGE = 30
LIVE = timedelta(seconds=2)
SETTLED = timedelta(minutes=10)
"""Receipts come in for days, a few at a time."""


def counts(broadcast: Broadcast) -> figures.Recent:
    """How many deliveries are in which state."""
    age = LIVE if _is_live(broadcast, clock.now()) else SETTLED
    return figures.recent(_name(broadcast), lambda: outbox.figures(broadcast.id), max_age=age)


def course_of(broadcast: Broadcast) -> tuple[Course, datetime]:
    """How far it is, and as of when."""
    found = counts(broadcast)
    return course.of(broadcast, found.data, clock.now()), found.computed_at


@pages.get("/")
def listing() -> str:
    before = request.args.get("before", type=int)
    rows = broadcasts.recent(ON_A_PAGE, before=before)
    known = _known(rows)
    return render_template(
        "broadcasts/listing.html",
        rows=[(row, known.get(row.id)) for row in rows],
        older=rows[-1].id if len(rows) == ON_A_PAGE else None,
        words=BROADCAST_STATES,
        severities=SEVERITIES,
    )


def _known(rows: Sequence[Broadcast]) -> dict[int, Course]:
    """By id; not of one that was never counted."""
    now, found = clock.now(), dict[str, figures.Recent]()
    for is_live, age in ((True, LIVE), (False, SETTLED)):
        chosen = [row for row in rows if _is_live(row, now) is is_live]
        counts = {_name(row): partial(outbox.figures, row.id) for row in chosen}
        found |= figures.several(counts, max_age=age)
    return {
        row.id: course.of(row, found[_name(row)].data, now) for row in rows if _name(row) in found
    }


def _is_live(row: Broadcast, now: datetime) -> bool:
    """What was counted before its end is not settled."""
    ended = row.finished_at
    return row.state in UNFINISHED or (ended is not None and now - ended < SETTLED)


def _name(row: Broadcast) -> str:
    return f"broadcast {row.id}"


def _get(id: int) -> Broadcast:
    try:
        return broadcasts.get(id)
    except broadcasts.NoSuchBroadcastError:
        abort(404)


@pages.get("/<int:id>")
def page(id: int) -> str:
    row = _get(id)
    thread = broadcasts.thread(row.root_id) if row.kind in WARNINGS else []
    is_cleared = any(one.kind == BroadcastKind.CLEAR for one in thread)
    may_follow = bool(thread) and not is_cleared and not broadcasts.has_ended_unseen(thread[0])
    progress = _progress(row)
    return render_template(
        "broadcasts/page.html",
        **progress,
        thread=thread,
        may_follow=may_follow and here.me().has([Role.EMERGENCY]),
        severities=SEVERITIES,
        curve=_curve(row, progress["course"]),
        settled=_settled(row),
    )


def untold() -> str:
    """Channels that never say what was delivered or read, by name; empty: all of them do."""
    silent = (kind for kind, channel in here.city().channels.items() if not channel.tells_receipts)
    return ", ".join(CHANNELS.get(kind, kind) for kind in silent)


def _progress(row: Broadcast) -> dict[str, Any]:
    how_far, as_of = course_of(row)
    causes = figures.recent(
        f"causes {row.id}",
        lambda: course.causes(row.id),
        max_age=LIVE if row.state in UNFINISHED else SETTLED,
    )
    return {
        "row": row,
        "course": how_far,
        "as_of": as_of,
        "causes": causes.data,
        "is_over": row.state not in UNFINISHED,
        "is_still": row.state not in UNFINISHED and not how_far.on_the_wire,
        "is_held": row.state == BroadcastState.HELD and not keeping_hours.is_held(row),
        "is_stopped": row.state == BroadcastState.STOPPED,
        "words": BROADCAST_STATES,
        "waiting": sum(c["number"] for c in causes.data if c["code"] == WAITING),
        "may_stop": here.me().has(_stoppers(row)),
        "untold": untold(),
    }


def _stoppers(row: Broadcast) -> frozenset[Role]:
    """Who started such a one may stop it."""
    return only(Role.PRESS if row.kind in NEWS else Role.EMERGENCY)


def _settled(row: Broadcast) -> dict[str, int] | None:
    found = figures.later(
        f"settlements {row.id}", lambda: settlements.of(row.id), max_age=timedelta(minutes=5)
    )
    return found.data if found and found.data["passed"] else None


def _curve(row: Broadcast, how_far: Course) -> Curve | None:
    """None: is being counted for the first time."""
    name = f"curve {row.id}"
    found = figures.later(name, lambda: course.curve(row.id), max_age=timedelta(minutes=5))
    return _points(found.data, how_far) if found else None


def _points(curve: dict[str, list[list[Any]]], how_far: Course) -> Curve:
    names = {"delivered": gettext("delivered"), "read": gettext("read")}
    zone = here.city().zone
    return [
        (
            names[name],
            [(datetime.fromisoformat(at).astimezone(zone), number) for at, number in points],
        )
        for name, points in curve.items()
        if name != "read" or how_far.read is not None
    ]


@pages.get("/<int:id>/live")
def live(id: int) -> str:
    """The part of the page that moves."""
    return render_template("broadcasts/_live.html", **_progress(_get(id)))


@pages.get("/<int:id>/acts")
def acts(id: int) -> str:
    """What may still be done with it; a part of its own, so that no button moves under a hand."""
    return render_template("broadcasts/_acts.html", **_progress(_get(id)))


@pages.get("/<int:id>/curve")
def curve(id: int) -> str:
    """The part of the page that is counted behind its back."""
    progress = _progress(_get(id))
    drawn = _curve(progress["row"], progress["course"])
    return render_template("broadcasts/_curve.html", **progress, curve=drawn)


@pages.get("/<int:id>/failures")
def failures(id: int) -> str:
    row = _get(id)
    rows = course.failures(id, after=request.args.get("after", 0, type=int))
    return render_template("broadcasts/failures.html", row=row, rows=rows, limit=100)


@pages.get("/<int:id>/export.csv")
def export(id: int) -> Response:
    """Counts and causes; no person."""
    row = _get(id)
    found = counts(row)
    how_far = course.of(row, found.data, clock.now())
    causes = [
        (
            " ".join(cause[key] for key in ("state", "outcome", "code") if cause[key]),
            cause["number"],
        )
        for cause in course.causes(id)
    ]
    told = reading.tellable(found.data, reached=how_far.reached)
    # Each state holds only what is in it now: who has read it is not among the delivered.
    rows = [*told.items(), ("reached", how_far.reached), *causes]
    return files.table(f"broadcast-{id}", ("what", "number"), rows)


@pages.get("/<int:id>/stop")
def ask_stop(id: int) -> AnyResponse | str:
    row = _get(id)
    _check_may_stop(row)
    if row.state not in UNFINISHED:
        return redirect(url_for("broadcasts.page", id=id))
    return render_template("broadcasts/stop.html", row=row, course=course_of(row)[0])


def _check_may_stop(row: Broadcast) -> None:
    if not here.me().has(_stoppers(row)):
        abort(403)


@pages.post("/<int:id>/stop")
def stop(id: int) -> AnyResponse:
    """At once; the rows that wait are turned by the upkeep in the next seconds."""
    row = _get(id)
    _check_may_stop(row)
    with db.transaction():
        stopped = broadcasts.mark_stopped(id, clock.now())
        if stopped:
            here.note("broadcast stopped", f"broadcast {id}")
    figures.forget(f"broadcast {id}")
    text = (
        gettext("Stopped. What has not left yet never leaves.")
        if stopped
        else gettext("It was over already.")
    )
    flash(text)
    return redirect(url_for("broadcasts.page", id=id))


@pages.post("/<int:id>/resume")
def resume(id: int) -> AnyResponse:
    row = _get(id)
    _check_may_stop(row)
    with db.transaction():
        goes_on = holds.resume(id)
        if goes_on:
            here.note("broadcast resumed", f"broadcast {id}")
    flash(gettext("It goes on.") if goes_on else gettext("It was not held."))
    return redirect(url_for("broadcasts.page", id=id))
