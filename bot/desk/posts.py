"""Posts: writing, the queue by day, editing, withdrawing.

Owns: the pages of the press office. Never: what a post may look like (newsroom/posts) or how it
reads on a phone (newsroom/wording). Part of the desk.
"""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from bot.desk import corrections, here
from bot.desk.access import only
from bot.desk.language import clock_time, day, gettext, lazy
from bot.desk.language import said as said_in_words
from bot.desk.post_form import FIELDS, LISTS, WRITTEN, PostForm
from bot.desk.voice_fields import filled, names
from broadcasts import clock, db
from broadcasts.delivery.broadcasts import Form
from broadcasts.newsroom import (
    drafts,
    feeds,
    post_pictures,
    posts,
    proposals,
    unsent,
    voices,
    wording,
)
from broadcasts.newsroom.posts import OutdatedError, Post, PostError, PostState
from broadcasts.people.staff import Role

pages = Blueprint("posts", __name__, url_prefix="/posts")
ACCESS = dict.fromkeys(
    (
        *("listing", "past", "new", "add", "edit", "change", "move", "withdraw", "queue"),
        *("duplicate", "preview", "keep_draft", "drop_draft", "picture"),
    ),
    only(Role.PRESS),
)
MENU = (("listing", lazy("Posts")),)

TWICE_WITHIN = timedelta(minutes=30)
"""The same words from the same person within this: the browser's Back, then Save once more."""


# ------------------------------------------------------------------ the queue


@pages.get("/")
def listing() -> str:
    return render_template(
        "posts/listing.html",
        days=posts.coming(here.newsroom()),
        drafts=posts.drafts(),
        origin=feeds.origin,
        proposals=proposals.count_waiting(),
        most=drafts.MOST_POSTS,
    )


@pages.get("/past")
def past() -> str:
    rows = posts.past(before=request.args.get("before", type=int))
    return render_template("posts/past.html", rows=rows, sent=PostState.SENT)


def _get(id: int) -> Post:
    try:
        return posts.get(id)
    except PostError:
        abort(404)


@pages.post("/<int:id>/move")
def move(id: int) -> AnyResponse:
    post = _get(id)
    try:
        on = date.fromisoformat(request.form.get("on", ""))
        version = int(request.form.get("version", ""))
    except ValueError:
        abort(400)
    return _act(
        lambda: posts.move(here.newsroom(), post.id, on, version=version, by=here.me().name),
        "post moved",
        _moved_to(on),
        on=on.isoformat(),
    )


def _moved_to(on: date) -> str:
    leaves = posts.next_day(here.newsroom())
    if on >= leaves:
        return gettext("Moved to %(day)s.", day=day(on))
    return gettext(
        "Moved to %(day)s, whose digest is over: it goes out with that of %(next)s.",
        day=day(on),
        next=day(leaves),
    )


@pages.post("/<int:id>/queue")
def queue(id: int) -> AnyResponse:
    post, version = _get(id), request.form.get("version", "")
    if not version.isdigit():
        abort(400)
    return _act(
        lambda: posts.queue(here.newsroom(), post.id, version=int(version), by=here.me().name),
        "post queued",
        gettext("Queued."),
    )


@pages.post("/<int:id>/withdraw")
def withdraw(id: int) -> AnyResponse:
    post = _get(id)
    return _act(
        lambda: posts.withdraw(post.id, by=here.me().name),
        "post withdrawn",
        gettext("Withdrawn."),
    )


@pages.post("/<int:id>/duplicate")
def duplicate(id: int) -> AnyResponse:
    post = _get(id)
    return _act(
        lambda: posts.duplicate(here.newsroom(), post.id, by=here.me().name),
        "post duplicated",
        gettext("Queued once more; change it here."),
        then="posts.edit",
    )


def _act(
    change: Any, act: str, said: str, *, then: str = "posts.listing", **detail: Any
) -> AnyResponse:
    """One change of one post, with its line in the trail; what is refused is said on the list."""
    try:
        with db.transaction():
            post = change()
            here.note(act, f"post {post.id}", **detail)
    except PostError as error:
        flash(" ".join(said_in_words(one) for one in error.said), "bad")
        return redirect(url_for("posts.listing"))
    flash(said)
    return redirect(url_for(then, **({"id": post.id} if then == "posts.edit" else {})))


# ------------------------------------------------------------------ writing


@pages.get("/new")
def new() -> str:
    form = PostForm(data=_draft("post new"))
    return _show(form, draft=unsent.find(here.me().name, "post new"))


def _draft(name: str) -> dict[str, Any]:
    """What was typed and not sent, as the form takes it."""
    found = unsent.find(here.me().name, name)
    kept = dict(found.content) if found else {}
    if on := kept.pop("on", ""):
        with suppress(ValueError):  # a half-typed date
            kept["on"] = date.fromisoformat(on)
    return kept


def _keep_picture(form: PostForm) -> None:
    """The form is shown once more: what was chosen need not be chosen again."""
    chosen = form.picture()
    if chosen is None:
        return
    try:
        form.kept_image.data = post_pictures.keep(here.newsroom(), chosen)
    except PostError as error:
        form.show(error.said)


def _show(form: PostForm, *, post: Post | None = None, **more: Any) -> str:
    _keep_picture(form)
    return render_template(
        "posts/form.html",
        form=form,
        post=post,
        is_draft=post is not None and post.state == PostState.DRAFT,
        longest={"title": posts.LONGEST_TITLE, "text": posts.LONGEST_TEXT},
        next_day=posts.next_day(here.newsroom()),
        shown=_phones(form),
        picture=_picture_of(form, post),
        **more,
    )


