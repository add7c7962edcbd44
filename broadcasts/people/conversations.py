"""Conversations as staff work through them: lists, search, who takes which, closing.

Owns: finding them page by page, and every change of a conversation but its messages. Never: what
is written in them (inbox). Called by the desk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.people import staff
from broadcasts.people.inbox import Conversation, Direction, InboxError, Message
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from broadcasts.saying import say

MAY_ANSWER = frozenset({Role.PRESS, Role.EMERGENCY})
"""Whose work it is to read and answer (docs/decisions/0015-the-inbox.md)."""

ON_A_PAGE = 30
SEARCHED = 20_000
"""So many of the newest messages are looked through: a page must not take a second."""
SHORTEST_TERM = 2


class Tab(StrEnum):
    OPEN = "open"
    MINE = "mine"
    ALL = "all"
    CLOSED = "closed"


@dataclass(frozen=True)
class Page:
    rows: Sequence[Conversation]
    """With their subscribers."""
    next: str = ""
    """Where the next page begins; empty: nowhere."""


# ------------------------------------------------------------------ lists


def page(tab: Tab, *, me: str, now: datetime, after: str = "", limit: int = ON_A_PAGE) -> Page:
    """Open ones: first who waits and can still be answered, whose time ends soonest on top; then
    the others by their last message. Closed ones: the latest first. `after`: a page's `next`;
    rubbish begins at the top."""
    mark = _read_mark(after)
    if tab in (Tab.ALL, Tab.CLOSED):
        field = Conversation.last_at if tab is Tab.ALL else Conversation.closed_at
        query = _all() if tab is Tab.ALL else _all().where(Conversation.closed_at.is_null(False))
        rows = _older(query, field, mark, limit + 1)
        return _page(rows, limit, lambda row: f"r{_mark(getattr(row, field.name), row.id)}")
    query = _all().where(Conversation.closed_at.is_null())
    if tab is Tab.MINE:
        query = query.where(Conversation.assigned_to == me)
    is_urgent = Conversation.waiting_since.is_null(False) & (Conversation.due_by > now)
    rows = [] if mark and mark[0] == "r" else _urgent(query.where(is_urgent), mark, limit + 1)
    if len(rows) <= limit:
        start = mark if mark and mark[0] == "r" else None
        rest = query.where(~is_urgent)
        rows += _older(rest, Conversation.last_at, start, limit + 1 - len(rows))

    def marked(row: Conversation) -> str:
        if row.waiting_since and row.due_by > now:
            return f"u{_mark(row.due_by, row.id)}"
        return f"r{_mark(row.last_at, row.id)}"

    return _page(rows, limit, marked)


def _all() -> Any:
    return Conversation.select(Conversation, Subscriber).join(Subscriber)


def _urgent(query: Any, mark: Any, limit: int) -> list[Conversation]:
    if mark:
        _, at, number = mark
        same = (Conversation.due_by == at) & (Conversation.id > number)
        query = query.where((Conversation.due_by > at) | same)
    return list(query.order_by(Conversation.due_by, Conversation.id).limit(limit))


def _older(query: Any, field: Any, mark: Any, limit: int) -> list[Conversation]:
    if mark:
        _, at, number = mark
        query = query.where((field < at) | ((field == at) & (Conversation.id < number)))
    return list(query.order_by(field.desc(), Conversation.id.desc()).limit(limit))


def _page(rows: list[Conversation], limit: int, marked: Any) -> Page:
    shown = rows[:limit]
    return Page(shown, marked(shown[-1]) if len(rows) > limit else "")


def _mark(at: datetime, number: int) -> str:
    return f"{clock.to_number(at)}.{number}"


def _read_mark(text: str) -> tuple[str, datetime, int] | None:
    at, _, number = text[1:].partition(".")
    try:
        mark = text[:1], clock.from_number(int(at)), max(0, min(int(number), 2**62))
    except (ValueError, OverflowError):
        return None
    return mark if mark[0] in ("u", "r") else None


def last_messages(rows: Iterable[Conversation]) -> dict[int, Message]:
    """Conversation's id → what was written last."""
    by_person = {row.subscriber_id: row.id for row in rows}
    newest = (
        Message.select(peewee.fn.MAX(Message.id))
        .where(Message.subscriber.in_(list(by_person)))
        .group_by(Message.subscriber)
    )
    found = Message.select().where(Message.id.in_(newest))
    return {by_person[message.subscriber_id]: message for message in found}


# ------------------------------------------------------------------ search


@dataclass(frozen=True)
class Found:
    hits: Sequence[tuple[Conversation, Message]]
    """Each conversation once, with the newest message that has the term."""
    since: datetime | None
    """From when the oldest message is that was looked at; None: there is none at all."""
    has_more: bool = False


