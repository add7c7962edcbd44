"""The archive: what the city has said, for everybody to read, and nothing of anybody.

Owns: which digests, alerts and service notices are public, in which order, how an alert stands, and
the search. Never: writes; shows what never left, a drill, a queued or withdrawn post. Called by
bot/public.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import peewee

from broadcasts import db
from broadcasts.delivery import hours
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import LIVE, WARNINGS, BroadcastKind, BroadcastState
from broadcasts.newsroom import corrections
from broadcasts.newsroom import search as searching
from broadcasts.newsroom.posts import Post, PostState
from broadcasts.newsroom.shortening import shorten
from broadcasts.newsroom.texts import ARCHIVE_PATH
from broadcasts.newsroom.voices import Voice, kept

ON_A_PAGE = 20
"""Entries of the list: with what is usual in a town some 8 kB."""

MOST_FOUND = 50
MOST_WORDS = 4
LONGEST_SEARCH = 100
"""Signs; the rest is not looked at."""


class Key(NamedTuple):
    """Where an entry stands in the list; what is older has a smaller one."""

    on: date
    id: int


class Standing(StrEnum):
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    """Run out without an all-clear."""
    CLEARED = "cleared"
    STOPPED = "stopped"
    """Taken back on its way, and nothing said since: whoever has got it expects an all-clear."""


@dataclass(frozen=True)
class Item:
    """A post within its digest."""

    id: int
    title: str
    text: str
    link: str
    image: str | None
    image_alt: str
    corrections: tuple[tuple[datetime, str], ...]
    voices: Mapping[str, Voice] = field(default_factory=dict)
    tongue: str = ""
    """What it is written in, where that is not the city's language."""


@dataclass(frozen=True)
class Part:
    """An alert, its update or its all-clear."""

    kind: BroadcastKind
    title: str
    text: str
    severity: str
    at: datetime
    voices: Mapping[str, Voice] = field(default_factory=dict)
    tongue: str = ""


@dataclass(frozen=True)
class Entry:
    """A digest with its posts, a service notice, or an alert with everything that followed it."""

    key: Key
    said_at: datetime
    changed_at: datetime
    """When it last changed, as far as the clock has come."""
    items: tuple[Item, ...] = ()
    parts: tuple[Part, ...] = ()
    standing: Standing | None = None
    """Of an alert."""
    ends_at: datetime | None = None
    """Until when an alert is in force, or was meant to be."""
    is_notice: bool = False
    """A service notice, which has one item; its id is that of the broadcast."""

    @property
    def path(self) -> str:
        kind = BroadcastKind.NOTICE if self.is_notice else BroadcastKind.DIGEST
        return _path(self.key, BroadcastKind.ALERT if self.parts else kind)


_ENDINGS: Mapping[BroadcastKind, str] = {
    BroadcastKind.ALERT: "/warnung-{id}",
    BroadcastKind.NOTICE: "/hinweis-{id}",
}


def _path(key: Key, kind: BroadcastKind) -> str:
    """Stands for good. The day in an alert's: after a restore a number may be given again."""
    day = f"/{ARCHIVE_PATH}/{key.on.isoformat()}"
    return day + _ENDINGS.get(kind, "").format(id=key.id)


def item_path(on: date, post_id: int) -> str:
    """Of one post by itself, on its digest's day."""
    return f"/{ARCHIVE_PATH}/{on.isoformat()}/beitrag-{post_id}"


def _unseen(row: Any) -> Any:
    """Stopped before the provider had answered for a single message. What is on its way counts as
    said: the page must be there before the first message is."""
    return (row.state == BroadcastState.STOPPED) & row.started_at.is_null()


_UNSEEN = _unseen(Broadcast)

_IS_ALERT = (Broadcast.kind == BroadcastKind.ALERT) & ~Broadcast.is_drill


_IS_NOTICE = (Broadcast.kind == BroadcastKind.NOTICE) & (
    # Held until its hours begin it is nobody's yet.
    Broadcast.started_at.is_null(False) | Broadcast.state.in_(LIVE)
)


def _has_posts() -> Any:
    """A digest of which nothing arrived has none: they wait for the next one."""
    held = Post.select(peewee.SQL("1")).where(
        Post.broadcast == Broadcast.id, Post.state == PostState.SENT
    )
    return (Broadcast.kind == BroadcastKind.DIGEST) & peewee.fn.EXISTS(held)


def _public() -> Any:
    return ~_UNSEEN & (_IS_ALERT | _IS_NOTICE | _has_posts())


# ------------------------------------------------------------------ reading


