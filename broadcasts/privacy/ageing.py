"""What age alone deletes: old conversations, the service's own answers, who got which broadcast.

Owns: these rules, batch by batch. Never: a person (leaving does); a count of a broadcast, which
stays. Run by retention.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import peewee

from broadcasts import db, figures
from broadcasts.delivery import course, outbox
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import UNFINISHED, WARNINGS, BroadcastKind, DeliveryState
from broadcasts.delivery.tallies import Tally
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import answering, inbox, subscribers
from broadcasts.people.inbox import Conversation, Message, Picture
from broadcasts.people.subscribers import IN_TOUCH_WITHIN, Subscriber

BATCH = 200
"""Messages or answers of one transaction."""

LINKS = 150
"""Deliveries of one transaction: well below 50 ms, so that webhooks and an alert get in between."""

ARRIVED = (DeliveryState.DELIVERED, DeliveryState.READ)


@dataclass(frozen=True)
class Ground:
    """What every rule needs at hand."""

    newsroom: Newsroom
    key: bytes
    """Of the city, for addresses."""
    audit_key: bytes
    now: datetime

    @property
    def kept(self) -> Any:
        return self.newsroom.settings.retention

    @property
    def untold(self) -> list[str]:
        """Channels of which no status comes: what has left there counts as arrived."""
        return [k for k, c in self.newsroom.channels.items() if not c.tells_receipts]

    def before(self, days: int) -> datetime:
        return self.now - timedelta(days=days)


# ------------------------------------------------------------------ conversations


def closed_conversations(ground: Ground) -> Iterator[int]:
    """Messages, pictures and staff's answers of what has been closed long enough."""
    over = (Conversation.closed_at < ground.before(ground.kept.closed)) & _free(Conversation)
    while True:
        with db.transaction():
            # One at a time: a question is counted with its answer.
            query = Conversation.select().where(over).order_by(Conversation.closed_at).limit(1)
            row = db.for_update(query).first()
            if row is None:
                return
            gone = _drop_messages(Message.subscriber == row.subscriber_id, ground)
            if gone < BATCH:
                Conversation.delete().where(Conversation.id == row.id).execute()
        yield gone


def old_conversations(ground: Ground) -> Iterator[int]:
    """The same of what is too old, closed or not."""
    until = ground.before(ground.kept.open)
    gone = BATCH
    while gone == BATCH:
        with db.transaction():
            gone = _drop_messages((Message.at < until) & _free(Message), ground)
        yield gone
    empty = (
        Conversation.select(Conversation.id)
        .where(
            Conversation.last_at < until,
            _free(Conversation),
            ~peewee.fn.EXISTS(
                Message.select(Message.id).where(Message.subscriber == Conversation.subscriber)
            ),
        )
        .limit(BATCH)
    )
    while Conversation.delete().where(Conversation.id.in_(_ids(empty))).execute():
        yield 0


def _drop_messages(condition: Any, ground: Ground) -> int:
    """At most BATCH of them, in the caller's transaction."""
    query = Message.select(Message.id, Message.delivery_id).where(condition)
    rows = db.rows(query.order_by(Message.at).limit(BATCH))
    ids = [row[0] for row in rows]
    if not ids:
        return 0
    files = [
        row[0] for row in db.rows(Picture.select(Picture.file).where(Picture.message.in_(ids)))
    ]
    answering.remember(ids, ground.newsroom.zone, ground.now)
    Picture.delete().where(Picture.message.in_(ids)).execute()
    Message.delete().where(Message.id.in_(ids)).execute()
    _drop_answers([row[1] for row in rows if row[1] is not None])
    inbox.drop_files(ground.newsroom.media, files)
    return len(ids)


def _free(table: Any) -> Any:
    """Of nobody whose data is restricted."""
    return table.subscriber.not_in(subscribers.restricted())


def _ids(query: Any) -> list[int]:
    return [row[0] for row in db.rows(query)]


# ------------------------------------------------------------------ answers of the service


def answers(ground: Ground) -> Iterator[int]:
    """What the service answered by itself. An answer of staff goes with its conversation, and one
    that tells of an alert with that alert's deliveries: the all-clear must find its reader."""
    old = ground.before(ground.kept.bot_messages)
    older = ground.before(ground.kept.deliveries)
    is_plain = Delivery.tells_of.is_null()
    is_over = Delivery.tells_of.not_in(_awaited(older))
    age = (is_plain & (Delivery.changed_at < old)) | (is_over & (Delivery.changed_at < older))
    written = Message.select(Message.id).where(Message.delivery_id == Delivery.id)
    last = 0
    while (upto := _upto(last)) is not None:
        query = Delivery.select(Delivery.id).where(
            Delivery.broadcast.is_null(),
            Delivery.subscriber > last,
            Delivery.subscriber <= upto,
            Delivery.due_at.is_null(),
            age,
            _free(Delivery),
            ~peewee.fn.EXISTS(written),
        )
        found = _ids(query)
        for page in _batches(found):
            with db.transaction():
                _drop_answers(page)
            yield len(page)
        last = upto
        if not found:
            yield 0


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _upto(last: int) -> int | None:
    """Along the index on (broadcast, subscriber): the last of the next BATCH answers' persons."""
    query = (
        Delivery.select(Delivery.subscriber)
        .where(Delivery.broadcast.is_null(), Delivery.subscriber > last)
        .order_by(Delivery.subscriber)
    )
    rows = db.rows(query.limit(BATCH))
    return rows[-1][0] if rows else None


