"""Posts: the items the press office writes, queued for a date.

Owns: the table of posts. Never: what a digest looks like (wording) or when it goes (digests).
"""

from datetime import date, datetime
from enum import StrEnum

import peewee

from broadcasts import clock, db
from broadcasts.delivery.broadcasts import Broadcast


class PostState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    """Part of a digest."""
    WITHDRAWN = "withdrawn"


class Post(db.Model):
    id = peewee.AutoField()
    title = peewee.TextField()
    text = peewee.TextField(default="")
    link = peewee.TextField(default="")
    image = peewee.CharField(max_length=200, null=True)
    """File name below the media folder."""
    topic = peewee.CharField(max_length=60, default="")
    on = peewee.DateField(column_name="on_date", index=True)
    state = db.EnumField(PostState, default=PostState.QUEUED)
    broadcast = peewee.ForeignKeyField(Broadcast, null=True)
    broadcast_id: int | None
    created_at = db.UTCField()

    class Meta:
        table_name = "post"
