"""What is in force right now, told to somebody who comes later or asks.

Owns: how an open alert reads in an answer. Never: a broadcast of its own: the person's message is
answered, so nobody's digest and no audience changes. Called by bot/conversation.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcasts.channels.base import Channel, Text, size
from broadcasts.delivery import broadcasts, uncleared
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.editions import edition
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import voices, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.people.selections import EVERYTHING, Scope

MOST = 3
"""Alerts in one breath; more at once has never been seen."""

_TEMPLATES = {BroadcastKind.ALERT: "alert", BroadcastKind.UPDATE: "alert_update"}


@dataclass(frozen=True)
class Standing:
    """An alert in force, as an answer tells of it."""

    alert: int
    """Its id: who was told of it gets its all-clear, too."""
    texts: Sequence[Text]
    expires_at: datetime


def in_force(
    newsroom: Newsroom,
    channel: Channel,
    language: str,
    now: datetime,
    *,
    is_reader: bool,
    choice: Scope = EVERYTHING,
    before: Scope | None = None,
    also: Collection[int] = (),
) -> list[Standing]:
    """The newest first; none of drills, none for others than their choice. Each with its time, and
    with its newest update. `before`: none that was for this choice already. `also`: the ids of
    alerts that are theirs whatever they choose now."""
    real = [
        alert
        for alert in uncleared.alerts_in_force(now)
        if not alert.is_drill and (alert.id in also or _is_new_for(choice, before, alert))
    ]
    return [
        Standing(
            alert.id,
            _fitted(_parts(newsroom, channel, alert, language, now, is_reader=is_reader), channel),
            _ends(alert),
        )
        for alert in real[:MOST]
    ]


def _is_new_for(choice: Scope, before: Scope | None, alert: Broadcast) -> bool:
    was_for_them = before is not None and edition(before, alert.scopes) is not None
    return edition(choice, alert.scopes) is not None and not was_for_them


def _ends(alert: Broadcast) -> datetime:
    """It lasts as long as its latest update."""
    ends: list[datetime] = [
        row.expires_at for row in broadcasts.thread(alert.id) if row.state != BroadcastState.STOPPED
    ]
    return max(ends, default=alert.expires_at)


def _parts(
    newsroom: Newsroom,
    channel: Channel,
    alert: Broadcast,
    language: str,
    now: datetime,
    *,
    is_reader: bool,
) -> list[str]:
    later = [
        row
        for row in broadcasts.thread(alert.id)
        if row.kind == BroadcastKind.UPDATE and row.state != BroadcastState.STOPPED
    ]
    parts = [newsroom.texts.get("alert_in_force", language)]
    # What was stopped was wrong: its correction stands alone.
    is_right = alert.state != BroadcastState.STOPPED
    for row in (*([alert] if is_right else []), *later[-1:]):
        said = voices.kept(row.voices)
        words = wording.AlertWords(row.text, row.title, row.severity, voices=said).read(language)
        at = _moment(row.created_at, now, newsroom)
        parts.append(f"_{newsroom.texts.get('alert_in_force_since', language, time=at)}_")
        template = _TEMPLATES[row.kind]
        parts.append(wording.alert_text(newsroom, template, words, language, channel).body)
    if not is_reader:
        by_link = channel.pages is not None
        parts.append(newsroom.texts.get("alert_in_force_stranger", language, by_link=by_link))
    return parts


def _moment(at: datetime, now: datetime, newsroom: Newsroom) -> str:
    """The city's clock; with the date when it was not today."""
    local, today = at.astimezone(newsroom.zone), now.astimezone(newsroom.zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%d.%m. %H:%M}"


def _fitted(parts: list[str], channel: Channel) -> list[Text]:
    """In one message where it fits: an alert is never shortened."""
    whole = "\n\n".join(parts)
    fits = size(whole, channel.text_unit) <= channel.text_limit
    return [Text(whole)] if fits else [Text(part) for part in parts]
