"""The alert: at once, past the daily limit, quiet hours and any running digest.

Owns: starting an alert, its updates and its all-clear, and saying beforehand whom it reaches.
Never: sends (the outbox does). Called by the command line and the desk.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from broadcasts import db
from broadcasts.delivery import audience, broadcasts, endings, templates, uncleared
from broadcasts.delivery.broadcasts import Audience, Broadcast, Form, Plan, Wording
from broadcasts.delivery.states import WARNINGS, BroadcastKind, BroadcastState
from broadcasts.newsroom import (
    alert_warnings,
    drafts,
    plain,
    pricing,
    reach,
    subjects,
    voices,
    wording,
)
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import UNPRINTABLE
from broadcasts.newsroom.pricing import Cost
from broadcasts.newsroom.voices import Voices
from broadcasts.people.selections import EVERYTHING, Scope
from broadcasts.saying import Refusal, Said, say

DEFAULT_EXPIRY = timedelta(hours=2)
CLEAR_EXPIRY = timedelta(hours=12)
"""An all-clear is worth having for long."""

TEMPLATE = {
    BroadcastKind.ALERT: "alert",
    BroadcastKind.UPDATE: "alert_update",
    BroadcastKind.CLEAR: "alert_clear",
}


UNFILLED = re.compile(r"\[[^\[\]]*\]")
"""What a prepared text leaves to be filled in, like [street]."""


class AlertError(Refusal):
    """An alert cannot go out; `said` says why."""


class Severity(StrEnum):
    """How bad it is; the word stands before the title. NONE: left to the text."""

    NONE = ""
    INFO = "info"
    CAUTION = "caution"
    DANGER = "danger"
    EXTREME = "extreme"


@dataclass(frozen=True)
class Draft:
    """An alert before it is sent."""

    kind: BroadcastKind
    text: str
    title: str = ""
    expires_in: timedelta = DEFAULT_EXPIRY
    follows: int | None = None
    severity: Severity = Severity.NONE
    is_drill: bool = False
    """To volunteers only, and it says so."""
    voices: Voices = field(default_factory=dict)
    scope: Scope = EVERYTHING
    """For whom it is; who has chosen other topics or districts does not get it. A follow-up goes to
    whoever got the alert."""

    @property
    def scopes(self) -> Sequence[Scope]:
        """Of its one part."""
        return () if self.follows else (self.scope,)

    @property
    def unfilled(self) -> list[str]:
        """What stands in square brackets still."""
        others = [part for one in self.voices.values() for part in (one.title, one.text)]
        return list(dict.fromkeys(UNFILLED.findall("\n".join([self.title, self.text, *others]))))


@dataclass(frozen=True)
class Times:
    """Until when an alert is on its way; the two are not the same."""

    sent_until: datetime | None
    """Nothing leaves later; None: it was stopped."""
    delivered_until: datetime | None
    """Nothing arrives later, of what leaves as template; None: not known before all has left."""
    carriers: tuple[str, ...]
    """The channels that keep what they cannot deliver at once, for as long as a template says."""


@dataclass(frozen=True)
class Outlook:
    """What would happen if it were sent now."""

    plan: Plan
    template: str
    recipients: int
    unreachable: int
    waiting: int
    """Of these, who are on a channel where nothing reaches a closed window: while the alert is in
    force they get it when they write."""
    left_out: int
    """Of a follow-up: who got the alert and has left since."""
    chosen_otherwise: int
    """Readers who have chosen other topics or districts than it is for."""
    duration: timedelta
    latest_arrival: datetime
    """Nothing arrives later: the sending itself and the template's time-to-live."""
    cost: Cost
    shown: str
    others: Mapping[str, str]
    """Language → the same, in each that it has a voice in."""
    question: Said | None
    """What is asked before it goes (newsroom/plain); in the warnings, too."""
    warnings: list[Said]

    @property
    def times(self) -> Times:
        carriers = (row.channel for row in self.plan.wordings if row.form is not Form.WINDOW)
        return Times(self.plan.expires_at, self.latest_arrival, tuple(dict.fromkeys(carriers)))

    def as_json(self) -> dict[str, Any]:
        return {
            "template": self.template,
            "recipients": self.recipients,
            "unreachable": self.unreachable,
            "waiting": self.waiting,
            "left_out": self.left_out,
            "chosen_otherwise": self.chosen_otherwise,
            "minutes": round(self.duration.total_seconds() / 60, 1),
            "sent_until": self.plan.expires_at.isoformat(),
            "latest_arrival": self.latest_arrival.isoformat(),
            "cost": self.cost.as_json(),
            "text": self.shown,
            "versions": dict(self.others),
            "warnings": self.warnings,
        }


