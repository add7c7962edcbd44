"""One's own account: password, one-time codes.

Owns: what a person changes about their own sign-in. Never: another's account (settings). Part of
the desk.
"""

from typing import Any

import segno
from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_login import login_user
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from bot.desk import here
from bot.desk.access import ANYBODY
from bot.desk.forms import DeskForm
from bot.desk.language import gettext, lazy
from bot.desk.signin import CodeForm
from broadcasts import clock
from broadcasts.people import staff
from broadcasts.people.staff import StaffError

pages = Blueprint("account", __name__, url_prefix="/account")
ACCESS = dict.fromkeys(("page", "first_password", "change_password", "code", "set_code"), ANYBODY)
MENU: tuple[tuple[str, object], ...] = ()


class PasswordForm(DeskForm):
    old = PasswordField(
        lazy("Your present password"),
        validators=[InputRequired(), Length(max=500)],
        render_kw={"autocomplete": "current-password"},
    )
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


@pages.get("/")
def page() -> str:
    return render_template("account/page.html", form=PasswordForm())


@pages.get("/password")
def first_password() -> str:
    return render_template("account/first_password.html", form=PasswordForm())


@pages.post("/password")
def change_password() -> Response | tuple[str, int]:
    form, me = PasswordForm(), here.me()
    was_first = me.is_first_password
    if form.validate() and _is_changed(form):
        here.note("password changed")
        # Other sessions have ended with the old password; this one goes on.
        login_user(me)
        flash(gettext("Your password has been changed."))
        return redirect(url_for("today.page"))
    template = "account/first_password.html" if was_first else "account/page.html"
    return render_template(template, form=form), 422


def _is_changed(form: PasswordForm) -> bool:
    me = here.me()
    if form.password.data != form.again.data:
        form.again.errors = [gettext("The two are not the same.")]
        return False
    if not staff.is_password(me, form.old.data):
        form.old.errors = [gettext("This is not your present password.")]
        return False
    try:
        staff.set_password(me, form.password.data)
    except StaffError as error:
        form.show(error.said)
        return False
    return True


@pages.get("/code")
def code() -> str:
    return _show_code(CodeForm())


def _show_code(form: CodeForm) -> str:
    secret = session.setdefault("code_secret", staff.new_code_secret())
    address = staff.code_address(here.me(), secret, here.city().settings.city.name)
    return render_template("account/code.html", form=form, secret=secret, picture=_picture(address))


def _picture(address: str) -> Markup:
    """The QR code as part of the page: its secret passes through no address and no file."""
    drawn: Any = segno.make(address, error="m")
    return Markup(drawn.svg_inline(scale=5, border=4, title="QR"))


@pages.post("/code")
def set_code() -> Response | tuple[str, int]:
    form, secret = CodeForm(), session.get("code_secret", "")
    me = here.me()
    if (
        secret
        and form.validate()
        and staff.set_code(me, secret, form.code.data, key=here.codes_key(), now=clock.now())
    ):
        session.pop("code_secret")
        here.note("one-time codes set up")
        flash(gettext("One-time codes are set up. You need one at each sign-in from now on."))
        return redirect(url_for("today.page"))
    if form.code.data:
        form.code.errors = [
            gettext("This code does not fit. Is the clock of your telephone right?")
        ]
    return _show_code(form), 422