def search(term: str, *, limit: int = ON_A_PAGE) -> Found:
    """Who wrote or was written this, in any spelling of large and small letters. Raises
    InboxError for a term too short."""
    term = term.strip()
    if len(term) < SHORTEST_TERM:
        raise InboxError(say("at least %(number)s signs", about="term", number=SHORTEST_TERM))
    newest = Message.select(peewee.fn.MAX(Message.id)).scalar() or 0
    within = Message.id > newest - SEARCHED
    since = Message.select(peewee.fn.MIN(Message.at)).where(within)
    # MIN() gives SQLite's text: the field turns it into a moment again.
    oldest = next((Message.at.python_value(row[0]) for row in db.rows(since) if row[0]), None)
    fits = peewee.Expression(
        Message.text, peewee.OP.ILIKE, peewee.NodeList((_pattern(term), peewee.SQL("ESCAPE '!'")))
    )
    most = limit * 10
    rows = list(Message.select().where(within, fits).order_by(Message.id.desc()).limit(most))
    hits: dict[int, Message] = {}
    for message in rows:
        if term.casefold() in message.text.casefold():
            hits.setdefault(message.subscriber_id, message)
    shown = list(hits)[:limit]
    conversations = {
        row.subscriber_id: row for row in _all().where(Conversation.subscriber.in_(shown))
    }
    return Found(
        [(conversations[person], hits[person]) for person in shown if person in conversations],
        oldest,
        len(hits) > limit or len(rows) == most,
    )


def _pattern(term: str) -> str:
    """For LIKE. SQLite knows no small Ä: a letter beyond ASCII fits any, and is looked at after."""
    signs = (f"!{sign}" if sign in "!%_" else sign if sign.isascii() else "_" for sign in term)
    return f"%{''.join(signs)}%"


# ------------------------------------------------------------------ one conversation


def get(conversation_id: int) -> Conversation:
    """With its subscriber. Raises InboxError."""
    found: Conversation | None = _all().where(Conversation.id == conversation_id).first()
    if found is None:
        raise InboxError(say("there is no such conversation (any more)"))
    return found


def of(person: Subscriber) -> Conversation | None:
    found: Conversation | None = _all().where(Conversation.subscriber == person).first()
    return found


def colleagues() -> list[str]:
    """Names of the accounts that a conversation can be given to."""
    return [row.name for row in staff.everyone() if not row.disabled_at and row.has(MAY_ANSWER)]


def assign(conversation_id: int, to: str) -> None:
    """To a colleague, or to nobody (empty). Raises InboxError."""
    if to and to not in colleagues():
        raise InboxError(say("%(name)s cannot take conversations", about="to", name=to))
    _change(conversation_id, Conversation.closed_at.is_null(), assigned_to=to)


def close(conversation_id: int, *, by: str) -> None:
    """Nothing waits any more; assignment and identity mark end with it. Raises InboxError."""
    _change(
        conversation_id,
        Conversation.closed_at.is_null(),
        closed_by=by,
        closed_at=clock.now(),
        waiting_since=None,
        assigned_to="",
        checked_by="",
        checked_at=None,
    )


def waits(person: Subscriber) -> bool:
    """Whether something the person wrote waits for people."""
    query = Conversation.select(Conversation.id).where(
        Conversation.subscriber == person, Conversation.waiting_since.is_null(False)
    )
    return bool(query.exists())


def is_answered(person: Subscriber) -> bool:
    """Whether staff have written to them, as far as threads still hold it."""
    query = Message.select(Message.id).where(
        Message.subscriber == person, Message.direction == Direction.OUT
    )
    return bool(query.exists())


def note_asked(conversation_id: int) -> None:
    """They are asked whether it helped; one answer counts."""
    Conversation.update(is_rating_asked=True).where(Conversation.id == conversation_id).execute()


def reopen(conversation_id: int) -> None:
    """Raises InboxError."""
    _change(conversation_id, Conversation.closed_at.is_null(False), closed_by="", closed_at=None)


def mark_checked(conversation_id: int, *, by: str) -> None:
    """`by` has made sure who the person is. Raises InboxError."""
    _change(
        conversation_id,
        Conversation.closed_at.is_null(),
        checked_by=by,
        checked_at=clock.now(),
    )


def unmark_checked(conversation_id: int) -> None:
    """Raises InboxError."""
    _change(conversation_id, Conversation.closed_at.is_null(), checked_by="", checked_at=None)


def _change(conversation_id: int, condition: Any, **columns: Any) -> None:
    """The database says whether it can be done: no look first."""
    query = Conversation.update(**columns).where(Conversation.id == conversation_id, condition)
    if not query.execute():
        is_open = get(conversation_id).is_open
        raise InboxError(
            say("the conversation is open already")
            if is_open
            else say("the conversation is closed already")
        )
