"""The digest: what goes out today, word for word, to how many; sending it now; a test to oneself.

Owns: the pages around it. Never: when it is due (newsroom/digests). Part of the desk.
"""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField

from bot.desk import counted, here
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy
from bot.desk.language import said as in_words
from bot.desk.words import CHANNELS, LANGUAGES
from broadcasts import clock, db
from broadcasts.delivery import audience, broadcasts, heartbeats
from broadcasts.newsroom import digests, posts, trial
from broadcasts.newsroom.digests import QuietHoursError
from broadcasts.people.staff import Role
from broadcasts.saying import Refusal

pages = Blueprint("digest", __name__, url_prefix="/digest")
ACCESS = dict.fromkeys(("page", "ask", "send", "try_out"), only(Role.PRESS))
MENU = (("page", lazy("Digest")),)


class SendForm(DeskForm):
    allow_quiet = BooleanField(lazy("Also now, in the quiet hours"))


class TrialForm(DeskForm):
    channel = SelectField(lazy("Channel"), validate_choice=False)
    number = StringField(
        lazy("Your own number or address"),
        filters=[stripped],
        render_kw={"inputmode": "tel", "autocomplete": "tel"},
    )


@pages.get("/")
def page() -> str:
    return _show(TrialForm(data={"number": here.me().number}))


def _show(form: TrialForm) -> str:
    form.channel.choices = [(kind, CHANNELS.get(kind, kind)) for kind in here.city().channels]
    return render_template("digest/page.html", form=form, **_preview(_day()))


def _day() -> date:
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return posts.next_day(here.newsroom())


def _preview(on: date) -> dict[str, Any]:
    """What would go out. Readers are counted at most once in a while, and their age is shown."""
    room = here.newsroom()
    readers = counted.digest_readers()
    found = digests.preview(room, on, clock.now(), readers=readers.data)
    return {
        "found": found,
        "as_of": readers.computed_at,
        "today": clock.today(here.city().zone),
        "is_sending": bool(heartbeats.alive("sender", clock.now())),
        "used": broadcasts.digest_of(on),
        "names": LANGUAGES,
        "places": places(),
        "has_editions": any(row.edition for row, _, _ in found.renditions),
    }


def places() -> dict[tuple[str, str], str]:
    """(channel, form) → where a rendition is shown; with the channel where there are several."""
    channels = here.city().channels
    found = {}
    for kind, channel in channels.items():
        name = CHANNELS.get(kind, kind) if len(channels) > 1 else ""
        window = gettext("inside the 24-hour window") if channel.window is not None else ""
        for form, words in (("window", window), ("template", gettext("outside: template"))):
            found[kind, form] = ", ".join(part for part in (name, words) if part)
    return found


@pages.get("/send")
def ask() -> str:
    return _ask(SendForm())


def _ask(form: SendForm) -> str:
    return render_template("digest/send.html", form=form, **_preview(clock.today(here.city().zone)))


@pages.post("/send")
def send() -> Response | tuple[str, int]:
    form, room = SendForm(), here.newsroom()
    form.validate()
    try:
        with db.transaction():
            started = digests.send(room, now=clock.now(), allow_quiet=form.allow_quiet.data)
            here.note("digest sent by hand", f"broadcast {started.id}")
    except QuietHoursError:
        form.form_errors.append(gettext("These are quiet hours: tick below to send all the same."))
        return _ask(form), 422
    except Refusal as error:
        form.form_errors += [in_words(one) for one in error.said]
        return _ask(form), 422
    audience.write_some(started, here.city().channels)
    flash(gettext("The digest is going out."))
    return redirect(url_for("broadcasts.page", id=started.id))


@pages.post("/test")
def try_out() -> Response | tuple[str, int]:
    """To the telephone of whoever asks, and to nobody else."""
    form, me = TrialForm(), here.me()
    form.validate()
    try:
        with db.transaction():
            kind, typed = form.channel.data or "", form.number.data or ""
            me.number = trial.number(here.newsroom(), kind, typed)
            me.save()
            trial.send(here.newsroom(), kind, me.number, _day(), clock.now())
            here.note("test message")
    except Refusal as error:
        form.show(error.said)
        return _show(form), 422
    flash(gettext("On its way to your telephone."))
    return redirect(url_for("digest.page"))
