"""Signing in and out: name and password, then a one-time code for those who need one.

Owns: the steps of a sign-in. Never: passwords or codes themselves (people/staff). Part of the desk.
"""

import time

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from bot.desk import attempts, here, interrupted
from bot.desk.access import PUBLIC
from bot.desk.forms import DeskForm
from bot.desk.language import gettext, lazy
from broadcasts import clock, db
from broadcasts.people import staff
from broadcasts.people.staff import Staff

pages = Blueprint("signin", __name__)
ACCESS = {
    "form": PUBLIC,
    "enter": PUBLIC,
    "code": PUBLIC,
    "use_code": PUBLIC,
    "out": PUBLIC,
    "choose": PUBLIC,
}
MENU: tuple[tuple[str, object], ...] = ()

CODE_WITHIN = 300
"""Seconds between password and code."""


class SignInForm(DeskForm):
    name = StringField(
        lazy("Name"),
        validators=[InputRequired(), Length(max=60)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        lazy("Password"),
        validators=[InputRequired(), Length(max=500)],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(DeskForm):
    code = StringField(
        lazy("Six digits from your authenticator app"),
        validators=[InputRequired(), Length(max=12)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


@pages.get("/sign-in")
def form() -> Response | str:
    if here.is_signed_in():
        return redirect(url_for("today.page"))
    return _show(SignInForm(), ended=session.pop("ended", ""))


def _show(form: SignInForm, *, ended: str = "") -> str:
    return render_template(
        "signin/form.html",
        form=form,
        ended=ended,
        is_kept=bool(interrupted.way_back()),
        nobody=not staff.are_there_any(),
    )


@pages.post("/sign-in")
def enter() -> Response | str | tuple[str, int]:
    form = SignInForm()
    if not form.validate():
        return _show(form), 422
    name = form.name.data.strip().lower()
    if attempts.is_barred(name):
        return _refuse(form)
    found = staff.find(name)
    if not staff.is_password(found, form.password.data) or found is None:
        _note_failure(name, "password")
        form.form_errors.append(gettext("Name or password is wrong."))
        return _show(form), 422
    if found.code_secret is None:
        return _let_in(found)
    _begin(found)
    session["pending"], session["pending_at"] = found.get_id(), int(time.time())
    return redirect(url_for("signin.code"))


@pages.get("/sign-in/code")
def code() -> Response | str:
    if _pending() is None:
        return redirect(url_for("signin.form"))
    return render_template("signin/code.html", form=CodeForm())


@pages.post("/sign-in/code")
def use_code() -> Response | str | tuple[str, int]:
    found = _pending()
    if found is None:
        return redirect(url_for("signin.form"))
    form = CodeForm()
    if attempts.is_barred(found.name):
        return _refuse(form)
    if form.validate() and staff.use_code(
        found, form.code.data, key=here.codes_key(), now=clock.now()
    ):
        return _let_in(found)
    if form.code.data:
        _note_failure(found.name, "code")
        form.code.errors = [gettext("This code is wrong or has been used.")]
    return render_template("signin/code.html", form=form), 422


@pages.post("/sign-out")
def out() -> Response:
    """In all browsers: a session that somebody has copied ends, too."""
    if here.is_signed_in():
        with db.transaction():
            staff.end_sessions(here.me())
            here.note("sign-out")
        logout_user()
        _begin()
        flash(gettext("You are signed out, here and in all other browsers."))
    else:
        _begin()
    return redirect(url_for("signin.form"))


@pages.post("/language")
def choose() -> Response:
    """On the sign-in page; signed in, the account remembers."""
    language = request.form.get("language", "")
    if language not in staff.LANGUAGES:
        abort(400)
    if here.is_signed_in():
        me = here.me()
        me.language = language
        me.save()
    session["language"] = language
    return redirect(url_for("today.page" if here.is_signed_in() else "signin.form"))


def _begin(found: Staff | None = None) -> None:
    """Nothing of an earlier session goes along, but the language, where one was going and, to the
    same person, what they were typing."""
    kept = {name: session[name] for name in ("language", "next") if name in session}
    kept |= interrupted.bond_with(found)
    session.clear()
    session.update(kept)


def _pending() -> Staff | None:
    """Who has given the right password and not yet the code."""
    if time.time() - session.get("pending_at", 0) > CODE_WITHIN:
        return None
    number, _, key = session.get("pending", "").partition(":")
    return staff.of_session(int(number), key) if number.isdigit() else None


def _let_in(found: Staff) -> Response:
    going_to = session.get("next", "")
    _begin(found)
    going_to = interrupted.way_back() or going_to
    session.pop("next", None)
    login_user(found)
    session["began"] = session["seen"] = int(time.time())
    staff.note_success(found, attempts.own(found.name))
    here.note("sign-in", staff=found.name, code=found.code_secret is not None)
    response = redirect(f"{request.root_path}{going_to}" if going_to else url_for("today.page"))
    attempts.remember_device(response, found.name)
    return response


def _note_failure(name: str, what: str) -> None:
    attempts.note_failure(name)
    known = staff.find(name)
    # What somebody typed who has no account may be anything, a password included.
    here.note("sign-in failed", staff=known.name if known else "unknown", wrong=what)


def _refuse(form: DeskForm) -> tuple[str, int]:
    form.form_errors.append(str(attempts.TOO_MANY))
    page = "signin/code.html" if isinstance(form, CodeForm) else "signin/form.html"
    return render_template(page, form=form), 429
