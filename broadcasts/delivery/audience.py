"""From a broadcast's audience row to one delivery per recipient, in short chunks (invariant 3).

Owns: which subscribers a rule means, and writing their rows. Never: sends. Called by the writer
loop, and by newsroom to count before anything is sent.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import Account, Channel
from broadcasts.delivery import broadcasts, editions, endings
from broadcasts.delivery.broadcasts import Audience, Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import (
    MAYBE_REACHED,
    NEWS,
    BroadcastKind,
    BroadcastState,
    DeliveryState,
)
from broadcasts.people.pauses import is_pausing
from broadcasts.people.subscribers import (
    REACHED_BY_ALERTS,
    REACHED_BY_DIGESTS,
    Subscriber,
    Wants,
)

CHUNK = 10_000
"""Subscriber ids per chunk: well below 50 ms, so that webhooks and an alert get in between."""

_GONE = (Wants.STOPPED, Wants.RETIRED, Wants.RESTRICTED)

_WANTS: Mapping[Audience, Sequence[Wants]] = {
    Audience.DIGEST_READERS: REACHED_BY_DIGESTS,
    Audience.ALERT_READERS: REACHED_BY_ALERTS,
    Audience.FOLLOWERS: REACHED_BY_ALERTS,
    Audience.VOLUNTEERS: REACHED_BY_ALERTS,
    Audience.DRILL_FOLLOWERS: REACHED_BY_ALERTS,
}
_FOLLOWERS = (Audience.FOLLOWERS, Audience.DRILL_FOLLOWERS)
_VOLUNTEERS = (Audience.VOLUNTEERS, Audience.DRILL_FOLLOWERS)


def meant(
    audience: Audience,
    channels: Sequence[str],
    *,
    follows: int | None = None,
    begun: Broadcast | None = None,
    on: date | None = None,
) -> "peewee.ModelSelect[Subscriber]":
    """The subscribers a rule means at this moment, as a query to count or to narrow down. A person
    on several channels is meant once. `begun`: who came after that has begun is not meant, nor who
    has chosen nothing of what it is about. `on`: where nothing has begun, the local day on which
    somebody may pause."""
    fitting = partial(
        _fitting,
        audience=audience,
        channels=channels,
        follows=follows,
        begun=begun,
        on=begun.on if begun is not None else on,
        not_chosen=editions.left_out(begun.scopes) if begun is not None else (),
    )
    other, sibling = Subscriber.alias(), Subscriber.alias()
    elsewhere = other.select(other.id).where(other.id == Subscriber.prefers, *fitting(other))
    if begun is not None:
        elsewhere = elsewhere.where(other.id <= begun.cut_off)
    # Where the preferred row is not meant, the first of the others is, and no second one.
    before = sibling.select(sibling.id).where(
        sibling.prefers == Subscriber.prefers, sibling.id < Subscriber.id, *fitting(sibling)
    )
    return Subscriber.select(Subscriber.id).where(
        *fitting(Subscriber),
        Subscriber.prefers.is_null() | (_is_none(elsewhere) & _is_none(before.limit(1))),
    )


def _is_none(found: Any) -> Any:
    """Not NOT EXISTS: PostgreSQL would read all rows of the table to answer that for each chunk."""
    return peewee.Expression(found, peewee.OP.IS, None)


def _fitting(
    table: Any,
    *,
    audience: Audience,
    channels: Sequence[str],
    follows: int | None,
    begun: Broadcast | None,
    on: date | None,
    not_chosen: Sequence[int],
) -> list[Any]:
    """What must hold of a row of `table` for the rule to mean it. `not_chosen`: the selections
    that nothing of it fits."""
    found = [table.wants.in_(_WANTS[audience]), table.channel.in_(channels)]
    if begun is not None:
        # Not the cut-off: SQLite would read up to it instead of to the end of the writer's chunk.
        found.append(table.reader_since <= begun.audience_at)
    if audience in _VOLUNTEERS:
        found.append(table.drills)
    if audience in _FOLLOWERS:
        found.append(_knows(follows, table) | _knows_elsewhere(follows, table))
    if audience is Audience.DIGEST_READERS and on is not None:
        found.append(~is_pausing(table, on))
    if not_chosen:
        found.append(table.selection.is_null() | ~db.among(table.selection, not_chosen))
    return found


def _knows(follows: int | None, table: Any) -> Any:
    return _got(follows, table) | table.id.in_(_told(follows))


def _knows_elsewhere(follows: int | None, table: Any) -> Any:
    """Who is linked and read the warning on another channel, and reads there no more (moved away,
    blocked): they must still read that it is over."""
    left, linked = Subscriber.alias(), Subscriber.alias()
    of_theirs = (
        (left.id == table.prefers) | (left.prefers == table.id) | (left.prefers == table.prefers)
    )
    known = left.select(left.id).where(of_theirs, left.wants.in_(_GONE), _knows(follows, left))
    # First what costs next to nothing: of a million hardly anybody is linked.
    is_linked = table.prefers.is_null(False) | peewee.fn.EXISTS(
        linked.select(linked.id).where(linked.prefers == table.id)
    )
    return is_linked & ~_is_none(known.limit(1))


def _got(follows: int | None, table: Any = Subscriber) -> Any:
    """Whether a subscriber got (or may have got) an alert as its recipient."""
    rows = Delivery.select(Delivery.id).where(
        Delivery.broadcast == follows, Delivery.subscriber == table.id, _followed(follows)
    )
    return peewee.fn.EXISTS(rows)


def _followed(alert_id: int | None) -> Any:
    """Of an alert's rows: who got it, or may have got it; while it runs, who is going to get it."""
    maybe = Delivery.state.in_(tuple(MAYBE_REACHED)) | (Delivery.settled_by_silence > 0)
    state = Broadcast.select(Broadcast.state).where(Broadcast.id == alert_id).scalar()
    if state == BroadcastState.STOPPED:
        # What is still queued is being cancelled: it warns nobody any more.
        return maybe
    return maybe | (Delivery.state == DeliveryState.QUEUED)


