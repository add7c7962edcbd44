"""The inbox: what citizens write to people, not to the machine, and what staff answer.

Owns: the tables of conversations, messages and received pictures, and what a message changes in
them. Never: answers by itself (bot/conversation does) or lists (conversations). Called by
bot/conversation, newsroom/answers, delivery/joining and privacy.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.people.subscribers import Subscriber
from broadcasts.saying import Refusal, say

FOLDER = "inbox"
"""Below the media folder: pictures of citizens, apart from what the city publishes."""

ANSWER_WITHIN = timedelta(days=1)
"""Where a channel has no window to say it."""

COUNTED_UPTO = 1000
"""Nobody needs to know whether 1,200 or 1,300 wait."""


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    """Written by staff."""


class Conversation(db.Model):
    """All that one person and the office write to each other; made by the first message."""

    id = db.SerialField()
    subscriber = peewee.ForeignKeyField(Subscriber, unique=True, on_delete="CASCADE")
    subscriber_id: int
    version = peewee.IntegerField(default=1)
    """Grows with each message: whoever answers an older state is told."""
    last_at = db.UTCField()
    waiting_since = db.UTCField(null=True)
    """When the first message that nobody has answered came; null: none waits."""
    due_by = db.UTCField()
    """Until when an answer can reach the person, as their last message had it."""
    assigned_to = peewee.CharField(max_length=60, default="")
    """Name of the account."""
    checked_by = peewee.CharField(max_length=60, default="")
    """Who has made sure that the person is who they say; ends with the conversation."""
    checked_at = db.UTCField(null=True)
    closed_by = peewee.CharField(max_length=60, default="")
    closed_at = db.UTCField(null=True)
    is_rating_asked = peewee.BooleanField(default=False)
    """Asked when it was closed whether it helped; not answered yet."""

    class Meta:
        table_name = "conversation"
        indexes = ((("last_at", "id"), False),)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


# Each tab of the desk reads its rows off an index that holds nothing else.
_IS_OPEN = Conversation.closed_at.is_null()
_WAITS = Conversation.waiting_since.is_null(False)
for _name, _columns, _where in (
    ("conversation_open", ("last_at", "id"), _IS_OPEN),
    ("conversation_closed", ("closed_at", "id"), Conversation.closed_at.is_null(False)),
    ("conversation_due", ("due_by", "id"), _WAITS),
    ("conversation_waiting", ("waiting_since",), _WAITS),
):
    Conversation.add_index(
        Conversation.index(
            *(getattr(Conversation, column) for column in _columns), name=_name, where=_where
        )
    )


class Message(db.Model):
    """One item of a thread; `kind` as in channels.base.MessageIn."""

    id = peewee.AutoField()
    subscriber = peewee.ForeignKeyField(Subscriber, on_delete="CASCADE", backref="messages")
    subscriber_id: int
    direction = db.EnumField(Direction)
    kind = peewee.CharField(max_length=20)
    text = peewee.TextField()
    media = peewee.TextField(null=True)
    """The provider's id of a file."""
    at = db.UTCField()
    mark = peewee.CharField(max_length=32, default="")
    """Keyed hash of the provider's id (journal.mark_of): by it a person takes a message back."""
    staff = peewee.CharField(max_length=60, default="")
    """Who wrote it; empty: the person."""
    delivery_id = peewee.BigIntegerField(null=True)
    """An answer's row in the outbox, which this room does not know."""

    class Meta:
        table_name = "message"
        indexes = ((("at",), False),)


Message.add_index(Message.index(Message.mark, name="message_mark", where=Message.mark != ""))
Message.add_index(
    Message.index(
        Message.delivery_id, name="message_delivery", where=Message.delivery_id.is_null(False)
    )
)


class PictureState(StrEnum):
    WAITING = "waiting"
    """To be fetched from the provider."""
    KEPT = "kept"
    REFUSED = "refused"
    """No picture, too large, or not to be had any more: `why`."""


