"""Posts: the items the press office writes, queued for a date.

Owns: the table of posts, and what a post may look like. Never: what a digest looks like (wording)
or when it goes (digests). Called by the command line and the desk.
"""

import io
import re
import secrets
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import peewee
from PIL import Image, ImageOps, UnidentifiedImageError

from broadcasts import clock, db
from broadcasts.delivery import broadcasts
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.newsroom.context import Newsroom
from broadcasts.settings import WEEKDAYS

LONGEST_TITLE = 120
LONGEST_TEXT = 3000
LONGEST_LINK = 300
LARGEST_IMAGE = 5 * 1024 * 1024
"""Bytes: what every channel takes (whatsapp.md §7)."""
MOST_PIXELS = 40_000_000
"""A picture of few bytes can unfold to gigabytes."""

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")


class PostState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    """Part of a digest."""
    WITHDRAWN = "withdrawn"


class Post(db.Model):
    id = peewee.AutoField()
    title = peewee.TextField()
    text = peewee.TextField(default="")
    link = peewee.TextField(default="")
    image = peewee.CharField(max_length=200, null=True)
    """File name below the media folder."""
    topic = peewee.CharField(max_length=60, default="")
    on = peewee.DateField(column_name="on_date", index=True)
    state = db.EnumField(PostState, default=PostState.QUEUED)
    broadcast = peewee.ForeignKeyField(Broadcast, null=True)
    broadcast_id: int | None
    created_at = db.UTCField()

    class Meta:
        table_name = "post"


class PostError(Exception):
    """A post cannot be taken; `problems` names everything that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def add(
    newsroom: Newsroom,
    *,
    title: str,
    text: str = "",
    link: str = "",
    image: Path | None = None,
    on: date | None = None,
    topic: str = "",
) -> Post:
    """Queues a post for the digest of a day, by default the next one. Raises PostError."""
    problems = [
        *_text_problems("title", title, LONGEST_TITLE),
        *_text_problems("text", text, LONGEST_TEXT),
        *_text_problems("topic", topic, 60),
        *_link_problems(link),
    ]
    if not title.strip():
        problems.append("title: missing")
    if on is not None and on < clock.today(newsroom.zone):
        problems.append(f"on: {on} is in the past")
    picture: bytes | None = None
    if image is not None:
        try:
            picture = read_image(image)
        except PostError as error:
            problems += error.problems
    if problems:
        raise PostError(problems)
    return Post.create(
        title=title.strip(),
        text=text.strip(),
        link=link.strip(),
        image=_keep(newsroom.media, picture) if picture else None,
        topic=topic.strip(),
        on=on or next_day(newsroom),
        created_at=clock.now(),
    )


def _text_problems(name: str, text: str, longest: int) -> list[str]:
    problems = []
    if len(text) > longest:
        problems.append(f"{name}: {len(text)} signs, at most {longest}")
    if UNPRINTABLE.search(text):
        problems.append(f"{name}: holds signs that cannot be shown")
    return problems


def _link_problems(link: str) -> list[str]:
    if not link:
        return []
    if len(link) > LONGEST_LINK:
        return [f"link: {len(link)} signs, at most {LONGEST_LINK}"]
    try:
        parts = urlsplit(link.strip())
        ok = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        ok = False
    if not ok or re.search(r"\s", link.strip()):
        return ["link: is not an address like https://…"]
    return []


def read_image(path: Path) -> bytes:
    """A JPEG or PNG by its content, written anew as JPEG: without the place where it was taken.

    Raises PostError.
    """
    try:
        if path.stat().st_size > LARGEST_IMAGE:
            size = path.stat().st_size / 1024**2
            raise PostError([f"image: {size:.1f} MB, at most {LARGEST_IMAGE // 1024**2} MB"])
        with Image.open(path, formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PostError([f"image: more than {MOST_PIXELS // 10**6} million pixels"])
            upright = ImageOps.exif_transpose(picture)
            flat = Image.new("RGB", upright.size, "white")
            layer = upright.convert("RGBA")
            flat.paste(layer, mask=layer)
    except UnidentifiedImageError as error:
        raise PostError(["image: is neither JPEG nor PNG"]) from error
    except OSError as error:
        raise PostError([f"image: {error.strerror or 'is damaged'}"]) from error
    flat.thumbnail((2048, 2048))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _keep(media: Path, picture: bytes) -> str:
    """Under a name that cannot be guessed: a queued post is nobody's business yet."""
    media.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_urlsafe(16)}.jpg"
    (media / name).write_bytes(picture)
    return name


def next_day(newsroom: Newsroom) -> date:
    """The day whose digest is still to come: today, or the next one with a digest."""
    now, digest = clock.local_now(newsroom.zone), newsroom.settings.digest
    day = now.date()
    if now.time().replace(tzinfo=None) >= digest.latest or broadcasts.digest_of(day):
        day += timedelta(days=1)
    while WEEKDAYS[day.weekday()] not in digest.weekdays:
        day += timedelta(days=1)
    return day


def queued(on: date) -> list[Post]:
    """What the digest of that day would hold: its own posts, and earlier ones that were not
    sent."""
    query = Post.select().where(Post.state == PostState.QUEUED, Post.on <= on)
    return list(query.order_by(Post.on, Post.id))


def of_broadcast(broadcast_id: int) -> list[Post]:
    return list(Post.select().where(Post.broadcast == broadcast_id).order_by(Post.on, Post.id))


def listing(limit: int = 200) -> list[Post]:
    """Queued ones first, then the newest."""
    first = peewee.Case(None, [(Post.state == PostState.QUEUED, 0)], 1)
    return list(Post.select().order_by(first, Post.on.desc(), Post.id.desc()).limit(limit))


def as_written(rows: list[Post]) -> list[dict[str, Any]]:
    """What stands in them, to be compared."""
    return [dict(row.__data__) for row in rows]


def mark_sent(ids: list[int], broadcast_id: int) -> None:
    """They belong to that digest now, in the transaction that starts it."""
    Post.update(state=PostState.SENT, broadcast=broadcast_id).where(Post.id.in_(ids)).execute()


def queue_again(broadcast_id: int) -> int:
    """What was in a digest that reached nobody waits for the next one. Returns how many."""
    query = Post.update(state=PostState.QUEUED, broadcast=None).where(
        Post.broadcast == broadcast_id, Post.state == PostState.SENT
    )
    return int(query.execute())


def withdraw(post_id: int) -> Post:
    """Takes a queued post back. Raises PostError."""
    post = Post.get_or_none(Post.id == post_id)
    if post is None:
        raise PostError([f"there is no post {post_id}"])
    moved = (
        Post.update(state=PostState.WITHDRAWN)
        .where(Post.id == post_id, Post.state == PostState.QUEUED)
        .execute()
    )
    if not moved:
        raise PostError([f"post {post_id} is {post.state} already"])
    return Post.get_by_id(post_id)
