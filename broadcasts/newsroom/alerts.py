"""The alert: at once, past the daily limit, quiet hours and any running digest.

Owns: starting an alert, its updates and its all-clear, and saying beforehand whom it reaches.
Never: sends (the outbox does). Called by the command line and the desk.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from broadcasts import db
from broadcasts.delivery import accounts, audience, broadcasts, outbox, templates
from broadcasts.delivery.broadcasts import Audience, Broadcast, Plan
from broadcasts.delivery.states import UNFINISHED, BroadcastKind
from broadcasts.newsroom import drafts, pricing, reach, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import UNPRINTABLE
from broadcasts.newsroom.pricing import Cost

DEFAULT_EXPIRY = timedelta(hours=2)
CLEAR_EXPIRY = timedelta(hours=12)
"""An all-clear is worth having for long."""

TEMPLATE = {
    BroadcastKind.ALERT: "alert",
    BroadcastKind.UPDATE: "alert_update",
    BroadcastKind.CLEAR: "alert_clear",
}


class AlertError(Exception):
    """An alert cannot go out; the text says why."""


@dataclass(frozen=True)
class Draft:
    """An alert before it is sent."""

    kind: BroadcastKind
    text: str
    title: str = ""
    expires_in: timedelta = DEFAULT_EXPIRY
    follows: int | None = None


@dataclass(frozen=True)
class Outlook:
    """What would happen if it were sent now."""

    plan: Plan
    template: str
    recipients: int
    unreachable: int
    left_out: int
    """Of a follow-up: who got the alert and has left since."""
    duration: timedelta
    latest_arrival: datetime
    """Nothing arrives later: the sending itself and the template's time-to-live."""
    cost: Cost
    shown: str
    warnings: list[str]

    def as_json(self) -> dict[str, Any]:
        return {
            "template": self.template,
            "recipients": self.recipients,
            "unreachable": self.unreachable,
            "left_out": self.left_out,
            "minutes": round(self.duration.total_seconds() / 60, 1),
            "latest_arrival": self.latest_arrival.isoformat(),
            "cost": self.cost.as_json(),
            "text": self.shown,
            "warnings": self.warnings,
        }


def follow_up(kind: BroadcastKind, broadcast_id: int, text: str) -> Draft:
    """A draft of an update or all-clear. Raises AlertError when there is nothing to follow."""
    try:
        earlier = broadcasts.get(broadcast_id)
    except broadcasts.NoSuchBroadcastError as error:
        raise AlertError(str(error)) from error
    if earlier.kind == BroadcastKind.DIGEST:
        raise AlertError(f"broadcast {broadcast_id} is a digest, not an alert")
    root = earlier.root_id
    if broadcasts.is_cleared(root):
        raise AlertError(f"alert {root} has had its all-clear")
    expiry = CLEAR_EXPIRY if kind is BroadcastKind.CLEAR else DEFAULT_EXPIRY
    return Draft(kind, text, expires_in=expiry, follows=root)


def outlook(newsroom: Newsroom, draft: Draft, now: datetime) -> Outlook:
    """Raises AlertError for a text that cannot go, or when nobody at all can be reached."""
    _check(draft)
    rule = Audience.FOLLOWERS if draft.follows else Audience.ALERT_READERS
    found = reach.groups(newsroom, rule, now, follows=draft.follows)
    name = TEMPLATE[draft.kind]
    suffix, ttl = choose_lifetime(newsroom, name, draft.expires_in)
    try:
        wordings, needs = wording.alert(
            newsroom,
            name,
            suffix,
            title=draft.title,
            text=draft.text,
            languages=reach.languages(newsroom, found),
        )
    except wording.TooLongError as error:
        raise AlertError(str(error)) from error
    counts, without = reach.by_wording(newsroom, draft.kind, wordings, found)
    recipients, unreachable = reach.total(found), reach.total(without)
    if recipients and recipients == unreachable:
        names = ", ".join(str(need) for need in needs)
        raise AlertError(f"nobody can be reached: no template is approved ({names})")
    duration = reach.duration(newsroom, found)
    plan = Plan(
        kind=draft.kind,
        on=now.astimezone(newsroom.zone).date(),
        audience=rule,
        expires_at=now + draft.expires_in,
        wordings=wordings,
        title=draft.title,
        text=draft.text,
        follows=draft.follows,
    )
    return Outlook(
        plan=plan,
        template=f"{name}_{suffix}",
        recipients=recipients,
        unreachable=unreachable,
        left_out=audience.left_out(draft.follows) if draft.follows else 0,
        duration=duration,
        latest_arrival=now + min(duration, draft.expires_in) + ttl,
        cost=pricing.estimate(newsroom.settings.prices, reach.prices_of(counts), plan.on),
        shown=wording.as_shown(newsroom, wordings[0]),
        warnings=_warnings(draft, found, needs, unreachable, duration, ttl),
    )