class Picture(db.Model):
    """A picture that a citizen sent. Its file has its name before it is fetched, so that an
    erasure finds it whatever happened in between."""

    id = db.SerialField()
    message = peewee.ForeignKeyField(Message, unique=True, on_delete="CASCADE", backref="pictures")
    message_id: int
    file = peewee.CharField(max_length=60)
    """Below FOLDER."""
    state = db.EnumField(PictureState, default=PictureState.WAITING)
    tries = peewee.IntegerField(default=0)
    due_at = db.UTCField(null=True)
    """When it is tried next; null: settled."""
    why = peewee.CharField(max_length=40, default="")

    class Meta:
        table_name = "received_picture"


Picture.add_index(
    Picture.index(Picture.due_at, name="received_picture_due", where=Picture.due_at.is_null(False))
)


class InboxError(Refusal):
    """What staff asked of a conversation cannot be done; `said` says why."""


class OutdatedError(InboxError):
    """Something has come into the conversation that the writer has not seen."""


@dataclass(frozen=True)
class Unanswered:
    number: int
    """At most COUNTED_UPTO."""
    oldest: datetime | None


# ------------------------------------------------------------------ what comes in, what goes out


def receive(
    subscriber: Subscriber,
    *,
    kind: str,
    text: str,
    media: str | None,
    at: datetime,
    mark: str = "",
) -> None:
    """Puts what a person wrote into their thread, in the caller's transaction. A closed
    conversation opens again."""
    message = Message.create(
        subscriber=subscriber,
        direction=Direction.IN,
        kind=kind,
        text=text,
        media=media,
        at=at,
        mark=mark,
    )
    if media and kind == "image":
        name = f"{secrets.token_urlsafe(16)}.jpg"
        Picture.create(message=message, file=name, due_at=clock.now())
    due_by = subscriber.window_closes_at or at + ANSWER_WITHIN
    known = _of(subscriber.id)
    if known is None:
        Conversation.create(subscriber=subscriber, last_at=at, waiting_since=at, due_by=due_by)
        return
    Conversation.update(
        version=Conversation.version + 1,
        last_at=max(known.last_at, at),
        waiting_since=min(known.waiting_since or at, at),
        due_by=max(known.due_by, due_by),
        closed_by="",
        closed_at=None,
    ).where(Conversation.id == known.id).execute()


def take_back(subscriber: Subscriber, mark: str, *, media: Path) -> bool:
    """A person has deleted a message of theirs: our copy and its picture go. False: none."""
    _of(subscriber.id)  # whoever is just answering is waited for
    hers = Message.select(Message.id).where(Message.subscriber == subscriber, Message.mark == mark)
    files = db.rows(Picture.select(Picture.file).where(Picture.message.in_(hers)))
    Picture.delete().where(Picture.message.in_(hers)).execute()
    gone = Message.delete().where(Message.subscriber == subscriber, Message.mark == mark).execute()
    if gone:
        # Whoever is writing an answer is told that something has changed.
        theirs = Conversation.subscriber == subscriber
        Conversation.update(version=Conversation.version + 1).where(theirs).execute()
        since = _unanswered_since(subscriber.id)
        Conversation.update(waiting_since=since).where(theirs, _WAITS).execute()
    drop_files(media, [file for (file,) in files])
    return bool(gone)


def _unanswered_since(subscriber_id: int) -> datetime | None:
    """When the first message came that nobody has answered; None: what is left is answered."""
    hers = Message.subscriber == subscriber_id
    answered = Message.select(peewee.fn.MAX(Message.id)).where(
        hers, Message.direction == Direction.OUT
    )
    first = Message.select(Message.at).where(
        hers, Message.direction == Direction.IN, Message.id > peewee.fn.COALESCE(answered, 0)
    )
    return next((at for (at,) in db.rows(first.order_by(Message.at).limit(1))), None)


