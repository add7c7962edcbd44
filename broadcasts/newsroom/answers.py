"""What staff answer one person, and the canned answers they begin with.

Owns: whether somebody can be written to and why not; the way of an answer into thread and outbox;
the table of canned answers. Never: sends. Called by the desk's inbox.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import Channel, Text, size
from broadcasts.delivery import accounts, outbox
from broadcasts.newsroom.posts import UNPRINTABLE
from broadcasts.people import conversations, inbox
from broadcasts.people.inbox import InboxError
from broadcasts.people.subscribers import Subscriber
from broadcasts.saying import Refusal, Said, say
from broadcasts.settings import LANGUAGES

LONGEST_ANSWER = 4096
"""UTF-16 units; where a message holds less, it comes as several."""

LONGEST_TITLE = 80
LONGEST_CANNED = 3000


class Shut(StrEnum):
    """Why nobody can write to a person now."""

    OVER = "over"
    """The window has closed."""
    BY_PROVIDER = "by_provider"
    """The provider said so, or never let us know of a message."""
    NO_CHANNEL = "no_channel"
    """The channel is not configured any more."""


@dataclass(frozen=True)
class Way:
    """How a person can be reached by staff."""

    closes_at: datetime | None
    """Until when; None: no end."""
    shut: Shut | None = None
    is_stopped: bool = False
    """The city's number stands still at the moment: an answer waits until it goes on."""

    def left(self, now: datetime) -> timedelta | None:
        """None: as long as you like, or not at all."""
        return None if self.shut or self.closes_at is None else self.closes_at - now


def ways_to(
    channels: Mapping[str, Channel], people: Iterable[Subscriber], now: datetime
) -> dict[int, Way]:
    """Subscriber's id → how they can be reached."""
    stopped = {row.account for row in accounts.stopped()}
    return {
        person.id: _way(
            channels.get(person.channel), person, now, is_stopped=person.account in stopped
        )
        for person in people
    }


def way_to(channels: Mapping[str, Channel], person: Subscriber, now: datetime) -> Way:
    return ways_to(channels, [person], now)[person.id]


def may_write(channel: Channel | None, person: Subscriber, now: datetime) -> bool:
    """Whether an answer of the machine's may reach them: their window is open, or the channel needs
    none. None: it is not configured any more."""
    if channel is None:
        return False
    closes = person.window_closes_at
    return channel.window is None or (closes is not None and closes > now)


def _way(channel: Channel | None, person: Subscriber, now: datetime, *, is_stopped: bool) -> Way:
    if channel is None:
        return Way(None, Shut.NO_CHANNEL)
    if channel.window is None:
        return Way(None, is_stopped=is_stopped)
    closes, wrote = person.window_closes_at, person.last_inbound_at
    if channel.staff_window is not None and wrote is not None:
        closes = wrote + channel.staff_window
    shut = Shut.BY_PROVIDER if closes is None else Shut.OVER if closes <= now else None
    return Way(closes, shut, is_stopped)


def answer(
    channels: Mapping[str, Channel], conversation_id: int, text: str, *, version: int, by: str
) -> None:
    """Queues an answer and keeps it in the thread, at once or not at all. It expires with the
    window. Raises InboxError, OutdatedError."""
    person = conversations.get(conversation_id).subscriber
    way = way_to(channels, person, clock.now())
    if way.shut:
        raise InboxError(say("this person cannot be written to at present", about="text"))
    if problems := _problems(text, LONGEST_ANSWER):
        raise InboxError(*problems)
    with db.transaction():
        inbox.take_answer(conversation_id, version=version, by=by)
        number = outbox.answer(person, Text(text, by_staff=True), expires_at=way.closes_at)
        inbox.keep_answer(person.id, text, by=by, delivery_id=number)


def _problems(text: str, most: int) -> list[Said]:
    if not text.strip():
        return [say("missing", about="text")]
    problems = []
    if (number := size(text)) > most:
        problems.append(
            say("%(number)s signs, at most %(most)s", about="text", number=number, most=most)
        )
    if UNPRINTABLE.search(text):
        problems.append(say("holds signs that cannot be shown", about="text"))
    return problems


# ------------------------------------------------------------------ canned answers


class CannedAnswer(db.Model):
    id: Any = peewee.AutoField()
    title = peewee.CharField(max_length=LONGEST_TITLE)
    text = peewee.TextField()
    language = peewee.CharField(max_length=5, default="")
    """Empty: fits everybody."""
    keywords = peewee.TextField(default="")
    """Parted by commas or lines: who writes just one of them is answered with it at once."""
    changed_by = peewee.CharField(max_length=60)
    changed_at = db.UTCField()
    version = peewee.IntegerField(default=1)
    """Goes up with each change: whoever changes says which one they have seen."""

    class Meta:
        table_name = "canned_answer"


class CannedError(Refusal):
    """A canned answer cannot be kept; `said` says why."""


class CannedOutdatedError(CannedError):
    """Somebody else has changed it meanwhile; nothing was overwritten."""


def canned(language: str = "") -> list[CannedAnswer]:
    """By title; with a language, those that fit it come first."""
    rows = list(CannedAnswer.select().order_by(CannedAnswer.title, CannedAnswer.id))
    return sorted(rows, key=lambda row: row.language not in ("", language)) if language else rows


def find_canned(canned_id: int) -> CannedAnswer | None:
    return CannedAnswer.get_or_none(CannedAnswer.id == canned_id)


def keep_canned(
    title: str,
    text: str,
    *,
    language: str,
    by: str,
    keywords: str = "",
    canned_id: int | None = None,
    version: int = 0,
) -> CannedAnswer:
    """A new one, or a change of one that still is as `version` was. Raises CannedError,
    CannedOutdatedError."""
    _check_canned(title, text, language)
    values = {
        "title": title.strip(),
        "text": text,
        "language": language,
        "keywords": keywords.strip(),
        "changed_by": by,
        "changed_at": clock.now(),
    }
    if canned_id is None:
        return CannedAnswer.create(**values)
    is_same = (CannedAnswer.id == canned_id) & (CannedAnswer.version == version)
    changed = CannedAnswer.update(**values, version=CannedAnswer.version + 1).where(is_same)
    if changed.execute():
        return CannedAnswer.get_by_id(canned_id)
    theirs = find_canned(canned_id)
    if theirs is None:
        raise CannedError(say("somebody has deleted it meanwhile"))
    raise CannedOutdatedError(say("%(who)s has changed it meanwhile", who=theirs.changed_by))


def _check_canned(title: str, text: str, language: str) -> None:
    problems = _problems(text, LONGEST_CANNED)
    if not title.strip():
        problems.append(say("missing", about="title"))
    if len(title) > LONGEST_TITLE:
        signs = {"number": len(title), "most": LONGEST_TITLE}
        problems.append(say("%(number)s signs, at most %(most)s", about="title", **signs))
    if language and language not in LANGUAGES:
        problems.append(say("no such language", about="language"))
    if problems:
        raise CannedError(*problems)


def drop_canned(canned_id: int) -> bool:
    """False: it was gone already."""
    return bool(CannedAnswer.delete().where(CannedAnswer.id == canned_id).execute())
