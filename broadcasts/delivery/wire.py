"""From leased rows to what goes on the wire next.

Owns: the last look at each recipient, the choice of the rendition, and committing `sending`.
Never: calls a provider. Called by a lane with the rows it may send now.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from broadcasts import db, journal
from broadcasts.channels.base import Address, Channel, Content, unpack, waits
from broadcasts.delivery import endings, holds, hours, outbox
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.editions import WHOLE
from broadcasts.delivery.outbox import LEASE, Delivery
from broadcasts.delivery.renditions import Key, Renditions, forms
from broadcasts.delivery.states import (
    LIVE,
    NEWS,
    NO_WORDING,
    NOT_CHOSEN,
    PAUSED,
    WAITING,
    BroadcastState,
    DeliveryState,
    Priority,
    priority,
)
from broadcasts.languages import spoken
from broadcasts.people import links
from broadcasts.people.pauses import pauses_on
from broadcasts.people.subscribers import (
    REACHED_BY_ALERTS,
    REACHED_BY_DIGESTS,
    Subscriber,
)

MARGIN = timedelta(minutes=5)
"""A window that closes within this counts as closed: the provider's clock decides, not ours."""

WRITER_WAIT = timedelta(milliseconds=500)
"""How long a row waits for a message of its recipient that is not applied yet."""


@dataclass(frozen=True)
class Terms:
    """When a channel lets us write free text, and what becomes of a row that has no wording."""

    margin: timedelta | None
    """So long before its end a window counts as closed; None: none is needed."""
    otherwise: str = NO_WORDING

    def is_open(self, closes_at: datetime | None, now: datetime) -> bool:
        return self.margin is None or (closes_at is not None and closes_at - self.margin > now)


def terms(channel: Channel) -> Terms:
    if channel.window is None:
        return Terms(None)
    # Where nothing else would reach them, the last minute is worth a try: who has tapped "again
    # tomorrow" on a digest has a window that ends just when the next one comes.
    return Terms(timedelta(0), WAITING) if waits(channel) else Terms(MARGIN)


@dataclass(frozen=True)
class Outgoing:
    """One message for the wire; its row is `sending`."""

    id: int
    attempt: int
    broadcast_id: int | None
    account: str
    address: Address
    content: Content


Chosen = tuple[Mapping[str, Any], int | None, Content]
"""A row, its rendition's id (None: an answer), and what it says."""


def take(
    ids: Sequence[int],
    *,
    worker: str,
    renditions: Renditions,
    terms: Terms,
    now: datetime,
    rest: Callable[[str], float] | None = None,
) -> list[Outgoing]:
    """Commits `sending` for those of the leased rows that may still go, and returns them.

    Rows that were stopped, cancelled or taken by somebody else meanwhile are left alone; rows
    whose recipient cannot get it become `skipped`; rows whose recipient has just written wait, and
    so do those of whom `rest` says for how many seconds (they have just got something); rows of a
    broadcast held meanwhile, or past its business hours, are given back, so that it goes on the
    moment it may.
    """
    if not ids:
        return []
    with db.transaction():
        rows = _still_mine(ids, worker)
        waiting = _just_written(rows)
        outbox.release([row["id"] for row in waiting], worker, now + WRITER_WAIT)
        held = [row["id"] for row in rows if _is_held(row, now)]
        outbox.release(held, worker, now)
        chosen, stuck = _choose(
            [row for row in rows if row not in waiting],
            renditions=renditions,
            terms=terms,
            now=now,
        )
        outbox.release([row["id"] for row in stuck], worker, now)
        if rest is not None:
            chosen = _rested(chosen, worker, now, rest)
        outgoing = _commit(chosen, worker, now, renditions.default_language)
    # By itself: whoever holds the broadcast's row must not wait for a delivery's.
    for broadcast_id in {row["broadcast_id"] for row in stuck}:
        holds.hold_refused(broadcast_id)
    return outgoing


def _still_mine(ids: Sequence[int], worker: str) -> list[dict[str, Any]]:
    query = (
        Delivery.select(
            Delivery.id,
            Delivery.broadcast.alias("broadcast_id"),
            Delivery.channel,
            Delivery.account,
            Delivery.attempt,
            Delivery.content,
            Delivery.address,
            Delivery.settled_by_silence,
            Subscriber.id.alias("person"),
            Subscriber.prefers,
            Subscriber.wa_id,
            Subscriber.bsuid,
            Subscriber.wants,
            Subscriber.language,
            Subscriber.called,
            Subscriber.selection.alias("selection"),
            Subscriber.paused_until,
            Subscriber.account.alias("window_account"),
            Subscriber.window_closes_at,
            Broadcast.kind,
            Broadcast.on,
            Broadcast.state.alias("broadcast_state"),
            Broadcast.expires_at.alias("broadcast_expires_at"),
            Broadcast.hours.alias("broadcast_hours"),
            Broadcast.refused.alias("broadcast_refused"),
            Delivery.expires_at,
        )
        .left_outer_join(Subscriber, on=Delivery.subscriber == Subscriber.id)
        .left_outer_join(Broadcast, on=Delivery.broadcast == Broadcast.id)
        .where(
            db.among(Delivery.id, ids),
            Delivery.state == DeliveryState.QUEUED,
            Delivery.leased_by == worker,
        )
        # What was claimed together is due together: then the older answer goes first.
        .order_by(Delivery.due_at, Delivery.id)
    )
    return db.dicts(query)


def _is_held(row: Mapping[str, Any], now: datetime) -> bool:
    """By somebody, or by the clock itself: not a second passes between the end of its hours and
    the hold that the upkeep writes."""
    is_open = hours.is_open(row["broadcast_hours"], now)
    return row["broadcast_state"] == BroadcastState.HELD or not is_open


