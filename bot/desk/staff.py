"""Accounts of the desk: who has which roles; new ones, first passwords, disabling.

Owns: the pages of administrators. Never: passwords themselves (people/staff), one's own account
(account). Part of the desk.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from bot.desk import here
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import ROLES, gettext, lazy
from bot.desk.language import said as in_words
from broadcasts import db
from broadcasts.people import staff
from broadcasts.people.staff import Role, Staff, StaffError
from broadcasts.saying import say

pages = Blueprint("staff", __name__, url_prefix="/staff")
ACCESS = dict.fromkeys(
    ("listing", "new", "add", "edit", "change", "disable", "reset"), only(Role.ADMIN)
)
MENU = (("listing", lazy("Staff")),)


class RolesForm(DeskForm):
    roles = SelectMultipleField(
        lazy("Roles"),
        choices=[SelectChoice(str(role), ROLES[role]) for role in Role],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def chosen(self) -> list[Role]:
        return [Role(name) for name in self.roles.data or []]


class AccountForm(RolesForm):
    name = StringField(
        lazy("Name"),
        filters=[stripped],
        validators=[InputRequired(), Length(max=60)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    language = SelectField(
        lazy("Language of the desk"),
        choices=[SelectChoice("de", "Deutsch"), SelectChoice("en", "English")],
        default="de",
    )


@pages.get("/")
def listing() -> str:
    return render_template("staff/listing.html", rows=staff.everyone())


@pages.get("/new")
def new() -> str:
    return render_template("staff/new.html", form=AccountForm())


@pages.post("/new")
def add() -> Any:
    form = AccountForm()
    if not form.validate():
        return render_template("staff/new.html", form=form), 422
    try:
        with db.transaction():
            made, password = staff.add(form.name.data, form.chosen(), language=form.language.data)
            here.note("staff added", made.name, roles=made.roles)
    except StaffError as error:
        form.show(error.said)
        return render_template("staff/new.html", form=form), 422
    return _show_password(made, password)


def _show_password(account: Staff, password: str) -> str:
    """Shown in the answer itself: it stands in no session and no address."""
    return render_template("staff/password.html", account=account, password=password)


def _get(id: int) -> Staff:
    try:
        return staff.by_id(id)
    except StaffError:
        abort(404)


@pages.get("/<int:id>")
def edit(id: int) -> str:
    account = _get(id)
    return _show(account, RolesForm(data={"roles": account.roles}))


def _show(account: Staff, form: RolesForm) -> str:
    return render_template(
        "staff/edit.html", account=account, form=form, is_me=account.id == here.me().id
    )


@pages.post("/<int:id>")
def change(id: int) -> Any:
    account, form = _get(id), RolesForm()
    if not form.validate():
        return _show(account, form), 422
    roles, before = form.chosen(), account.roles
    try:
        if account.id == here.me().id and Role.ADMIN not in roles:
            raise StaffError(say("nobody takes the administration from themselves", about="roles"))
        with db.transaction():
            staff.set_roles(account, roles)
            here.note("staff roles changed", account.name, before=before, roles=account.roles)
    except StaffError as error:
        form.show(error.said)
        return _show(account, form), 422
    flash(gettext("Changed."))
    return redirect(url_for("staff.listing"))


@pages.post("/<int:id>/disable")
def disable(id: int) -> Response:
    account = _get(id)

    def act() -> None:
        staff.disable(account)
        here.note("staff disabled", account.name)

    if _is_done(account, act):
        flash(gettext("%(name)s can no longer sign in.", name=account.name))
    return redirect(url_for("staff.listing"))


@pages.post("/<int:id>/reset")
def reset(id: int) -> Response | str:
    """A new first password; it opens a disabled account, too."""
    account = _get(id)
    given: list[str] = []

    def act() -> None:
        given.append(staff.reset(account))
        here.note("staff reset", account.name)

    if _is_done(account, act):
        return _show_password(account, given[0])
    return redirect(url_for("staff.listing"))


def _is_done(account: Staff, act: Callable[[], None]) -> bool:
    """What is done to another's account; why not is said on the list."""
    try:
        if account.id == here.me().id:
            raise StaffError(say("nobody locks themselves out: your own account has its own page"))
        with db.transaction():
            act()
    except StaffError as error:
        flash(" ".join(in_words(one) for one in error.said), "bad")
        return False
    return True
