"""What a feed says → posts: new items come in once, changed ones change what nobody has touched.

Owns: the table of seen items, and whether one is new, the same, or changed. Never: fetches, sends,
or overwrites what a person has written. Called by bot/feeds.
"""

import hashlib
import io
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import db
from broadcasts.faults import where
from broadcasts.newsroom import corrections, feed_text, feeds, post_pictures, posts, proposals
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.feed_reading import Item
from broadcasts.newsroom.feeds import Feed
from broadcasts.newsroom.posts import OPEN, Post, PostError, PostState, Written
from broadcasts.saying import pack, say
from broadcasts.settings import FeedSettings

log = logging.getLogger(__name__)

MOST_NEW = 10
"""At once: more than that is no news but a new website, and nobody may get it unread."""

MOVED_WITHIN = timedelta(days=21)
"""The same words under another address and another id are the same item for so long; next month's
"Rat tagt am Montag" is another one."""

Fetch = Callable[[str], bytes | None]
"""Address of a picture → its bytes; None: it cannot be had."""


class FeedItem(db.Model):
    id: Any = peewee.AutoField()
    feed = peewee.CharField(max_length=60, index=True)
    by_link = peewee.CharField(max_length=64, default="")
    by_guid = peewee.CharField(max_length=64, default="")
    by_words = peewee.CharField(max_length=64)
    """By which it is known again, each as a hash; empty: it has none."""
    content = peewee.CharField(max_length=64)
    """Hash of what a post took of it."""
    picture = peewee.TextField(default="")
    """Its address."""
    post: Any = peewee.ForeignKeyField(Post, null=True)
    """None: it was there before the feed was, or came by another one."""
    post_id: int | None
    came_at = db.UTCField()

    class Meta:
        table_name = "feed_item"


class LostError(Exception):
    """Another worker has taken the feed meanwhile."""


@dataclass
class Taken:
    """What came of one look at a feed."""

    new: int = 0
    changed: int = 0
    proposed: int = 0

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.proposed)


def came_in() -> dict[str, int]:
    """Feed → how many of its items became posts."""
    query = (
        FeedItem.select(FeedItem.feed, peewee.fn.COUNT(FeedItem.id))
        .where(FeedItem.post.is_null(False))
        .group_by(FeedItem.feed)
    )
    return dict(db.rows(query))


def take(
    newsroom: Newsroom,
    feed: Feed,
    settings: FeedSettings,
    items: Sequence[Item],
    *,
    picture: Fetch,
    now: datetime,
) -> Taken:
    """Each item in a transaction of its own: what a crash leaves comes next time. Raises
    LostError."""
    pairs = list(_matched(feed.name, items, now))
    taken = Taken()
    new = [item for item, row in pairs if row is None]
    state, new = _chosen(feed, settings, new, now)
    for item in new:
        taken.new += _take_in(newsroom, feed, item, state, picture, now)
    for item, row in pairs:
        if row is not None:
            _look_again(newsroom, feed, item, row, picture=picture, now=now, taken=taken)
    return taken


# ------------------------------------------------------------------ known or new


def _hash(*parts: str) -> str:
    text = "\n".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(text).hexdigest()


def _keys(item: Item) -> dict[str, str]:
    return {
        "by_link": _hash(feed_text.essence(item.link)) if item.link else "",
        "by_guid": _hash(item.guid) if item.guid else "",
        "by_words": _hash(item.title, item.text),
    }


def _content(of: Item | Post | Written) -> str:
    return _hash(of.title, of.text, of.link)


def _distinct(keys: Iterable[str]) -> set[str]:
    """What several items share tells none of them: a link to the homepage, a constant id."""
    return {key for key, number in Counter(keys).items() if key and number == 1}


def _matched(
    name: str, items: Sequence[Item], now: datetime
) -> Iterator[tuple[Item, FeedItem | None]]:
    """Each item once, with what is known of it: by its address, else its id, else its words."""
    listed = {(keys["by_link"], keys["by_words"]): item for item in items for keys in [_keys(item)]}
    of = {id(item): _keys(item) for item in listed.values()}
    rows = list(FeedItem.select().where(FeedItem.feed == name))
    found: dict[int, FeedItem] = {}
    claimed: set[int] = set()

    def match(way: str, among: Iterable[FeedItem], wanted: Callable[[Item], bool]) -> None:
        usable = _distinct(keys[way] for keys in of.values())
        candidates = [row for row in among if row.id not in claimed]
        distinct = _distinct(getattr(row, way) for row in candidates)
        index = {getattr(row, way): row for row in candidates}
        for item in listed.values():
            key = of[id(item)][way]
            if id(item) in found or key not in usable or key not in distinct or not wanted(item):
                continue
            found[id(item)] = index[key]
            claimed.add(index[key].id)

    match("by_link", rows, lambda item: True)
    match("by_guid", rows, lambda item: True)
    # Without either only the words are left; with both new, it has moved, or is another one.
    links = _distinct(keys["by_link"] for keys in of.values())
    guids = _distinct(keys["by_guid"] for keys in of.values())
    match(
        "by_words",
        rows,
        lambda item: of[id(item)]["by_link"] not in links and of[id(item)]["by_guid"] not in guids,
    )
    fresh = [row for row in rows if row.came_at > now - MOVED_WITHIN]
    match("by_words", fresh, lambda item: True)
    for item in listed.values():
        yield item, found.get(id(item))


