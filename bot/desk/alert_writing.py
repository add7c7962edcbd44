"""Writing an alert, its update, its all-clear or a drill, with what would happen beside it.

Owns: the forms. Never: sends; what is written waits for a second person (alerts). Part of the
desk's alerts.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from bot.desk import here, outlooks
from bot.desk.forms import stripped
from bot.desk.language import gettext, lazy
from bot.desk.subject_fields import SubjectFields
from bot.desk.voice_fields import VoicesForm, filled, with_voices
from bot.desk.words import SEVERITIES
from broadcasts import clock, db
from broadcasts.delivery import broadcasts, uncleared
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import WARNINGS, BroadcastKind
from broadcasts.newsroom import alerts, prepared, releases
from broadcasts.newsroom.alerts import AlertError, Draft, Severity
from broadcasts.newsroom.releases import AlertRequest

pages = Blueprint("writing", __name__)

FOLLOW_UPS = (BroadcastKind.UPDATE, BroadcastKind.CLEAR)
LONGEST_MINUTES = 7 * 24 * 60


@with_voices("title", "text")
class TextForm(VoicesForm):
    """What a prepared text has, too."""

    severity = SelectField(
        lazy("How bad is it?"),
        choices=[SelectChoice(name, words) for name, words in SEVERITIES.items()],
        validate_choice=False,  # an all-clear has none, and `level` knows only ours
    )
    title = StringField(lazy("Title"), filters=[stripped], validators=[Length(max=100)])
    text = TextAreaField(lazy("Text"), filters=[stripped], validators=[InputRequired()])
    minutes = IntegerField(
        lazy("For how long does it hold? (minutes)"),
        default=120,
        validators=[InputRequired(), NumberRange(1, LONGEST_MINUTES)],
    )

    def level(self) -> Severity:
        given = self.severity.data
        return Severity(given) if given in set(Severity) else Severity.NONE


class AlertForm(SubjectFields, TextForm):
    brackets = BooleanField(lazy("Send it like this, with the square brackets"))
    drill = HiddenField()
    kind = HiddenField(default=str(BroadcastKind.ALERT))
    follows = HiddenField()

    @property
    def root(self) -> int | None:
        number = str(self.follows.data or "")
        return int(number) if number.isascii() and number.isdigit() else None

    @property
    def is_follow_up(self) -> bool:
        return self.kind.data in FOLLOW_UPS

    @property
    def unfilled(self) -> list[str]:
        text, title = self.text.data or "", self.title.data or ""
        return Draft(BroadcastKind.ALERT, text, title, voices=self.voices()).unfilled

    def is_filled_in(self) -> bool:
        """Or it is meant like this; says beside the text what is missing."""
        places = [] if self.brackets.data else self.unfilled
        if places:
            text = gettext(
                "Not filled in yet: %(places)s. Fill it in, or confirm that it goes like this.",
                places=", ".join(places),
            )
            self.text.errors = [*self.text.errors, text]
        return not places

    def draft(self) -> Draft:
        """Raises AlertError for a follow-up of nothing."""
        text = self.text.data or ""
        if self.is_follow_up:
            kind = BroadcastKind(self.kind.data)
            draft = alerts.follow_up(kind, self.root or 0, text, severity=self.level())
        else:
            is_drill = bool(self.drill.data)
            draft = Draft(
                BroadcastKind.ALERT,
                text,
                severity=self.level(),
                is_drill=is_drill,
                scope=self.scope,
            )
        # The preview takes the field as it is while somebody types in it.
        minutes = min(max(self.minutes.data or 120, 1), LONGEST_MINUTES)
        return replace(
            draft,
            title=self.title.data or "",
            expires_in=timedelta(minutes=minutes),
            voices=self.voices(),
        )


# ------------------------------------------------------------------ the empty form


@pages.get("/new")
def new() -> str:
    start = _from_request() or _from_prepared() or {"severity": Severity.CAUTION}
    return _show(AlertForm(data={"drill": request.args.get("drill", ""), **start}))


def _from_prepared() -> dict[str, Any]:
    row = prepared.find(request.args.get("prepared", 0, type=int))
    if row is None:
        return {}
    kept = {name: getattr(row, name) for name in ("title", "text", "severity", "minutes")}
    return {**kept, **filled(row.voices)}


def _from_request() -> dict[str, Any]:
    """What was refused, taken back or too old, to be mended."""
    try:
        asked = releases.get(request.args.get("again", 0, type=int))
    except AlertError:
        return {}
    return {
        "title": asked.title,
        "text": asked.text,
        "severity": asked.severity,
        "minutes": asked.expires_in // 60,
        "drill": "1" if asked.is_drill else "",
        "topics": asked.topics,
        "districts": asked.districts,
        **filled(asked.voices),
    }


def again(asked: AlertRequest) -> str:
    """Where it is written anew from what it says."""
    if asked.follows:
        return url_for("alerts.writing.follow", id=asked.follows, kind=asked.kind, again=asked.id)
    return url_for("alerts.writing.new", again=asked.id)


@pages.get("/<int:id>/<kind>")
def follow(id: int, kind: str) -> str:
    row = _alert(id, kind)
    if broadcasts.is_cleared(row.root_id):
        return render_template("alerts/cleared.html", row=row)
    draft = alerts.follow_up(BroadcastKind(kind), id, "")
    start = {
        "title": row.title,
        "severity": draft.severity,
        "minutes": int(draft.expires_in.total_seconds()) // 60,
        **_from_request(),
        "kind": kind,
        "follows": draft.follows,
    }
    form = AlertForm(data=start)
    form.kind.data, form.follows.data = kind, str(draft.follows)  # whatever was typed before
    return _show(form)


def _alert(id: int, kind: str) -> Broadcast:
    if kind not in FOLLOW_UPS:
        abort(404)
    try:
        found = broadcasts.get(id)
    except broadcasts.NoSuchBroadcastError:
        abort(404)
    if found.kind not in WARNINGS:
        abort(404)
    return found


def _show(form: AlertForm, *, asks_plain: bool = False) -> str:
    now = clock.now()
    thread = broadcasts.thread(form.root) if form.root else []
    return render_template(
        "alerts/form.html",
        form=form,
        thread=thread,
        asks_brackets=bool(form.brackets.data or (form.text.errors and form.unfilled)),
        is_drill=thread[0].is_drill if thread else bool(form.drill.data),
        prepared=prepared.everything(),
        others=[] if thread else [*releases.waiting(now), *uncleared.open_alerts(now)],
        severities=SEVERITIES,
        asks_plain=asks_plain,
        **_outlook(form),
    )


# ------------------------------------------------------------------ what would happen


@pages.post("/preview")
def preview() -> str:
    """The side of the form while typing."""
    return render_template("alerts/_outlook.html", **_outlook(AlertForm()))


def _outlook(form: AlertForm) -> dict[str, Any]:
    """Empty while nothing is written."""
    try:
        draft = form.draft()
        if not form.text.data:
            outlooks.count_ahead(draft)
            return {"seen": None, "problems": []}
        seen = outlooks.look(draft)
    except AlertError as error:
        return {"seen": None, "problems": error.said if form.text.data else []}
    return {"seen": seen, "problems": [], "is_counting": seen is None}


# ------------------------------------------------------------------ the filled-in form


@pages.post("/new")
def add() -> Response | str | tuple[str, int]:
    return _ask(AlertForm(), BroadcastKind.ALERT, None)


@pages.post("/<int:id>/<kind>")
def add_follow(id: int, kind: str) -> Response | str | tuple[str, int]:
    return _ask(AlertForm(), kind, _alert(id, kind).root_id)


def _ask(form: AlertForm, kind: str, root: int | None) -> Response | str | tuple[str, int]:
    form.kind.data, form.follows.data = str(kind), str(root or "")
    if "preview" in request.form:
        return _show(form)
    if not form.validate() or not form.is_filled_in():
        return _show(form), 422
    try:
        draft = form.draft()
        seen = outlooks.settle(draft)
        if seen.question is not None and "without_plain" not in request.form:
            return _show(form, asks_plain=True)  # a question, and no mistake
        with db.transaction():
            asked = releases.ask(here.newsroom(), draft, by=here.me().name, seen=seen)
            here.note("alert written", f"alert request {asked.id}", kind=str(draft.kind))
    except AlertError as error:
        form.show(error.said)
        return _show(form), 422
    return redirect(url_for("alerts.show", id=asked.id))
