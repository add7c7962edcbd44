"""A feed's bytes → its items. Pure; run in a process of its own (bot/feeds), because whoever writes
a feed may mean ill: there it can take neither our time nor our memory.

Owns: what of RSS and Atom becomes an item. Never: fetches anything, knows what is known already.
"""

import io
import json
import resource
import sys
from calendar import timegm
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from broadcasts.newsroom import feed_text

MOST_ITEMS = 500
"""In the order of the document; a city's feed has 20 to 50."""
LONGEST_HTML = 100_000
"""Signs of one item that are looked at: a post takes 3000."""
ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>")

SECONDS = 10
"""Of CPU; then the system ends the process."""
MEMORY = 512 * 1024**2
"""Bytes of address space."""


@dataclass(frozen=True)
class Item:
    title: str
    text: str
    link: str
    guid: str
    picture: str
    """Address, or empty."""
    picture_alt: str = ""
    """What it shows, where the feed says it."""
    published_at: str = ""
    """ISO 8601 in UTC, as far as the feed says one that can be read; for the order only."""


class NoFeedError(Exception):
    """The bytes are no feed; the text says why, without any of them."""


def read(body: bytes, *, kind: str = "", base: str = "") -> list[Item]:
    """Items in the document's order. `kind`: its Content-Type; `base`: where it was found. Raises
    NoFeedError."""
    import feedparser

    # Never an address or a name: `parse` would fetch it. Bytes in a stream are only read.
    found = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": kind or "application/xml", "content-location": base},
        sanitize_html=False,  # nothing of the HTML is kept
        resolve_relative_uris=False,
    )
    if not found.get("version") and not found.entries:
        raise NoFeedError("no_feed")
    if found.bozo and not body.rstrip().lower().endswith(ENDS):
        # Read generously it would end in half an item, and that would look like a change.
        raise NoFeedError("cut_off")
    items = [_item(entry, base) for entry in found.entries[:MOST_ITEMS]]
    return [item for item in items if item is not None]


def _item(entry: Mapping[str, Any], base: str) -> Item | None:
    """None: it has no words at all."""
    text = _text(entry)
    title = feed_text.title(str(entry.get("title") or "")[:LONGEST_HTML])
    title = title or feed_text.title(text.partition("\n")[0])  # a post needs one
    if not title:
        return None
    return Item(
        title=title,
        text=text,
        link=feed_text.link(str(entry.get("link") or ""), base),
        guid=str(entry.get("id") or "")[:1000],
        picture=(picture := _picture(entry, base)),
        picture_alt=_alternative(entry, picture, base) if picture else "",
        published_at=_moment(entry),
    )


def _text(entry: Mapping[str, Any]) -> str:
    """The summary that the press office has written; without one the whole."""
    found = [entry.get("summary_detail"), *(entry.get("content") or ())]
    for part in filter(None, found):
        html = str(part.get("value") or "")[:LONGEST_HTML]
        text = feed_text.text(html, is_plain=part.get("type") == "text/plain")
        if text:
            return text
    return ""


def _picture(entry: Mapping[str, Any], base: str) -> str:
    """The first that says it is one; what it is shows when it is read."""
    files = [
        *(entry.get("enclosures") or ()),
        *(entry.get("media_content") or ()),
        *({"type": "image/", **one} for one in entry.get("media_thumbnail") or ()),
    ]
    for file in files:
        kind = str(file.get("type") or file.get("medium") or "")
        address = str(file.get("href") or file.get("url") or "")
        if kind.startswith("image") and address:
            return _absolute(address, base)
    return ""


def _alternative(entry: Mapping[str, Any], picture: str, base: str) -> str:
    """The title of its enclosure, else what the HTML says of the same picture. (What Media RSS says
    of it feedparser takes for the text.)"""
    for file in entry.get("enclosures") or ():
        if _absolute(str(file.get("href") or ""), base) == picture and file.get("title"):
            return feed_text.alternative(str(file["title"])[:LONGEST_HTML])
    for part in filter(None, [entry.get("summary_detail"), *(entry.get("content") or ())]):
        for address, said in feed_text.pictures(str(part.get("value") or "")[:LONGEST_HTML]):
            if said and _absolute(address, base) == picture:
                return feed_text.alternative(said)
    return ""


def _absolute(address: str, base: str) -> str:
    try:
        return urljoin(base, address.strip())[:1000]
    except ValueError:
        return ""


def _moment(entry: Mapping[str, Any]) -> str:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else ""
    except (ValueError, OverflowError, TypeError):
        return ""


def main() -> None:
    """Reads one feed from standard input after a line with its kind and base; writes JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    try:
        items = read(body, **json.loads(head))
    except NoFeedError as error:
        json.dump({"wrong": str(error)}, sys.stdout)
        return
    json.dump({"items": [asdict(item) for item in items]}, sys.stdout)


if __name__ == "__main__":
    main()
