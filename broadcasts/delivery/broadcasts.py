"""Broadcasts: one send to many, its audience and its renditions.

Owns: the rows `broadcast` and `rendition` and every move of a broadcast's state. Never: wording
(newsroom) or single deliveries (outbox). Called by newsroom, the sender, desk and command line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db, locks, wakeups
from broadcasts.channels.base import Content, pack
from broadcasts.delivery import hours
from broadcasts.delivery.hours import Span
from broadcasts.delivery.states import (
    LIVE,
    UNFINISHED,
    BroadcastKind,
    BroadcastState,
)
from broadcasts.people import selections
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber
from broadcasts.saying import Refusal, Said, say

BEGINNING = "beginning"
"""Name of the turn in which broadcasts begin, and persons are linked."""


class Audience(StrEnum):
    """Who a broadcast is for: with the cut-off, the rule that fixes its recipients."""

    DIGEST_READERS = "digest_readers"
    ALERT_READERS = "alert_readers"
    FOLLOWERS = "followers"
    """Those who got, may have got, or are about to get the alert that is followed up."""
    VOLUNTEERS = "volunteers"
    """Readers who have offered to get drills."""
    DRILL_FOLLOWERS = "drill_followers"
    """Of a drill's followers those who are volunteers still."""


class Form(StrEnum):
    """Which wording fits a recipient."""

    WINDOW = "window"
    """Free-form: only inside the customer service window."""
    TEMPLATE = "template"
    REPEAT = "repeat"
    """An alert's template saying that it may have come before: after an outcome nobody knows."""


class Broadcast(db.Model):
    id = peewee.AutoField()
    kind = db.EnumField(BroadcastKind)
    state = db.EnumField(BroadcastState, default=BroadcastState.WRITING)
    on = peewee.DateField(column_name="on_date")
    """The local date it belongs to."""
    digest_on = peewee.DateField(null=True, unique=True)
    """The same for a digest: the database refuses a second one (invariant 4)."""
    notice_on = peewee.DateField(null=True, unique=True)
    """The same for a service notice; null again when one is stopped before anything has left."""
    title = peewee.TextField(default="")
    text = peewee.TextField(default="")
    link = peewee.TextField(default="")
    """Of a service notice."""
    voices = db.JSONField(default=dict)
    """An alert in plain words and in other languages (newsroom/voices)."""
    audience = db.EnumField(Audience)
    audience_at = db.UTCField()
    """Who opted in later is not meant."""
    cut_off = peewee.IntegerField()
    """The largest subscriber id that may be meant."""
    parts = db.JSONField(null=True)
    """What each part is about, as selections.pack has it: who has chosen otherwise does not get
    it (delivery/editions). Empty: every part is for everybody."""
    written_upto = peewee.IntegerField(default=0)
    """Rows exist for everybody meant up to this subscriber id: a crash goes on from here."""
    follows: "peewee.ForeignKeyField[Any]" = peewee.ForeignKeyField("self", null=True)
    follows_id: int | None
    created_at = db.UTCField()
    started_at = db.UTCField(null=True)
    finished_at = db.UTCField(null=True)
    expires_at = db.UTCField()
    """What has not left by then becomes `expired`."""
    hours = db.JSONField(null=True)
    """Between which moments it may leave (delivery/hours); null: at any."""
    held_reason = peewee.TextField(null=True)
    refused = db.JSONField(null=True)
    """Templates that the provider would not send on its way (delivery/holds)."""
    severity = peewee.CharField(max_length=20, default="")
    """Of an alert, as newsroom.alerts.Severity."""
    is_drill = peewee.BooleanField(default=False)
    all_clear_asked_at = db.UTCField(null=True)
    """When all staff were told that it had run out without an all-clear."""
    unlinked_upto = peewee.IntegerField(null=True)
    """Who got it is forgotten up to this subscriber id (privacy/ageing); null: not begun."""

    class Meta:
        table_name = "broadcast"
        indexes = ((("state",), False), (("on", "id"), False))

    @property
    def scopes(self) -> list[Scope]:
        return selections.unpack(self.parts)

    @property
    def root_id(self) -> int:
        """The alert that a follow-up belongs to; else itself."""
        return self.follows_id or self.id


