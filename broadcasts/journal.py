"""What came in, raw, until it is applied (invariant 1).

Owns: the inbound journal, what could not be understood, and the marks of what was seen.
Never: reads a body's meaning. Written by bot/webhooks, read by bot/receiver and the sender.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import peewee

from broadcasts import clock, db

SEEN_FOR = timedelta(days=8)
"""Meta redelivers for 7 days; a mark older than this can never be asked for again."""

KEPT_STRANGE_FOR = timedelta(days=7)
"""How long a body that nobody understood is kept."""


class JournalEntry(db.Model):
    """One POST as it came. Gone as soon as it is applied."""

    id = peewee.BigAutoField()
    channel = peewee.CharField(max_length=20)
    body = peewee.BlobField()
    writers = peewee.TextField(null=True)
    """Addresses of persons who wrote, space-separated: nothing is broadcast to them before it is
    applied, because one of the messages may be a "Stopp" (invariant 2)."""
    received_at = db.UTCField()
    applied = peewee.IntegerField(default=0)
    """How many of its events are applied: a crash in a batch of 1000 goes on from here."""

    class Meta:
        table_name = "journal"


class StrangeEntry(db.Model):
    """One item that could not be understood: kept, counted, shown by `doctor`."""

    id = peewee.BigAutoField()
    channel = peewee.CharField(max_length=20)
    reason = peewee.CharField(max_length=40)
    body = peewee.TextField()
    received_at = db.UTCField(index=True)

    class Meta:
        table_name = "strange"


class Seen(db.Model):
    """A keyed hash of each message id, so that a redelivery is known, after an erasure too."""

    mark = peewee.CharField(max_length=32, primary_key=True)
    seen_at = db.UTCField(index=True)

    class Meta:
        table_name = "seen"


def append(channel: str, body: bytes, writers: Iterable[str]) -> None:
    """Stores a POST durably; when this returns, 200 may be answered."""
    with db.transaction():
        JournalEntry.insert(
            channel=channel,
            body=body,
            writers=" ".join(sorted(writers)) or None,
            received_at=clock.now(),
        ).execute()


def waiting(limit: int) -> Sequence[JournalEntry]:
    """The oldest entries, in the order in which they came."""
    return list(JournalEntry.select().order_by(JournalEntry.id).limit(limit))


def is_drained() -> bool:
    return not JournalEntry.select().exists()


def oldest() -> datetime | None:
    """When the oldest entry that is not applied yet came in."""
    entry = JournalEntry.select().order_by(JournalEntry.id).first()
    return None if entry is None else entry.received_at


def writers_waiting() -> set[str]:
    """Addresses of everybody who wrote something that is not applied yet."""
    query = JournalEntry.select(JournalEntry.writers).where(JournalEntry.writers.is_null(False))
    return {address for (writers,) in db.rows(query) for address in writers.split(" ")}


def keep_strange(channel: str, reason: str, body: str) -> None:
    StrangeEntry.insert(
        channel=channel, reason=reason, body=body, received_at=clock.now()
    ).execute()


def count_strange() -> dict[str, int]:
    """How many items nobody understood, by reason."""
    query = StrangeEntry.select(StrangeEntry.reason, peewee.fn.COUNT(StrangeEntry.id))
    return dict(db.rows(query.group_by(StrangeEntry.reason)))


def first_time(key: bytes, message_id: str) -> bool:
    """Marks a message as seen; False when it was seen before. Part of the caller's transaction."""
    mark = hmac.new(key, message_id.encode(), hashlib.sha256).hexdigest()[:32]
    cursor = (
        Seen.insert(mark=mark, seen_at=clock.now()).on_conflict_ignore().as_rowcount().execute()
    )
    return bool(cursor)


def forget_old(now: datetime) -> None:
    """Drops marks and strange items past their time."""
    with db.transaction():
        Seen.delete().where(Seen.seen_at < now - SEEN_FOR).execute()
        StrangeEntry.delete().where(StrangeEntry.received_at < now - KEPT_STRANGE_FOR).execute()
