"""A person with rows on several channels: each broadcast once, an alert by another where one fails.

Owns: what becomes of deliveries when rows are linked or parted, and the fallback of alerts. Never:
who is linked (people/links), or whom a rule means (audience). Called by bot/linking, the
conversation, privacy and the upkeep loop.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import peewee

from broadcasts import clock, db, locks
from broadcasts.channels.base import Channel
from broadcasts.delivery import accounts, audience, broadcasts, endings
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.policy import PROBE_EVERY
from broadcasts.delivery.states import (
    GIVEN,
    MAYBE_REACHED,
    WARNINGS,
    BroadcastKind,
    BroadcastState,
    DeliveryState,
)
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber

log = logging.getLogger(__name__)

ELSEWHERE = "elsewhere"
"""Code of a row that is skipped because the person gets it on another channel."""

PAGE = 2000
"""Failed rows of one alert looked at in one round: some milliseconds."""

_upto: dict[int, int] = {}
"""Broadcast → the last failed row looked at, while there are more than PAGE of them."""

AT_ONCE = 500
"""Linked persons looked at in one round, while a number stands still and rows are held."""

_moved_upto: dict[int, int] = {}
"""The same of linked persons of whom it may wait for a number that stands still."""


# ------------------------------------------------------------------ at most one


def settle(rows: Sequence[Subscriber], *, on: Subscriber | None = None) -> None:
    """In the transaction that links or parts these rows, or makes one a reader: of what is being
    sent they keep one delivery. `on`: what has not left yet leaves there."""
    if len(rows) < 2:
        return
    locks.in_turn(broadcasts.BEGINNING)
    for running in broadcasts.unfinished():
        # The writer waits for it, too: nobody writes a row between our look and our commit.
        broadcasts.lock(running.id)
        _settle(broadcasts.get(running.id), rows, on)


def _settle(broadcast: Broadcast, rows: Sequence[Subscriber], on: Subscriber | None) -> None:
    ids = [row.id for row in rows]
    query = Delivery.select().where(Delivery.broadcast == broadcast.id, Delivery.subscriber << ids)
    # Kept as they are: the sender may be about to commit one of them as leaving.
    found = {row.subscriber_id: row for row in db.for_update(query.order_by(Delivery.id))}
    queued = [row for row in found.values() if row.state == DeliveryState.QUEUED]
    left = [row for row in found.values() if row.state in MAYBE_REACHED]
    if not (left or queued):
        return
    meant = [row for row in queued if on is not None and row.subscriber_id == on.id]
    kept = (left or meant or queued)[0]
    endings.skip([row.id for row in queued if row.id != kept.id], ELSEWHERE)
    has_row = {*found}
    if on is not None and not left and on.id not in found:
        _hand_over(kept, on)
        has_row.add(on.id)
    to_come = range(broadcast.written_upto + 1, broadcast.cut_off + 1)
    _keep_out(broadcast, [row for row in rows if row.id in to_come and row.id not in has_row])


def _hand_over(delivery: Delivery, to: Subscriber) -> None:
    now = clock.now()
    Delivery.update(
        subscriber=to.id,
        channel=to.channel,
        account=to.account,
        leased_by=None,
        due_at=now,
        changed_at=now,
    ).where(Delivery.id == delivery.id, Delivery.state == DeliveryState.QUEUED).execute()


def _keep_out(broadcast: Broadcast, rows: Iterable[Subscriber]) -> None:
    """Whoever would still be written finds a row that never leaves."""
    for row in rows:
        Delivery.insert(
            broadcast=broadcast.id,
            subscriber=row.id,
            channel=row.channel,
            account=row.account,
            state=DeliveryState.SKIPPED,
            code=ELSEWHERE,
            changed_at=clock.now(),
        ).on_conflict_ignore().execute()


# ------------------------------------------------------------------ fallback of alerts


def fall_back(channels: Mapping[str, Channel], now: datetime) -> int:
    """Whom an alert in force could not be delivered to, or for whom it waits for a number that
    stands still, gets it on another channel of theirs, once. Returns how many. Bounded; safe to
    repeat."""
    if not Subscriber.select(Subscriber.id).where(Subscriber.prefers.is_null(False)).exists():
        return 0
    in_force = _in_force(now)
    for progress in (_upto, _moved_upto):
        for over in progress.keys() - {row.id for row in in_force}:
            del progress[over]
    standing = _standing(now)
    handed_over = sum(_leave(standing, alert, channels) for alert in in_force) if standing else 0
    return handed_over + sum(_fall_back(alert, channels) for alert in in_force)


def _standing(now: datetime) -> set[str]:
    """Numbers that stand still, of which a probe has failed since."""
    return {row.account for row in accounts.stopped() if row.stopped_at <= now - PROBE_EVERY}


def _leave(standing: Collection[str], alert: Broadcast, channels: Mapping[str, Channel]) -> int:
    """What waits for these numbers leaves for a linked person on another channel of theirs."""
    families = _families_some(alert.id)
    ids = [row.id for rows in families for row in rows]
    with db.transaction():
        if not ids or not _still_warns(alert):
            return 0
        query = Delivery.select().where(
            Delivery.broadcast == alert.id, db.among(Delivery.subscriber, ids)
        )
        found = {row.subscriber_id: row for row in db.for_update(query.order_by(Delivery.id))}
        moves = [
            (row, to)
            for rows in families
            for row, to in [_move(rows, found, standing)]
            if row is not None and to is not None and _may_get(to, alert, channels)
        ]
        _make_room(alert.id, [to.id for _, to in moves])
        for row, to in moves:
            _hand_over(row, to)
    if moves:
        log.warning("handed over broadcast=%s number=%s", alert.id, len(moves))
    return len(moves)


def _move(
    rows: Sequence[Subscriber], found: Mapping[int, Delivery], standing: Collection[str]
) -> tuple[Delivery | None, Subscriber | None]:
    """Which delivery of a person waits for a number that stands still, and who may have it; None
    where another one may have arrived, or is about to."""
    own = [found[row.id] for row in rows if row.id in found]
    alive = [row for row in own if not _has_failed(row.state, row.code) and row.code != ELSEWHERE]
    waits = all(row.state == DeliveryState.QUEUED and row.account in standing for row in alive)
    free = (
        row
        for row in rows
        if (row.id not in found or found[row.id].code == ELSEWHERE) and row.account not in standing
    )
    return (alive[0], next(free, None)) if alive and waits else (None, None)


def _families_some(broadcast_id: int) -> list[list[Subscriber]]:
    """The next AT_ONCE linked persons, in turns."""
    query = Subscriber.select(Subscriber.prefers, Subscriber.id).where(
        Subscriber.prefers > _moved_upto.get(broadcast_id, 0)
    )
    found = db.rows(query.order_by(Subscriber.prefers).limit(AT_ONCE))
    _moved_upto[broadcast_id] = found[-1][0] if len(found) == AT_ONCE else 0
    return _families([id for _, id in found])


def _make_room(broadcast_id: int, ids: Sequence[int]) -> None:
    """What was skipped for the sake of another row goes for the row that is needed after all."""
    Delivery.delete().where(
        Delivery.broadcast == broadcast_id, db.among(Delivery.subscriber, ids), _IS_ELSEWHERE
    ).execute()


def _in_force(now: datetime) -> list[Broadcast]:
    query = Broadcast.select().where(
        Broadcast.kind.in_(WARNINGS),
        Broadcast.state != BroadcastState.STOPPED,
        Broadcast.expires_at > now,
    )
    return list(query.order_by(Broadcast.id))


def _fall_back(alert: Broadcast, channels: Mapping[str, Channel]) -> int:
    others = [row.id for row in _chosen(alert, _failed_some(alert.id), channels)]
    if not others:
        return 0
    with db.transaction():
        if not _still_warns(alert):
            return 0
        _make_room(alert.id, others)
        people = Subscriber.select().where(Subscriber.id << others)
        written = audience.write_rows(alert, people, channels)
        if written:
            broadcasts.reopen(alert.id)
    log.info("fallback broadcast=%s number=%s", alert.id, written)
    return written


def _still_warns(alert: Broadcast) -> bool:
    """Waits for an all-clear or a stop that is just being committed."""
    broadcasts.lock(alert.root_id)
    if broadcasts.get(alert.id).state == BroadcastState.STOPPED:
        return False
    return alert.kind == BroadcastKind.CLEAR or not broadcasts.is_cleared(alert.root_id)


def _failed_some(broadcast_id: int) -> list[int]:
    """The persons of the next PAGE of rows that failed for good, in turns."""
    query = (
        Delivery.select(Delivery.id, Delivery.subscriber, Delivery.state, Delivery.code)
        .where(
            Delivery.broadcast == broadcast_id,
            # As the index has it.
            peewee.SQL("state IN ('failed', 'skipped')"),
            Delivery.id > _upto.get(broadcast_id, 0),
        )
        .order_by(Delivery.id)
        .limit(PAGE)
    )
    found = db.rows(query)
    _upto[broadcast_id] = found[-1][0] if len(found) == PAGE else 0
    return [
        person
        for _, person, state, code in found
        if person is not None and _has_failed(state, code)
    ]


def _chosen(
    alert: Broadcast, failed: Sequence[int], channels: Mapping[str, Channel]
) -> Iterator[Subscriber]:
    """Of each linked person of whom every row has failed, and who was not told of it in an answer
    either, the next who may get it."""
    families = _families(failed)
    told = _told(alert, [row.id for rows in families for row in rows])
    families = [rows for rows in families if told.isdisjoint(row.id for row in rows)]
    ids = [row.id for rows in families for row in rows]
    query = Delivery.select(Delivery.subscriber, Delivery.state, Delivery.code).where(
        Delivery.broadcast == alert.id, db.among(Delivery.subscriber, ids), ~_IS_ELSEWHERE
    )
    tried = {person: _has_failed(state, code) for person, state, code in db.rows(query)}
    for rows in families:
        fit = [row for row in rows if row.id not in tried and _may_get(row, alert, channels)]
        if fit and all(tried[row.id] for row in rows if row.id in tried):
            yield fit[0]


_IS_ELSEWHERE = (Delivery.state == DeliveryState.SKIPPED) & (
    peewee.fn.COALESCE(Delivery.code, "") == ELSEWHERE
)


def _has_failed(state: DeliveryState, code: str | None) -> bool:
    """Also where they are no reader any more on this channel: on another one they may be."""
    is_lost = state == DeliveryState.SKIPPED and code not in (GIVEN, ELSEWHERE)
    return state == DeliveryState.FAILED or is_lost


def _told(alert: Broadcast, ids: Sequence[int]) -> set[int]:
    """Who of these was told of it in an answer since it began, or is about to be."""
    query = Delivery.select(Delivery.subscriber).where(
        Delivery.tells_of == alert.root_id,
        db.among(Delivery.subscriber, ids),
        Delivery.state.in_((*MAYBE_REACHED, DeliveryState.QUEUED)),
        Delivery.sending_at.is_null() | (Delivery.sending_at >= alert.created_at),
    )
    return {row[0] for row in db.rows(query)}


def _may_get(row: Subscriber, alert: Broadcast, channels: Mapping[str, Channel]) -> bool:
    is_meant = row.wants in REACHED_BY_ALERTS and row.channel in channels
    return is_meant and (row.drills or not alert.is_drill)


def _families(person_ids: Sequence[int]) -> list[list[Subscriber]]:
    """Those of these persons who are linked, each with all rows."""
    some = db.among(Subscriber.id, person_ids), db.among(Subscriber.prefers, person_ids)
    roots: set[int] = set()
    for condition in some:
        query = Subscriber.select(Subscriber.prefers).where(
            condition, Subscriber.prefers.is_null(False)
        )
        roots |= {row[0] for row in db.rows(query)}
    grouped: dict[int, list[Subscriber]] = defaultdict(list)
    for condition in (db.among(Subscriber.id, roots), db.among(Subscriber.prefers, roots)):
        for row in list(Subscriber.select().where(condition).order_by(Subscriber.id)):
            grouped[row.prefers or row.id].append(row)
    return list(grouped.values())
