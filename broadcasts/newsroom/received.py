"""Pictures that citizens send: fetched from the provider, looked at, kept without their place.

Owns: every move of a received picture. Never: anything but pictures (voices and documents are not
fetched at all), a decision of what is shown. Run by bot/jobs; safe to repeat after any crash.
"""

import io
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from broadcasts import clock, db
from broadcasts.channels.base import Channel, Outcome, ProviderError
from broadcasts.faults import where
from broadcasts.newsroom import pictures
from broadcasts.people import inbox
from broadcasts.people.inbox import Message, Picture, PictureState
from broadcasts.people.subscribers import Subscriber

log = logging.getLogger(__name__)

AT_ONCE = 5
"""In one run: other jobs want their turn."""
LEASE = timedelta(minutes=2)
"""Longer than a fetch takes; a dead worker's pictures are free again after it."""
WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=18),
)
"""After each failure. Meta keeps what comes in for some days; after one nobody waits for it."""
FINAL = frozenset({Outcome.MEDIA, Outcome.OUR_MISTAKE})
"""The provider will not give it, however often it is asked."""


def fetch_due(channels: Mapping[str, Channel], media: Path, now: datetime) -> int:
    """Fetches what is due; returns how many were tried."""
    rows = (
        Picture.select(Picture.id)
        .where(Picture.due_at <= now)
        .order_by(Picture.due_at)
        .limit(AT_ONCE)
    )
    mine = [row[0] for row in db.rows(rows) if _claim(row[0], now)]
    for picture_id in mine:
        _fetch(channels, media, picture_id)
    return len(mine)


def _claim(picture_id: int, now: datetime) -> bool:
    """Another worker cannot have it until the lease ends."""
    query = Picture.update(due_at=now + LEASE, tries=Picture.tries + 1).where(
        Picture.id == picture_id, Picture.due_at <= now
    )
    return bool(query.execute())


def _fetch(channels: Mapping[str, Channel], media: Path, picture_id: int) -> None:
    row = (
        Picture.select(Picture, Message, Subscriber)
        .join(Message)
        .join(Subscriber)
        .where(Picture.id == picture_id)
        .first()
    )
    if row is None:
        return  # erased meanwhile
    channel = channels.get(row.message.subscriber.channel)
    if channel is None:
        _settle(picture_id, PictureState.REFUSED, why="no_channel")
        return
    try:
        found = channel.fetch_media(row.message.media, most=pictures.LARGEST_IMAGE)
        _keep(media, picture_id, pictures.read(io.BytesIO(found)))
    except pictures.PictureError:
        _settle(picture_id, PictureState.REFUSED, why="no_picture")
    except ProviderError as error:
        _failed(row, error.outcome, error.code)
    except OSError as error:
        # The disk is full or not ours: somebody may mend it.
        log.error("picture=%s error=%s", picture_id, where(error))
        _failed(row, Outcome.TRANSIENT, "disk")
    except Exception as error:
        # One picture must not stop those behind it.
        log.error("picture=%s error=%s", picture_id, where(error))
        _failed(row, Outcome.TRANSIENT, "unforeseen")


def _keep(media: Path, picture_id: int, content: bytes) -> None:
    """The row is held while its file is written: an erasure finds both or neither."""
    with db.transaction():
        row = db.for_update(Picture.select().where(Picture.id == picture_id)).first()
        if row is None:
            return
        path = inbox.path_of(media, row.file)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
        _settle(picture_id, PictureState.KEPT)


def _settle(picture_id: int, state: PictureState, *, why: str = "") -> None:
    Picture.update(state=state, due_at=None, why=why[:40]).where(Picture.id == picture_id).execute()


def _failed(row: Picture, outcome: Outcome, code: str) -> None:
    log.warning("picture=%s not fetched code=%s tries=%s", row.id, code, row.tries)
    if outcome in FINAL or row.tries > len(WAITS):
        _settle(row.id, PictureState.REFUSED, why=str(outcome))
        return
    due_at = clock.now() + WAITS[row.tries - 1]
    Picture.update(due_at=due_at).where(Picture.id == row.id).execute()