def page(
    now: datetime,
    *,
    before: Key | None = None,
    days: tuple[date, date] | None = None,
    limit: int = ON_A_PAGE,
) -> list[Entry]:
    """The newest first; `before`: the last key of the page before; `days`: only of these, both
    included."""
    query = Broadcast.select().where(_public())
    if days is not None:
        query = query.where(Broadcast.on.between(*days))
    if before is not None:
        # In this form both databases read it off the index of the order.
        is_older = (Broadcast.on < before.on) | (Broadcast.id < before.id)
        query = query.where(Broadcast.on <= before.on, is_older)
    order = (Broadcast.on.desc(), Broadcast.id.desc())
    return _entries(list(query.order_by(*order).limit(limit)), now)


def has_digest(since: date, until: date) -> bool:
    """Whether one stands there of these days, both included."""
    query = Broadcast.select(Broadcast.id).where(
        Broadcast.on.between(since, until), ~_UNSEEN, _has_posts()
    )
    return bool(query.exists())


def digest(on: date, now: datetime) -> Entry | None:
    """Of that local day."""
    query = Broadcast.select().where(Broadcast.on == on, ~_UNSEEN, _has_posts())
    return next(iter(_entries(list(query.order_by(Broadcast.id.desc()).limit(1)), now)), None)


def alert(key: Key, now: datetime) -> Entry | None:
    query = Broadcast.select().where(
        Broadcast.id == key.id, Broadcast.on == key.on, ~_UNSEEN, _IS_ALERT
    )
    return next(iter(_entries(list(query), now)), None)


def notice(key: Key, now: datetime) -> Entry | None:
    query = Broadcast.select().where(
        Broadcast.id == key.id, Broadcast.on == key.on, ~_UNSEEN, _IS_NOTICE
    )
    return next(iter(_entries(list(query), now)), None)


def years() -> range:
    """In which something may have been said, the newest first; empty: nothing yet."""
    # One at a time each is read off the end of an index; both at once, from all rows.
    first, last = (
        Broadcast.select(end(Broadcast.on)).where(_public()).scalar()
        for end in (peewee.fn.MIN, peewee.fn.MAX)
    )
    return range(0) if first is None else range(last.year, first.year - 1, -1)


def paths(year: int) -> list[str]:
    """Of everything of that year, the newest first; then of each post by itself."""
    of_year = Broadcast.on.between(date(year, 1, 1), date(year, 12, 31))
    query = Broadcast.select(Broadcast.kind, Broadcast.on, Broadcast.id).where(of_year, _public())
    found = db.rows(query.order_by(Broadcast.on.desc(), Broadcast.id.desc()))
    whole = [_path(Key(on, id), kind) for kind, on, id in found]
    single = Post.select(Broadcast.on, Post.id).join(Broadcast)
    sent = single.where(of_year, ~_UNSEEN, Post.state == PostState.SENT)
    singles = db.rows(sent.order_by(Broadcast.on.desc(), Post.id))
    return [*whole, *(item_path(on, id) for on, id in singles)]


def _entries(found: Sequence[Broadcast], now: datetime) -> list[Entry]:
    """Each with what belongs to it: three questions, however many they are."""
    digests = [row.id for row in found if row.kind == BroadcastKind.DIGEST]
    alerts = [row.id for row in found if row.kind == BroadcastKind.ALERT]
    items, threads = _items(digests), _threads(alerts)

    def entry(row: Broadcast) -> Entry:
        if row.kind == BroadcastKind.NOTICE:
            return _notice(row)
        if row.kind == BroadcastKind.ALERT:
            return _alert(row, threads[row.id], now)
        return _digest(row, items[row.id])

    return [entry(row) for row in found]


def _items(digests: Collection[int]) -> Mapping[int, list[Item]]:
    held: dict[int, list[Item]] = defaultdict(list)
    if not digests:
        return held
    query = Post.select().where(Post.broadcast.in_(digests), Post.state == PostState.SENT)
    rows = list(query.order_by(Post.on, Post.id))
    corrected = corrections.of_posts([row.id for row in rows])
    for row in rows:
        said = tuple((one.at, one.text) for one in corrected.get(row.id, ()))
        assert row.broadcast_id is not None
        words = (row.title, row.text, row.link, row.image, row.image_alt)
        held[row.broadcast_id].append(Item(row.id, *words, said, kept(row.voices)))
    return held


def _threads(alerts: Collection[int]) -> Mapping[int, list[Broadcast]]:
    if not alerts:
        return {}
    query = Broadcast.select().where(Broadcast.follows.in_(alerts), ~_UNSEEN)
    found: dict[int, list[Broadcast]] = {id: [] for id in alerts}
    for row in list(query.order_by(Broadcast.id)):
        found[row.root_id].append(row)
    return found


def _digest(row: Broadcast, items: Sequence[Item]) -> Entry:
    corrected = [at for item in items for at, _ in item.corrections]
    changed = max([row.created_at, *corrected])
    return Entry(Key(row.on, row.id), row.created_at, changed, items=tuple(items))