def _drop_answers(ids: Sequence[int]) -> None:
    DeliveryEvent.delete().where(DeliveryEvent.delivery.in_(ids)).execute()
    Delivery.delete().where(
        Delivery.id.in_(ids), Delivery.broadcast.is_null(), Delivery.due_at.is_null()
    ).execute()


# ------------------------------------------------------------------ who got which broadcast


def links(ground: Ground) -> Iterator[int]:
    """The deliveries stay for their counts; whose they were goes, with all that was told of each.
    Only of what is through and counted, and of no alert whose readers may yet hear more of it."""
    until = ground.before(ground.kept.deliveries)
    query = Broadcast.select().where(
        Broadcast.created_at < until,
        Broadcast.state.not_in(UNFINISHED),
        Broadcast.unlinked_upto.is_null() | (Broadcast.unlinked_upto < Broadcast.cut_off),
        Broadcast.id.in_(Tally.select(Tally.broadcast)),
        _ROOT.not_in(_awaited(until)),
    )
    for row in list(query.order_by(Broadcast.id)):
        if not outbox.is_through(row.id):
            continue
        if row.unlinked_upto is None:
            # How it arrived is drawn from what goes now.
            figures.keep(f"curve {row.id}", course.curve(row.id))
            Broadcast.update(unlinked_upto=0).where(Broadcast.id == row.id).execute()
        last = row.unlinked_upto or 0
        while last < row.cut_off:
            with db.transaction():
                gone, last = _unlink_some(ground, row, last)
            yield gone


_ROOT = peewee.fn.COALESCE(Broadcast.follows, Broadcast.id)


def _awaited(until: datetime) -> list[int]:
    """Alerts that were in force after `until`, by themselves or an update, and whose all-clear has
    not gone out: an update or all-clear finds its readers by these rows."""
    cleared = Broadcast.select(Broadcast.follows).where(
        Broadcast.kind == BroadcastKind.CLEAR, Broadcast.state.not_in(UNFINISHED)
    )
    return _ids(
        Broadcast.select(_ROOT).where(
            Broadcast.kind.in_(WARNINGS),
            Broadcast.expires_at > until,
            _ROOT.not_in(cleared),
        )
    )


def _unlink_some(ground: Ground, row: Broadcast, last: int) -> tuple[int, int]:
    """(how many, up to which subscriber id)."""
    query = (
        Delivery.select(Delivery.id, Delivery.subscriber, Delivery.state, Delivery.channel)
        .where(Delivery.broadcast == row.id, Delivery.subscriber > last)
        .order_by(Delivery.subscriber)
        .limit(LINKS)
    )
    found = db.rows(query)
    upto = found[-1][1] if len(found) == LINKS else max(row.cut_off, last + 1)
    held = set(_ids(subscribers.restricted())) if found else set()
    gone = [line for line in found if line[1] not in held]
    _unlink([line[0] for line in gone])
    _note_in_touch([line[1] for line in gone if _has_arrived(ground, *line[2:])], row.on)
    Broadcast.update(unlinked_upto=upto).where(Broadcast.id == row.id).execute()
    return len(gone), upto


def _has_arrived(ground: Ground, state: DeliveryState, channel: str) -> bool:
    return state in ARRIVED or (state == DeliveryState.SENT and channel in ground.untold)


def _unlink(ids: Sequence[int]) -> None:
    DeliveryEvent.delete().where(DeliveryEvent.delivery.in_(ids)).execute()
    Delivery.update(subscriber=None, provider_id=None).where(Delivery.id.in_(ids)).execute()


def _note_in_touch(people: Sequence[int], on: date) -> None:
    """Something reached them: soon nothing else will say so."""
    Subscriber.update(in_touch_on=on).where(
        Subscriber.id.in_(people),
        Subscriber.in_touch_on.is_null() | (Subscriber.in_touch_on <= on - IN_TOUCH_WITHIN),
    ).execute()


def unlink_late(person: Subscriber) -> None:
    """Their data was restricted while everybody else's links went."""
    through = Broadcast.select(Broadcast.id).where(Broadcast.unlinked_upto >= person.id)
    query = Delivery.select(Delivery.id).where(
        Delivery.subscriber == person, Delivery.broadcast.in_(through)
    )
    for page in _batches(_ids(query)):
        _unlink(page)
