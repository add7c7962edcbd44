"""One person's thread: what they wrote, what staff and the service answered, what they got.

Owns: putting messages, deliveries and deeds (Start, Stopp) into one line by time, page by page.
Never: changes anything; tells staff what one person has read. Used by the desk's inbox.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import unpack
from broadcasts.delivery.broadcasts import Broadcast, Rendition
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState
from broadcasts.newsroom import wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import inbox
from broadcasts.people.consent import Consent
from broadcasts.people.inbox import Conversation, Direction, Message, Picture
from broadcasts.people.subscribers import Subscriber

ON_A_PAGE = 40


class Voice(StrEnum):
    """Who speaks."""

    PERSON = "person"
    STAFF = "staff"
    SERVICE = "service"
    """An answer that the service gave by itself."""
    BROADCAST = "broadcast"
    DEED = "deed"
    """The person signed up, left, chose: a keyword, or the platform's switch."""


@dataclass(frozen=True)
class Item:
    at: datetime
    voice: Voice
    id: int
    """Of its row."""
    text: str = ""
    kind: str = ""
    """Of a message (channels.base.MessageIn), a deed, a broadcast."""
    staff: str = ""
    title: str = ""
    broadcast_id: int | None = None
    state: str = ""
    """Of its delivery, as far as `delivered`; empty where there is none."""
    outcome: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Thread:
    items: Sequence[Item]
    """Oldest first."""
    earlier: str = ""
    """Where the page before begins; empty: nowhere."""


COPY_LINK = re.compile(r"(/kopie/)[\w-]+")

Mark = tuple[datetime, int, int]


def thread(
    newsroom: Newsroom, person: Subscriber, *, before: str = "", limit: int = ON_A_PAGE
) -> Thread:
    """The newest items, or those before a mark."""
    mark = _read(before)
    rows = [
        (_mark(item, rank), item)
        for rank, source in enumerate((_deeds, _messages, _deliveries))
        for item in source(newsroom, person, _bounds(mark, rank), limit + 1)
    ]
    rows.sort(key=lambda row: row[0], reverse=True)
    shown = rows[:limit]
    earlier = _write(shown[-1][0]) if len(rows) > limit else ""
    return Thread([item for _, item in reversed(shown)], earlier)


def whole(newsroom: Newsroom, person: Subscriber) -> list[Item]:
    """All of it, oldest first."""
    pages: list[Sequence[Item]] = []
    before = ""
    while True:
        page = thread(newsroom, person, before=before, limit=500)
        pages.append(page.items)
        if not (before := page.earlier):
            return [item for items in reversed(pages) for item in items]


def undelivered(rows: Iterable[Conversation]) -> set[int]:
    """Ids of conversations whose last answer by staff did not arrive."""
    by_person = {row.subscriber_id: row.id for row in rows}
    newest = (
        Message.select(peewee.fn.MAX(Message.id))
        .where(Message.subscriber.in_(list(by_person)), Message.delivery_id.is_null(False))
        .group_by(Message.subscriber)
    )
    lost = (
        Message.select(Message.subscriber)
        .join(Delivery, on=(Delivery.id == Message.delivery_id))
        .where(Message.id.in_(newest), Delivery.state.in_(LOST))
    )
    return {by_person[row[0]] for row in db.rows(lost)}


LOST = (DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SKIPPED, DeliveryState.CANCELLED)


# ------------------------------------------------------------------ where a page begins


def _mark(item: Item, rank: int) -> Mark:
    return item.at, rank, item.id


def _write(mark: Mark) -> str:
    at, rank, number = mark
    return f"{clock.to_number(at)}.{rank}.{number}"


def _read(text: str) -> Mark | None:
    try:
        at, rank, number = map(int, text.split("."))
        return clock.from_number(at), rank, max(0, min(number, 2**62))
    except (ValueError, OverflowError):
        return None