def follow_up(
    kind: BroadcastKind, broadcast_id: int, text: str, *, severity: Severity | None = None
) -> Draft:
    """A draft of an update or all-clear; an update is as severe as what it follows, unless
    something else is said. Raises AlertError when there is nothing to follow."""
    try:
        earlier = broadcasts.get(broadcast_id)
    except broadcasts.NoSuchBroadcastError as error:
        raise AlertError(say("there is no broadcast %(id)s", id=str(broadcast_id))) from error
    if earlier.kind not in WARNINGS:
        raise AlertError(say("broadcast %(id)s is no alert", id=str(broadcast_id)))
    _check_not_cleared(earlier.root_id)
    is_clear = kind is BroadcastKind.CLEAR
    is_for_long = is_clear and not earlier.is_drill
    kept = Severity(earlier.severity) if severity is None else severity
    return Draft(
        kind,
        text,
        expires_in=CLEAR_EXPIRY if is_for_long else DEFAULT_EXPIRY,
        follows=earlier.root_id,
        severity=Severity.NONE if is_clear else kept,
        is_drill=earlier.is_drill,
    )


def _check_not_cleared(root: int | None) -> None:
    if root is not None and broadcasts.is_cleared(root):
        raise AlertError(say("alert %(id)s has had its all-clear", id=str(root)))


_AUDIENCES = {
    # (follows something, is a drill)
    (False, False): Audience.ALERT_READERS,
    (False, True): Audience.VOLUNTEERS,
    (True, False): Audience.FOLLOWERS,
    (True, True): Audience.DRILL_FOLLOWERS,
}


def audience_of(draft: Draft) -> Audience:
    return _AUDIENCES[draft.follows is not None, draft.is_drill]


def counted(newsroom: Newsroom, draft: Draft, now: datetime) -> dict[str, Any]:
    """Whom it means, ready to be kept for `outlook`: counting a million takes seconds."""
    rule = audience_of(draft)
    found = reach.groups(newsroom, rule, now, follows=draft.follows)
    return {
        "groups": [asdict(group) for group in found],
        "left_out": audience.left_out(rule, draft.follows, list(newsroom.channels))
        if draft.follows
        else 0,
    }


def outlook(
    newsroom: Newsroom, draft: Draft, now: datetime, *, readers: Mapping[str, Any] | None = None
) -> Outlook:
    """What would happen. `readers`: what `counted` gave a moment ago. Raises AlertError for a text
    that cannot go, or when nobody at all can be reached."""
    check(draft)
    if problems := voices.language_problems(draft.voices, newsroom.language):
        raise AlertError(*problems)
    _check_not_cleared(draft.follows)
    draft = replace(draft, scope=_scope(newsroom, draft))
    readers = readers or counted(newsroom, draft, now)
    everybody = [reach.Group(**group) for group in readers["groups"]]
    found = reach.fitted(everybody, draft.scopes)
    words = wording.AlertWords(
        draft.text, draft.title, draft.severity, is_drill=draft.is_drill, voices=draft.voices
    )
    name = words.template(TEMPLATE[draft.kind])
    suffix, ttl = choose_lifetime(newsroom, name, draft.expires_in)
    languages = dict.fromkeys([*reach.languages(newsroom, found), *draft.voices])
    try:
        wordings, needs = wording.alert(
            newsroom, TEMPLATE[draft.kind], suffix, words=words, languages=languages
        )
    except wording.TooLongError as error:
        raise AlertError(*error.said) from error
    counts, without = reach.by_wording(newsroom, draft.kind, wordings, found)
    recipients, unreachable = reach.total(found), reach.total(without)
    waiting = reach.total(reach.waiting(newsroom, without))
    if recipients and recipients == unreachable - waiting:
        names = ", ".join(str(need) for need in needs)
        raise AlertError(
            say("nobody can be reached: no template is approved (%(names)s)", names=names)
        )
    duration = reach.duration(newsroom, found)
    plan = _plan(newsroom, draft, now, wordings)
    question = plain.question(newsroom, draft.voices, found)
    return Outlook(
        plan=plan,
        template=f"{name}_{suffix}",
        recipients=recipients,
        unreachable=unreachable,
        waiting=waiting,
        left_out=readers["left_out"],
        chosen_otherwise=reach.total(everybody) - recipients,
        duration=duration,
        latest_arrival=now + min(duration, draft.expires_in) + ttl,
        cost=pricing.estimate(newsroom.settings.prices, reach.prices_of(counts), plan.on),
        shown=wording.as_shown(newsroom, wordings[0]),
        others=wording.in_each(newsroom, wordings, draft.voices),
        question=question,
        warnings=[
            *filter(None, [question]),
            *alert_warnings.of(newsroom, draft, found, needs, unreachable - waiting, duration, ttl),
        ],
    )


