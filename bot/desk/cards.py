"""What a list shows of a conversation: no number, nothing delicate.

Owns: the cards, and how a person is named who must not be. Never: which conversations (inbox).
Used by the inbox.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.desk import here
from bot.desk.language import gettext
from bot.desk.words import MESSAGE_KINDS
from broadcasts.newsroom import answers, threads
from broadcasts.people import guard
from broadcasts.people.inbox import Conversation, Message
from broadcasts.people.subscribers import Subscriber

MINUTE = timedelta(minutes=1)
SNIPPET = 160
"""Signs of a message in a list."""


def of(
    rows: Sequence[Conversation], said: Mapping[int, Message], now: datetime, term: str = ""
) -> list[dict[str, Any]]:
    """What a list shows of each: no number, and nothing delicate."""
    ways = answers.ways_to(here.city().channels, (row.subscriber for row in rows), now)
    lost = threads.undelivered(rows)
    return [
        {
            "row": row,
            "handle": handle(row.subscriber),
            "said": said.get(row.id),
            "snippet": _snippet(said.get(row.id), term),
            "way": ways[row.subscriber_id],
            "left": ways[row.subscriber_id].left(now),
            # By the minute: else the list would change, and be drawn anew, all the time.
            "waits": max(now - row.waiting_since, MINUTE) if row.waiting_since else None,
            "is_lost": row.id in lost,
        }
        for row in rows
    ]


def handle(person: Subscriber) -> str:
    """Enough to tell two conversations apart; not enough to know who it is."""
    if person.wa_id:
        return gettext("number ending in %(digits)s", digits=person.wa_id[-2:])
    if person.bsuid and person.bsuid.isdigit():
        return gettext("id ending in %(digits)s", digits=person.bsuid[-2:])
    return gettext("without a number")


def _snippet(message: Message | None, term: str) -> str:
    """What was said, delicate parts covered; around the term where one is searched for."""
    if message is None:
        return ""
    text = " ".join(guard.masked(message.text).split())
    start = max(0, text.casefold().find(term.casefold()) - SNIPPET // 3) if term else 0
    cut = text[start : start + SNIPPET]
    shown = f"{'…' if start else ''}{cut}{'…' if start + SNIPPET < len(text) else ''}"
    kind = "" if message.kind in ("text", "button") else f"[{MESSAGE_KINDS[message.kind]}] "
    return f"{kind}{shown}"


def hours_left(left: timedelta) -> str:
    """As a clock would say it: 2 h 40 min."""
    minutes = int(left.total_seconds()) // 60
    if minutes < 60:
        return gettext("%(minutes)s min", minutes=minutes)
    return gettext("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