def _told(follows: int | None) -> Any:
    """Who was told of an alert in an answer, because they joined or asked while it was open:
    whoever has read the warning must read that it is over."""
    return Delivery.select(Delivery.subscriber).where(
        Delivery.tells_of == follows,
        Delivery.subscriber.is_null(False),
        Delivery.state.in_((*MAYBE_REACHED, DeliveryState.QUEUED)),
    )


def left_out(audience: Audience, follows: int, channels: Sequence[str]) -> int:
    """How many got (or may have got) an alert, or were told of it, and left since; of a drill, who
    has left its group, too. The erased are counted only of recipients: of an answer nothing is
    kept. Who gets it on another channel of theirs instead is not left out."""
    rows = Delivery.select(Delivery.id).where(Delivery.broadcast == follows, _followed(follows))
    still = rows.join(Subscriber).where(Subscriber.wants.in_(_WANTS[audience]))
    if audience in _VOLUNTEERS:
        still = still.where(Subscriber.drills)
    told = Subscriber.select(Subscriber.id).where(
        Subscriber.id.in_(_told(follows)), Subscriber.wants.in_(_GONE), ~_got(follows)
    )
    instead = meant(audience, channels, follows=follows).where(~_knows(follows, Subscriber))
    return int(rows.count() - still.count() + told.count() - instead.count())


