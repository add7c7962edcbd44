"""The link to a copy of one's own data: works once, for a day.

Owns: the table of links: a token's keyed hash only. Never: what the copy holds (archive, export).
Used by bot/conversation, bot/public and retention.
"""

import secrets
from datetime import datetime, timedelta

import peewee

from broadcasts import db
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy.keys import keyed_hash

OPEN_FOR = timedelta(days=1)


class CopyLink(db.Model):
    """One per person: a second one replaces the first."""

    token_hash = peewee.CharField(max_length=32, primary_key=True)
    subscriber = peewee.ForeignKeyField(Subscriber, unique=True, on_delete="CASCADE")
    expires_at = db.UTCField(index=True)

    class Meta:
        table_name = "copy_link"


def offer(person: Subscriber, *, key: bytes, now: datetime) -> str:
    """A new token, for the address of the link."""
    token = secrets.token_urlsafe(24)
    with db.transaction():
        CopyLink.delete().where(CopyLink.subscriber == person).execute()
        CopyLink.insert(
            token_hash=_hash(key, token), subscriber=person, expires_at=now + OPEN_FOR
        ).execute()
    return token


def _hash(key: bytes, token: str) -> str:
    return keyed_hash(key, f"copy/{token}")


def find(token: str, *, key: bytes, now: datetime) -> Subscriber | None:
    """Whose it is; looking does not use it up (a messenger's preview looks, too)."""
    row = CopyLink.get_or_none(CopyLink.token_hash == _hash(key, token), CopyLink.expires_at > now)
    return None if row is None else row.subscriber


def take(token: str, *, key: bytes, now: datetime) -> Subscriber | None:
    """The same, and the link has been used: of two who come at once one gets it."""
    with db.transaction():
        person = find(token, key=key, now=now)
        gone = CopyLink.delete().where(CopyLink.token_hash == _hash(key, token)).execute()
        return person if gone else None


def forget_old(now: datetime) -> int:
    return int(CopyLink.delete().where(CopyLink.expires_at <= now).execute())


def open_until(person: Subscriber) -> datetime | None:
    """Of the link that waits to be used."""
    row = CopyLink.get_or_none(CopyLink.subscriber == person)
    return None if row is None else row.expires_at