def _of(subscriber_id: int) -> Conversation | None:
    """Kept from everybody else until this transaction ends."""
    query = Conversation.select().where(Conversation.subscriber == subscriber_id)
    found: Conversation | None = db.for_update(query).first()
    return found


def take_answer(conversation_id: int, *, version: int, by: str) -> None:
    """The conversation is answered, if nothing has come into it since `version`; first in the
    transaction that writes the answer. Whoever answers takes over what nobody has.

    Raises OutdatedError.
    """
    mine = peewee.Case(None, [(Conversation.assigned_to == "", by)], Conversation.assigned_to)
    moved = (
        Conversation.update(
            version=Conversation.version + 1,
            last_at=clock.now(),
            waiting_since=None,
            assigned_to=mine,
            closed_by="",
            closed_at=None,
        )
        .where(Conversation.id == conversation_id, Conversation.version == version)
        .execute()
    )
    if not moved:
        raise OutdatedError(say("something has been written here meanwhile"))


def keep_answer(subscriber_id: int, text: str, *, by: str, delivery_id: int) -> None:
    Message.insert(
        subscriber=subscriber_id,
        direction=Direction.OUT,
        kind="text",
        text=text,
        at=clock.now(),
        staff=by,
        delivery_id=delivery_id,
    ).execute()


def unanswered() -> Unanswered:
    """How many wait for an answer, and since when the first does; a lookup, never a long count."""
    waiting = Conversation.select(Conversation.id).where(_WAITS).limit(COUNTED_UPTO)
    oldest = (
        Conversation.select(Conversation.waiting_since)
        .where(_WAITS)
        .order_by(Conversation.waiting_since)
        .limit(1)
    )
    since = next((row[0] for row in db.rows(oldest)), None)
    return Unanswered(int(waiting.count()), since)


# ------------------------------------------------------------------ two rows of one person


def join(keeper: Subscriber, other: Subscriber) -> None:
    """Everything of `other` becomes the keeper's. Who had checked one of the two has not seen the
    other's words: that mark falls away."""
    Message.update(subscriber=keeper).where(Message.subscriber == other).execute()
    theirs = _of(other.id)
    if theirs is None:
        return
    own = _of(keeper.id)
    if own is None:
        Conversation.update(subscriber=keeper).where(Conversation.id == theirs.id).execute()
        return
    waits = [row.waiting_since for row in (own, theirs) if row.waiting_since]
    is_closed = not (own.is_open or theirs.is_open)
    Conversation.delete().where(Conversation.id == theirs.id).execute()
    Conversation.update(
        version=own.version + theirs.version,
        last_at=max(own.last_at, theirs.last_at),
        waiting_since=min(waits, default=None),
        due_by=max(own.due_by, theirs.due_by),
        assigned_to=own.assigned_to or theirs.assigned_to,
        checked_by="",
        checked_at=None,
        closed_by=own.closed_by if is_closed else "",
        closed_at=own.closed_at if is_closed else None,
    ).where(Conversation.id == own.id).execute()


# ------------------------------------------------------------------ erasure


def files_of(person: Subscriber) -> list[str]:
    """Names of the person's pictures, fetched or not."""
    query = Picture.select(Picture.file).join(Message).where(Message.subscriber == person)
    return [row[0] for row in db.rows(query)]


def path_of(media: Path, file: str) -> Path:
    return media / FOLDER / file


def drop_files(media: Path, files: Iterable[str]) -> None:
    """After their rows are deleted and before that is committed: a crash in between leaves the
    rows, so that the erasure is done again; the other way round a file would be left for good."""
    for file in files:
        path_of(media, file).unlink(missing_ok=True)


def find_picture(picture_id: int) -> Picture | None:
    found: Picture | None = Picture.get_or_none(
        Picture.id == picture_id, Picture.state == PictureState.KEPT
    )
    return found


def pictures_of(message_ids: Iterable[int]) -> dict[int, Any]:
    """Message's id → its picture."""
    rows = Picture.select().where(Picture.message.in_(list(message_ids)))
    return {row.message_id: row for row in rows}