def _rested(
    chosen: Sequence[Chosen], worker: str, now: datetime, rest: Callable[[str], float]
) -> list[Chosen]:
    """Those whose recipient may get something now; the others' rows wait, in their order."""
    ready: list[Chosen] = []
    waits = 0
    for item in chosen:
        wait = rest(_address(item[0], "").key)
        if wait:
            waits += 1
            due = now + timedelta(seconds=wait, microseconds=waits)
            outbox.release([item[0]["id"]], worker, due)
        else:
            ready.append(item)
    return ready


def _just_written(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whose recipient has: one of the messages not applied yet may be a "Stopp" that was answered
    200 (invariant 2), on whichever channel they wrote it."""
    busy = journal.writers_waiting() if rows else set()
    if not busy:
        return []
    meant = [row for row in rows if row["broadcast_id"] is not None and row["person"] is not None]
    linked = links.addresses_elsewhere({row["person"]: row["prefers"] for row in meant})
    return [
        row
        for row in meant
        if busy & {row["wa_id"], row["bsuid"], *linked.get(row["person"], ())} - {None}
    ]


def _choose(
    rows: Sequence[Mapping[str, Any]],
    *,
    renditions: Renditions,
    terms: Terms,
    now: datetime,
) -> tuple[list[Chosen], list[Mapping[str, Any]]]:
    """Those that may go, and those of whom every wording has been refused."""
    chosen: list[Chosen] = []
    stuck: list[Mapping[str, Any]] = []
    unfit: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        reason = _why_not(row, now)
        if reason is not None:
            if reason:
                unfit[reason].append(row["id"])
            continue
        edition = _edition(row, renditions)
        if edition is None:
            unfit[NOT_CHOSEN].append(row["id"])
            continue
        content = partial(_content, row, renditions, edition=edition, terms=terms, now=now)
        refused = {one.key for one in holds.unpack(row["broadcast_refused"])}
        if found := content(refused=refused):
            chosen.append((row, *found))
        elif refused and content():
            stuck.append(row)
        else:
            unfit[terms.otherwise].append(row["id"])
    for code, skipped in unfit.items():
        endings.skip(skipped, code)
    return chosen, stuck


_WANTED_BY = {Priority.DIGEST: REACHED_BY_DIGESTS, Priority.ALERT: REACHED_BY_ALERTS}


def _why_not(row: Mapping[str, Any], now: datetime) -> str | None:
    """Why a row must not go: a word for `skipped`, "" to leave it to whoever stopped or expires
    it, None when it may go."""
    if row["broadcast_id"] is None:
        return "" if row["expires_at"] is not None and row["expires_at"] <= now else None
    if row["broadcast_state"] not in LIVE or row["broadcast_expires_at"] <= now:
        return ""
    if _is_held(row, now):
        return ""
    if row["wants"] is None:
        return "erased"
    if row["wants"] not in _WANTED_BY[priority(row["kind"])]:
        return "opted_out"
    if row["kind"] in NEWS and pauses_on(row["paused_until"], row["on"]):
        return PAUSED
    return None


def _edition(row: Mapping[str, Any], renditions: Renditions) -> str | None:
    """Of a digest what they have chosen by now. An alert is whole: who is meant was fixed when it
    began, and it is better read once too often."""
    if row["broadcast_id"] is None or priority(row["kind"]) is not Priority.DIGEST:
        return WHOLE
    return renditions.edition(row["broadcast_id"], row["selection"])


def _content(
    row: Mapping[str, Any],
    renditions: Renditions,
    *,
    edition: str,
    terms: Terms,
    now: datetime,
    refused: Collection[Key] = (),
) -> tuple[int | None, Content] | None:
    if row["broadcast_id"] is None:
        return None, unpack(row["content"])
    is_open = terms.is_open(row["window_closes_at"], now) and (
        terms.margin is None or row["window_account"] == row["account"]
    )
    fitting = forms(row["kind"], window_open=is_open, repeat=row["settled_by_silence"] > 0)
    return renditions.find(
        row["broadcast_id"],
        row["channel"],
        row["language"],
        fitting,
        edition=edition,
        refused=refused,
    )


def _commit(chosen: Sequence[Chosen], worker: str, now: datetime, own: str) -> list[Outgoing]:
    by_rendition: dict[int | None, list[int]] = defaultdict(list)
    for row, rendition_id, _ in chosen:
        by_rendition[rendition_id].append(row["id"])
    gone: set[int] = set()
    for rendition_id, page in by_rendition.items():
        moved = (
            Delivery.update(
                state=DeliveryState.SENDING,
                attempt=Delivery.attempt + 1,
                rendition=rendition_id,
                sending_at=now,
                due_at=now + LEASE,
                changed_at=now,
            )
            .where(
                db.among(Delivery.id, page),
                Delivery.state == DeliveryState.QUEUED,
                Delivery.leased_by == worker,
            )
            .returning(Delivery.id)
        )
        gone |= {delivery_id for (delivery_id,) in moved.tuples().execute()}
    return [
        Outgoing(
            row["id"],
            row["attempt"] + 1,
            row["broadcast_id"],
            row["account"],
            _address(row, own),
            content,
        )
        for row, _, content in chosen
        # What somebody has stopped or handed over between our look and our move stays there.
        if row["id"] in gone
    ]


def _address(row: Mapping[str, Any], own: str) -> Address:
    """`own`: the city's language."""
    if row["address"] is not None:
        return Address(*row["address"])
    # What a stranger has filled in as a name is not sent to somebody who has confirmed nothing.
    called = row["called"] if row["wants"] in REACHED_BY_ALERTS else ""
    language = spoken(row["language"], own) if row["language"] else ""
    return Address(row["wa_id"], row["bsuid"], language, called)
