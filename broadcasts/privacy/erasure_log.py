"""The log of erasures: that one took place, and for a while of which address.

Owns: its table and its keys, in the schema `erasures`, which no backup holds. Never: an address.
An entry can be linked to somebody for 60 to 90 days, by nobody afterwards (decision 0016).
"""

import operator
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import Address
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import traces
from broadcasts.privacy.keys import derive, keyed_hash

KEY_USED_FOR = timedelta(days=30)
"""Then a new one is made."""
KEY_KEPT_FOR = timedelta(days=90)
"""Then it is destroyed. Less KEY_USED_FOR: for so long every entry can be linked at least, which
must not be less than a backup is kept for."""
LONGEST_BACKUP = KEY_KEPT_FOR - KEY_USED_FOR

CITYS_OWN = 0
"""Entries from before there were keys: their hashes are of the city's own."""


class Provider(StrEnum):
    """What came of asking the provider to forget the person."""

    NOTHING = "nothing"
    """Nothing was asked: an entry from before this was noted."""
    ASKED = "asked"
    DONE = "done"
    NOT_REACHED = "not_reached"


class Erasure(db.Model):
    """That an erasure took place: nothing in it names the person without its key."""

    id = db.SerialField()
    code_hash = peewee.CharField(max_length=32, unique=True)
    key_id = peewee.BigIntegerField()
    wa_id_hash = peewee.CharField(max_length=32, null=True, index=True)
    """Null once the key is gone."""
    bsuid_hash = peewee.CharField(max_length=32, null=True, index=True)
    channel = peewee.CharField(max_length=20, default="")
    erased_at = db.UTCField(index=True)
    before = db.UTCField()
    """Messages of that address older than this are dropped."""
    proof_hashes = peewee.TextField(default="")
    """Of proofs of an ended consent that went with it (proofs.py): a restore drops them again.
    Separated by blanks; empty once the key is gone."""
    counts = db.JSONField()
    provider = db.EnumField(Provider, default=Provider.NOTHING)

    class Meta:
        table_name = "erasure"
        schema = db.ERASURES


class ErasureKey(db.Model):
    id = db.SerialField()
    secret = peewee.CharField(max_length=64)
    since = db.UTCField()

    class Meta:
        table_name = "erasure_key"
        schema = db.ERASURES


# ------------------------------------------------------------------ keys


def living_keys(key: bytes, now: datetime) -> dict[int, bytes]:
    """Id → key. Each is made of what stands here and of the city's own: neither the file nor
    `.env` alone is enough to try out all telephone numbers."""
    rows = ErasureKey.select().where(ErasureKey.since > now - KEY_KEPT_FOR)
    return {CITYS_OWN: key, **{row.id: _key(key, row.secret) for row in rows}}


def _key(key: bytes, secret: str) -> bytes:
    return derive(key.hex(), f"erasure/{secret}")


def prepare(now: datetime) -> None:
    """Makes the next key in time, by itself: one that is made in an erasure's own transaction could
    be lost in a crash between the two files. At each start and every hour."""
    soon = timedelta(hours=3)
    if not ErasureKey.select().where(ErasureKey.since > now - KEY_USED_FOR + soon).exists():
        _make_key(now)


def began_before(at: datetime) -> bool:
    """Whether this installation is older than that; the first start makes a key."""
    return bool(ErasureKey.select().where(ErasureKey.since < at).exists())


def _make_key(now: datetime) -> ErasureKey:
    return ErasureKey.create(secret=secrets.token_hex(32), since=now)


def current_key(key: bytes, now: datetime) -> tuple[int, bytes]:
    """Two processes that make one at once do no harm: both are tried."""
    row = (
        ErasureKey.select()
        .where(ErasureKey.since > now - KEY_USED_FOR, ErasureKey.since <= now)
        .order_by(ErasureKey.id.desc())
        .first()
    )
    row = row or _make_key(now)
    return row.id, _key(key, row.secret)


def forget_old(now: datetime) -> int:
    """Destroys keys past their time and what they could have linked. Returns how many entries.

    Two steps, the hashes first: a crash in between leaves a key for nothing, never the other way.
    """
    too_old = now - KEY_KEPT_FOR
    dead = [row.id for row in ErasureKey.select().where(ErasureKey.since <= too_old)]
    linkable = Erasure.wa_id_hash.is_null(False) | Erasure.bsuid_hash.is_null(False)
    of_the_city = (Erasure.key_id == CITYS_OWN) & (Erasure.erased_at <= too_old)
    gone = (
        Erasure.update(wa_id_hash=None, bsuid_hash=None, proof_hashes="")
        .where(linkable, Erasure.key_id.in_(dead) | of_the_city)
        .execute()
    )
    ErasureKey.delete().where(ErasureKey.id.in_(dead)).execute()
    if gone or dead:
        db.truncate_log()
    return int(gone)


def address_hash(key: bytes, channel: str, value: str | None) -> str | None:
    return None if value is None else keyed_hash(key, f"address/{channel}/{value}")


