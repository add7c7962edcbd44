"""What was typed when the session had ended: kept for its writer, and shown again in its form.

Owns: which forms come back, and their bond to one account in one browser. Never: carries out what
it keeps: it only fills in a page that somebody looks at, who then sends it or does not. Called by
access (keeping), signin (the way back), forms (filling in).

Of an ended session its browser keeps who it was and the token of its forms. So a form that is sent
afterwards still proves that it comes from there, and what it holds is kept under a hash of that
token, encrypted. Whoever signs in next gets it back if they are the same; for anybody else token
and text are thrown away (docs/decisions/0014).
"""

import json
from collections.abc import Mapping

from flask import flash, request, session, url_for
from flask_login import logout_user
from werkzeug.datastructures import MultiDict

from bot.desk import here
from bot.desk.language import gettext
from broadcasts.newsroom import interrupted as store
from broadcasts.people.staff import Staff

PAGES: Mapping[str, str] = {
    "posts.add": "posts.new",
    "posts.change": "posts.edit",
    "corrections.add": "posts.edit",
    "feeds.correct": "feeds.page",
    "service_notices.look": "service_notices.page",
    "service_notices.send": "service_notices.page",
    "alerts.writing.add": "alerts.writing.new",
    "alerts.writing.add_follow": "alerts.writing.follow",
    "alerts.texts.add": "alerts.texts.new",
    "alerts.texts.change": "alerts.texts.edit",
    "alerts.alone": "alerts.show",
    "alerts.refuse": "alerts.show",
    **dict.fromkeys(
        (
            "inbox.answer",
            "inbox.assign",
            "inbox.close",
            "inbox.reopen",
            "inbox.identity",
            "inbox.show",
            "inbox.export",
        ),
        "inbox.page",
    ),
    "canned.add": "canned.new",
    "canned.change": "canned.edit",
    "staff.add": "staff.new",
    "staff.change": "staff.edit",
}
"""Where something typed is sent → the page with its form, of the same address values. What stands
here is all that is kept, and all that one can be led to."""

NEVER = frozenset({"csrf_token", "code"})
"""Fields that are not kept; forms with a password do not stand in the table at all."""

MOST_FORMS = 5
"""Of one browser: a window each."""
MOST_FIELDS = 60
LONGEST = 20_000
"""Signs of a field: more than any form takes."""

TOKEN, WAS, KEPT = "csrf_token", "was", "kept"
"""In the session: the token of its forms, whose it was, the pages whose forms are kept."""


# ------------------------------------------------------------------ the session has ended


def end() -> None:
    """Of the session in this browser only the bond stays."""
    who = _who()
    bond = {name: session[name] for name in (TOKEN, KEPT) if name in session}
    logout_user()
    session.clear()
    if who:
        session.update({**bond, WAS: who})


def _who() -> int:
    """Whose session it was; 0: nobody's."""
    number = str(session.get("_user_id", "")).partition(":")[0]
    was: int = int(number) if number.isdigit() else session.get(WAS, 0)
    return was


def hold() -> None:
    """Keeps what this request has brought, if it is a form that can be shown again. Its token has
    been checked before: a stranger's browser leaves nothing here."""
    page = PAGES.get(request.endpoint or "")
    if page is None or not session.get(WAS):
        return
    path = url_for(page, **(request.view_args or {})).removeprefix(request.root_path)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER]
    content = {
        "typed": [(name, value[:LONGEST]) for name, value in typed[:MOST_FIELDS]],
        "had_file": any(file.filename for file in request.files.values()),
    }
    text = here.interrupted_key().encrypt(json.dumps(content).encode()).decode()
    store.keep(_mark(path), session[WAS], text)
    others = [other for other in session.get(KEPT, []) if other != path]
    session[KEPT] = [*others, path][-MOST_FORMS:]


def _mark(path: str) -> str:
    return here.hashed(f"interrupted {session.get(TOKEN)} {path}")


# ------------------------------------------------------------------ and somebody signs in


def bond_with(found: Staff | None) -> dict[str, object]:
    """What goes along into the session of whoever signs in: of another's nothing, and what
    waited for that other is thrown away."""
    if found is not None and session.get(WAS) == found.id:
        return {name: session[name] for name in (TOKEN, WAS, KEPT) if name in session}
    for path in session.get(KEPT, []):
        store.drop(_mark(path))
    return {}


def way_back() -> str:
    """The page of the form that was sent last; empty: none is kept."""
    pages: list[str] = session.get(KEPT, [])
    return pages[-1] if pages else ""


def typed() -> MultiDict[str, str] | None:
    """What the form of this page is to be filled in with; given once, and said on the page."""
    pages: list[str] = session.get(KEPT, [])
    if request.method != "GET" or request.path not in pages or not here.is_signed_in():
        return None
    session[KEPT] = [page for page in pages if page != request.path]
    found = store.take(_mark(request.path), here.me().id)
    if found is None:
        flash(gettext("What you had typed is not kept any more."), "warn")
        return None
    content = json.loads(here.interrupted_key().decrypt(found.encode()))
    flash(
        gettext(
            "You had been signed out. What you had typed stands in the form again;"
            " nothing of it has been sent or saved. Look it through and send it once more."
        ),
        "warn",
    )
    if content["had_file"]:
        flash(gettext("The chosen file was not kept: please choose it again."), "warn")
    return MultiDict([(name, value) for name, value in content["typed"]])
