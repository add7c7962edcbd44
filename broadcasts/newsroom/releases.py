"""Alerts that wait for a second person, and what all staff must hear of alerts.

Owns: requests (written by one, released by another), the broken-glass path, the reminder of an
all-clear. Never: an alert's wording or sending (alerts). Called by desk, command line and jobs.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.delivery import uncleared
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, voices
from broadcasts.newsroom.alerts import AlertError, Draft, Outlook, Severity
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import notices
from broadcasts.people.selections import Scope
from broadcasts.saying import Said, say

SHORTEST_REASON = 10
"""Signs: whoever releases alone says why in a sentence."""

WAITS = timedelta(hours=12)
"""A request nobody has decided on is stale after it: the weather it warned of has passed."""

REMIND_FOR = timedelta(days=3)
"""After an alert ran out without an all-clear."""


class DecidedError(AlertError):
    """Somebody was faster."""


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
    topics = db.JSONField(default=list)
    districts = db.JSONField(default=list)
    voices = db.JSONField(default=dict)
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
    def is_waiting(self) -> bool:
        return bool(self.state == RequestState.WAITING)

    @property
    def is_stale(self) -> bool:
        return self.is_waiting and bool(self.written_at <= clock.now() - WAITS)

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
            scope=Scope(tuple(self.topics), tuple(self.districts)),
            voices=voices.kept(self.voices),
        )


NAMES: Mapping[tuple[BroadcastKind, bool], Said] = {
    # (kind, is a drill)
    (BroadcastKind.ALERT, False): say("Alert"),
    (BroadcastKind.UPDATE, False): say("New state"),
    (BroadcastKind.CLEAR, False): say("All-clear"),
    (BroadcastKind.ALERT, True): say("Drill"),
    (BroadcastKind.UPDATE, True): say("Drill, new state"),
    (BroadcastKind.CLEAR, True): say("Drill, all-clear"),
}


def name_of(what: AlertRequest | Broadcast) -> Said:
    """What it is, for staff: nobody must take a drill for a warning."""
    return NAMES[BroadcastKind(what.kind), bool(what.is_drill)]


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
        topics=list(draft.scope.topics),
        districts=list(draft.scope.districts),
        voices=voices.keep(draft.voices),
        written_by=by,
        written_at=clock.now(),
    )


def get(request_id: int) -> AlertRequest:
    """Raises AlertError."""
    found: AlertRequest | None = AlertRequest.get_or_none(AlertRequest.id == request_id)
    if found is None:
        raise AlertError(say("there is no alert request %(id)s", id=str(request_id)))
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
    check_may_release(request, by)
    return _go(newsroom, request, RequestState.RELEASED, by=by, reason="", seen=seen)


def check_may_release(request: AlertRequest, by: str) -> None:
    """Raises AlertError before anybody is asked to look at it."""
    if by == request.written_by:
        raise AlertError(say("whoever wrote an alert does not release it: a second person must"))
    if not request.is_waiting:
        raise _decided(request)
    if request.is_stale:
        raise AlertError(say("this request is too old: write the alert anew"))


def release_alone(
    newsroom: Newsroom, request: AlertRequest, *, by: str, reason: str, seen: Outlook | None = None
) -> Broadcast:
    """Broken glass: no second person can be reached. All staff are told. The caller has checked a
    one-time code. Raises AlertError."""
    reason = check_reason(reason)
    with db.transaction():
        sent = _go(newsroom, request, RequestState.ALONE, by=by, reason=reason, seen=seen)
        notices.tell(
            say(
                "%(who)s has released alone, without a second person: %(what)s %(id)s."
                " Reason: %(reason)s",
                who=by,
                what=name_of(sent),
                id=str(sent.id),
                reason=reason,
            )
        )
    return sent


def check_reason(reason: str) -> str:
    """Raises AlertError for less than a sentence."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise AlertError(say("say in a sentence why nobody else can release it", about="reason"))
    return reason.strip()


def tell_of_command_line(sent: Broadcast, *, by: str) -> None:
    """Nobody signs in there: who is named hears of it, and so does everybody else."""
    notices.tell(
        say(
            "Released on the command line, in the name of %(who)s: %(what)s %(id)s.",
            what=name_of(sent),
            id=str(sent.id),
            who=by,
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
    if request.is_stale:
        raise AlertError(say("this request is too old: write the alert anew"))
    now = clock.now()
    if seen is None and request.is_waiting:
        seen = alerts.outlook(newsroom, request.draft, now)
    with db.transaction():
        _decide(request, state, by=by, reason=reason)
        sent = alerts.send(newsroom, request.draft, now, seen=seen)
        AlertRequest.update(broadcast_id=sent.id).where(AlertRequest.id == request.id).execute()
    return sent


def refuse(request: AlertRequest, *, by: str, reason: str = "") -> None:
    """The writer takes it back, or the second person says no, and why. Raises AlertError."""
    own = by == request.written_by
    if request.is_waiting and not own and not reason.strip():
        raise AlertError(say("say why: whoever wrote it has to mend it", about="reason"))
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
        raise _decided(get(request.id))


def _decided(request: AlertRequest) -> DecidedError:
    return DecidedError(say("%(who)s has decided on it already", who=request.decided_by))


def recent(limit: int = 20) -> list[AlertRequest]:
    newest = (AlertRequest.written_at.desc(), AlertRequest.id.desc())
    return list(AlertRequest.select().order_by(*newest).limit(limit))


# ------------------------------------------------------------------ all-clear


def without_all_clear(now: datetime) -> list[Broadcast]:
    """Alerts that ran out in the last days and whose readers still wait for an all-clear."""
    return uncleared.expired(now, since=now - REMIND_FOR)


def remind(now: datetime) -> int:
    """Tells all staff of each of these, once; returns of how many. Safe to run twice at once."""
    told = 0
    for alert in without_all_clear(now):
        with db.transaction():
            if uncleared.note_all_clear_asked(alert.id, now):
                notices.tell(
                    say(
                        "Alert %(id)s has run out without an all-clear. Its readers are still"
                        " waiting for one.",
                        id=str(alert.id),
                    )
                )
                told += 1
    return told