def marks(person: Subscriber, keys: Iterable[bytes]) -> set[str]:
    """What the person's addresses may stand under in the log."""
    found = {
        address_hash(used, person.channel, value)
        for used in keys
        for value in (person.wa_id, person.bsuid)
    }
    return {mark for mark in found if mark is not None}


# ------------------------------------------------------------------ writing


def entry(
    code: str,
    channel: str,
    address: Address,
    *,
    key: bytes,
    before: datetime,
    counts: Mapping[str, int],
    proof_hashes: Iterable[str] = (),
) -> dict[str, Any]:
    """A new entry, ready for JSON; `enter` writes it."""
    now = clock.now()
    key_id, used = current_key(key, now)
    return {
        "code_hash": code_hash(code, key),
        "key_id": key_id,
        "wa_id_hash": address_hash(used, channel, address.wa_id),
        "bsuid_hash": address_hash(used, channel, address.bsuid),
        "channel": channel,
        "erased_at": now.isoformat(),
        "before": before.isoformat(),
        "counts": dict(counts),
        "proof_hashes": " ".join(sorted(proof_hashes)),
        "provider": Provider.ASKED,
    }


def enter(row: Mapping[str, Any]) -> None:
    """Writes an entry unless it stands there already."""
    moments = {name: datetime.fromisoformat(row[name]) for name in ("erased_at", "before")}
    Erasure.insert({**row, **moments}).on_conflict_ignore().execute()


def note_provider(code_hash: str, provider: Provider) -> None:
    Erasure.update(provider=provider).where(Erasure.code_hash == code_hash).execute()


# ------------------------------------------------------------------ looking up


def code_hash(code: str, key: bytes) -> str:
    return keyed_hash(key, f"code/{''.join(code.split()).upper()}")


def verify(code: str, key: bytes) -> Erasure | None:
    """The erasure that this receipt proves, if there is one. Lower case and blanks do no harm."""
    return Erasure.get_or_none(Erasure.code_hash == code_hash(code, key))


def erased_after(channel: str, address: Address, at: datetime, key: bytes) -> bool:
    """Whether this address was erased by a message or an order from later than `at`."""
    query = Erasure.select(Erasure.id).where(Erasure.before > at)
    either = [
        field == address_hash(used, channel, value)
        for used in living_keys(key, clock.now()).values()
        for field, value in (
            (Erasure.wa_id_hash, address.wa_id),
            (Erasure.bsuid_hash, address.bsuid),
        )
        if value
    ]
    return bool(either) and query.where(reduce(operator.or_, either)).exists()


def names_erased(channel: str, text: str, key: bytes) -> bool:
    """Whether a raw text names somebody who was erased and has not come back since."""
    living = living_keys(key, clock.now())
    by_hash = {
        address_hash(used, channel, word): word
        for word in traces.possible_addresses(text)
        for used in living.values()
    }
    erased = {by_hash[mark] for mark in _known(list(filter(None, by_hash)))}
    return any(not _is_back(channel, word) for word in erased)


def _known(marks: list[str]) -> set[str]:
    """Which of these hashes stand in the log."""
    found: set[str] = set()
    for start in range(0, len(marks), 300):
        page = marks[start : start + 300]
        query = Erasure.select(Erasure.wa_id_hash, Erasure.bsuid_hash).where(
            Erasure.wa_id_hash.in_(page) | Erasure.bsuid_hash.in_(page)
        )
        found.update(mark for row in db.rows(query) for mark in row if mark)
    return found & set(marks)


def _is_back(channel: str, word: str) -> bool:
    either = (Address(word), Address(None, word))
    return any(subscribers.find(channel, address) is not None for address in either)


def since(at: datetime) -> list[Erasure]:
    """What was erased later than that, and can still be linked."""
    linkable = Erasure.wa_id_hash.is_null(False) | Erasure.bsuid_hash.is_null(False)
    return list(Erasure.select().where(Erasure.erased_at > at, linkable))


def counted(begin: datetime, end: datetime) -> dict[str, int]:
    """Channel → readers who were erased in a span of time. Who had left before, or never joined,
    is none."""
    query = Erasure.select(Erasure.channel, Erasure.counts)
    rows = db.rows(query.where(Erasure.erased_at >= begin, Erasure.erased_at < end))
    return dict(Counter(channel for channel, counts in rows if _was_reader(counts)))


def _was_reader(counts: Mapping[str, int]) -> bool:
    # Entries from before "reader" was counted name everybody who had a row.
    return bool(counts.get("reader", counts.get("subscriber")))


def happened_lately(now: datetime) -> bool:
    """Within the last two minutes: the log is emptied again until the receipt is gone too."""
    return Erasure.select(Erasure.id).where(Erasure.erased_at > now - timedelta(minutes=2)).exists()


def not_reached(since: datetime) -> int:
    """How often a provider could not be told to forget somebody."""
    return int(
        Erasure.select()
        .where(Erasure.provider == Provider.NOT_REACHED, Erasure.erased_at > since)
        .count()
    )