def write_some(broadcast: Broadcast, channels: Mapping[str, Channel], *, chunk: int = CHUNK) -> int:
    """Writes the next chunk of rows and where it got to, in one transaction.

    Returns how many rows; when everybody has one the broadcast is `running`. Safe to repeat and
    to run twice: the database refuses a second row for one recipient.
    """
    with db.transaction():
        upto_now = _still_writing(broadcast)
        if upto_now is None:
            return 0
        broadcast.written_upto = upto_now
        upto = min(upto_now + chunk, broadcast.cut_off)
        if broadcast.kind == BroadcastKind.CLEAR and broadcast.follows_id and not upto_now:
            endings.stop_telling(broadcast.follows_id)
            # After the stop is committed: from here on each row has left or never does, so that
            # whoever gets the warning gets the all-clear, too.
            endings.cancel_leased(row.id for row in broadcasts.thread(broadcast.follows_id))
        written = _insert(broadcast, channels, upto)
        change: dict[str, Any] = {"written_upto": upto}
        if upto >= broadcast.cut_off:
            change["state"] = BroadcastState.RUNNING
        Broadcast.update(**change).where(Broadcast.id == broadcast.id).execute()
    broadcast.written_upto = upto
    broadcast.state = change.get("state", broadcast.state)
    return written


def _still_writing(broadcast: Broadcast) -> int | None:
    """How far its rows are written. None: a panic stop, or another writer's last chunk, has come
    since the row was read."""
    row = Broadcast.select(Broadcast.written_upto).where(
        Broadcast.id == broadcast.id, Broadcast.state == BroadcastState.WRITING
    )
    found = db.rows(db.for_update(row))
    return found[0][0] if found else None


def _insert(broadcast: Broadcast, channels: Mapping[str, Channel], upto: int) -> int:
    people = meant(
        broadcast.audience, list(channels), follows=broadcast.follows_id, begun=broadcast
    ).where(Subscriber.id > broadcast.written_upto, Subscriber.id <= upto)
    return write_rows(broadcast, people, channels)


def write_rows(broadcast: Broadcast, people: Any, channels: Mapping[str, Channel]) -> int:
    """A row for each of these (a query of Subscriber) who has none; returns how many."""
    now = db.moment(clock.now())
    people = people.order_by(Subscriber.id).select(
        peewee.Value(broadcast.id),
        Subscriber.id,
        Subscriber.channel,
        _account(channels),
        peewee.Value(str(DeliveryState.QUEUED)),
        peewee.Value(0),
        peewee.Value(0),
        peewee.Value(0),
        peewee.Value(0),
        peewee.Value(now),
        peewee.Value(now),
    )
    columns = (
        Delivery.broadcast,
        Delivery.subscriber,
        Delivery.channel,
        Delivery.account,
        Delivery.state,
        Delivery.attempt,
        Delivery.refusals,
        Delivery.unknowns,
        Delivery.settled_by_silence,
        Delivery.due_at,
        Delivery.changed_at,
    )
    query = Delivery.insert_from(people, columns).on_conflict_ignore().as_rowcount()
    return int(query.execute())


def _account(channels: Mapping[str, Channel]) -> Any:
    """The number a person last wrote to; if it is gone from the configuration, the first one."""
    known = [account.id for channel in channels.values() for account in channel.accounts]
    first = [
        (Subscriber.channel == kind, channel.accounts[0].id)
        for kind, channel in channels.items()
        if channel.accounts
    ]
    return peewee.Case(
        None, [(Subscriber.account.in_(known), Subscriber.account), *first], Subscriber.account
    )


def write_all_waiting(
    channels: Mapping[str, Channel], *, pause: float = 0.0, beat: Callable[[], None] = lambda: None
) -> int:
    """Writes rows until none is missing, alerts first, then the oldest; returns how many.

    `pause`: seconds between chunks in which other writers get their turn. `beat`: called after
    each chunk, because a million rows take longer than a sign of life may.
    """
    written = 0
    while broadcast := _next_unwritten():
        written += write_some(broadcast, channels)
        beat()
        time.sleep(pause)
    return written


def _next_unwritten() -> Broadcast | None:
    found: Broadcast | None = (
        Broadcast.select()
        .where(Broadcast.state == BroadcastState.WRITING)
        .order_by(Broadcast.kind.in_(NEWS), Broadcast.id)
        .first()
    )
    return found


def numbers(channels: Mapping[str, Channel]) -> list[Account]:
    return [account for channel in channels.values() for account in channel.accounts]
