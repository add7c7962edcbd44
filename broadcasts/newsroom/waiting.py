"""Readers of a channel where nothing reaches a closed window: they get the news when they write.

Owns: who missed the newest digest or an alert for that reason, and what they get instead. Never: a
broadcast of its own: the person's message is answered. Called by bot/replies; rows that wait are
told by delivery/wire.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from broadcasts import clock, db
from broadcasts.channels.base import Text, waits
from broadcasts.delivery import broadcasts, uncleared
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import GIVEN, MAYBE_REACHED, WAITING, DeliveryState
from broadcasts.newsroom import posts, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import links, selections
from broadcasts.people.pauses import pauses_on
from broadcasts.people.subscribers import REACHED_BY_DIGESTS, Subscriber


def digest(newsroom: Newsroom, person: Subscriber) -> Text | None:
    """The newest digest, if the person missed only their window for it; never a backlog, and never
    twice: part of the transaction that answers with it."""
    if not gets_news(newsroom, person, clock.today(newsroom.zone)):
        return None
    newest = broadcasts.newest_digest()
    if newest is None:
        return None
    choice = selections.read(person.selection_id)
    held = posts.fitting(newsroom, posts.of_broadcast(newest.id), choice)
    if not held or not note_given(person, [newest.id]):
        return None
    # Whoever writes may hear it.
    channel = newsroom.channels[person.channel]
    text = wording.digest_text(newsroom, held, person.language, channel, on=newest.on)
    return replace(text, silent=False)


def gets_news(newsroom: Newsroom, person: Subscriber, today: date) -> bool:
    """Whether they are due what waits for them, as far as they and their channel are concerned."""
    return (
        waits(newsroom.channels[person.channel])
        and person.wants in REACHED_BY_DIGESTS
        and not pauses_on(person.paused_until, today)
    )


def note_digest_given(person: Subscriber) -> None:
    """They have asked for the newest one themselves."""
    if (newest := broadcasts.newest_digest()) is not None:
        note_given(person, [newest.id])


def missed_alerts(person: Subscriber, now: datetime) -> list[int]:
    """Which alerts in force wait for them, or of which an update does."""
    alerts = [row.id for row in uncleared.alerts_in_force(now) if not row.is_drill]
    return [alert for alert in alerts if _waits_for(person, alert)]


def _waits_for(person: Subscriber, alert: int) -> bool:
    parts = [part.id for part in broadcasts.thread(alert)]
    return bool(Delivery.select().where(_waiting(person, parts)).exists())


def note_told(person: Subscriber, alerts: Sequence[int]) -> None:
    """They have been told of these alerts and how they stand now."""
    parts = [part.id for alert in alerts for part in broadcasts.thread(alert)]
    if parts:
        note_given(person, parts)


def note_given(person: Subscriber, broadcast_ids: Sequence[int]) -> bool:
    """True once for each."""
    query = Delivery.update(code=GIVEN).where(_waiting(person, broadcast_ids))
    return bool(query.execute())


def _got_elsewhere(person: Subscriber, broadcast_ids: Sequence[int]) -> set[int]:
    """What has reached, or is about to reach, a linked person on another channel."""
    others = [row.id for row in links.others(person)]
    rows = Delivery.select(Delivery.broadcast).where(
        Delivery.broadcast.in_(list(broadcast_ids)),
        db.among(Delivery.subscriber, others),
        Delivery.state.in_((*MAYBE_REACHED, DeliveryState.QUEUED)),
    )
    return {row[0] for row in db.rows(rows)} if others else set()


def _waiting(person: Subscriber, broadcast_ids: Sequence[int]) -> object:
    elsewhere = _got_elsewhere(person, broadcast_ids)
    return (
        Delivery.broadcast.in_([id for id in broadcast_ids if id not in elsewhere])
        & (Delivery.subscriber == person.id)
        & (Delivery.state == DeliveryState.SKIPPED)
        & (Delivery.code == WAITING)
    )
