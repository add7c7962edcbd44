"""Fitting words into the channel's limits: honestly, at word boundaries, links whole or not at all.

Owns: sizes and cuts. Never: which words (wording). Pure.
"""

import re
from collections.abc import Sequence

ELLIPSIS = "…"


def size(text: str) -> int:
    """Length as the strictest counter has it: UTF-16 units (an emoji counts two)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def one_line(text: str) -> str:
    """Without newline, tab or runs of spaces: a template's value may hold none (132018)."""
    return " ".join(text.split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` units; what does not fit ends at a word with an ellipsis."""
    if size(text) <= limit:
        return text
    if limit <= 0:
        return ""
    room = limit - size(ELLIPSIS)
    cut = text
    while size(cut) > room:
        cut = cut[: len(cut) - max(1, (size(cut) - room) // 2)]
    if cut and not text[len(cut)].isspace() and " " in cut:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip() + ELLIPSIS


def shares(wishes: Sequence[int], budget: int) -> list[int]:
    """Shares a budget fairly: nobody gets more than wished, what is left goes to the others."""
    granted = [0] * len(wishes)
    order = sorted(range(len(wishes)), key=lambda index: wishes[index])
    for position, index in enumerate(order):
        equal = max(0, budget) // (len(wishes) - position)
        granted[index] = min(wishes[index], equal)
        budget -= granted[index]
    return granted


def fit_item(title: str, text: str, link: str, limit: int, *, gap: str) -> str:
    """A post in at most `limit` units: the title whole if it can be, the link whole or not at
    all, the text with what is left."""
    heading = f"*{_calm(title)}*"
    if size(heading) > limit:
        return shorten(heading[:-1], limit - 1) + "*" if limit > 3 else shorten(title, limit)
    parts = [heading]
    room = limit - size(heading)
    tail = f"{gap}{link}" if link and size(f"{gap}{link}") <= room else ""
    room -= size(tail) + size(gap)
    body = shorten(text, room) if text and room > 0 else ""
    if body and body != ELLIPSIS:
        parts.append(f"{gap}{body}")
    return "".join(parts) + tail


def _calm(title: str) -> str:
    """Asterisks of the title's own would end the bold type."""
    return re.sub(r"\*+", "", title).strip() or "–"
