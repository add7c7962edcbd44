"""Codes that show on one channel who somebody is on another: short-lived, used once.

Owns: the table of codes: keyed hashes only. Never: what a code does (people/links). Used by
bot/linking, relocating, retention and the job that cleans up.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum

import peewee

from broadcasts import db
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy.erasure import DIGITS, LETTERS, new_code
from broadcasts.privacy.keys import keyed_hash

LENGTH, VALID = 7, timedelta(minutes=15)
"""Typed off another screen at once."""

LONG, LONG_VALID = 10, timedelta(days=14)
"""Of a whole city's readers a million may be open for two weeks: nobody must hit one by trying."""

FORM = re.compile(
    rf"(?=[A-Z]*[0-9])(?:[{LETTERS}{DIGITS}]{{{LENGTH}}}|[{LETTERS}{DIGITS}]{{{LONG}}})"
)


class Purpose(StrEnum):
    CONNECT = "connect"
    MOVE = "move"


class LinkCode(db.Model):
    """One per person: a second one replaces the first."""

    code_hash = peewee.CharField(max_length=32, primary_key=True)
    subscriber = peewee.ForeignKeyField(Subscriber, unique=True, on_delete="CASCADE")
    purpose = db.EnumField(Purpose)
    expires_at = db.UTCField(index=True)

    class Meta:
        table_name = "link_code"


def is_form(text: str) -> bool:
    """Whether it could be a code, in capitals."""
    return len(text) in (LENGTH, LONG) and FORM.fullmatch(text) is not None


def make(
    person: Subscriber,
    purpose: Purpose,
    *,
    key: bytes,
    now: datetime,
    length: int = LENGTH,
    valid: timedelta = VALID,
) -> str:
    code = new_code(length)
    with db.transaction():
        drop(person)
        LinkCode.insert(
            code_hash=_hash(key, code),
            subscriber=person,
            purpose=purpose,
            expires_at=now + valid,
        ).execute()
    return code


def _hash(key: bytes, code: str) -> str:
    return keyed_hash(key, f"link/{code}")


def find(code: str, *, key: bytes, now: datetime) -> LinkCode | None:
    """Looking does not use it up."""
    found: LinkCode | None = LinkCode.get_or_none(
        LinkCode.code_hash == _hash(key, code), LinkCode.expires_at > now
    )
    return found


def drop(person: Subscriber) -> None:
    """It is used up, or the person has left."""
    LinkCode.delete().where(LinkCode.subscriber == person).execute()


def forget_old(now: datetime) -> int:
    return int(LinkCode.delete().where(LinkCode.expires_at <= now).execute())


def open_until(person: Subscriber) -> datetime | None:
    """Of the code that waits to be used."""
    row = LinkCode.get_or_none(LinkCode.subscriber == person)
    return None if row is None else row.expires_at
