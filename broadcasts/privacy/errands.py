"""What an erasure has still to do after its commit: its entry in the log, the provider's own book.

Owns: the table of these errands, their tries and their end. Never: erases anything here. A row
lives for a minute at most: its address is, beside the receipt's, the last thing kept (rule 8).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import Address, Channel, Outcome, ProviderError
from broadcasts.privacy import erasure_log
from broadcasts.privacy.erasure_log import Provider

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
"""Longer than a call takes: of several processes one makes it."""
AT_ONCE = timedelta(seconds=1)
"""Whoever has made it tries first, and can say what came of it."""
AGAIN = timedelta(seconds=5)
LAST_TRY = timedelta(seconds=40)
"""A call that begins later than this could end after the minute."""
GONE = frozenset({Outcome.MEDIA, Outcome.OUR_MISTAKE})
"""The provider has no such file (any more)."""


class Errand(db.Model):
    """In the main schema, because it must be committed with the erasure itself: two files are not
    committed as one (decision 0016). `entry` is the log's row once more, in case it got lost."""

    id = db.SerialField()
    code_hash = peewee.CharField(max_length=32, unique=True)
    entry = db.JSONField()
    channel = peewee.CharField(max_length=20)
    address = db.JSONField()
    """[wa_id, bsuid]"""
    media = db.JSONField()
    """The provider's ids of what the person sent."""
    made_at = db.UTCField()
    due_at = db.UTCField(index=True)

    class Meta:
        table_name = "erasure_errand"


def make(entry: dict[str, Any], address: Address, media: Sequence[str]) -> None:
    """In the transaction of the erasure."""
    now = clock.now()
    Errand.create(
        code_hash=entry["code_hash"],
        entry=entry,
        channel=entry["channel"],
        address=[address.wa_id, address.bsuid],
        media=list(media),
        made_at=now,
        due_at=now + AT_ONCE,
    )


def run_due(
    channels: Mapping[str, Channel],
    now: datetime,
    *,
    only: str | None = None,
    not_reached: Callable[[], object] = lambda: None,
) -> int:
    """Does what is due (`only`: of this channel); returns how many were tried. `not_reached` is
    told of each provider that did not answer within the minute. Safe to repeat after any crash."""
    due = Errand.select(Errand.id).where(Errand.due_at <= now).order_by(Errand.id)
    due = due if only is None else due.where(Errand.channel == only)
    mine = [row[0] for row in db.rows(due) if _claim(row[0], now)]
    for errand in list(Errand.select().where(Errand.id.in_(mine))):
        erasure_log.enter(errand.entry)
        result = _tried(channels.get(errand.channel), errand, now)
        if result is None:
            Errand.update(due_at=now + AGAIN).where(Errand.id == errand.id).execute()
            continue
        # The log first: a crash in between only does it once more.
        erasure_log.note_provider(errand.code_hash, result)
        Errand.delete().where(Errand.id == errand.id).execute()
        if result is Provider.NOT_REACHED:
            not_reached()
    if mine:
        db.truncate_log()
    return len(mine)


def give_up(*, not_reached: Callable[[], object] = lambda: None) -> int:
    """Nobody will try again (no service runs): the addresses go now. Returns how many."""
    waiting = list(Errand.select())
    for errand in waiting:
        erasure_log.enter(errand.entry)
        erasure_log.note_provider(errand.code_hash, Provider.NOT_REACHED)
        Errand.delete().where(Errand.id == errand.id).execute()
        not_reached()
    if waiting:
        db.truncate_log()
    return len(waiting)


def _claim(errand_id: int, now: datetime) -> bool:
    query = Errand.update(due_at=now + LEASE).where(Errand.id == errand_id, Errand.due_at <= now)
    return bool(query.execute())


def _tried(channel: Channel | None, errand: Errand, now: datetime) -> Provider | None:
    """None: to be tried again."""
    is_last = channel is None or now >= errand.made_at + LAST_TRY
    if channel is not None:
        try:
            channel.forget(Address(*errand.address))
            for media in errand.media:
                _drop(channel, media)
            return Provider.DONE
        except ProviderError as error:
            log.warning("provider keeps its entry code=%s last=%s", error.code, is_last)
        except Exception as error:
            # Its address must go whatever happens.
            log.error("provider keeps its entry error=%s", type(error).__name__)
    return Provider.NOT_REACHED if is_last else None


def _drop(channel: Channel, media: str) -> None:
    try:
        channel.drop_media(media)
    except ProviderError as error:
        if error.outcome not in GONE:
            raise
