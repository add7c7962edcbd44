"""HTML and links of a feed as a post takes them: plain words, plain addresses.

Owns: what is left of a text and of an address. Never: a feed's form (feed_reading). Pure.
"""

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from broadcasts.newsroom.shortening import one_line, shorten
from broadcasts.newsroom.wellformed import (
    LONGEST_ALT,
    LONGEST_TEXT,
    LONGEST_TITLE,
    UNPRINTABLE,
    link_problems,
)

SILENT = (
    "script style head title template noscript iframe object svg math form select textarea audio"
    " video figcaption"
)
"""Nothing of what stands inside these is read."""

BLOCKS = (
    "address article aside blockquote dd div dl dt figure footer h1 h2 h3 h4 h5 h6 header hr li"
    " main nav ol p pre section table td th tr ul"
)
_SILENT, _BLOCKS = frozenset(SILENT.split()), frozenset(BLOCKS.split())

TRACKING = re.compile(
    r"(utm|mtm)_\w+|(pk|piwik)_(campaign|kwd|keyword|source|medium|content|cid)"
    r"|fbclid|gclid|dclid|msclkid|mc_[ce]id",
    re.IGNORECASE,
)
"""Parameters that say who has sent a reader, not what to show."""

INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Soft hyphens, and what turns the direction of writing."""


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n• " if tag == "li" else "\n\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _BLOCKS and tag != "li":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def words(html: str) -> str:
    """What a reader would see, paragraphs apart; scripts and the like are as if they were not."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return tidy("".join(reader.parts))


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            given = dict(attrs)
            self.found.append((given.get("src") or "", given.get("alt") or ""))


def pictures(html: str) -> list[tuple[str, str]]:
    """(address, alternative text) of each."""
    reader = _Pictures()
    reader.feed(html)
    reader.close()
    return reader.found


def alternative(text: str) -> str:
    """On one line, at most as long as a picture's may be."""
    return shorten(one_line(tidy(text)), LONGEST_ALT)


def tidy(text: str) -> str:
    """Signs that can be shown, at most one empty line between two lines."""
    text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    text = UNPRINTABLE.sub("", text)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    lines = [line for line in lines if line != "•"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def title(text: str) -> str:
    """On one line, at most as long as a post's; cut at a word."""
    return shorten(one_line(tidy(words(text) if "<" in text else unescape(text))), LONGEST_TITLE)


def text(html: str, *, is_plain: bool = False) -> str:
    """At most as long as a post's; cut at a word."""
    return shorten(tidy(html) if is_plain else words(html), LONGEST_TEXT)


def link(address: str, base: str = "") -> str:
    """An address of the web without what only counts visitors; empty if it is none, or longer than
    a post's may be: half an address leads nowhere."""
    try:
        parts = urlsplit(urljoin(base, address.strip()) if address.strip() else "")
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return ""
    kept = [pair for pair in pairs if not TRACKING.fullmatch(pair[0])]
    if len(kept) < len(pairs):
        parts = parts._replace(query=urlencode(kept))
    if re.match(r"(utm_|xtor=)", parts.fragment):
        parts = parts._replace(fragment="")
    whole = urlunsplit(parts).replace(" ", "%20")
    is_bare = not parts.netloc or "@" in parts.netloc
    return "" if is_bare or UNPRINTABLE.search(whole) or link_problems(whole) else whole


def essence(address: str) -> str:
    """What stays the same of an address when a website turns to https, drops "www." or a slash."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    query = "&".join(sorted(filter(None, parts.query.split("&"))))
    return f"{host}{parts.path.rstrip('/')}?{query}#{parts.fragment}"
