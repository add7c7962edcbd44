"""Alerts: what is open and what waits; releasing what somebody else has written.

Owns: the first page of the emergency staff and the second person's word. Never: who may release
(newsroom/releases decides) or how an alert reads. Part of the desk.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from bot.desk import alert_texts, alert_writing, here, outlooks
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy
from bot.desk.words import SEVERITIES
from broadcasts import clock, db
from broadcasts.delivery import broadcasts, heartbeats, uncleared
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.newsroom import prepared, releases
from broadcasts.newsroom.alerts import AlertError, Outlook
from broadcasts.newsroom.releases import AlertRequest, DecidedError
from broadcasts.people import attempts, staff
from broadcasts.people.staff import Role
from broadcasts.saying import Said

pages = Blueprint("alerts", __name__, url_prefix="/alerts")
pages.register_blueprint(alert_writing.pages)
pages.register_blueprint(alert_texts.pages)
ACCESS = dict.fromkeys(
    (
        "page",
        "live",
        "show",
        "fate",
        "outlook",
        "release",
        "refuse",
        "alone",
        "writing.new",
        "writing.add",
        "writing.follow",
        "writing.add_follow",
        "writing.preview",
        "texts.listing",
        "texts.new",
        "texts.edit",
        "texts.add",
        "texts.change",
        "texts.drop",
    ),
    only(Role.EMERGENCY),
)
MENU = (("page", lazy("Alert")),)


class AloneForm(DeskForm):
    reason = StringField(
        lazy("Why can nobody else release it?"),
        filters=[stripped],
        validators=[InputRequired(), Length(max=500)],
    )
    code = StringField(
        lazy("Six digits from your authenticator app"),
        validators=[InputRequired(), Length(max=12)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class RefusalForm(DeskForm):
    reason = StringField(
        lazy("Decline it. Reason for whoever wrote it:"),
        filters=[stripped],
        validators=[InputRequired(), Length(max=500)],
        id="why",
    )


# ------------------------------------------------------------------ the first page


@pages.get("/")
def page() -> str:
    return render_template(
        "alerts/page.html",
        recent=releases.recent(),
        prepared=prepared.everything(),
        **_state(),
    )


@pages.get("/live")
def live() -> str:
    """The part of the page that moves: a second person who waits here sees what comes."""
    return render_template("alerts/_live.html", **_state())


def _state() -> dict[str, Any]:
    now = clock.now()
    return {
        "open": uncleared.open_alerts(now),
        "uncleared": releases.without_all_clear(now),
        "waiting": releases.waiting(now),
        "verdict": outlooks.verdict(),
        "is_sending": bool(heartbeats.alive("sender", now)),
        "severities": SEVERITIES,
    }


# ------------------------------------------------------------------ deciding


def _request(id: int) -> AlertRequest:
    try:
        return releases.get(id)
    except AlertError:
        abort(404)


@pages.get("/requests/<int:id>")
def show(id: int) -> str:
    return _show(_request(id), AloneForm(formdata=None))


def _show(
    asked: AlertRequest,
    form: AloneForm,
    problems: Sequence[Said] = (),
    *,
    refusal: RefusalForm | None = None,
) -> str:
    found = _outlook(asked)
    problems = list(dict.fromkeys([*problems, *found["problems"]]))
    return render_template(
        "alerts/request.html",
        asked=asked,
        form=form,
        refusal=refusal or RefusalForm(formdata=None),
        **{**found, "problems": problems},
        is_mine=asked.written_by == here.me().name,
        thread=broadcasts.thread(asked.follows) if asked.follows else [],
        verdict=outlooks.verdict(),
        severities=SEVERITIES,
        is_sending=bool(heartbeats.alive("sender", clock.now())),
    )


def _outlook(asked: AlertRequest) -> dict[str, Any]:
    """What would happen, of one that can still be released."""
    is_open = asked.is_waiting and not asked.is_stale
    seen: Outlook | None = None
    problems: Sequence[Said] = ()
    if is_open:
        try:
            seen = outlooks.look(asked.draft)
        except AlertError as error:
            problems = error.said
    is_counting = is_open and seen is None and not problems
    return {"seen": seen, "problems": problems, "is_counting": is_counting}


@pages.get("/requests/<int:id>/outlook")
def outlook(id: int) -> str:
    """The part of the page that is counted behind its back."""
    asked = _request(id)
    return render_template("alerts/_outlook.html", asked=asked, **_outlook(asked))


@pages.get("/requests/<int:id>/fate")
def fate(id: int) -> str:
    """The part of the page that hears of what somebody else decides."""
    return render_template("alerts/_fate.html", asked=_request(id))


@pages.post("/requests/<int:id>/release")
def release(id: int) -> Response | tuple[str, int]:
    asked, me = _request(id), here.me().name
    if "without_plain" not in request.form and _asks_plain(asked):
        return _show(asked, AloneForm(formdata=None)), 422
    return _go(
        asked,
        "alert released",
        lambda seen: releases.release(here.newsroom(), asked, by=me, seen=seen),
        AloneForm(formdata=None),
    )


def _asks_plain(asked: AlertRequest) -> bool:
    """Whether the page has a question; on the button under it stands the answer."""
    try:
        return asked.is_waiting and outlooks.settle(asked.draft).question is not None
    except AlertError:
        return False  # releasing says what is wrong


@pages.post("/requests/<int:id>/alone")
def alone(id: int) -> Response | tuple[str, int]:
    """Broken glass: a sentence and a one-time code, and everybody is told."""
    asked, form, me = _request(id), AloneForm(), here.me()
    if asked.written_by != me.name:
        return redirect(url_for("alerts.show", id=id))  # they just release it
    if not form.validate() or not _is_right(form, asked):
        return _show(asked, form), 422
    reason = form.reason.data or ""
    return _go(
        asked,
        "alert released alone",
        lambda seen: releases.release_alone(
            here.newsroom(), asked, by=me.name, reason=reason, seen=seen
        ),
        form,
        reason=reason,
    )


def _is_right(form: AloneForm, asked: AlertRequest) -> bool:
    """The code; whoever sits at a forgotten screen must not find it by trying."""
    me, who = here.me(), here.hashed(f"alone {here.me().name}")
    if attempts.is_barred(who):
        form.code.errors = [gettext("Too many attempts. Please wait a quarter of an hour.")]
        return False
    try:
        releases.check_reason(form.reason.data or "")  # before the code is used up
    except AlertError as error:
        form.show(error.said)
        return False
    if staff.use_code(me, form.code.data or "", key=here.codes_key(), now=clock.now()):
        return True
    with db.transaction():
        attempts.note([who])
        here.note("alert alone refused", f"alert request {asked.id}", wrong="code")
    form.code.errors = [gettext("This code is wrong or has been used.")]
    return False


def _go(
    asked: AlertRequest,
    act: str,
    start: Callable[[Outlook], Broadcast],
    form: AloneForm,
    **detail: Any,
) -> Response | tuple[str, int]:
    try:
        seen = outlooks.settle(asked.draft)
        with db.transaction():
            sent = start(seen)
            here.note(act, f"broadcast {sent.id}", request=asked.id, **detail)
    except AlertError as error:
        now = releases.get(asked.id)
        if now.broadcast_id is not None and now.decided_by == here.me().name:
            # A double click: the first one has done it.
            return redirect(url_for("broadcasts.page", id=now.broadcast_id))
        return _show(now, form, error.said), 422 if now.is_waiting else 409
    return redirect(url_for("broadcasts.page", id=sent.id))


@pages.post("/requests/<int:id>/refuse")
def refuse(id: int) -> Response | tuple[str, int]:
    asked, form, me = _request(id), RefusalForm(), here.me().name
    is_theirs = asked.is_waiting and asked.written_by != me
    alone = AloneForm(formdata=None)
    if is_theirs and not form.validate():
        return _show(asked, alone, refusal=form), 422
    try:
        with db.transaction():
            releases.refuse(asked, by=me, reason=form.reason.data or "")
            here.note("alert not sent", f"alert request {id}")
    except DecidedError as error:
        return _show(releases.get(id), alone, error.said), 409
    except AlertError as error:
        form.show(error.said)
        return _show(asked, alone, refusal=form), 422
    flash(gettext("It is not sent."))
    if "again" in request.form:
        return redirect(alert_writing.again(asked))
    return redirect(url_for("alerts.page"))