def _chosen(
    feed: Feed, settings: FeedSettings, new: list[Item], now: datetime
) -> tuple[PostState, list[Item]]:
    """Which of the new ones come in, oldest first, and as what; the others only count as seen. What
    a first look finds may be old news: somebody looks at it."""
    state = PostState.QUEUED if settings.queue and feed.digest else PostState.DRAFT
    newest = new
    if all(item.published_at for item in new):
        newest = sorted(new, key=lambda item: item.published_at, reverse=True)
    most = MOST_NEW if feed.is_known else settings.newest
    chosen, rest = newest[:most], newest[most:]
    elsewhere = _of_other_feeds(feed.name, chosen)
    rest += [item for item in chosen if _keys(item)["by_link"] in elsewhere]
    chosen = [item for item in chosen if _keys(item)["by_link"] not in elsewhere]
    columns: dict[str, Any] = {} if feed.is_known else {"is_known": True}
    if feed.is_known and len(new) > MOST_NEW:
        state = PostState.DRAFT
        columns["remark"] = pack(
            say(
                "%(number)s items were new at once: the newest %(most)s are drafts, the others"
                " count as seen",
                number=len(new),
                most=MOST_NEW,
            )
        )
    elif chosen:
        columns["remark"] = None
    if rest or columns:
        with _held(feed):
            for item in rest:
                _note(feed, item, None, now)
            if columns:
                Feed.update(**columns).where(Feed.name == feed.name).execute()
    return state, chosen[::-1]


def _of_other_feeds(name: str, items: Sequence[Item]) -> set[str]:
    """Addresses that came in by another feed of the same website."""
    links = [key for item in items if (key := _keys(item)["by_link"])]
    query = FeedItem.select(FeedItem.by_link).where(
        FeedItem.feed != name, FeedItem.by_link.in_(links)
    )
    return {row[0] for row in db.rows(query)}


@contextmanager
def _held(feed: Feed) -> Iterator[None]:
    """A transaction in which the feed is ours. Raises LostError."""
    with db.transaction():
        if not feeds.hold(feed):
            raise LostError
        yield


def _note(feed: Feed, item: Item, post: Post | None, now: datetime) -> None:
    FeedItem.create(
        feed=feed.name,
        **_keys(item),
        content=_content(item),
        picture=item.picture,
        post=post,
        came_at=now,
    )


# ------------------------------------------------------------------ what becomes of it


def _written(item: Item) -> Written:
    return Written(item.title, item.text, item.link, image_alt=item.picture_alt)


def _as_new(newsroom: Newsroom, feed: Feed, item: Item) -> Written:
    """With what the city has said its feed is about."""
    settings = newsroom.settings.feeds.get(feed.name)
    if settings is None:
        return _written(item)
    topics, districts = ((one,) if one else () for one in (settings.topic, settings.district))
    return replace(_written(item), topics=topics, districts=districts)


def _take_in(
    newsroom: Newsroom, feed: Feed, item: Item, state: PostState, picture: Fetch, now: datetime
) -> bool:
    """False: it cannot be a post, and is not tried again."""
    kept, by = _picture(newsroom, feed, item, picture), feeds.author(feed.name)
    with _held(feed):
        try:
            post = posts.add(newsroom, _as_new(newsroom, feed, item), kept=kept, state=state, by=by)
        except PostError as error:
            log.warning("feed name=%s item=refused error=%s", feed.name, where(error))
            post = None
        _note(feed, item, post, now)
    return post is not None


def _picture(newsroom: Newsroom, feed: Feed, item: Item, picture: Fetch) -> str:
    """Its name among the kept ones; empty: without it the news is as new."""
    content = picture(item.picture) if item.picture else None
    if content is None:
        return ""
    try:
        return post_pictures.keep(newsroom, io.BytesIO(content))
    except PostError:
        log.info("feed name=%s picture=refused", feed.name)
        return ""


def _look_again(
    newsroom: Newsroom,
    feed: Feed,
    item: Item,
    row: FeedItem,
    *,
    picture: Fetch,
    now: datetime,
    taken: Taken,
) -> None:
    """Another date or id alone changes nothing but how it is known again."""
    fresh = {**_keys(item), "content": _content(item), "picture": item.picture}
    if all(getattr(row, name) == value for name, value in fresh.items()):
        return
    is_changed = row.content != fresh["content"] and row.post_id is not None
    kept = ""
    if is_changed and item.picture != row.picture:
        kept = _picture(newsroom, feed, item, picture)
    with _held(feed):
        if is_changed:
            _change(newsroom, feed, item, row, kept=kept, now=now, taken=taken)
        FeedItem.update(**fresh).where(FeedItem.id == row.id).execute()


def _change(
    newsroom: Newsroom,
    feed: Feed,
    item: Item,
    row: FeedItem,
    *,
    kept: str,
    now: datetime,
    taken: Taken,
) -> None:
    """What nobody has touched and nobody has read follows the website; else a person decides."""
    post = posts.get(row.post_id or 0)
    if post.state == PostState.WITHDRAWN:
        return
    # Turning back is a change, too, where the archive says otherwise since.
    is_final = post.state in OPEN or not corrections.of_posts([post.id])
    if _content(post) == _content(item) and is_final:
        proposals.drop(post.id)
        return
    is_untouched = post.state in OPEN and _content(post) == row.content
    if is_untouched:
        said = replace(_written(item), image_alt=item.picture_alt or post.image_alt)
        written = replace(said, on=post.on, **posts.about(newsroom, post))
        by = feeds.author(feed.name)
        try:
            with db.transaction():
                posts.edit(newsroom, post.id, written, version=post.version, kept=kept, by=by)
        except PostError:
            pass  # it was sent, or somebody has changed it, a moment ago
        else:
            taken.changed += 1
            return
    proposals.propose(post, feed.name, _written(item), now)
    taken.proposed += 1
