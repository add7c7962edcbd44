"""Canned answers: kept by those who use them.

Owns: their pages. Never: where they are inserted (inbox). Part of the desk.
"""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from bot.answering import keywords_of
from bot.desk import here
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy
from bot.keywords import Command, phrases, read
from broadcasts import db
from broadcasts.newsroom import answers
from broadcasts.newsroom.answers import CannedAnswer, CannedError, CannedOutdatedError
from broadcasts.people.conversations import MAY_ANSWER

pages = Blueprint("canned", __name__, url_prefix="/canned")
ACCESS = dict.fromkeys(("listing", "new", "add", "edit", "change", "drop"), MAY_ANSWER)
MENU: tuple[Any, ...] = ()

LANGUAGES = {
    "": lazy("any language"),
    "de": lazy("German"),
    "en": lazy("English"),
    "nl": lazy("Dutch"),
}


LONGEST_KEYWORD = 60


class CannedForm(DeskForm):
    title = StringField(lazy("Title"), filters=[stripped])
    text = TextAreaField(lazy("Text"), filters=[stripped])
    language = SelectField(
        lazy("For whom"), choices=[SelectChoice(*one) for one in LANGUAGES.items()]
    )
    keywords = TextAreaField(
        lazy("Answers by itself to"), filters=[stripped], render_kw={"rows": 2}
    )
    version = HiddenField()

    def validate_keywords(self, field: TextAreaField) -> None:
        """A word of the service's own, or one that another answer has, would never be answered."""
        for word in filter(None, map(str.strip, (field.data or "").replace("\n", ",").split(","))):
            if not phrases(word) or len(word) > LONGEST_KEYWORD:
                raise ValidationError(gettext("%(word)s is no keyword", word=word))
            if isinstance(read(word), Command):
                raise ValidationError(
                    gettext("%(word)s is a word of the service itself", word=word)
                )
            for other in answers.canned():
                is_other = str(other.id) != str((request.view_args or {}).get("id", ""))
                if is_other and phrases(word) & keywords_of(other.keywords):
                    raise ValidationError(
                        gettext(
                            "%(word)s is answered by “%(title)s” already",
                            word=word,
                            title=other.title,
                        )
                    )


@pages.get("/")
def listing() -> str:
    return render_template("inbox/canned.html", rows=answers.canned(), languages=LANGUAGES)


@pages.get("/new")
def new() -> str:
    return _show(CannedForm(formdata=None))


def _show(form: CannedForm, *, theirs: CannedAnswer | None = None, is_gone: bool = False) -> str:
    most = {"title": answers.LONGEST_TITLE, "text": answers.LONGEST_CANNED}
    return render_template(
        "inbox/canned_form.html",
        form=form,
        most=most,
        theirs=theirs,
        languages=LANGUAGES,
        # What somebody else has deleted can be kept as a new one.
        to=url_for("canned.new") if is_gone else "",
    )


@pages.post("/new")
def add() -> Response | str | tuple[str, int]:
    return _keep(None)


@pages.get("/<int:id>")
def edit(id: int) -> str:
    row = _get(id)
    return _show(CannedForm(formdata=None, obj=row))


def _get(id: int) -> CannedAnswer:
    return answers.find_canned(id) or abort(404)


@pages.post("/<int:id>")
def change(id: int) -> Response | str | tuple[str, int]:
    return _keep(id)


def _keep(id: int | None) -> Response | str | tuple[str, int]:
    form = CannedForm()
    if not form.validate():
        return _show(form), 422
    version = form.version.data or ""
    try:
        with db.transaction():
            kept = answers.keep_canned(
                form.title.data or "",
                form.text.data or "",
                language=form.language.data or "",
                keywords=form.keywords.data or "",
                by=here.me().name,
                canned_id=id,
                version=int(version) if version.isdigit() else 0,
            )
            here.note("canned answer kept", f"canned answer {kept.id}")
    except CannedOutdatedError:
        theirs = _get(id or 0)
        # What was typed stays in the form; sent once more it counts as having seen the other.
        form.version.data = str(theirs.version)
        return _show(form, theirs=theirs), 409
    except CannedError as error:
        form.show(error.said)
        is_gone = id is not None and answers.find_canned(id) is None
        return _show(form, is_gone=is_gone), 422
    flash(gettext("Saved."))
    return redirect(url_for("canned.listing"))


@pages.post("/<int:id>/drop")
def drop(id: int) -> Response:
    with db.transaction():
        if answers.drop_canned(id):
            here.note("canned answer deleted", f"canned answer {id}")
    flash(gettext("Deleted."))
    return redirect(url_for("canned.listing"))
