"""Prepared texts: written in calm hours, filled in when they are needed.

Owns: their pages. Never: sends one. Part of the desk's alerts.
"""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from bot.desk import here
from bot.desk.alert_writing import TextForm
from bot.desk.language import gettext
from bot.desk.voice_fields import filled
from bot.desk.words import SEVERITIES
from broadcasts import db
from broadcasts.newsroom import prepared
from broadcasts.newsroom.alerts import AlertError, Severity
from broadcasts.newsroom.prepared import PreparedOutdatedError, PreparedText

pages = Blueprint("texts", __name__, url_prefix="/prepared")


class PreparedForm(TextForm):
    version = HiddenField()


@pages.get("/")
def listing() -> str:
    return render_template(
        "alerts/prepared.html", rows=prepared.everything(), severities=SEVERITIES
    )


@pages.get("/new")
def new() -> str:
    return _show(PreparedForm(data={"severity": Severity.CAUTION}))


@pages.get("/<int:id>")
def edit(id: int) -> str:
    row = prepared.find(id)
    if row is None:
        abort(404)
    return _show(PreparedForm(obj=row, data=filled(row.voices)), id)


def _show(form: PreparedForm, id: int | None = None, *, theirs: PreparedText | None = None) -> str:
    return render_template(
        "alerts/prepared_form.html", form=form, id=id, theirs=theirs, severities=SEVERITIES
    )


@pages.post("/new")
def add() -> Response | tuple[str, int]:
    return _keep(None)


@pages.post("/<int:id>")
def change(id: int) -> Response | tuple[str, int]:
    return _keep(id)


def _keep(id: int | None) -> Response | tuple[str, int]:
    form = PreparedForm()
    if not form.validate():
        return _show(form, id), 422
    version = form.version.data or ""
    try:
        with db.transaction():
            kept = prepared.keep(
                title=form.title.data or "",
                text=form.text.data or "",
                severity=form.level(),
                minutes=form.minutes.data or 0,
                in_other_words=form.voices(),
                by=here.me().name,
                id=id,
                version=int(version) if version.isdigit() else 0,
            )
            here.note("prepared text kept", f"prepared text {kept.id}")
    except PreparedOutdatedError:
        theirs = prepared.find(id or 0)
        # What was typed stays in the form; sent once more it counts as having seen the other.
        form.version.data = str(theirs.version) if theirs else ""
        return _show(form, id, theirs=theirs), 409
    except AlertError as error:
        form.show(error.said)
        return _show(form, id), 422
    flash(gettext("Kept."))
    return redirect(url_for("alerts.texts.listing"))


@pages.post("/<int:id>/drop")
def drop(id: int) -> Response:
    with db.transaction():
        prepared.drop(id)
        here.note("prepared text dropped", f"prepared text {id}")
    return redirect(url_for("alerts.texts.listing"))
