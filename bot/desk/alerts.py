"""Alerts: written by one, released by another; updates, all-clear, drills, prepared texts.

Owns: the pages of the emergency staff. Never: who may release (newsroom/releases decides) or how an
alert reads. Part of the desk.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from bot.desk import here
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy
from bot.desk.words import SEVERITIES
from broadcasts import clock, db, figures
from broadcasts.delivery import audience, broadcasts, heartbeats
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, readiness, releases
from broadcasts.newsroom.alerts import AlertError, Draft, Outlook, Severity
from broadcasts.newsroom.releases import AlertRequest, RequestState
from broadcasts.people import staff
from broadcasts.people.staff import Role
from broadcasts.saying import pack, unpack

pages = Blueprint("alerts", __name__, url_prefix="/alerts")
ACCESS = dict.fromkeys(
    (
        "page",
        "new",
        "add",
        "follow",
        "add_follow",
        "preview",
        "show",
        "release",
        "refuse",
        "alone",
        "prepared",
        "new_prepared",
        "edit_prepared",
        "keep_prepared",
        "drop_prepared",
    ),
    only(Role.EMERGENCY),
)
MENU = (("page", lazy("Alert")),)

COUNTED_FOR = timedelta(minutes=1)
REMIND_FOR = timedelta(days=3)
LONGEST_MINUTES = 7 * 24 * 60


class AlertForm(DeskForm):
    severity = SelectField(lazy("How bad is it?"), choices=list(SEVERITIES.items()))
    title = StringField(lazy("Title"), filters=[stripped], validators=[Length(max=100)])
    text = TextAreaField(lazy("Text"), filters=[stripped], validators=[InputRequired()])
    minutes = IntegerField(
        lazy("Pointless after so many minutes"),
        default=120,
        validators=[InputRequired(), NumberRange(1, LONGEST_MINUTES)],
    )
    drill = HiddenField()
    kind = HiddenField(default=str(BroadcastKind.ALERT))
    follows = HiddenField()

    def draft(self) -> Draft:
        """Raises AlertError for a follow-up of nothing."""
        text = self.text.data or ""
        minutes = timedelta(minutes=self.minutes.data or 120)
        if self.kind.data in (BroadcastKind.UPDATE, BroadcastKind.CLEAR):
            number = self.follows.data or ""
            found = alerts.follow_up(
                BroadcastKind(self.kind.data), int(number) if number.isdigit() else 0, text
            )
            return Draft(
                found.kind,
                text,
                title=self.title.data or "",
                expires_in=minutes,
                follows=found.follows,
                severity=_severity(self.severity.data),
                is_drill=found.is_drill,
            )
        return Draft(
            BroadcastKind.ALERT,
            text,
            title=self.title.data or "",
            expires_in=minutes,
            severity=_severity(self.severity.data),
            is_drill=bool(self.drill.data),
        )


def _severity(name: str | None) -> Severity:
    return Severity(name) if name in set(Severity) else Severity.NONE


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


# ------------------------------------------------------------------ the first page


@pages.get("/")
def page() -> str:
    now = clock.now()
    return render_template(
        "alerts/page.html",
        open=broadcasts.open_alerts(now),
        uncleared=broadcasts.expired_uncleared(now, since=now - REMIND_FOR),
        waiting=releases.waiting(now),
        recent=releases.recent(),
        prepared=releases.prepared(),
        ready=_readiness(),
        is_sending=bool(heartbeats.alive("sender", now)),
        severities=SEVERITIES,
        states=RequestState,
    )


def _readiness() -> dict[str, Any]:
    """What readiness says, at most a minute old."""
    room = here.newsroom()

    def look() -> dict[str, Any]:
        found = readiness.look(room, clock.now())
        return {"verdict": pack(found.verdict), "ready": found.is_ready}

    found = figures.recent("readiness", look, max_age=COUNTED_FOR)
    return {
        "verdict": unpack(found.data["verdict"]),
        "ready": found.data["ready"],
        "as_of": found.computed_at,
    }


# ------------------------------------------------------------------ writing


@pages.get("/new")
def new() -> str:
    form = AlertForm(data={"drill": request.args.get("drill", "")})
    chosen = releases.find_prepared(request.args.get("prepared", 0, type=int))
    if chosen is not None:
        form.title.data, form.text.data = chosen.title, chosen.text
        form.severity.data, form.minutes.data = chosen.severity, chosen.minutes
    else:
        form.severity.data = Severity.WARNING
    return _show(form)


@pages.get("/<int:id>/<any(update, clear):kind>")
def follow(id: int, kind: str) -> str:
    row = _alert(id)
    if broadcasts.is_cleared(row.root_id):
        return render_template("alerts/cleared.html", row=row)
    minutes = alerts.CLEAR_EXPIRY if kind == BroadcastKind.CLEAR else alerts.DEFAULT_EXPIRY
    form = AlertForm(
        data={"kind": kind, "follows": row.root_id, "minutes": minutes.total_seconds() // 60}
    )
    form.title.data = row.title
    return _show(form)


def _alert(id: int) -> broadcasts.Broadcast:
    try:
        found = broadcasts.get(id)
    except broadcasts.NoSuchBroadcastError:
        abort(404)
    if found.kind == BroadcastKind.DIGEST:
        abort(404)
    return found


def _show(form: AlertForm) -> str:
    follows = form.follows.data
    thread = broadcasts.thread(int(follows)) if str(follows or "").isdigit() else []
    return render_template(
        "alerts/form.html",
        form=form,
        thread=thread,
        prepared=releases.prepared(),
        severities=SEVERITIES,
        **_outlook(form),
    )


def _outlook(form: AlertForm) -> dict[str, Any]:
    """What would happen, for the side of the form; empty while nothing is written."""
    if not form.text.data:
        return {"seen": None, "problems": []}
    try:
        return {"seen": _look(form.draft()), "problems": []}
    except AlertError as error:
        return {"seen": None, "problems": error.said}


def _look(draft: Draft) -> Outlook:
    """Readers are counted at most once a minute: a million take seconds, and an alert must not
    wait."""
    room = here.newsroom()
    name = f"audience {alerts.audience_of(draft)} {draft.follows or ''}"
    found = figures.recent(
        name, lambda: alerts.counted(room, draft, clock.now()), max_age=COUNTED_FOR
    )
    return alerts.outlook(room, draft, clock.now(), readers=found.data)


@pages.post("/preview")
def preview() -> str:
    """The side of the form while typing."""
    return render_template("alerts/_outlook.html", **_outlook(AlertForm()))


@pages.post("/new")
def add() -> Response | str | tuple[str, int]:
    return _ask(AlertForm())


@pages.post("/<int:id>/<any(update, clear):kind>")
def add_follow(id: int, kind: str) -> Response | str | tuple[str, int]:
    _alert(id)
    return _ask(AlertForm())


def _ask(form: AlertForm) -> Response | str | tuple[str, int]:
    if "preview" in request.form:
        return _show(form)
    if not form.validate():
        return _show(form), 422
    try:
        draft = form.draft()
        seen = _look(draft)
        with db.transaction():
            asked = releases.ask(here.newsroom(), draft, by=here.me().name, seen=seen)
            here.note("alert written", f"alert request {asked.id}", kind=str(draft.kind))
    except AlertError as error:
        form.show(error.said)
        return _show(form), 422
    return redirect(url_for("alerts.show", id=asked.id))


# ------------------------------------------------------------------ deciding


def _request(id: int) -> AlertRequest:
    try:
        return releases.get(id)
    except AlertError:
        abort(404)


@pages.get("/requests/<int:id>")
def show(id: int) -> str:
    return _show_request(_request(id), AloneForm())


def _show_request(asked: AlertRequest, form: AloneForm, problems: Any = ()) -> str:
    seen = None
    if asked.state == RequestState.WAITING:
        try:
            seen = _look(asked.draft)
        except AlertError as error:
            problems = [*problems, *error.said]
    return render_template(
        "alerts/request.html",
        asked=asked,
        form=form,
        seen=seen,
        problems=problems,
        is_mine=asked.written_by == here.me().name,
        ready=_readiness(),
        severities=SEVERITIES,
        states=RequestState,
        is_sending=bool(heartbeats.alive("sender", clock.now())),
    )


@pages.post("/requests/<int:id>/release")
def release(id: int) -> Response | tuple[str, int]:
    asked, me = _request(id), here.me().name
    return _go(
        asked,
        "alert released",
        lambda seen: releases.release(here.newsroom(), asked, by=me, seen=seen),
    )


@pages.post("/requests/<int:id>/alone")
def alone(id: int) -> Response | tuple[str, int]:
    """Broken glass: a sentence and a one-time code, and everybody is told."""
    asked, form, me = _request(id), AloneForm(), here.me()
    if not form.validate():
        return _show_request(asked, form), 422
    if not staff.use_code(me, form.code.data, key=here.codes_key(), now=clock.now()):
        here.note("alert alone refused", f"alert request {id}", wrong="code")
        form.code.errors = [gettext("This code is wrong or has been used.")]
        return _show_request(asked, form), 422
    reason = form.reason.data
    return _go(
        asked,
        "alert released alone",
        lambda seen: releases.release_alone(
            here.newsroom(), asked, by=me.name, reason=reason, seen=seen
        ),
        form=form,
        reason=reason,
    )


def _go(
    asked: AlertRequest,
    act: str,
    start: Callable[[Outlook], broadcasts.Broadcast],
    *,
    form: AloneForm | None = None,
    **detail: Any,
) -> Response | tuple[str, int]:
    try:
        seen = _look(asked.draft)
        with db.transaction():
            sent = start(seen)
            here.note(act, f"broadcast {sent.id}", request=asked.id, **detail)
    except AlertError as error:
        form = form or AloneForm()
        form.show(error.said)
        return _show_request(releases.get(asked.id), form, error.said), 422
    audience.write_some(sent, here.city().channels, chunk=500)
    return redirect(url_for("broadcasts.page", id=sent.id))


@pages.post("/requests/<int:id>/refuse")
def refuse(id: int) -> Response:
    asked = _request(id)
    try:
        with db.transaction():
            releases.refuse(asked, by=here.me().name, reason=request.form.get("reason", "")[:500])
            here.note("alert not sent", f"alert request {id}")
    except AlertError as error:
        flash(gettext("Somebody else has decided already."), "bad")
        here.note("alert not sent", f"alert request {id}", refused=str(error))
    return redirect(url_for("alerts.page"))


# ------------------------------------------------------------------ prepared texts


@pages.get("/prepared")
def prepared() -> str:
    return render_template("alerts/prepared.html", rows=releases.prepared(), severities=SEVERITIES)


@pages.get("/prepared/new")
def new_prepared() -> str:
    form = AlertForm()
    form.severity.data = Severity.WARNING
    return render_template("alerts/prepared_form.html", form=form, id=None)


@pages.get("/prepared/<int:id>")
def edit_prepared(id: int) -> str:
    row = releases.find_prepared(id)
    if row is None:
        abort(404)
    form = AlertForm(obj=row)
    return render_template("alerts/prepared_form.html", form=form, id=id)


@pages.post("/prepared")
def keep_prepared() -> Response | tuple[str, int]:
    form = AlertForm()
    id = request.form.get("id", type=int)
    try:
        if not form.validate():
            raise AlertError
        with db.transaction():
            kept = releases.prepare(
                title=form.title.data,
                text=form.text.data,
                severity=_severity(form.severity.data),
                minutes=form.minutes.data,
                by=here.me().name,
                id=id,
            )
            here.note("prepared text kept", f"prepared text {kept.id}")
    except AlertError as error:
        form.show(error.said)
        return render_template("alerts/prepared_form.html", form=form, id=id), 422
    flash(gettext("Kept."))
    return redirect(url_for("alerts.prepared"))


@pages.post("/prepared/<int:id>/drop")
def drop_prepared(id: int) -> Response:
    with db.transaction():
        releases.drop_prepared(id)
        here.note("prepared text dropped", f"prepared text {id}")
    return redirect(url_for("alerts.prepared"))
