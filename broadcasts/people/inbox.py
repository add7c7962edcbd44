"""The inbox: what citizens write to people, not to the machine.

Owns: the thread of messages of each subscriber. Never: answers by itself (bot/conversation does).
"""

from datetime import datetime
from enum import StrEnum

import peewee

from broadcasts import db
from broadcasts.people.subscribers import Subscriber


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Message(db.Model):
    """One item of a thread; `kind` as in channels.base.MessageIn."""

    id = peewee.AutoField()
    subscriber = peewee.ForeignKeyField(Subscriber, on_delete="CASCADE", backref="messages")
    direction = db.EnumField(Direction)
    kind = peewee.CharField(max_length=20)
    text = peewee.TextField()
    media = peewee.TextField(null=True)
    """The provider's id of a file."""
    at = db.UTCField()

    class Meta:
        table_name = "message"


def receive(
    subscriber: Subscriber, *, kind: str, text: str, media: str | None, at: datetime
) -> None:
    """Puts what a person wrote into their thread, in the caller's transaction."""
    Message.insert(
        subscriber=subscriber, direction=Direction.IN, kind=kind, text=text, media=media, at=at
    ).execute()
