"""One's own account: password, one-time codes.

Owns: what a person changes about their own sign-in; each change asks for the present password and
ends all other sessions. Never: another's account (settings). Part of the desk.
"""

from typing import Any

import segno
from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_login import login_user
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from bot.desk import attempts, here
from bot.desk.access import ANYBODY
from bot.desk.forms import DeskForm
from bot.desk.language import gettext, lazy
from bot.desk.signin import CodeForm
from broadcasts import clock, db
from broadcasts.people import staff
from broadcasts.people.staff import Staff, StaffError

pages = Blueprint("account", __name__, url_prefix="/account")
ACCESS = dict.fromkeys(("page", "first_password", "change_password", "code", "set_code"), ANYBODY)
MENU: tuple[tuple[str, object], ...] = ()

Answer = Response | tuple[str, int]


class OwnForm(DeskForm):
    """Whoever sits at a forgotten screen, or has copied a session, does not know the password."""

    old = PasswordField(
        lazy("Your present password"),
        validators=[InputRequired(), Length(max=500)],
        render_kw={"autocomplete": "current-password"},
    )

    def is_own(self, me: Staff) -> bool:
        """And they must not find it by trying: the caller has asked whether `me` is barred."""
        if staff.is_password(me, self.old.data or ""):
            return True
        with db.transaction():
            attempts.note_failure(me.name)
            here.note("present password wrong")
        self.old.errors = [gettext("This is not your present password.")]
        return False


class PasswordForm(OwnForm):
    password = PasswordField(
        lazy("New password (at least 12 signs)"),
        validators=[InputRequired(), Length(max=500)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        lazy("Once more"),
        validators=[InputRequired()],
        render_kw={"autocomplete": "new-password"},
    )


class SetCodeForm(OwnForm, CodeForm):
    pass


@pages.get("/")
def page() -> str:
    return render_template("account/page.html", form=PasswordForm())


def _go_on(said: str) -> Response:
    """Every other session has ended; this one goes on."""
    login_user(here.me())
    elsewhere = gettext("You are signed out in all other browsers.")
    flash(f"{said} {elsewhere}")
    return redirect(url_for("today.page"))


# ------------------------------------------------------------------ the password


@pages.get("/password")
def first_password() -> str:
    return render_template("account/first_password.html", form=PasswordForm())


@pages.post("/password")
def change_password() -> Answer:
    form, me = PasswordForm(), here.me()
    template = "account/first_password.html" if me.is_first_password else "account/page.html"
    if attempts.is_barred(me.name):
        form.form_errors.append(str(attempts.TOO_MANY))
        return render_template(template, form=form), 429
    if not form.validate() or not _is_changed(form, me):
        return render_template(template, form=form), 422
    return _go_on(gettext("Your password has been changed."))


def _is_changed(form: PasswordForm, me: Staff) -> bool:
    if form.password.data != form.again.data:
        form.again.errors = [gettext("The two are not the same.")]
        return False
    if not form.is_own(me):
        return False
    try:
        with db.transaction():
            staff.set_password(me, form.password.data)
            here.note("password changed")
    except StaffError as error:
        form.show(error.said)
        return False
    return True


# ------------------------------------------------------------------ one-time codes


@pages.get("/code")
def code() -> str:
    return _show_code(SetCodeForm())


def _show_code(form: SetCodeForm) -> str:
    secret = session.setdefault("code_secret", staff.new_code_secret())
    address = staff.code_address(here.me(), secret, here.city().settings.city.name)
    return render_template(
        "account/code.html", form=form, secret=secret, address=address, picture=_picture(address)
    )


def _picture(address: str) -> Markup:
    """The QR code as part of the page: its secret passes through no address and no file."""
    drawn: Any = segno.make(address, error="m")
    return Markup(drawn.svg_inline(scale=5, border=4, title="QR"))


@pages.post("/code")
def set_code() -> Answer:
    form, me = SetCodeForm(), here.me()
    if attempts.is_barred(me.name):
        form.form_errors.append(str(attempts.TOO_MANY))
        return _show_code(form), 429
    if not form.validate() or not form.is_own(me) or not _is_set(form, me):
        return _show_code(form), 422
    session.pop("code_secret")
    return _go_on(gettext("One-time codes are set up. You need one at each sign-in from now on."))


def _is_set(form: SetCodeForm, me: Staff) -> bool:
    secret, typed = session.get("code_secret", ""), form.code.data or ""
    with db.transaction():
        if secret and staff.set_code(me, secret, typed, key=here.codes_key(), now=clock.now()):
            here.note("one-time codes set up")
            return True
    form.code.errors = [gettext("This code does not fit. Is the clock of your telephone right?")]
    return False
