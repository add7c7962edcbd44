"""Feeds of the city's website: how each fares, and what it would correct in posts.

Owns: one page of the press office. Never: fetches (the job does), or decides by itself what becomes
of a proposal. Part of the desk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import here, interrupted
from bot.desk.access import only
from bot.desk.forms import stripped
from bot.desk.language import gettext
from bot.desk.language import said as said_in_words
from broadcasts import clock, db
from broadcasts.newsroom import corrections, feed_items, feeds, posts, proposals
from broadcasts.newsroom.feeds import Feed
from broadcasts.newsroom.posts import Post, PostError
from broadcasts.people.staff import Role
from broadcasts.settings import FeedSettings

pages = Blueprint("feeds", __name__, url_prefix="/feeds")
ACCESS = dict.fromkeys(("page", "fetch", "correct", "take_over", "dismiss"), only(Role.PRESS))
MENU: tuple[Any, ...] = ()
"""Its way in is the page of posts: many a city has no feed."""


@dataclass(frozen=True)
class Row:
    name: str
    settings: FeedSettings
    came_in: int
    fares: Feed | None
    """None: it was never asked."""

    @property
    def address(self) -> str:
        """Without what stands behind the question mark: it may be a password."""
        parts = urlsplit(self.settings.url)
        return f"{parts.hostname}{parts.path}"


@pages.get("/")
def page() -> str:
    return _show(interrupted.typed() or {})


def _show(typed: Mapping[str, str]) -> str:
    """`typed`: a correction that somebody has worded, and the number of its proposal."""
    fares, came_in = feeds.known(), feed_items.came_in()
    return render_template(
        "feeds/page.html",
        rows=[
            Row(name, settings, came_in.get(name, 0), fares.get(name))
            for name, settings in here.city().settings.feeds.items()
        ],
        proposals=proposals.waiting(),
        open_states=posts.OPEN,
        correction=proposals.correction,
        typed=typed,
        longest=corrections.LONGEST,
    )


@pages.post("/<name>/fetch")
def fetch(name: str) -> Response:
    """The job does it: a page must not wait for somebody else's server."""
    configured = here.city().settings.feeds
    if name not in configured:
        abort(404)
    with db.transaction():
        feeds.ensure(configured, clock.now())
        feeds.ask_now([name], clock.now())
        here.note("feed asked", f"feed {name}")
    flash(gettext("It is being fetched; the result shows here in a few seconds."))
    return redirect(url_for("feeds.page"))


@pages.post("/correct")
def correct() -> Response | tuple[str, int]:
    id, text = request.form.get("proposal", 0, type=int), stripped(request.form.get("text", ""))
    if _act(lambda by: proposals.correct(id, text, by=by), "post corrected") is None:
        return _show(request.form), 422
    flash(gettext("The correction stands in the archive now."))
    return redirect(url_for("feeds.page"))


@pages.post("/proposals/<int:id>/take-over")
def take_over(id: int) -> Response:
    room = here.newsroom()
    post = _act(lambda by: proposals.take_over(room, id, by=by), "proposal taken over")
    if post is None:
        return redirect(url_for("feeds.page"))
    flash(gettext("Taken over; look at it here."))
    return redirect(url_for("posts.edit", id=post.id))


@pages.post("/proposals/<int:id>/dismiss")
def dismiss(id: int) -> Response:
    if _act(lambda by: proposals.dismiss(id, by=by), "proposal dismissed"):
        flash(gettext("Dismissed; the post stays as it is."))
    return redirect(url_for("feeds.page"))


def _act(decide: Callable[[str], Post], act: str) -> Post | None:
    """None: somebody else has decided, or it is gone; said on the page."""
    try:
        with db.transaction():
            post = decide(here.me().name)
            here.note(act, f"post {post.id}")
    except PostError as error:
        flash(" ".join(said_in_words(one) for one in error.said), "bad")
        return None
    return post