def _plan(newsroom: Newsroom, draft: Draft, now: datetime, wordings: list[Wording]) -> Plan:
    return Plan(
        kind=draft.kind,
        on=now.astimezone(newsroom.zone).date(),
        audience=audience_of(draft),
        expires_at=now + draft.expires_in,
        wordings=wordings,
        scopes=draft.scopes,
        title=draft.title,
        text=draft.text,
        follows=draft.follows,
        severity=draft.severity,
        is_drill=draft.is_drill,
        voices=voices.keep(draft.voices),
    )


def _scope(newsroom: Newsroom, draft: Draft) -> Scope:
    """By the names of the configuration. Raises AlertError for one that is none: of an alert
    nobody must be left out by a slip."""
    typed = (draft.scope.topics, draft.scope.districts)
    if problems := list(subjects.problems(newsroom, *typed, may_note=False)):
        raise AlertError(*problems)
    return subjects.read(newsroom, *typed)


def choose_lifetime(newsroom: Newsroom, name: str, expires_in: timedelta) -> tuple[str, timedelta]:
    """The shortest approved wording that covers the expiry; else the longest approved one. Without
    any the one that would fit: it is named as what is missing."""
    known = drafts.lifetimes(name)
    approved = [row for row in known if _is_approved(newsroom, f"{name}_{row[0]}")]
    covering = [row for row in approved if row[1] >= expires_in]
    return (covering or approved[-1:] or [drafts.lifetime(name, expires_in)])[0]


def _is_approved(newsroom: Newsroom, template: str) -> bool:
    """On every channel that has templates, in the city's language."""
    return all(
        templates.is_approved(channel.kind, template, newsroom.language)
        for channel in newsroom.channels.values()
        if channel.has_templates
    )


def times(sent: Broadcast) -> Times:
    """Of one that is going out or has."""
    found, known = templates.used_by(sent.id), dict(drafts.LIFETIMES)
    lifetimes = (known.get(name.rpartition("_")[2], timedelta()) for _, name in found)
    longest, ended = max(lifetimes, default=timedelta()), sent.finished_at
    carriers = dict.fromkeys(channel for channel, _ in found)
    until = None if sent.state == BroadcastState.STOPPED else sent.expires_at
    return Times(until, ended and ended + longest, tuple(carriers))


def check(draft: Draft) -> None:
    """Raises AlertError for a text that no alert can have."""
    if not draft.text.strip():
        raise AlertError(say("the text is empty", about="text"))
    if UNPRINTABLE.search(draft.text + draft.title):
        raise AlertError(say("the text holds signs that cannot be shown", about="text"))
    if problems := voices.alert_problems(draft.voices):
        raise AlertError(*problems)


def send(
    newsroom: Newsroom, draft: Draft, now: datetime, *, seen: Outlook | None = None
) -> Broadcast:
    """Starts it. The first rows are written here, so that the first message leaves at once; the
    writer loop goes on from there. An all-clear's are all the writer's: who gets it stands only
    when the stop of the warning is committed. `seen`: what was looked at and confirmed just
    now, so that a million readers are not counted once more before the first message. Raises
    AlertError."""
    seen = seen or outlook(newsroom, draft, now)
    plan = replace(seen.plan, expires_at=now + draft.expires_in)
    with db.transaction():
        if draft.follows is not None:
            # Of two all-clears released at the same moment the second finds the first.
            broadcasts.lock(draft.follows)
            _check_not_cleared(draft.follows)
            if draft.kind is BroadcastKind.CLEAR:
                _end_thread(draft.follows, now)
            else:
                uncleared.forget_asked(draft.follows)
        started = broadcasts.start(plan)
        if draft.kind is not BroadcastKind.CLEAR:
            audience.write_some(started, newsroom.channels, chunk=500)
    return started


def _end_thread(root: int, now: datetime) -> None:
    """Who has not got the warning yet must not get it after the all-clear.

    Marks only, so that the all-clear waits for no million rows: nothing of what is stopped is
    claimed or sent, and the upkeep turns its rows chunk by chunk."""
    for row in broadcasts.thread(root):
        if broadcasts.mark_stopped(row.id, now):
            endings.stop_telling(row.id)
