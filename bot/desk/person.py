"""One person, looked up for the data protection officer: copy, opting out by hand, erasure, and
their other rights (Art. 16, 18 and 21 GDPR).

Owns: these pages. Never: a list; a number or an id in an address: from page to page the person is
named by an encrypted slip that ends after a quarter of an hour. Part of the desk.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired

from bot.desk import here, subject_fields
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy
from bot.desk.language import said as in_words
from bot.desk.words import CHANNELS, LANGUAGES
from broadcasts import clock, db
from broadcasts.channels.base import Address, Channel
from broadcasts.newsroom import answers
from broadcasts.people import selections, subscribers
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import by_staff, erasure, holding, portable, rights
from broadcasts.saying import Refusal

pages = Blueprint("person", __name__, url_prefix="/subscribers/person")
ACCESS = dict.fromkeys(
    (
        "form",
        "find",
        "show",
        "opt_out",
        "export",
        "ask_erasure",
        "erase",
        "correct",
        "restrict",
        "lift",
        "object_to_reading",
        "take_objection_back",
        "resume",
    ),
    only(Role.PRIVACY),
)
MENU = ()

SLIP_FOR = 15 * 60
"""Seconds."""

Page = str | tuple[str, int]


class LookUpForm(DeskForm):
    channel = RadioField(lazy("Channel"), validators=[InputRequired()])
    address = StringField(
        lazy("Telephone number or user id"),
        filters=[stripped],
        validators=[InputRequired()],
        render_kw={"autocomplete": "off", "inputmode": "text"},
    )


class OptOutForm(DeskForm):
    reason = TextAreaField(lazy("How did the person ask for it?"), filters=[stripped])
    farewell = BooleanField(lazy("Send the farewell as a confirmation"))


class CorrectForm(DeskForm):
    note = TextAreaField(lazy("Note beside the data"), filters=[stripped])
    language = RadioField(
        lazy("Language of their messages"),
        choices=[SelectChoice(code, words) for code, words in LANGUAGES.items()],
        validators=[InputRequired()],
    )


@dataclass(frozen=True)
class Meant:
    """Whom a slip names; `person` is None for somebody without a row."""

    channel: Channel
    address: Address
    person: Subscriber | None
    slip: str


# ------------------------------------------------------------------ the slip


def _slip(channel: str, address: Address) -> str:
    named = [here.me().name, channel, address.wa_id, address.bsuid]
    return here.person_key().encrypt(json.dumps(named).encode()).decode()


class StaleError(Exception):
    """A slip that is none of ours, somebody else's, or too old."""


@pages.errorhandler(StaleError)
def stale(error: StaleError) -> AnyResponse:
    flash(gettext("That was a while ago: look the person up once more. Nothing was done."), "warn")
    return redirect(url_for("person.form"))


def _meant() -> Meant:
    """Of this request's slip. Raises StaleError."""
    slip = request.form.get("slip", "")
    try:
        opened = here.person_key().decrypt(slip.encode(), ttl=SLIP_FOR)
    except InvalidToken as error:
        raise StaleError from error
    staff, kind, wa_id, bsuid = json.loads(opened)
    channel = here.city().channels.get(kind)
    if staff != here.me().name or channel is None:
        raise StaleError
    address = Address(wa_id, bsuid)
    return Meant(channel, address, subscribers.find(kind, address), slip)


# ------------------------------------------------------------------ looking up


@pages.get("")
def form() -> str:
    return _form(_look_up())


def _look_up() -> LookUpForm:
    made = LookUpForm()
    kinds = list(here.city().channels)
    made.channel.choices = [SelectChoice(kind, CHANNELS.get(kind, kind)) for kind in kinds]
    made.channel.data = made.channel.data or kinds[0]
    return made


def _form(made: LookUpForm) -> str:
    return render_template("person/form.html", form=made)


@pages.post("")
def find() -> Page:
    made = _look_up()
    if not made.validate():
        return _form(made), 422
    channel = here.city().channels[made.channel.data]
    try:
        address = channel.address(made.address.data)
    except ValueError:
        text = gettext("Type a telephone number like +49 176 …, or the user id as it was given.")
        made.address.errors = [text]
        return _form(made), 422
    person = subscribers.find(channel.kind, address)
    with db.transaction():
        here.note("person looked up", found=person is not None)
    return _page(Meant(channel, address, person, _slip(channel.kind, address)))


@pages.post("/found")
def show() -> Page:
    """The same person once more, back from another page."""
    return _page(_meant())


