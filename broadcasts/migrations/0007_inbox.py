"""Conversations with citizens: who answers, who waits, pictures, canned answers."""

from typing import Any

import peewee

from broadcasts.db import SerialField, UTCField

INDEXES = (
    ("conversation_open", "last_at, id", "closed_at IS NULL"),
    ("conversation_closed", "closed_at, id", "closed_at IS NOT NULL"),
    ("conversation_due", "due_by, id", "waiting_since IS NOT NULL"),
    ("conversation_waiting", "waiting_since", "waiting_since IS NOT NULL"),
)

EARLIER = """
INSERT INTO conversation (subscriber_id, version, last_at, waiting_since, due_by, assigned_to,
    checked_by, closed_by)
SELECT m.subscriber_id, 1, MAX(m.at), MIN(m.at), MAX(COALESCE(s.window_closes_at, m.at)), '', '', ''
FROM message m JOIN subscriber s ON s.id = m.subscriber_id GROUP BY m.subscriber_id
"""
"""What was written before is open: nobody can have answered it."""


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("message", "staff", peewee.CharField(default="", max_length=60)),
        migrator.add_column("message", "delivery_id", peewee.BigIntegerField(null=True)),
    )
    _conversations(db)
    _pictures(db)
    _canned(db)


def _conversations(db: Any) -> None:
    class Subscriber(peewee.Model):
        id = SerialField()

        class Meta:
            database = db
            table_name = "subscriber"

    class Conversation(peewee.Model):
        id = SerialField()
        subscriber = peewee.ForeignKeyField(Subscriber, unique=True, on_delete="CASCADE")
        version = peewee.IntegerField()
        last_at = UTCField()
        waiting_since = UTCField(null=True)
        due_by = UTCField()
        assigned_to = peewee.CharField(max_length=60)
        checked_by = peewee.CharField(max_length=60)
        checked_at = UTCField(null=True)
        closed_by = peewee.CharField(max_length=60)
        closed_at = UTCField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "conversation"
            indexes = ((("last_at", "id"), False),)

    db.create_tables([Conversation])
    for name, columns, where in INDEXES:
        db.execute_sql(f"CREATE INDEX {name} ON conversation ({columns}) WHERE {where}")
    db.execute_sql(EARLIER)


def _pictures(db: Any) -> None:
    class Message(peewee.Model):
        class Meta:
            database = db
            table_name = "message"

    class Picture(peewee.Model):
        id = SerialField()
        message = peewee.ForeignKeyField(Message, unique=True, on_delete="CASCADE")
        file = peewee.CharField(max_length=60)
        state = peewee.CharField(max_length=32)
        tries = peewee.IntegerField()
        due_at = UTCField(null=True)
        why = peewee.CharField(max_length=40)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "received_picture"

    db.create_tables([Picture])
    db.execute_sql(
        "CREATE INDEX received_picture_due ON received_picture (due_at) WHERE due_at IS NOT NULL"
    )


def _canned(db: Any) -> None:
    class CannedAnswer(peewee.Model):
        title = peewee.CharField(max_length=80)
        text = peewee.TextField()
        language = peewee.CharField(max_length=5)
        changed_by = peewee.CharField(max_length=60)
        changed_at = UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "canned_answer"

    db.create_tables([CannedAnswer])
