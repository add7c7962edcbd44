"""Posts: the items the press office writes, queued for a date.

Owns: the table of posts, and what a post may look like. Never: what a digest looks like (wording)
or when it goes (digests). Called by the command line and the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.delivery import broadcasts
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.newsroom import pictures, subjects, voices
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.pictures import Picture, PictureError
from broadcasts.newsroom.shortening import one_line
from broadcasts.newsroom.voices import Voices
from broadcasts.newsroom.wellformed import LONGEST_ALT, link_problems, text_problems, whole
from broadcasts.newsroom.wellformed import LONGEST_TEXT as LONGEST_TEXT
from broadcasts.newsroom.wellformed import LONGEST_TITLE as LONGEST_TITLE
from broadcasts.newsroom.wellformed import UNPRINTABLE as UNPRINTABLE
from broadcasts.people.selections import Scope
from broadcasts.saying import Refusal, Said, say
from broadcasts.settings import WEEKDAYS

FURTHEST = timedelta(days=366)
"""Ahead: what is queued for later nobody would find on the desk."""


class PostState(StrEnum):
    DRAFT = "draft"
    """Waits until the press office queues it; no digest takes it."""
    QUEUED = "queued"
    SENT = "sent"
    """Part of a digest."""
    WITHDRAWN = "withdrawn"


OPEN = (PostState.DRAFT, PostState.QUEUED)
"""Can still be changed."""


class Post(db.Model):
    id = peewee.AutoField()
    title = peewee.TextField()
    text = peewee.TextField(default="")
    link = peewee.TextField(default="")
    image = peewee.CharField(max_length=200, null=True)
    """File name below the media folder."""
    voices = db.JSONField(default=dict)
    """In plain words and in other languages (newsroom/voices)."""
    image_alt = peewee.TextField(default="")
    """What it shows, for whoever cannot see it (WCAG 1.1.1)."""
    topics = db.JSONField(default=list)
    districts = db.JSONField(default=list)
    """Names of the configuration; a reader who has chosen others does not get it."""
    on = peewee.DateField(column_name="on_date", index=True)
    state = db.EnumField(PostState, default=PostState.QUEUED)
    broadcast = peewee.ForeignKeyField(Broadcast, null=True)
    broadcast_id: int | None
    created_at = db.UTCField()
    version = peewee.IntegerField(default=1)
    """Grows with each change: two who edit at once are told."""
    author = peewee.CharField(max_length=60, default="")
    """Name of the account; empty: the command line."""
    changed_by = peewee.CharField(max_length=60, default="")
    changed_at = db.UTCField(null=True)

    class Meta:
        table_name = "post"

    @property
    def scope(self) -> Scope:
        return Scope(tuple(self.topics), tuple(self.districts))


class PostError(Refusal):
    """A post cannot be taken; `said` names everything that is wrong with it."""


class OutdatedError(PostError):
    """Somebody else has changed the post meanwhile; nothing was overwritten."""


@dataclass(frozen=True)
class Written:
    """What somebody has typed."""

    title: str
    text: str = ""
    link: str = ""
    on: date | None = None
    """None: the next day with a digest."""
    topics: Sequence[str] = ()
    districts: Sequence[str] = ()
    """What it is about, by the names of the configuration; none: it goes to everybody."""
    voices: Voices | None = None
    """None: as they are."""
    image_alt: str = ""


def add(
    newsroom: Newsroom,
    written: Written,
    *,
    image: Picture | None = None,
    kept: str = "",
    state: PostState = PostState.QUEUED,
    by: str = "",
) -> Post:
    """Queues a post for the digest of a day, or keeps it as a draft. `kept`: name of a picture that
    `post_pictures.keep` has taken already; `by`: name of the account. Raises PostError."""
    picture = _check(newsroom, written, image)
    now = clock.now()
    return Post.create(
        **_columns(newsroom, written),
        image=_image(newsroom, picture, kept),
        state=state,
        author=by,
        changed_by=by,
        created_at=now,
        changed_at=now,
    )


def edit(
    newsroom: Newsroom,
    post_id: int,
    written: Written,
    *,
    version: int,
    image: Picture | None = None,
    kept: str = "",
    drop_image: bool = False,
    by: str,
) -> Post:
    """Changes an open post that still is as `version` was. Raises PostError, OutdatedError."""
    picture = _check(newsroom, written, image, present=get(post_id).on)
    changed: dict[str, Any] = _columns(newsroom, written)
    if picture or kept or drop_image:
        changed["image"] = _image(newsroom, picture, "" if drop_image else kept)
    _change(post_id, version, by, **changed)
    return get(post_id)


def _image(newsroom: Newsroom, picture: bytes | None, kept: str) -> str | None:
    if picture:
        return pictures.keep(newsroom.media, picture)
    return kept if kept and pictures.is_kept(newsroom.media, kept) else None


def twin(newsroom: Newsroom, written: Written, *, by: str, since: datetime) -> Post | None:
    """The same, queued by the same person a moment ago: a form that was sent twice."""
    columns = _columns(newsroom, written)
    scope = Scope(tuple(columns.pop("topics")), tuple(columns.pop("districts")))
    same = [getattr(Post, name) == value for name, value in columns.items()]
    fresh = (Post.author == by, Post.created_at > since, Post.state == PostState.QUEUED)
    found = (post for post in list(Post.select().where(*same, *fresh)) if post.scope == scope)
    return next(found, None)


def move(newsroom: Newsroom, post_id: int, on: date, *, version: int, by: str) -> Post:
    """To another day. Raises PostError, OutdatedError."""
    if problems := _day_problems(newsroom, on):
        raise PostError(*problems)
    _change(post_id, version, by, on=on)
    return get(post_id)


def queue(newsroom: Newsroom, post_id: int, *, version: int, by: str) -> Post:
    """A draft goes into the digest of its day; where that is over, into the next one. Raises
    PostError, OutdatedError."""
    on = max(get(post_id).on, next_day(newsroom))
    _change(post_id, version, by, state=PostState.QUEUED, on=on)
    return get(post_id)


def drafts() -> list[Post]:
    """The newest first."""
    return list(Post.select().where(Post.state == PostState.DRAFT).order_by(Post.id.desc()))


def _change(post_id: int, version: int, by: str, **columns: Any) -> None:
    """The database says whether it is still the same: no look first."""
    moved = (
        Post.update(**columns, version=Post.version + 1, changed_by=by, changed_at=clock.now())
        .where(Post.id == post_id, Post.version == version, Post.state.in_(OPEN))
        .execute()
    )
    if moved:
        return
    post = get(post_id)
    if post.state not in OPEN:
        raise PostError(say("post %(id)s is %(state)s already", id=post.id, state=post.state))
    raise OutdatedError(
        say("%(who)s has changed this post meanwhile", who=post.changed_by or "somebody")
    )


def duplicate(newsroom: Newsroom, post_id: int, *, by: str) -> Post:
    """The same once more, for the next digest; a sent one too. Its picture is shared: a post's
    picture is never changed."""
    old = get(post_id)
    now = clock.now()
    words = ("title", "text", "link", "image", "image_alt", "voices")
    return Post.create(
        **{name: getattr(old, name) for name in words},
        **about(newsroom, old),
        on=next_day(newsroom),
        author=by,
        changed_by=by,
        created_at=now,
        changed_at=now,
    )


def about(newsroom: Newsroom, post: Post | Written) -> dict[str, Any]:
    """Its topics and districts as far as there still are such: what the city has given up since
    leaves nobody out, and keeps nobody from saving it."""
    scope = subjects.read(newsroom, post.topics, post.districts)
    return {"topics": list(scope.topics), "districts": list(scope.districts)}


def _columns(newsroom: Newsroom, written: Written) -> dict[str, Any]:
    kept = {} if written.voices is None else {"voices": voices.keep(written.voices)}
    return {
        **kept,
        "title": written.title.strip(),
        "text": written.text.strip(),
        "link": whole(written.link),
        "image_alt": one_line(written.image_alt),
        **about(newsroom, written),
        "on": written.on or next_day(newsroom),
    }


def _check(
    newsroom: Newsroom, written: Written, image: Picture | None, *, present: date | None = None
) -> bytes | None:
    """Everything that is wrong at once; gives the picture as it is kept. A day that has come
    stays allowed for the post that has it."""
    problems = [
        *text_problems("title", written.title, LONGEST_TITLE),
        *text_problems("text", written.text, LONGEST_TEXT),
        *text_problems("image_alt", written.image_alt, LONGEST_ALT),
        *subjects.problems(newsroom, written.topics, written.districts),
        *link_problems(whole(written.link)),
        *voices.post_problems(written.voices or {}, newsroom.language),
    ]
    if not written.title.strip():
        problems.append(say("missing", about="title"))
    if written.on is not None and written.on != present:
        problems += _day_problems(newsroom, written.on)
    picture: bytes | None = None
    if image is not None:
        try:
            picture = pictures.read(image)
        except PictureError as error:
            problems += error.said
    if problems:
        raise PostError(*problems)
    return picture


def _day_problems(newsroom: Newsroom, on: date) -> list[Said]:
    if on < clock.today(newsroom.zone):
        return [say("%(day)s is in the past", about="on", day=on)]
    if on > clock.today(newsroom.zone) + FURTHEST:
        return [say("%(day)s is more than a year away", about="on", day=on)]
    return []


def next_day(newsroom: Newsroom) -> date:
    """The day whose digest is still to come: today, or the next one with a digest."""
    now, digest = clock.local_now(newsroom.zone), newsroom.settings.digest
    day = now.date()
    if now.time().replace(tzinfo=None) >= digest.latest or broadcasts.digest_of(day):
        day += timedelta(days=1)
    while WEEKDAYS[day.weekday()] not in digest.weekdays:
        day += timedelta(days=1)
    return day


def expected(newsroom: Newsroom, on: date) -> list[Post]:
    """What the digest of that day will hold, as far as is known: of a day after the next digest
    its own posts only, because what is due earlier has left by then."""
    waiting = queued(on)
    return [post for post in waiting if post.on == on] if on > next_day(newsroom) else waiting


def queued(on: date) -> list[Post]:
    """What the digest of that day would hold: its own posts, and earlier ones that were not
    sent."""
    query = Post.select().where(Post.state == PostState.QUEUED, Post.on <= on)
    return list(query.order_by(Post.on, Post.id))


def of_broadcast(broadcast_id: int) -> list[Post]:
    return list(Post.select().where(Post.broadcast == broadcast_id).order_by(Post.on, Post.id))


def listing(limit: int = 200) -> list[Post]:
    """Queued ones first, then drafts, then the newest."""
    first = peewee.Case(Post.state, [(PostState.QUEUED, 0), (PostState.DRAFT, 1)], 2)
    return list(Post.select().order_by(first, Post.on.desc(), Post.id.desc()).limit(limit))


def scopes(newsroom: Newsroom, rows: Sequence[Post]) -> list[Scope]:
    """What each is about by now."""
    return [subjects.by_now(newsroom.settings, row.scope) for row in rows]


def fitting(newsroom: Newsroom, rows: Sequence[Post], choice: Scope) -> list[Post]:
    """Those for a reader who has chosen this."""
    about = zip(rows, scopes(newsroom, rows), strict=True)
    return [row for row, scope in about if choice.fits(scope)]


def as_written(rows: list[Post]) -> list[dict[str, Any]]:
    """What stands in them, to be compared."""
    return [dict(row.__data__) for row in rows]


def mark_sent(ids: list[int], broadcast_id: int) -> None:
    """They belong to that digest now, in the transaction that starts it."""
    Post.update(state=PostState.SENT, broadcast=broadcast_id).where(Post.id.in_(ids)).execute()


def are_in(broadcast_id: int) -> bool:
    """Whether any went out with it (and none of them waits again)."""
    return Post.select(Post.id).where(Post.broadcast == broadcast_id).exists()


def queue_again(broadcast_id: int) -> int:
    """What was in a digest that reached nobody waits for the next one. Returns how many."""
    query = Post.update(state=PostState.QUEUED, broadcast=None).where(
        Post.broadcast == broadcast_id, Post.state == PostState.SENT
    )
    return int(query.execute())


def get(post_id: int) -> Post:
    """Raises PostError."""
    post: Post | None = Post.get_or_none(Post.id == post_id)
    if post is None:
        raise PostError(say("there is no post %(id)s", id=post_id))
    return post


def withdraw(post_id: int, *, by: str = "") -> Post:
    """Takes an open post back. Raises PostError."""
    post = get(post_id)
    change = {"version": Post.version + 1, "changed_by": by, "changed_at": clock.now()}
    query = Post.update(state=PostState.WITHDRAWN, **change)
    if not query.where(Post.id == post_id, Post.state.in_(OPEN)).execute():
        raise PostError(say("post %(id)s is %(state)s already", id=post_id, state=post.state))
    return get(post_id)


def coming(newsroom: Newsroom, *, days: int = 14) -> list[tuple[date, list[Post]]]:
    """The next days that have a digest or a post, each with its posts. What an earlier day left
    over stands with the first."""
    first = next_day(newsroom)
    waiting = queued(first + FURTHEST)
    found: dict[date, list[Post]] = {}
    for offset in range(days):
        day = first + timedelta(days=offset)
        if WEEKDAYS[day.weekday()] in newsroom.settings.digest.weekdays:
            found[day] = []
    for post in waiting:
        day = max(post.on, first)
        while WEEKDAYS[day.weekday()] not in newsroom.settings.digest.weekdays:
            day += timedelta(days=1)
        found.setdefault(day, []).append(post)
    return sorted(found.items())


def past(*, before: int | None = None, limit: int = 30) -> list[Post]:
    """Sent and withdrawn ones, the newest first; `before`: an id, for the next page."""
    query = Post.select().where(Post.state.not_in(OPEN))
    if before is not None:
        query = query.where(Post.id < before)
    return list(query.order_by(Post.id.desc()).limit(limit))
