"""Feeds of the city's website: when each is asked, how it fares.

Owns: the table of feeds, whose turn it is, when it is tried again. Never: fetches (bot/feeds), or
knows what an item is (feed_items). Called by the job, the command line and the desk.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.saying import Said, pack, unpack
from broadcasts.settings import FeedSettings

LEASE = timedelta(minutes=5)
"""Longer than one feed takes; a dead worker's feed is free again after it."""

LONGEST_WAIT = timedelta(hours=6)
"""After many failures, unless the feed is asked more seldom anyway."""

WORRYING = 3
"""Failures in a row after which it is no hiccup."""


class Feed(db.Model):
    name: Any = peewee.CharField(max_length=60, primary_key=True)
    url = peewee.TextField()
    """As it was when it was asked last: another one is another feed."""
    etag = peewee.TextField(default="")
    modified = peewee.TextField(default="")
    """Last-Modified in the server's own words."""
    digest = peewee.CharField(max_length=64, default="")
    """Of the bytes: not every server knows that nothing has changed. Empty: this is the first look,
    or the first one after a restore."""
    is_known = peewee.BooleanField(default=False)
    """False: of what is in it now only the newest come in."""
    turn = peewee.IntegerField(default=0)
    """Grows with each claim: who has lost it to another worker keeps nothing."""
    due_at = db.UTCField(index=True)
    fetched_at = db.UTCField(null=True)
    """The last time without trouble."""
    failures = peewee.IntegerField(default=0)
    failing_since = db.UTCField(null=True)
    trouble = db.JSONField(null=True)
    """Why, as a packed sentence."""
    remark = db.JSONField(null=True)
    """What the press office should know of it, as a packed sentence."""

    class Meta:
        table_name = "feed"

    @property
    def wrong(self) -> Said | None:
        return unpack(self.trouble) if self.trouble else None

    @property
    def said(self) -> Said | None:
        return unpack(self.remark) if self.remark else None

    @property
    def is_worrying(self) -> bool:
        return int(self.failures) >= WORRYING


def author(name: str) -> str:
    """Who has written a post that came from a feed: no account's name has a blank in it."""
    return f"feed {name}"


def origin(written_by: str) -> str:
    """The feed's name, of an author; empty: somebody has written it."""
    kind, _, name = written_by.partition(" ")
    return name if kind == "feed" else ""


def known() -> dict[str, Feed]:
    """Name → how it fares, of all that were ever asked."""
    return {row.name: row for row in Feed.select()}


def ensure(configured: Mapping[str, FeedSettings], now: datetime) -> None:
    """Rows for what is configured; a feed at another address begins anew."""
    rows = known()
    for name, settings in configured.items():
        if name not in rows:
            row = Feed.insert(name=name, url=settings.url, due_at=now)
            row.on_conflict_ignore().execute()
        elif rows[name].url != settings.url:
            fresh = {"etag": "", "modified": "", "digest": "", "is_known": False, "due_at": now}
            Feed.update(url=settings.url, **fresh).where(Feed.name == name).execute()


def claim(configured: Mapping[str, FeedSettings], now: datetime) -> Feed | None:
    """One that is due; nobody else has it until the lease ends."""
    due = (
        Feed.select(Feed.name)
        .where(Feed.due_at <= now, Feed.name.in_(list(configured)))
        .order_by(Feed.due_at)
        .limit(1)
    )
    for (name,) in db.rows(due):
        if _claim(name, now):
            return Feed.get(Feed.name == name)
    return None


def _claim(name: str, now: datetime) -> bool:
    query = Feed.update(due_at=now + LEASE, turn=Feed.turn + 1)
    return bool(query.where(Feed.name == name, Feed.due_at <= now).execute())


def hold(feed: Feed) -> bool:
    """In a transaction: keeps others from the feed until its end. False: it is another's by now."""
    query = Feed.select().where(Feed.name == feed.name, Feed.turn == feed.turn)
    return db.for_update(query).first() is not None


def ask_now(names: list[str], now: datetime) -> None:
    """Whatever time it is; what has failed is tried, too."""
    Feed.update(due_at=now).where(Feed.name.in_(names)).execute()


def forget_answers() -> None:
    """After a restore: what came in since the backup may have been sent, and comes in again."""
    Feed.update(etag="", modified="", digest="").execute()


def succeeded(feed: Feed, settings: FeedSettings, **kept: Any) -> None:
    """`kept`: columns that say what was there."""
    well: dict[str, Any] = {"failures": 0, "failing_since": None, "trouble": None}
    now = clock.now()
    _end(feed, fetched_at=now, due_at=now + settings.every, **well, **kept)


def failed(feed: Feed, settings: FeedSettings, why: Said) -> None:
    """Asked more and more seldom: whoever is down is not helped by questions."""
    now, failures = clock.now(), feed.failures + 1
    wait = max(settings.every, min(settings.every * 2 ** min(failures - 1, 12), LONGEST_WAIT))
    since = feed.failing_since or now
    _end(feed, failures=failures, failing_since=since, trouble=pack(why), due_at=now + wait)


def _end(feed: Feed, **columns: Any) -> None:
    Feed.update(**columns).where(Feed.name == feed.name, Feed.turn == feed.turn).execute()
