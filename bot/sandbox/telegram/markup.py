"""parse_mode=HTML as Telegram reads it: core.telegram.org/bots/api#html-style.

Owns: what is refused, the text that is left, and how the phone page shows it. Pure.
"""

import re
from html.parser import HTMLParser

from bot.sandbox.telegram.world import BotError

TAGS = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a"})
SHOWN = {"b": "*", "strong": "*", "i": "_", "em": "_"}
BARE = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.plain: list[str] = []
        self.shown: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise BotError(400, f'Bad Request: can\'t parse entities: unsupported tag "{tag}"')
        self._open.append(tag)
        self.shown.append(SHOWN.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            raise BotError(400, "Bad Request: can't parse entities: unexpected end tag")
        self.shown.append(SHOWN.get(tag, ""))

    def handle_data(self, data: str) -> None:
        self.plain.append(data)
        self.shown.append(data)

    def handle_comment(self, data: str) -> None:
        raise BotError(400, "Bad Request: can't parse entities: unsupported start tag")

    def finish(self) -> None:
        self.close()
        if self._open:
            raise BotError(400, "Bad Request: can't parse entities: can't find end tag")


def read(text: str, mode: str) -> tuple[str, str]:
    """(what counts against the limits, as the phone page shows it). Raises BotError."""
    if not mode:
        return text, text
    if mode.lower() != "html":
        raise BotError(400, "Bad Request: unsupported parse_mode")
    if BARE.search(text) or re.search(r"<(?![a-z/])", text):
        raise BotError(400, "Bad Request: can't parse entities: unescaped sign")
    reader = _Reader()
    reader.feed(text)
    reader.finish()
    return "".join(reader.plain), "".join(reader.shown)


def size(text: str) -> int:
    """UTF-16 units, as entities are counted."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
