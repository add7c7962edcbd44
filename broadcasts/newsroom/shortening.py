"""Fitting words into the channel's limits: honestly, at word boundaries, links whole or not at all.

Owns: cuts and shares. Never: which words (wording). Pure. `unit`: what the channel counts in.
"""

import re
from collections.abc import Sequence

from broadcasts.channels.base import Unit, size

ELLIPSIS = "…"


def one_line(text: str) -> str:
    """Without newline, tab or runs of spaces: a template's value may hold none (132018)."""
    return " ".join(text.split())


def shorten(text: str, limit: int, unit: Unit = Unit.UTF16) -> str:
    """At most `limit` units; what does not fit ends at a word with an ellipsis."""
    if size(text, unit) <= limit:
        return text
    if limit < size(ELLIPSIS, unit):
        return ""
    room = limit - size(ELLIPSIS, unit)
    cut = text
    while (over := size(cut, unit) - room) > 0:
        # A sign is at most four of them: never cut more than must be.
        cut = cut[: len(cut) - max(1, over // 4)]
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


def fit_item(
    title: str, text: str, link: str, limit: int, *, gap: str, unit: Unit = Unit.UTF16
) -> str:
    """A post in at most `limit` units: the title whole if it can be, the link whole or not at
    all, the text with what is left."""
    heading = f"*{_calm(title)}*"
    if size(heading, unit) > limit:
        bold = f"{shorten(heading[:-1], limit - 1, unit)}*"
        return bold if limit > 5 else shorten(title, limit, unit)
    parts = [heading]
    room = limit - size(heading, unit)
    tail = f"{gap}{link}" if link and size(f"{gap}{link}", unit) <= room else ""
    room -= size(tail, unit) + size(gap, unit)
    body = shorten(text, room, unit) if text and room > 0 else ""
    if body and body != ELLIPSIS:
        parts.append(f"{gap}{body}")
    return "".join(parts) + tail


def _calm(title: str) -> str:
    """Asterisks of the title's own would end the bold type."""
    return re.sub(r"\*+", "", title).strip() or "–"
