"""What came in, raw, until it is applied (invariant 1).

Owns: the inbound journal, what could not be understood, and the marks of what was seen.
Never: reads a body's meaning. Written by bot/webhooks, read by bot/receiver and the sender.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from broadcasts import clock, db, wakeups

SEEN_FOR = timedelta(days=8)
"""Meta redelivers for 7 days; a mark older than this can never be asked for again."""

MOST_ENTRIES = 300
MOST_BYTES = 256 * 1024
"""How much of the journal is taken at once."""


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


@dataclass(frozen=True)
class Arrival:
    """One POST as it came."""

    channel: str
    body: bytes
    writers: Iterable[str] = ()


_APPEND = (
    "INSERT INTO journal (channel, body, writers, received_at, applied) VALUES (?, ?, ?, ?, 0)"
)


def append(arrivals: Sequence[Arrival]) -> None:
    """Stores POSTs durably, all or none; when this returns, 200 may be answered."""
    now = db.moment(clock.now())
    rows = [(one.channel, one.body, " ".join(sorted(one.writers)) or None, now) for one in arrivals]
    with db.transaction():
        db.execute_many(_APPEND, rows)
        wakeups.announce()


@contextmanager
def taking(*, in_order: bool) -> Iterator[Sequence[JournalEntry]]:
    """The oldest entries, kept from every other receiver while the block runs.

    `in_order`: those in which persons write. They must be applied in the order in which they came
    (a "Stopp" after its "Start"), so only one receiver may ask for them, and holds a lock for it.
    What holds only statuses can be applied by many at once, in any order. SQLite has one receiver,
    which takes everything in order; reading and parsing must not hold up its writers.
    """
    if db.is_sqlite():
        yield _oldest(JournalEntry.select()) if in_order else []
        return
    rows = JournalEntry.select().where(JournalEntry.writers.is_null(not in_order))
    with db.transaction():
        yield _oldest(rows if in_order else rows.for_update(skip_locked=True))


def _oldest(query: "peewee.ModelSelect[JournalEntry]") -> Sequence[JournalEntry]:
    """As many as fit a transaction or two: bodies of a thousand items come one by one."""
    sized = query.select(JournalEntry.id, peewee.fn.LENGTH(JournalEntry.body))
    ids: list[int] = []
    size = 0
    for entry_id, length in db.rows(sized.order_by(JournalEntry.id).limit(MOST_ENTRIES)):
        if ids and size + length > MOST_BYTES:
            break
        ids.append(entry_id)
        size += length
    found = JournalEntry.select().where(db.among(JournalEntry.id, ids)).order_by(JournalEntry.id)
    return list(found) if ids else []


def done(ids: Sequence[int]) -> None:
    """These are applied as a whole: part of the transaction that applied them."""
    if ids:
        JournalEntry.delete().where(db.among(JournalEntry.id, ids)).execute()


def advance(entry_id: int, applied: int) -> None:
    """So many items of it are applied."""
    JournalEntry.update(applied=applied).where(JournalEntry.id == entry_id).execute()


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


def mark_of(key: bytes, message_id: str) -> str:
    """32 hex digits that only we can tell a message by."""
    return hmac.new(key, message_id.encode(), hashlib.sha256).hexdigest()[:32]


def first_time(key: bytes, message_id: str) -> bool:
    """Marks a message as seen; False when it was seen before. Part of the caller's transaction."""
    seen = Seen.insert(mark=mark_of(key, message_id), seen_at=clock.now())
    return bool(seen.on_conflict_ignore().as_rowcount().execute())


def forget_seen(now: datetime) -> None:
    """Drops marks past their time."""
    Seen.delete().where(Seen.seen_at < now - SEEN_FOR).execute()


def forget_strange(before: datetime, *, limit: int = 200) -> int:
    """Drops up to `limit` items from before a moment. Returns how many."""
    old = StrangeEntry.select(StrangeEntry.id).where(StrangeEntry.received_at < before)
    ids = [row[0] for row in db.rows(old.order_by(StrangeEntry.received_at).limit(limit))]
    return int(StrangeEntry.delete().where(StrangeEntry.id.in_(ids)).execute())
