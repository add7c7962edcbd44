"""Consent: what a person agreed to, when, by which message, to which wording.

Owns: the evidence of every opt-in and opt-out. Never: whether somebody gets a message.
Written by bot/conversation, the receiver and the import; shown by the export.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

import peewee

from broadcasts import clock, db
from broadcasts.people.subscribers import Subscriber, Wants


class Deed(StrEnum):
    OPT_IN = "opt_in"
    ALERTS_ONLY = "alerts_only"
    OPT_OUT = "opt_out"
    PLATFORM_OPT_OUT = "platform_opt_out"
    """By the platform's own button, or said by its refusal."""
    PLATFORM_OPT_IN = "platform_opt_in"
    IMPORTED = "imported"
    BY_STAFF = "by_staff"
    REQUESTED = "requested"
    """Wrote "Start" and was asked to confirm it; counts for nothing before they have."""
    DRILLS = "drills"
    """Offered to get drills, too."""
    NO_DRILLS = "no_drills"
    BLOCKED = "blocked"
    """Has blocked us, as the platform says."""
    CONNECTED = "connected"
    """Is the same person as a row on another channel."""
    PARTED = "parted"
    """Is on its own again."""
    MOVED = "moved"
    """Reads on another channel instead."""
    PAUSED = "paused"
    """Wants no digests for a while."""
    RESUMED = "resumed"
    """Has ended that."""


ABOUT_DRILLS = (Deed.DRILLS, Deed.NO_DRILLS)
ABOUT_PAUSES = (Deed.PAUSED, Deed.RESUMED)
OPTING_IN = (Deed.OPT_IN, Deed.ALERTS_ONLY, Deed.PLATFORM_OPT_IN, Deed.IMPORTED)
BESIDE = (*ABOUT_DRILLS, *ABOUT_PAUSES, Deed.REQUESTED, Deed.CONNECTED, Deed.PARTED)
"""Whether somebody reads is not told by these."""

LONGEST_KEYWORD = 60


class Consent(db.Model):
    id = peewee.AutoField()
    subscriber = peewee.ForeignKeyField(Subscriber, on_delete="CASCADE", backref="consents")
    deed = db.EnumField(Deed)
    channel = peewee.CharField(max_length=20)
    wording = peewee.CharField(max_length=60)
    """Version of the welcome that the person was shown."""
    message_id = peewee.TextField(null=True)
    """The inbound message: the proof (invariant 2). Personal data: it goes with the person."""
    keyword = peewee.CharField(max_length=LONGEST_KEYWORD, null=True)
    """What they wrote, or the label they tapped."""
    evidence = peewee.TextField(null=True)
    """What an import says of where the consent was given. The database itself refuses a row with
    neither (migration 0017)."""
    at = db.UTCField(index=True)

    class Meta:
        table_name = "consent"


class NoEvidenceError(Exception):
    """Nobody is subscribed without an inbound message or imported evidence."""


def record(
    subscriber: Subscriber,
    deed: Deed,
    *,
    at: datetime,
    wording: str = "",
    message_id: str | None = None,
    keyword: str | None = None,
    evidence: str | None = None,
) -> None:
    """Keeps one piece of evidence, in the caller's transaction. Raises NoEvidenceError."""
    if not (message_id or evidence):
        raise NoEvidenceError(f"{deed} without a message or evidence")
    Consent.insert(
        subscriber=subscriber,
        deed=deed,
        channel=subscriber.channel,
        wording=wording,
        message_id=message_id,
        keyword=keyword[:LONGEST_KEYWORD] if keyword else None,
        evidence=evidence,
        at=at,
    ).execute()


_WANTED: Mapping[Deed, Wants] = {
    Deed.OPT_IN: Wants.EVERYTHING,
    Deed.IMPORTED: Wants.EVERYTHING,
    Deed.PLATFORM_OPT_IN: Wants.EVERYTHING,
    Deed.ALERTS_ONLY: Wants.ALERTS_ONLY,
    Deed.PLATFORM_OPT_OUT: Wants.ALERTS_ONLY,
}
"""Deed → what it means for somebody who retired only because they could not be reached."""


def bring_back(subscriber: Subscriber) -> None:
    """Somebody who had retired is heard from: they get again what they last asked for."""
    if subscriber.wants != Wants.RETIRED:
        return
    deed = latest(subscriber)
    subscriber.wants = _WANTED.get(deed, Wants.NOTHING) if deed else Wants.NOTHING
    subscriber.reader_since = clock.now()
    subscriber.save()


def latest(subscriber: Subscriber) -> Deed | None:
    """What the person (or the platform for them) last did; drills and the like are beside it."""
    row = (
        Consent.select(Consent.deed)
        .where(Consent.subscriber == subscriber, Consent.deed.not_in(BESIDE))
        .order_by(Consent.at.desc(), Consent.id.desc())
        .first()
    )
    return None if row is None else row.deed


def is_older_word_on_drills(subscriber: Subscriber, at: datetime) -> bool:
    """The person has said later than `at` whether they want drills: messages may come late."""
    return _is_older_word(subscriber, at, ABOUT_DRILLS)


def is_older_word_on_pauses(subscriber: Subscriber, at: datetime) -> bool:
    """The same of a pause, which a "Start" ends, too."""
    return _is_older_word(subscriber, at, (*ABOUT_PAUSES, *OPTING_IN))


def _is_older_word(subscriber: Subscriber, at: datetime, deeds: Collection[Deed]) -> bool:
    query = Consent.select(Consent.id).where(
        Consent.subscriber == subscriber, Consent.deed.in_(list(deeds)), Consent.at > at
    )
    return bool(query.exists())
