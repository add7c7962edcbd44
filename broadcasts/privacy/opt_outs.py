"""Opt-outs of the last weeks, beside the log of erasures: a restore must not undo a "Stopp".

Owns: its table, in the schema `erasures`, which no backup holds. Never: an address; a row older
than the oldest backup that may be put back. Written by the conversation and by staff.
"""

import operator
from datetime import datetime
from functools import reduce

import peewee

from broadcasts import clock, db
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure_log
from broadcasts.privacy.erasure_log import LONGEST_BACKUP


class OptOut(db.Model):
    """That somebody wanted nothing any more, linkable as long as the key of its time lives."""

    id = db.SerialField()
    channel = peewee.CharField(max_length=20)
    key_id = peewee.BigIntegerField()
    wa_id_hash = peewee.CharField(max_length=32, null=True, index=True)
    bsuid_hash = peewee.CharField(max_length=32, null=True, index=True)
    at = db.UTCField(index=True)
    """When it was noted: of a word that came in late, later than when it was written. A backup from
    in between does not hold it."""

    class Meta:
        table_name = "opt_out"
        schema = db.ERASURES


def note(person: Subscriber, key: bytes) -> None:
    """In the caller's transaction."""
    now = clock.now()
    key_id, used = erasure_log.current_key(key, now)
    OptOut.create(
        channel=person.channel,
        key_id=key_id,
        wa_id_hash=erasure_log.address_hash(used, person.channel, person.wa_id),
        bsuid_hash=erasure_log.address_hash(used, person.channel, person.bsuid),
        at=now,
    )


def take_back(person: Subscriber, key: bytes) -> None:
    """They have come back, or are erased: nothing is to be repeated."""
    marks = erasure_log.marks(person, erasure_log.living_keys(key, clock.now()).values())
    either = [field.in_(marks) for field in (OptOut.wa_id_hash, OptOut.bsuid_hash)]
    OptOut.delete().where(reduce(operator.or_, either)).execute()


def since(at: datetime) -> dict[str, datetime]:
    """Hash of an address → the last time it opted out, of those later than that."""
    query = OptOut.select(OptOut.wa_id_hash, OptOut.bsuid_hash, OptOut.at).where(OptOut.at > at)
    return {
        mark: at
        for *marks, at in db.rows(query.order_by(OptOut.at))
        for mark in filter(None, marks)
    }


def forget_old(now: datetime) -> int:
    """No backup that may still be put back is as old."""
    return int(OptOut.delete().where(OptOut.at < now - LONGEST_BACKUP).execute())