class Rendition(db.Model):
    """A broadcast worded for one channel, window, language and choice of parts; written before
    the first row."""

    id = peewee.AutoField()
    broadcast = peewee.ForeignKeyField(Broadcast, on_delete="CASCADE", backref="renditions")
    channel = peewee.CharField(max_length=20)
    language = peewee.CharField(max_length=5)
    form = db.EnumField(Form)
    edition = peewee.TextField(default="")
    """Which parts it holds (delivery/editions)."""
    content = db.JSONField()
    price_category = peewee.CharField(max_length=20)
    """Which line of the price table it is likely to cost."""

    class Meta:
        table_name = "rendition"
        indexes = ((("broadcast", "channel", "language", "form", "edition"), True),)


@dataclass(frozen=True)
class Wording:
    """One rendition before it is a row."""

    channel: str
    language: str
    form: Form
    content: Content
    price_category: str
    edition: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that makes a broadcast; `start` turns it into rows."""

    kind: BroadcastKind
    on: date
    audience: Audience
    expires_at: datetime
    wordings: Sequence[Wording]
    scopes: Sequence[Scope] = ()
    """What each part of it is about."""
    title: str = ""
    text: str = ""
    link: str = ""
    hours: Sequence[Span] = ()
    """Between which moments it may leave; empty: at any."""
    follows: int | None = None
    severity: str = ""
    is_drill: bool = False
    voices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


_ALREADY: Mapping[BroadcastKind, Said] = {
    BroadcastKind.DIGEST: say("there was a digest on %(day)s already"),
    BroadcastKind.NOTICE: say("there is a service notice of %(day)s already: one a day at most"),
}


class AlreadySentError(Refusal):
    """That local day has had its digest, or its service notice."""

    def __init__(self, on: date, kind: BroadcastKind = BroadcastKind.DIGEST) -> None:
        super().__init__(say(_ALREADY[kind].text, day=on))


class NoSuchBroadcastError(Exception):
    """No broadcast has this number."""


def start(plan: Plan) -> Broadcast:
    """Commits the audience row and the renditions; from here on it goes out by itself, outside its
    hours held until they begin.

    To be called in a transaction when more belongs to it (posts of a digest).
    Raises AlreadySentError for a second digest or service notice of one day.
    """
    with db.transaction():
        # Whoever is just being linked with another row is linked before it begins, or after it.
        locks.in_turn(BEGINNING)
        now, kept = clock.now(), hours.pack(plan.hours)
        is_open = hours.is_open(kept, now)
        try:
            broadcast = Broadcast.create(
                kind=plan.kind,
                state=BroadcastState.WRITING if is_open else BroadcastState.HELD,
                held_reason=None if is_open else hours.OUTSIDE,
                hours=kept,
                on=plan.on,
                digest_on=plan.on if plan.kind is BroadcastKind.DIGEST else None,
                notice_on=plan.on if plan.kind is BroadcastKind.NOTICE else None,
                title=plan.title,
                text=plan.text,
                link=plan.link,
                voices=plan.voices,
                audience=plan.audience,
                audience_at=now,
                parts=selections.pack(plan.scopes),
                cut_off=newest_subscriber(),
                follows=plan.follows,
                severity=plan.severity,
                is_drill=plan.is_drill,
                created_at=now,
                expires_at=plan.expires_at,
            )
        except peewee.IntegrityError as error:
            raise AlreadySentError(plan.on, plan.kind) from error
        for wording in plan.wordings:
            _write_rendition(broadcast, wording)
        wakeups.announce()
    return broadcast


def newest_subscriber() -> int:
    return Subscriber.select(peewee.fn.MAX(Subscriber.id)).scalar() or 0


def _write_rendition(broadcast: Broadcast, wording: Wording) -> None:
    Rendition.create(
        broadcast=broadcast,
        channel=wording.channel,
        language=wording.language,
        form=wording.form,
        edition=wording.edition,
        content=pack(wording.content),
        price_category=wording.price_category,
    )


def get(broadcast_id: int) -> Broadcast:
    """Raises NoSuchBroadcastError."""
    found = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    if found is None:
        raise NoSuchBroadcastError(f"there is no broadcast {broadcast_id}")
    return found


def lock(broadcast_id: int) -> bool:
    """Keeps its row from everybody else until this transaction ends."""
    query = Broadcast.select(Broadcast.id).where(Broadcast.id == broadcast_id)
    return bool(db.rows(db.for_update(query)))


def unfinished() -> list[Broadcast]:
    """Everything that still has work, oldest first."""
    return list(Broadcast.select().where(Broadcast.state.in_(UNFINISHED)).order_by(Broadcast.id))


def recent(limit: int = 50, *, before: int | None = None) -> list[Broadcast]:
    """The newest first, by when it began; `before`: an id, for the next page."""
    query = Broadcast.select().order_by(_BEGAN.desc(), Broadcast.id.desc()).limit(limit)
    last = None if before is None else Broadcast.get_or_none(Broadcast.id == before)
    if last is None:
        return list(query)
    at = last.started_at or last.created_at
    is_older = (at > _BEGAN) | ((at == _BEGAN) & (Broadcast.id < last.id))
    return list(query.where(is_older))


_BEGAN = peewee.fn.COALESCE(Broadcast.started_at, Broadcast.created_at)


def digest_of(on: date) -> Broadcast | None:
    """The digest of that local day, if it has been used."""
    return Broadcast.get_or_none(Broadcast.digest_on == on)


def newest_digest() -> Broadcast | None:
    """The last one that was not stopped."""
    found: Broadcast | None = (
        Broadcast.select()
        .where(Broadcast.kind == BroadcastKind.DIGEST, Broadcast.state != BroadcastState.STOPPED)
        .order_by(Broadcast.id.desc())
        .first()
    )
    return found


def thread(root: int) -> list[Broadcast]:
    """An alert and everything that follows it up, oldest first."""
    query = Broadcast.select().where((Broadcast.id == root) | (Broadcast.follows == root))
    return list(query.order_by(Broadcast.id))


def is_cleared(root: int) -> bool:
    return (
        Broadcast.select(Broadcast.id)
        .where(Broadcast.follows == root, Broadcast.kind == BroadcastKind.CLEAR)
        .exists()
    )


def close_expired(broadcast_id: int) -> bool:
    """Its time is over: no rows are written any more, nothing waits for a person any more."""
    return _move(
        broadcast_id,
        (BroadcastState.WRITING, BroadcastState.HELD),
        state=BroadcastState.RUNNING,
    )


def has_ended_unseen(broadcast: Broadcast) -> bool:
    """Stopped before anything of it had left."""
    return bool(broadcast.state == BroadcastState.STOPPED and broadcast.started_at is None)


def mark_started(broadcast_id: int, at: datetime) -> None:
    Broadcast.update(started_at=at).where(
        Broadcast.id == broadcast_id, Broadcast.started_at.is_null()
    ).execute()


def reopen(broadcast_id: int) -> bool:
    """A late refusal has brought a row back after everything seemed done."""
    return _move(
        broadcast_id,
        (BroadcastState.FINISHED,),
        state=BroadcastState.RUNNING,
        finished_at=None,
        refused=None,  # hours may have passed
    )


def stopped_since(since: datetime) -> list[Broadcast]:
    """Panic-stopped lately: what was on the wire then may still come back."""
    return list(
        Broadcast.select().where(
            Broadcast.state == BroadcastState.STOPPED, Broadcast.finished_at > since
        )
    )


def finished_since(since: datetime, kind: BroadcastKind) -> list[Broadcast]:
    return list(
        Broadcast.select().where(
            Broadcast.state == BroadcastState.FINISHED,
            Broadcast.kind == kind,
            Broadcast.finished_at > since,
        )
    )


def with_open_rows(now: datetime) -> list[Broadcast]:
    """Every broadcast of which a delivery may still be open."""
    return unfinished() + stopped_since(now - timedelta(days=1))


def mark_finished(broadcast_id: int, at: datetime) -> bool:
    return _move(broadcast_id, LIVE, state=BroadcastState.FINISHED, finished_at=at)


def mark_stopped(broadcast_id: int, at: datetime) -> bool:
    """The panic stop of the broadcast itself; its rows are outbox's."""
    return _move(broadcast_id, UNFINISHED, state=BroadcastState.STOPPED, finished_at=at)


def _move(broadcast_id: int, before: Iterable[BroadcastState], **change: Any) -> bool:
    query = Broadcast.update(**change).where(
        Broadcast.id == broadcast_id, Broadcast.state.in_(tuple(before))
    )
    return bool(query.execute())