def _page(
    meant: Meant, opting: OptOutForm | None = None, correcting: CorrectForm | None = None
) -> str:
    if meant.person is None:
        return render_template("person/stranger.html", meant=meant)
    person, now = meant.person, clock.now()
    return render_template(
        "person/page.html",
        meant=meant,
        person=person,
        chosen=subject_fields.named([selections.read(person.selection_id)]),
        held=holding.of(person),
        closed_days=here.city().settings.retention.closed,
        today=clock.today(here.city().zone),
        has_come_back=rights.has_come_back(person),
        may_opt_out=by_staff.may_opt_out(person),
        may_be_told=answers.may_write(here.city().channels.get(person.channel), person, now),
        opting=opting or OptOutForm(formdata=None),
        correcting=correcting
        or CorrectForm(formdata=None, note=person.note or "", language=person.language),
    )


# ------------------------------------------------------------------ acts


@pages.post("/opt-out")
def opt_out() -> Page:
    meant, typed = _meant(), OptOutForm()
    if meant.person is None:
        return _page(meant)
    typed.validate()
    try:
        with db.transaction():
            by_staff.opt_out(
                meant.person,
                typed.reason.data or "",
                staff=here.me().name,
                texts=here.city().texts,
                channel=here.city().channels.get(meant.person.channel),
                farewell=typed.farewell.data,
                now=clock.now(),
                key=here.city().key,
            )
            here.note("person opted out by hand")
    except Refusal as error:
        typed.show(error.said)
        return _page(meant, typed), 422
    flash(gettext("Opted out. Nothing that has not left yet reaches this person."), "good")
    return _page(meant)


@pages.post("/export")
def export() -> Response | Page:
    """Everything held of the person (Art. 15 and 20 GDPR), as they get it themselves."""
    meant = _meant()
    if meant.person is None:
        return _page(meant)
    with db.transaction():
        copy = portable.archive(meant.person, here.newsroom())
        here.note("person exported")
    return Response(
        copy,
        mimetype="application/zip",
        headers={"Content-Disposition": 'attachment; filename="stadtbote-person.zip"'},
    )


# ------------------------------------------------------------------ Art. 16, 18 and 21


@pages.post("/correct")
def correct() -> Page:
    meant, typed = _meant(), CorrectForm()
    if meant.person is None:
        return _page(meant)
    if not typed.validate():
        return _page(meant, correcting=typed), 422
    try:
        with db.transaction():
            rights.rectify(meant.person, note=typed.note.data or "", language=typed.language.data)
            here.note("person corrected")
    except Refusal as error:
        typed.show(error.said)
        return _page(meant, correcting=typed), 422
    flash(gettext("Corrected."), "good")
    return _page(meant)


def _go(change: Callable[[Subscriber, datetime], None], act: str) -> Page:
    """Done, noted, and the person once more."""
    meant = _meant()
    if meant.person is not None:
        with db.transaction():
            change(meant.person, clock.now())
            here.note(act)
        flash(gettext("Done; it stands in the audit trail."), "good")
    return _page(meant)


@pages.post("/restrict")
def restrict() -> Page:
    return _go(rights.restrict, "person restricted")


@pages.post("/resume")
def resume() -> Page:
    """Digests come again, as if the person had written "Weiter"."""
    meant, today = _meant(), clock.today(here.city().zone)
    if meant.person is not None:
        try:
            with db.transaction():
                now = clock.now()
                by_staff.resume(meant.person, staff=here.me().name, today=today, now=now)
                here.note("pause ended by hand")
            flash(gettext("Done; it stands in the audit trail."), "good")
        except Refusal as error:
            flash(" ".join(in_words(one) for one in error.said), "warn")
    return _page(meant)


@pages.post("/lift")
def lift() -> Page:
    return _go(rights.lift, "restriction lifted")


@pages.post("/object")
def object_to_reading() -> Page:
    return _go(rights.object_to_reading, "objection noted")


@pages.post("/objection-back")
def take_objection_back() -> Page:
    return _go(rights.take_objection_back, "objection taken back")


# ------------------------------------------------------------------ Art. 17


@pages.post("/ask-erasure")
def ask_erasure() -> str:
    meant = _meant()
    person = meant.person
    goes_out = person is not None and answers.may_write(meant.channel, person, clock.now())
    return render_template("person/ask.html", meant=meant, goes_out=goes_out)


@pages.post("/erase")
def erase() -> Page:
    """As `stadtbote subscribers erase` does it; asked for once more on the page before."""
    meant = _meant()
    try:
        receipt = erasure.erase_and_scrub(
            meant.channel,
            meant.address,
            key=here.city().key,
            before=clock.now(),
            media=here.city().config.media_dir,
            texts=here.city().texts,
            note=lambda code: here.note("person erased", f"receipt {code}"),
        )
    except erasure.NobodyError:
        return _page(meant)  # somebody was quicker
    return render_template("person/erased.html", receipt=receipt)