def _bounds(mark: Mark | None, rank: int) -> Any:
    """A condition on (time, id) of a source: what comes before the mark in the one line."""
    if mark is None:
        return lambda at, number: True
    moment, of_rank, last = mark
    if rank > of_rank:
        return lambda at, number: at < moment
    if rank < of_rank:
        return lambda at, number: at <= moment
    return lambda at, number: (at < moment) | ((at == moment) & (number < last))


# ------------------------------------------------------------------ the three sources


def _deeds(newsroom: Newsroom, person: Subscriber, bounds: Any, limit: int) -> list[Item]:
    query = Consent.select().where(Consent.subscriber == person, bounds(Consent.at, Consent.id))
    rows = query.order_by(Consent.at.desc(), Consent.id.desc()).limit(limit)
    return [Item(row.at, Voice.DEED, row.id, kind=str(row.deed)) for row in rows]


def _messages(newsroom: Newsroom, person: Subscriber, bounds: Any, limit: int) -> list[Item]:
    query = Message.select().where(Message.subscriber == person, bounds(Message.at, Message.id))
    rows = list(query.order_by(Message.at.desc(), Message.id.desc()).limit(limit))
    pictures = inbox.pictures_of(row.id for row in rows)
    ids = [row.delivery_id for row in rows if row.delivery_id]
    deliveries = {row.id: row for row in Delivery.select().where(Delivery.id.in_(ids))}
    found = []
    for row in rows:
        delivery = deliveries.get(row.delivery_id)
        found.append(
            Item(
                row.at,
                Voice.STAFF if row.direction == Direction.OUT else Voice.PERSON,
                row.id,
                text=row.text,
                kind=row.kind,
                staff=row.staff,
                state=_told(delivery),
                outcome=str(delivery.outcome or "") if delivery else "",
                picture=pictures.get(row.id),
            )
        )
    return found


def _deliveries(newsroom: Newsroom, person: Subscriber, bounds: Any, limit: int) -> list[Item]:
    """Everything that went to the person but staff's answers, which stand among the messages."""
    staffs = Message.select(Message.delivery_id).where(
        Message.subscriber == person, Message.delivery_id.is_null(False)
    )
    at = peewee.fn.COALESCE(Delivery.sending_at, Delivery.changed_at)
    query = (
        Delivery.select(Delivery, Broadcast, Rendition)
        .join(Broadcast, peewee.JOIN.LEFT_OUTER)
        .switch(Delivery)
        .join(Rendition, peewee.JOIN.LEFT_OUTER, on=(Delivery.rendition == Rendition.id))
        .where(
            Delivery.subscriber == person,
            Delivery.id.not_in(staffs),
            bounds(at, Delivery.id),
        )
        .order_by(at.desc(), Delivery.id.desc())
        .limit(limit)
    )
    return [_delivered(newsroom, row) for row in query]


def _told(row: Delivery | None) -> str:
    """When somebody looks at their telephone is nobody's affair."""
    if row is None:
        return ""
    return str(DeliveryState.DELIVERED if row.state == DeliveryState.READ else row.state)


def _delivered(newsroom: Newsroom, row: Delivery) -> Item:
    broadcast = row.broadcast
    return Item(
        row.sending_at or row.changed_at,
        Voice.BROADCAST if broadcast else Voice.SERVICE,
        row.id,
        text=_wording(newsroom, row),
        kind=str(broadcast.kind) if broadcast else "",
        title=broadcast.title if broadcast else "",
        broadcast_id=row.broadcast_id,
        state=_told(row),
        outcome=str(row.outcome or ""),
    )


def _wording(newsroom: Newsroom, row: Delivery) -> str:
    stored = row.content or (row.rendition.content if row.rendition else None)
    if stored:
        # Whoever reads the inbox must not be able to open a citizen's copy.
        return COPY_LINK.sub(r"\1…", wording.content_as_shown(newsroom, unpack(stored)))
    return row.broadcast.text if row.broadcast else ""
