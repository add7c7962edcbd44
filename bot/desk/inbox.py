"""The inbox: who has written, their thread, answers, and whose work it is.

Owns: the pages of conversations with single citizens. Never: what is in a thread (newsroom/threads)
or whether somebody can be written to (newsroom/answers). Part of the desk.

Press and emergency staff read and answer. Data protection and administration do not: their work
needs no citizen's words; a copy of one person's data has its own way (docs/decisions/0015).
A term that is searched for may be a name: it travels in the body of a POST, never in an address.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField

from bot.desk import cards, here, thread_file
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy
from bot.desk.language import said as said_in_words
from bot.desk.words import DEEDS, MESSAGE_KINDS
from broadcasts import clock, db
from broadcasts.languages import spoken
from broadcasts.newsroom import answers, satisfaction, threads
from broadcasts.people import conversations, guard, inbox, subscribers
from broadcasts.people.conversations import MAY_ANSWER, Tab
from broadcasts.people.inbox import Conversation, InboxError, OutdatedError

pages = Blueprint("inbox", __name__, url_prefix="/inbox")
ACCESS = dict.fromkeys(
    (
        "listing",
        "live",
        "search",
        "page",
        "news",
        "answer",
        "assign",
        "close",
        "reopen",
        "identity",
        "show",
        "export",
        "picture",
    ),
    MAY_ANSWER,
)
MENU = (("listing", lazy("Inbox")),)

TABS = {
    Tab.OPEN: lazy("Open"),
    Tab.MINE: lazy("Mine"),
    Tab.CLOSED: lazy("Closed"),
    Tab.ALL: lazy("All"),
}
NUMBER = re.compile(r"[+(]?\d[\d\s()/.-]{5,24}")


class AnswerForm(DeskForm):
    text = TextAreaField(lazy("Answer"), filters=[stripped])
    canned = SelectField(lazy("Canned answer"), validate_choice=False)
    version = HiddenField()


class SearchForm(DeskForm):
    term = StringField(lazy("Text or telephone number"), filters=[stripped])


# ------------------------------------------------------------------ lists


@pages.get("/")
def listing() -> str:
    return render_template("inbox/listing.html", form=SearchForm(formdata=None), **_list())


@pages.get("/live")
def live() -> str:
    """The part of the page that moves."""
    return render_template("inbox/_list.html", **_list())


def _list() -> dict[str, Any]:
    name = request.args.get("tab", "")
    tab = Tab(name) if name in set(Tab) else Tab.OPEN
    after = request.args.get("after", "")
    now = clock.now()
    page = conversations.page(tab, me=here.me().name, now=now, after=after)
    return {
        "rows": cards.of(page.rows, conversations.last_messages(page.rows), now),
        "next": page.next,
        "after": after,
        "tab": tab,
        "tabs": TABS,
        "waiting": inbox.unanswered(),
        "most": inbox.COUNTED_UPTO,
    }


@pages.post("/search")
def search() -> str | tuple[str, int]:
    form = SearchForm()
    term = form.term.data or ""
    now = clock.now()
    try:
        found = conversations.search(term)
    except InboxError as error:
        form.show(error.said)
        return render_template("inbox/search.html", form=form, found=None, rows=[]), 422
    said = {row.id: message for row, message in found.hits}
    rows = [row for row, _ in found.hits]
    for row in _with_number(term):
        if row.id not in said:
            rows.insert(0, row)
            said |= conversations.last_messages([row])
    return render_template(
        "inbox/search.html",
        form=form,
        found=found,
        rows=cards.of(rows, said, now, term),
        most=conversations.SEARCHED,
    )


def _with_number(term: str) -> list[Conversation]:
    """Whose telephone number it is, in any spelling."""
    if not NUMBER.fullmatch(term):
        return []
    found = []
    for kind, channel in here.city().channels.items():
        try:
            person = subscribers.find(kind, channel.address(term))
        except ValueError:
            continue
        found.append(conversations.of(person) if person else None)
    return [row for row in found if row]


# ------------------------------------------------------------------ one thread


def _get(id: int) -> Conversation:
    try:
        return conversations.get(id)
    except InboxError:
        abort(404)


@pages.get("/<int:id>")
def page(id: int) -> str:
    return _show(_get(id), AnswerForm(formdata=None))


def _show(row: Conversation, form: AnswerForm, **more: Any) -> str:
    """The whole page; whoever answers is held to the state that it shows."""
    now = clock.now()
    before = more.pop("before", request.args.get("before", ""))
    way = answers.way_to(here.city().channels, row.subscriber, now)
    canned = answers.canned(spoken(row.subscriber.language, here.newsroom().language))
    form.canned.choices = [
        SelectChoice("", gettext("choose …")),
        *(SelectChoice(str(one.id), one.title) for one in canned),
    ]
    if not form.version.data:
        form.version.data = str(row.version)
    form.text.render_kw = {"rows": 6}
    return render_template(
        "inbox/page.html",
        row=row,
        person=row.subscriber,
        handle=cards.handle(row.subscriber),
        thread=threads.thread(here.newsroom(), row.subscriber, before=before),
        before=before,
        form=form,
        way=way,
        longest=answers.LONGEST_ANSWER,
        home="kept" if way.shut else "answer",
        left=way.left(now),
        has_canned=bool(canned),
        colleagues=conversations.colleagues(),
        parts=guard.parts,
        kinds=MESSAGE_KINDS,
        deeds=DEEDS,
        lost=threads.LOST,
        **more,
    )


@pages.get("/<int:id>/news")
def news(id: int) -> str:
    """Whether something has come since the page was made; asked by the page itself."""
    row = _get(id)
    has_news = request.args.get("version") != str(row.version)
    return render_template("inbox/_news.html", row=row, has_news=has_news)


@pages.post("/<int:id>/answer")
def answer(id: int) -> AnyResponse | str | tuple[str, int]:
    row, form = _get(id), AnswerForm()
    if "insert" in request.form:
        return _insert(row, form)
    version = form.version.data or ""
    try:
        with db.transaction():
            answers.answer(
                here.city().channels,
                id,
                form.text.data or "",
                version=int(version) if version.isdigit() else 0,
                by=here.me().name,
            )
            if "close" in request.form:
                _close(id)
            here.note("answer sent", f"conversation {id}")
    except OutdatedError:
        # What was typed stays in the form; sent once more it counts as having seen the rest.
        newest = _get(id)
        form.version.data = str(newest.version)
        last = conversations.last_messages([newest]).get(id)
        return _show(newest, form, meanwhile=last), 409
    except InboxError as error:
        form.show(error.said)
        return _show(row, form), 422
    flash(gettext("The answer is on its way."))
    return redirect(url_for("inbox.listing" if "close" in request.form else "inbox.page", id=id))


def _insert(row: Conversation, form: AnswerForm) -> str:
    """A canned answer joins what is typed; works without a script. The page is as new as can be:
    whoever sends now has seen it."""
    chosen = form.canned.data or ""
    found = answers.find_canned(int(chosen)) if chosen.isdigit() else None
    if found is not None:
        form.text.data = f"{form.text.data or ''}\n\n{found.text}".strip()
    form.canned.data, form.version.data = "", str(row.version)
    return _show(row, form, is_inserted=found is not None)


# ------------------------------------------------------------------ whose work it is


def _act(
    id: int, change: Callable[[], None], act: str, said: str, **detail: Any
) -> AnyResponse | str:
    """One change of one conversation, with its line in the trail."""
    _get(id)
    form = AnswerForm()
    try:
        with db.transaction():
            change()
            here.note(act, f"conversation {id}", **detail)
    except InboxError as error:
        flash(" ".join(said_in_words(one) for one in error.said), "bad")
    else:
        flash(said)
    if not form.text.data:
        return redirect(url_for("inbox.page", id=id))
    row = _get(id)
    # What is being typed goes along; the page shows all there is, so whoever sends has seen it.
    form.version.data = str(row.version)
    return _show(row, form, before="")


@pages.post("/<int:id>/assign")
def assign(id: int) -> AnyResponse | str:
    to = here.me().name if "take" in request.form else request.form.get("to", "")
    said = gettext("%(name)s takes care of it.", name=to) if to else gettext("Nobody's now.")
    return _act(id, lambda: conversations.assign(id, to), "conversation assigned", said, to=to)


@pages.post("/<int:id>/close")
def close(id: int) -> AnyResponse | str:
    return _act(
        id,
        lambda: _close(id),
        "conversation closed",
        gettext("Closed. If the person writes again, it opens by itself."),
    )


def _close(id: int) -> None:
    conversations.close(id, by=here.me().name)
    satisfaction.ask(here.newsroom(), id, clock.now())


@pages.post("/<int:id>/reopen")
def reopen(id: int) -> AnyResponse | str:
    return _act(
        id, lambda: conversations.reopen(id), "conversation opened again", gettext("Open again.")
    )


@pages.post("/<int:id>/identity")
def identity(id: int) -> AnyResponse | str:
    by = here.me().name
    if request.form.get("checked") == "1":
        said = gettext("Noted. The mark ends when the conversation is closed.")
        return _act(id, lambda: conversations.mark_checked(id, by=by), "identity checked", said)
    said = gettext("The mark is gone.")
    return _act(id, lambda: conversations.unmark_checked(id), "identity mark removed", said)


# ------------------------------------------------------------------ what is for few eyes


@pages.post("/<int:id>/show")
def show(id: int) -> str:
    """The page once more, with one message uncovered: until the next click."""
    row = _get(id)
    with db.transaction():
        here.note("delicate parts shown", f"conversation {id}")
    return _show(
        row,
        AnswerForm(),
        uncovered=request.form.get("message", type=int),
        before=request.form.get("before", ""),
    )


@pages.post("/<int:id>/export")
def export(id: int) -> Response:
    """All of it as one file, for the person's record elsewhere."""
    row = _get(id)
    with db.transaction():
        here.note("conversation exported", f"conversation {id}")
    name = gettext("conversation-%(number)s.txt", number=id)
    return Response(
        thread_file.text(row, threads.whole(here.newsroom(), row.subscriber)),
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.get("/pictures/<int:id>")
def picture(id: int) -> Response:
    """A citizen's; to staff only."""
    found = inbox.find_picture(id)
    if found is None:
        abort(404)
    folder = here.city().config.media_dir / inbox.FOLDER
    return send_from_directory(folder.resolve(), found.file, mimetype="image/jpeg", max_age=0)


@pages.record
def _make_known(state: Any) -> None:
    state.app.jinja_env.filters["hours_left"] = cards.hours_left