def choose_lifetime(newsroom: Newsroom, name: str, expires_in: timedelta) -> tuple[str, timedelta]:
    """The shortest approved wording that covers the expiry; else the longest approved one. Without
    any the one that would fit: it is named as what is missing."""
    approved = [row for row in drafts.LIFETIMES if _is_approved(newsroom, f"{name}_{row[0]}")]
    covering = [row for row in approved if row[1] >= expires_in]
    return (covering or approved[-1:] or [drafts.lifetime(expires_in)])[0]


def _is_approved(newsroom: Newsroom, template: str) -> bool:
    """On every channel that has templates, in the city's language."""
    return all(
        templates.is_approved(channel.kind, template, newsroom.language)
        for channel in newsroom.channels.values()
        if channel.has_templates
    )


def _check(draft: Draft) -> None:
    if not draft.text.strip():
        raise AlertError("the text is empty")
    if UNPRINTABLE.search(draft.text + draft.title):
        raise AlertError("the text holds signs that cannot be shown")


def _warnings(
    draft: Draft,
    found: list[reach.Group],
    needs: list[wording.Need],
    unreachable: int,
    duration: timedelta,
    ttl: timedelta,
) -> list[str]:
    said = []
    if needs:
        names = ", ".join(str(need) for need in needs)
        said.append(
            f"not approved: {names}: goes as free text, only to those whose window is open,"
            f" without time-to-live; {unreachable} are not reached"
        )
    if draft.expires_in > ttl:
        said.append(f"undelivered for more than {ttl} it is given up (longest time-to-live)")
    if duration > draft.expires_in:
        said.append("the last readers would get it after it has expired; they are left out")
    outside = reach.total([group for group in found if not group.window_open])
    for state in accounts.everyone():
        if state.daily_limit is not None and outside > state.daily_limit:
            said.append(
                f"the provider lets {state.account} reach {state.daily_limit} persons outside"
                f" the window per day, {outside} are meant: raise the messaging limit"
            )
        if state.stopped_at is not None:
            said.append(f"number {state.account} is stopped (code {state.stop_code})")
    return said


def send(
    newsroom: Newsroom, draft: Draft, now: datetime, *, seen: Outlook | None = None
) -> Broadcast:
    """Starts it. The first rows are written here, so that the first message leaves at once; the
    writer loop goes on from there. `seen`: what was looked at and confirmed just now, so that
    a million readers are not counted once more before the first message. Raises AlertError."""
    seen = seen or outlook(newsroom, draft, now)
    plan = replace(seen.plan, expires_at=now + draft.expires_in)
    if draft.kind is BroadcastKind.CLEAR and draft.follows is not None:
        # Who has not got the warning yet must not get it after the all-clear.
        _end_thread(draft.follows)
    started = broadcasts.start(plan)
    audience.write_some(started, newsroom.channels, chunk=500)
    return started


def _end_thread(root: int) -> None:
    for row in broadcasts.thread(root):
        if row.state in UNFINISHED:
            with db.transaction():
                outbox.stop(row.id)
