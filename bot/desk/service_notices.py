"""Service notices: writing one, seeing when it leaves and whom it reaches, sending it.

Owns: the pages around it, which are there only where the city has business hours. Never: when it
leaves (newsroom/service_notices). Part of the desk.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from bot.desk import counted, digest, here
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy, when
from bot.desk.subject_fields import SubjectFields
from bot.desk.words import LANGUAGES
from broadcasts import clock, db, figures
from broadcasts.delivery import audience, heartbeats, keeping_hours
from broadcasts.delivery.broadcasts import AlreadySentError, Broadcast
from broadcasts.figures import Recent
from broadcasts.newsroom import notice_words, service_notices
from broadcasts.newsroom.notice_words import Draft
from broadcasts.newsroom.service_notices import NoticeError
from broadcasts.people.staff import Role
from broadcasts.saying import Refusal

pages = Blueprint("service_notices", __name__, url_prefix="/service-notices")
ACCESS = dict.fromkeys(("page", "look", "send"), only(Role.PRESS))
MENU = (("page", lazy("Service notice")),)


class NoticeForm(SubjectFields, DeskForm):
    title = StringField(lazy("Title"), filters=[stripped])
    text = TextAreaField(lazy("Text"), filters=[stripped], validators=[InputRequired()])
    link = StringField(lazy("Link"), filters=[stripped], render_kw={"inputmode": "url"})

    def draft(self) -> Draft:
        written = (self.text.data or "", self.title.data or "", self.link.data or "")
        return Draft(*written, self.scope)


@pages.before_request
def configured() -> None:
    if here.city().settings.business_hours is None:
        abort(404)


@pages.get("/")
def page() -> str:
    return _show(NoticeForm())


def _show(form: NoticeForm) -> str:
    now = clock.now()
    return render_template(
        "service_notices/page.html",
        form=form,
        leaves_at=_leaves_at(now),
        hours=here.city().texts.get(here.city().texts.beside, here.language()),
    )


def _leaves_at(now: datetime) -> datetime | None:
    """None: the section names hours that no day has."""
    try:
        return service_notices.leaves_at(here.newsroom(), now)
    except NoticeError:
        return None


def _readers(now: datetime) -> Recent:
    """Counted for the moment at which it leaves; at most once in a while, with its age."""
    room = here.newsroom()
    at = service_notices.leaves_at(room, now)
    return figures.recent(
        f"notice readers {'now' if at == now else at.isoformat()} {room.public_url}",
        lambda: service_notices.counted(room, now),
        max_age=counted.SOON,
    )


@pages.post("/")
def look() -> str | tuple[str, int]:
    """What would happen, before somebody says that it shall."""
    form = NoticeForm()
    if "change" in request.form:
        return _show(form)
    if not form.validate():
        return _show(form), 422
    return _ask(form)


def _ask(form: NoticeForm) -> str | tuple[str, int]:
    now = clock.now()
    try:
        readers = _readers(now)
        seen = service_notices.outlook(here.newsroom(), form.draft(), now, readers=readers.data)
    except NoticeError as error:
        form.show(error.said)
        return _show(form), 422
    return render_template(
        "service_notices/send.html",
        form=form,
        seen=seen,
        as_of=readers.computed_at,
        is_sending=bool(heartbeats.alive("sender", now)),
        names=LANGUAGES,
        places=digest.places(),
    )


@pages.post("/send")
def send() -> Response | str | tuple[str, int]:
    form, now = NoticeForm(), clock.now()
    if not form.validate():
        return _show(form), 422
    draft = form.draft()
    try:
        readers = _readers(now)
        with db.transaction():
            sent = service_notices.send(here.newsroom(), draft, now, readers=readers.data)
            here.note("service notice sent", f"broadcast {sent.id}")
    except Refusal as error:
        if isinstance(error, AlreadySentError) and (twin := _twin(draft, now)):
            # A double click: the first one has done it.
            return redirect(url_for("broadcasts.page", id=twin.id))
        form.show(error.said)
        return _show(form), 422
    audience.write_some(sent, here.city().channels)
    flash(_told(sent, now))
    return redirect(url_for("broadcasts.page", id=sent.id))


def _twin(draft: Draft, now: datetime) -> Broadcast | None:
    """The same, sent already."""
    room = here.newsroom()
    on = service_notices.leaves_at(room, now).astimezone(room.zone).date()
    found = service_notices.find(on)
    same = found is not None and notice_words.is_same(draft, found.title, found.text, found.link)
    return found if same else None


def _told(sent: Broadcast, now: datetime) -> str:
    until: Any = keeping_hours.held_until(sent, now)
    if until is None:
        return gettext("The service notice is going out.")
    return gettext("Held until %(time)s: it leaves by itself then.", time=when(until))
