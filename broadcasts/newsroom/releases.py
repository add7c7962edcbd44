"""Alerts that wait for a second person, and what is prepared for the hour of need.

Owns: requests (written by one, released by another), the broken-glass path, prepared texts. Never:
an alert's wording or sending (alerts). Called by the desk and `stadtbote alert`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts
from broadcasts.newsroom.alerts import AlertError, Draft, Outlook, Severity
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import notices
from broadcasts.saying import say

SHORTEST_REASON = 10
"""Signs: whoever releases alone says why in a sentence."""

WAITS = timedelta(hours=12)
"""A request nobody has decided on is stale after it: the weather it warned of has passed."""


class RequestState(StrEnum):
    WAITING = "waiting"
    RELEASED = "released"
    ALONE = "alone"
    """Released by whoever wrote it: the broken-glass path."""
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class AlertRequest(db.Model):
    id: Any = peewee.AutoField()
    kind = db.EnumField(BroadcastKind)
    follows = peewee.IntegerField(null=True)
    title = peewee.TextField()
    text = peewee.TextField()
    severity = peewee.CharField(max_length=20)
    expires_in = peewee.IntegerField()
    """Seconds."""
    is_drill = peewee.BooleanField()
    state = db.EnumField(RequestState, default=RequestState.WAITING, index=True)
    written_by = peewee.CharField(max_length=60)
    written_at = db.UTCField()
    decided_by = peewee.CharField(max_length=60, default="")
    decided_at = db.UTCField(null=True)
    reason = peewee.TextField(default="")
    broadcast_id = peewee.IntegerField(null=True)

    class Meta:
        table_name = "alert_request"

    @property
    def draft(self) -> Draft:
        return Draft(
            kind=BroadcastKind(self.kind),
            text=self.text,
            title=self.title,
            expires_in=timedelta(seconds=self.expires_in),
            follows=self.follows,
            severity=Severity(self.severity),
            is_drill=self.is_drill,
        )


class PreparedText(db.Model):
    """Written in calm hours; filled in with what is true when it is needed."""

    id: Any = peewee.AutoField()
    title = peewee.TextField()
    text = peewee.TextField()
    severity = peewee.CharField(max_length=20)
    minutes = peewee.IntegerField()
    changed_by = peewee.CharField(max_length=60)
    changed_at = db.UTCField()

    class Meta:
        table_name = "prepared_text"


# ------------------------------------------------------------------ requests


def ask(newsroom: Newsroom, draft: Draft, *, by: str, seen: Outlook | None = None) -> AlertRequest:
    """Puts an alert before the second person, if it could go. Raises AlertError."""
    if seen is None:
        alerts.outlook(newsroom, draft, clock.now())
    return AlertRequest.create(
        kind=draft.kind,
        follows=draft.follows,
        title=draft.title,
        text=draft.text,
        severity=draft.severity,
        expires_in=int(draft.expires_in.total_seconds()),
        is_drill=draft.is_drill,
        written_by=by,
        written_at=clock.now(),
    )


def get(request_id: int) -> AlertRequest:
    """Raises AlertError."""
    found: AlertRequest | None = AlertRequest.get_or_none(AlertRequest.id == request_id)
    if found is None:
        raise AlertError(say("there is no alert request %(id)s", id=request_id))
    return found


def waiting(now: datetime) -> list[AlertRequest]:
    """What somebody should look at, oldest first."""
    query = AlertRequest.select().where(
        AlertRequest.state == RequestState.WAITING, AlertRequest.written_at > now - WAITS
    )
    return list(query.order_by(AlertRequest.id))


def release(
    newsroom: Newsroom, request: AlertRequest, *, by: str, seen: Outlook | None = None
) -> Broadcast:
    """The second person's word: it goes. Never the writer's own. Raises AlertError."""
    if by == request.written_by:
        raise AlertError(say("whoever wrote an alert does not release it: a second person must"))
    if request.written_at <= clock.now() - WAITS:
        raise AlertError(say("this request is too old: write the alert anew"))
    return _go(newsroom, request, RequestState.RELEASED, by=by, reason="", seen=seen)


def release_alone(
    newsroom: Newsroom, request: AlertRequest, *, by: str, reason: str, seen: Outlook | None = None
) -> Broadcast:
    """Broken glass: no second person can be reached. All staff are told. The caller has checked a
    one-time code. Raises AlertError."""
    _check_reason(reason)
    sent = _go(newsroom, request, RequestState.ALONE, by=by, reason=reason.strip(), seen=seen)
    tell_all(by, reason, sent)
    return sent


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise AlertError(say("say in a sentence why nobody else can release it", about="reason"))


def tell_all(by: str, reason: str, sent: Broadcast) -> None:
    """Everybody who signs in sees it until they have said so."""
    notices.tell(
        say(
            "%(who)s has sent alert %(id)s alone, without a second person. Reason: %(reason)s",
            who=by,
            id=sent.id,
            reason=reason.strip(),
        )
    )


def _go(
    newsroom: Newsroom,
    request: AlertRequest,
    state: RequestState,
    *,
    by: str,
    reason: str,
    seen: Outlook | None,
) -> Broadcast:
    """Claims the request and starts the alert in one transaction: two who confirm at once send it
    once."""
    now = clock.now()
    seen = seen or alerts.outlook(newsroom, request.draft, now)
    with db.transaction():
        _decide(request, state, by=by, reason=reason)
        sent = alerts.send(newsroom, request.draft, now, seen=seen)
        AlertRequest.update(broadcast_id=sent.id).where(AlertRequest.id == request.id).execute()
    return sent


def refuse(request: AlertRequest, *, by: str, reason: str = "") -> None:
    """The writer takes it back, or the second person says no. Raises AlertError."""
    own = by == request.written_by
    state = RequestState.WITHDRAWN if own else RequestState.REFUSED
    with db.transaction():
        _decide(request, state, by=by, reason=reason.strip())


def _decide(request: AlertRequest, state: RequestState, *, by: str, reason: str) -> None:
    moved = (
        AlertRequest.update(state=state, decided_by=by, decided_at=clock.now(), reason=reason)
        .where(AlertRequest.id == request.id, AlertRequest.state == RequestState.WAITING)
        .execute()
    )
    if not moved:
        now = get(request.id)
        raise AlertError(
            say("%(who)s has decided on it already: %(state)s", who=now.decided_by, state=now.state)
        )


def recent(limit: int = 20) -> list[AlertRequest]:
    return list(AlertRequest.select().order_by(AlertRequest.id.desc()).limit(limit))


# ------------------------------------------------------------------ prepared texts


def prepared() -> list[PreparedText]:
    return list(PreparedText.select().order_by(PreparedText.title))


def find_prepared(text_id: int) -> PreparedText | None:
    return PreparedText.get_or_none(PreparedText.id == text_id)


def prepare(
    *, title: str, text: str, severity: Severity, minutes: int, by: str, id: int | None = None
) -> PreparedText:
    """Writes a new one, or `id` anew. Raises AlertError for one that could not be sent."""
    if not title.strip():
        raise AlertError(say("missing", about="title"))
    alerts.check(Draft(BroadcastKind.ALERT, text, title=title))
    values = {
        "title": title.strip(),
        "text": text.strip(),
        "severity": severity,
        "minutes": minutes,
        "changed_by": by,
        "changed_at": clock.now(),
    }
    if id is None:
        return PreparedText.create(**values)
    PreparedText.update(**values).where(PreparedText.id == id).execute()
    return PreparedText.get_by_id(id)


def drop_prepared(text_id: int) -> None:
    PreparedText.delete().where(PreparedText.id == text_id).execute()
