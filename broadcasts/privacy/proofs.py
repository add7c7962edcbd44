"""The proof of an ended consent, to defend it when somebody complains years later.

Owns: the table, under a key of its own. Never: an address; anything of somebody who asked to be
erased. Written by retention, removed by erasure, shown by `subscribers consent`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import db
from broadcasts.channels.base import Address
from broadcasts.people.consent import OPTING_IN, Consent
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy.keys import derive, keyed_hash

YEAR = timedelta(days=365.25)


class EndedConsent(db.Model):
    """Whoever has the key and an address can find out whether it had opted in; nobody can read the
    address off it."""

    id = db.SerialField()
    channel = peewee.CharField(max_length=20)
    wa_id_hash = peewee.CharField(max_length=32, null=True, index=True)
    bsuid_hash = peewee.CharField(max_length=32, null=True, index=True)
    wording = peewee.CharField(max_length=60)
    """Version of the welcome that the person was shown."""
    opted_in_at = db.UTCField()
    ended_at = db.UTCField()
    until = db.UTCField(index=True)

    class Meta:
        table_name = "ended_consent"


def of(person: Subscriber, now: datetime, *, key: bytes, years: int) -> EndedConsent | None:
    """Made before the person is erased, to be saved after; None where nothing was consented to."""
    query = Consent.select().where(Consent.subscriber == person, Consent.deed.in_(OPTING_IN))
    given = query.order_by(Consent.at.desc(), Consent.id.desc()).first()
    if given is None or not years:
        return None
    ended = person.opted_out_at or now
    return EndedConsent(
        channel=person.channel,
        wa_id_hash=_hash(key, person.channel, person.wa_id),
        bsuid_hash=_hash(key, person.channel, person.bsuid),
        wording=given.wording,
        opted_in_at=given.at,
        ended_at=ended,
        until=ended + years * YEAR,
    )


def _hash(key: bytes, channel: str, value: str | None) -> str | None:
    """`key`: the city's for addresses; another one is derived from it for this purpose."""
    own = derive(key.hex(), "ended consent")
    return None if value is None else keyed_hash(own, f"{channel}/{value}")


def find(channel: str, address: Address, key: bytes) -> list[EndedConsent]:
    """Oldest first."""
    condition = _either(channel, address, key)
    if condition is None:
        return []
    return list(EndedConsent.select().where(condition).order_by(EndedConsent.id))


def drop(channel: str, address: Address, key: bytes) -> int:
    """The person asks to be erased: this, too."""
    condition = _either(channel, address, key)
    return int(EndedConsent.delete().where(condition).execute()) if condition is not None else 0


def marks(channel: str, address: Address, key: bytes) -> set[str]:
    """What a proof of this address stands under."""
    found = {_hash(key, channel, value) for value in (address.wa_id, address.bsuid)}
    return {mark for mark in found if mark is not None}


def drop_marked(marks: Iterable[str]) -> None:
    """Those that an erasure had removed and a restore has brought back."""
    for mark in marks:
        either = (EndedConsent.wa_id_hash == mark) | (EndedConsent.bsuid_hash == mark)
        EndedConsent.delete().where(either).execute()


def forget_old(now: datetime) -> int:
    return int(EndedConsent.delete().where(EndedConsent.until < now).execute())


def _either(channel: str, address: Address, key: bytes) -> Any:
    either = [
        field == _hash(key, channel, value)
        for field, value in (
            (EndedConsent.wa_id_hash, address.wa_id),
            (EndedConsent.bsuid_hash, address.bsuid),
        )
        if value
    ]
    return None if not either else either[0] if len(either) == 1 else either[0] | either[1]
