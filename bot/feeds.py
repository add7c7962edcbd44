"""Feeds of the city's website → posts: one at a time over all workers, behind everybody's back.

Owns: the way from an address to items. Never: how a file is fetched (fetch), what an item is or
becomes (newsroom/feed_reading, feed_items). Called by the job and the command line.
"""

import hashlib
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot import fetch
from bot.city import City
from bot.fetch import Fetched, FetchError, Wanted
from broadcasts import clock
from broadcasts.faults import where
from broadcasts.locks import Lock
from broadcasts.newsroom import feed_items, feed_reading, feeds, pictures
from broadcasts.newsroom.feed_items import LostError, Taken
from broadcasts.newsroom.feed_reading import Item
from broadcasts.newsroom.feeds import Feed
from broadcasts.saying import Said, say
from broadcasts.settings import FeedSettings

log = logging.getLogger(__name__)

LARGEST_FEED = 2 * 1024**2
"""Bytes, unpacked."""
READING = 20.0
"""Seconds for reading one: with nested tags alone whoever writes it could make it minutes."""
PICTURES = 20.0
"""Seconds for all pictures of one look; what comes after them comes without."""
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"

WRONG = {
    "no_feed": say("is neither RSS nor Atom"),
    "cut_off": say("ends in the middle"),
}


@dataclass(frozen=True)
class Report:
    """What came of one look at one feed."""

    feed: str
    new: int = 0
    changed: int = 0
    proposed: int = 0
    trouble: Said | None = None

    @property
    def is_news(self) -> bool:
        return bool(self.new or self.changed or self.proposed or self.trouble)

    def __str__(self) -> str:
        if self.trouble:
            return f"{self.feed}: trouble"
        return f"{self.feed}: {self.new} new, {self.changed} changed, {self.proposed} proposed"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fetch_next(city: City, *, only: Collection[str] | None = None) -> Report | None:
    """Looks at one feed that is due (of those named). None: none is, or another worker is at it."""
    configured = city.settings.feeds
    if not configured:
        return None
    lock = Lock("feeds")
    if not lock.acquire():
        return None
    try:
        feeds.ensure(configured, clock.now())
        asked = configured if only is None else {name: configured[name] for name in only}
        feed = feeds.claim(asked, clock.now())
        return _look(city, feed, configured[feed.name]) if feed else None
    finally:
        lock.release()


def _look(city: City, feed: Feed, settings: FeedSettings) -> Report:
    """Whatever happens, the feed has its next time, and its neighbours have theirs."""
    try:
        taken = _take(city, feed, settings)
    except LostError:
        return Report(feed.name)
    except FetchError as error:
        return _trouble(feed, settings, error.said[0])
    except Exception as error:
        log.error("feed name=%s error=%s", feed.name, where(error))
        return _trouble(feed, settings, say("cannot be taken in; the log says where"))
    report = Report(feed.name, taken.new, taken.changed, taken.proposed)
    if taken:
        log.info(
            "feed name=%s new=%s changed=%s proposed=%s",
            feed.name,
            taken.new,
            taken.changed,
            taken.proposed,
        )
    return report


def _trouble(feed: Feed, settings: FeedSettings, why: Said) -> Report:
    log.warning("feed name=%s failures=%s why=%s", feed.name, feed.failures + 1, why)
    feeds.failed(feed, settings, why)
    return Report(feed.name, trouble=why)


def _take(city: City, feed: Feed, settings: FeedSettings) -> Taken:
    """Raises FetchError, LostError."""
    found = fetch.fetch(
        Wanted(
            url=settings.url,
            most=LARGEST_FEED,
            accept=ACCEPT,
            etag=feed.etag,
            modified=feed.modified,
            intranet=settings.intranet,
        )
    )
    if found.is_unchanged:
        feeds.succeeded(feed, settings)
        return Taken()
    digest, taken = hashlib.sha256(found.body).hexdigest(), Taken()
    if digest != feed.digest:
        taken = feed_items.take(
            city.newsroom,
            feed,
            settings,
            read_apart(found),
            picture=_pictures(settings),
            now=clock.now(),
        )
    feeds.succeeded(feed, settings, digest=digest, etag=found.etag, modified=found.modified)
    return taken


def _pictures(settings: FeedSettings) -> Callable[[str], bytes | None]:
    deadline = time.monotonic() + PICTURES

    def get(url: str) -> bytes | None:
        left = deadline - time.monotonic()
        wanted = Wanted(
            url=url,
            most=pictures.LARGEST_IMAGE,
            accept="image/jpeg, image/png",
            intranet=settings.intranet,
            seconds=max(0.0, left),
        )
        try:
            return fetch.fetch(wanted).body
        except FetchError as error:
            log.info("picture of a feed not fetched why=%s", error.said[0])
            return None

    return get


def read_apart(found: Fetched) -> list[Item]:
    """In a process of its own, without our secrets, and with an end to its time and memory. Raises
    FetchError."""
    head = json.dumps({"kind": found.kind[:200], "base": found.url}).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-m", feed_reading.__name__],
            input=head + b"\n" + found.body,
            capture_output=True,
            timeout=READING,
            env={"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONSAFEPATH": "1"},
            check=True,
        )
        said = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise FetchError(say("cannot be read in reasonable time")) from None
    if "wrong" in said:
        raise FetchError(WRONG[said["wrong"]])
    return [Item(**item) for item in said["items"]]