def _notice(row: Broadcast) -> Entry:
    said_at = max(row.created_at, hours.first(row.hours)) if row.hours else row.created_at
    item = Item(row.id, row.title or shorten(row.text, 90), row.text, row.link, None, "", ())
    return Entry(Key(row.on, row.id), said_at, said_at, items=(item,), is_notice=True)


def _alert(row: Broadcast, followed: Sequence[Broadcast], now: datetime) -> Entry:
    thread = [row, *followed]
    warns = [part for part in thread if part.kind != BroadcastKind.CLEAR]
    valid = [part for part in warns if part.state != BroadcastState.STOPPED]
    ends_at = max(part.expires_at for part in valid or warns)
    standing = Standing.IN_FORCE if ends_at > now else Standing.EXPIRED
    if len(warns) < len(thread):
        standing = Standing.CLEARED
    elif not valid:
        standing = Standing.STOPPED
    stops = [part.finished_at for part in warns if part not in valid and part.finished_at]
    changed = max([thread[-1].created_at, *stops])
    if standing is Standing.EXPIRED:
        changed = max(changed, ends_at)
    parts = (
        Part(
            BroadcastKind(one.kind),
            one.title,
            one.text,
            one.severity,
            one.created_at,
            kept(one.voices),
        )
        for one in thread
    )
    key = Key(row.on, row.id)
    return Entry(
        key, row.created_at, changed, parts=tuple(parts), standing=standing, ends_at=ends_at
    )


# ------------------------------------------------------------------ searching


@dataclass(frozen=True)
class Hit:
    """A post or an alert that holds every word."""

    key: Key
    path: str
    title: str
    text: str
    is_alert: bool = False


def read_words(text: str) -> list[str]:
    """What is looked for, however it was typed."""
    shown = text[:LONGEST_SEARCH].encode("utf-8", "ignore").decode()
    plain = unicodedata.normalize("NFC", shown).lower()
    return list(dict.fromkeys(plain.replace("\0", "").split()))[:MOST_WORDS]


def search(words: Sequence[str]) -> list[Hit]:
    """What holds all of them, the newest first, `MOST_FOUND` at the most: posts, alerts and what
    followed them. `words`: as `read_words` gives them."""
    if not words:
        return []
    # A path once: an alert and its update may both hold the words.
    said = [*_posts(words), *_notices(words), *reversed(_alerts(words))]
    hits = {hit.path: hit for hit in said}
    return sorted(hits.values(), key=lambda hit: hit.key, reverse=True)[:MOST_FOUND]


def _posts(words: Sequence[str]) -> list[Hit]:
    if (found := searching.holding(searching.POSTS, words)) is None:
        return []
    index, holds = found
    query = (
        Post.select(Post.id, Post.title, Post.text, Broadcast.on, Broadcast.id)
        .join(Broadcast)
        .join(index, on=(index.c.rowid == Post.id))
        .where(holds, Post.state == PostState.SENT, ~_UNSEEN)
        # In this order SQLite reads off its index, and stops where it has enough.
        .order_by(index.c.rowid.desc())
        .limit(MOST_FOUND)
    )
    return [
        Hit(key := Key(on, number), f"{_path(key, BroadcastKind.DIGEST)}#beitrag-{id}", title, text)
        for id, title, text, on, number in db.rows(query)
    ]


def _notices(words: Sequence[str]) -> list[Hit]:
    if (found := searching.holding(searching.BROADCASTS, words)) is None:
        return []
    index, holds = found
    query = (
        Broadcast.select(Broadcast.title, Broadcast.text, Broadcast.on, Broadcast.id)
        .join(index, on=(index.c.rowid == Broadcast.id))
        .where(holds, _IS_NOTICE, ~_UNSEEN)
        .order_by(index.c.rowid.desc())
        .limit(MOST_FOUND)
    )
    return [
        Hit(key := Key(on, number), _path(key, BroadcastKind.NOTICE), title, text)
        for title, text, on, number in db.rows(query)
    ]


def _alerts(words: Sequence[str]) -> list[Hit]:
    if (found := searching.holding(searching.BROADCASTS, words)) is None:
        return []
    index, holds = found
    root = Broadcast.alias()
    query = (
        Broadcast.select(Broadcast.title, Broadcast.text, root.on, root.id)
        .join(root, on=(peewee.fn.COALESCE(Broadcast.follows, Broadcast.id) == root.id))
        .join(index, on=(index.c.rowid == Broadcast.id))
        .where(
            holds,
            Broadcast.kind.in_(WARNINGS),
            ~Broadcast.is_drill,
            ~_UNSEEN,
            ~_unseen(root),
        )
        .order_by(index.c.rowid.desc())
        .limit(MOST_FOUND)
    )
    return [
        Hit(key := Key(on, number), _path(key, BroadcastKind.ALERT), title, text, is_alert=True)
        for title, text, on, number in db.rows(query)
    ]
