"""Signing in and out: name and password, then a one-time code for those who need one.

Owns: the steps of a sign-in. Never: passwords or codes themselves (people/staff). Part of the desk.
"""

import secrets
import time
from datetime import timedelta

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from bot.desk import here
from bot.desk.access import PUBLIC
from bot.desk.forms import DeskForm
from bot.desk.language import gettext, lazy
from broadcasts import clock
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

MOST_FROM_ONE_PLACE = 30
"""Failures: a whole town hall may share one address."""
MOST_FOR_ONE_NAME = 50
"""Failures, from wherever."""
DEVICE = "stadtbote_device"
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
    return _show(SignInForm(), ended=session.pop("ended", False))


def _show(form: SignInForm, *, ended: bool = False) -> str:
    return render_template(
        "signin/form.html", form=form, ended=ended, nobody=not staff.are_there_any()
    )


@pages.post("/sign-in")
def enter() -> Response | str | tuple[str, int]:
    form = SignInForm()
    if not form.validate():
        return _show(form), 422
    name = form.name.data.strip().lower()
    if _is_barred(name):
        return _refuse(form)
    found = staff.find(name)
    if not staff.is_password(found, form.password.data) or found is None:
        _note_failure(name, "password")
        form.form_errors.append(gettext("Name or password is wrong."))
        return _show(form), 422
    if found.code_secret is None:
        return _let_in(found)
    _begin()
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
    if _is_barred(found.name):
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
    if here.is_signed_in():
        here.note("sign-out")
    logout_user()
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


def _begin() -> None:
    """Nothing of an earlier session goes along, but the language and where one was going."""
    kept = {name: session[name] for name in ("language", "next") if name in session}
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
    _begin()
    session.pop("next", None)
    login_user(found)
    session["began"] = session["seen"] = int(time.time())
    staff.note_success(found, _limits(found.name)[0][0])
    here.note("sign-in", staff=found.name, code=found.code_secret is not None)
    response = redirect(f"{request.root_path}{going_to}" if going_to else url_for("today.page"))
    _remember_device(response, found.name)
    return response


def _limits(name: str) -> list[tuple[str, int]]:
    """Whose failures count, and how many are too many. A browser in which this person has signed
    in before counts for itself: strangers who try passwords must not keep the emergency staff out
    (OWASP, device cookies)."""
    if device := _device(name):
        return [(here.hashed(f"device {device}"), staff.MOST_FAILURES)]
    place = request.remote_addr
    return [
        (here.hashed(f"name {name} place {place}"), staff.MOST_FAILURES),
        (here.hashed(f"place {place}"), MOST_FROM_ONE_PLACE),
        (here.hashed(f"name {name}"), MOST_FOR_ONE_NAME),
    ]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(here.device_secret(), salt="device")


def _device(name: str) -> str:
    """The mark of a browser in which this name has signed in; empty elsewhere."""
    try:
        known, mark = _signer().loads(request.cookies.get(DEVICE, ""))
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if known == here.hashed(f"known {name}") else ""


def _remember_device(response: Response, name: str) -> None:
    mark = [here.hashed(f"known {name}"), _device(name) or secrets.token_urlsafe(12)]
    response.set_cookie(
        DEVICE,
        str(_signer().dumps(mark)),
        max_age=timedelta(days=180),
        path="/desk",
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def _is_barred(name: str) -> bool:
    return any(staff.is_barred(who, most=most) for who, most in _limits(name))


def _note_failure(name: str, what: str) -> None:
    staff.note_failure([who for who, _ in _limits(name)])
    known = staff.find(name)
    # What somebody typed who has no account may be anything, a password included.
    here.note("sign-in failed", staff=known.name if known else "unknown", wrong=what)


def _refuse(form: DeskForm) -> tuple[str, int]:
    form.form_errors.append(
        gettext("Too many attempts. Please wait a quarter of an hour, or ask an administrator.")
    )
    page = "signin/code.html" if isinstance(form, CodeForm) else "signin/form.html"
    return render_template(page, form=form), 429