def _picture_of(form: PostForm, post: Post | None) -> str | None:
    if form.drop_image.data:
        return None
    return form.kept_image.data or (post.image if post else None)


@pages.post("/new")
def add() -> AnyResponse | str | tuple[str, int]:
    form = PostForm()
    if "preview" in request.form:
        return _show(form)
    if not form.validate():
        return _show(form), 422
    if twin := _twin(form):
        flash(gettext("This post is queued already for %(day)s.", day=day(twin.on)))
        return redirect(url_for("posts.listing"))
    try:
        with db.transaction():
            made = posts.add(
                here.newsroom(),
                form.written(),
                image=form.picture(),
                kept=form.kept_image.data or "",
                by=here.me().name,
            )
            unsent.drop(here.me().name, "post new")
            here.note("post added", f"post {made.id}", on=made.on.isoformat())
    except PostError as error:
        form.show(error.said)
        return _show(form), 422
    flash(gettext("Queued for %(day)s.", day=day(made.on)))
    _warn_without_alt(made)
    return redirect(url_for("posts.listing"))


def _twin(form: PostForm) -> Post | None:
    """With another picture it may well be another post."""
    if form.picture() is not None:
        return None
    since = clock.now() - TWICE_WITHIN
    return posts.twin(here.newsroom(), form.written(), by=here.me().name, since=since)


@pages.get("/<int:id>")
def edit(id: int) -> AnyResponse | str:
    post = _get(id)
    if post.state not in posts.OPEN:
        return corrections.show(post)
    written = {name: getattr(post, name) for name in (*FIELDS, *LISTS)}
    if post.state == PostState.DRAFT and post.on < clock.today(here.city().zone):
        written["on"] = None  # it was the next digest's when the draft was made, and is to be now
    written |= {"kept_image": post.image or "", **filled(post.voices)}
    draft = unsent.find(here.me().name, f"post {id}")
    form = PostForm(data={**written, "version": post.version, **_draft(f"post {id}")})
    return _show(form, post=post, draft=draft)


@pages.post("/<int:id>")
def change(id: int) -> AnyResponse | str | tuple[str, int]:
    post, form = _get(id), PostForm()
    if "preview" in request.form:
        return _show(form, post=post)
    version = form.version.data or ""
    if not form.validate() or not version.isdigit():
        return _show(form, post=post), 422
    try:
        with db.transaction():
            posts.edit(
                here.newsroom(),
                id,
                form.written(),
                version=int(version),
                image=form.picture(),
                kept=form.kept_image.data or "",
                drop_image=form.drop_image.data,
                by=here.me().name,
            )
            unsent.drop(here.me().name, f"post {id}")
            here.note("post changed", f"post {id}")
            if "queue" in request.form and post.state == PostState.DRAFT:
                posts.queue(here.newsroom(), id, version=int(version) + 1, by=here.me().name)
                here.note("post queued", f"post {id}")
    except OutdatedError:
        theirs = _get(id)
        # What was typed stays in the form; sent once more it counts as having seen the other.
        form.version.data = str(theirs.version)
        return _show(form, post=theirs, theirs=theirs), 409
    except PostError as error:
        form.show(error.said)
        return _show(form, post=post), 422
    flash(gettext("Changed."))
    _warn_without_alt(_get(id))
    return redirect(url_for("posts.listing"))


def _warn_without_alt(post: Post) -> None:
    if post.image and not post.image_alt:
        said = gettext(
            "The picture of “%(post)s” has no description: whoever cannot see it does not learn"
            " what it shows. Please add one.",
            post=post.title,
        )
        flash(said, "warn")


# ------------------------------------------------------------------ while typing


@pages.post("/preview")
def preview() -> str:
    """The phones beside the form, as they would look with what is typed now."""
    form = PostForm()
    return render_template(
        "posts/_phones.html", shown=_phones(form), picture=_picture_of(form, None)
    )


def _phones(form: PostForm) -> list[tuple[Form, str, int]]:
    """How it reads inside the window and outside, and how many signs there may be."""
    room = here.newsroom()
    post = Post(title=form.title.data or "…", text=form.text.data or "", link=form.link.data or "")
    post.voices = voices.keep(form.voices())
    return wording.preview_of_one(room, post, form.language)


@pages.post("/draft")
def keep_draft() -> Response:
    """Called by the page itself every few seconds of typing."""
    name = _form_name()
    content: dict[str, Any] = {
        key: request.form.get(key, "") for key in (*FIELDS, *names(*WRITTEN))
    }
    content |= {key: request.form.getlist(key) for key in LISTS}
    at = unsent.keep(here.me().name, name, content)
    return jsonify(said=gettext("Draft kept at %(time)s", time=clock_time(at)))


@pages.post("/draft/drop")
def drop_draft() -> AnyResponse:
    name = _form_name()
    unsent.drop(here.me().name, name)
    number = name.removeprefix("post ")
    if number.isdigit():
        return redirect(url_for("posts.edit", id=int(number)))
    return redirect(url_for("posts.new"))


def _form_name() -> str:
    name = request.form.get("form", "")
    if name != "post new" and not name.removeprefix("post ").isdigit():
        abort(400)
    return name


@pages.get("/pictures/<name>")
def picture(name: str) -> Response:
    """To staff, before it is sent."""
    return send_from_directory(here.city().config.media_dir.resolve(), name, max_age=0)
