"""Billing: how many messages the provider bills, by month and category, as it says itself.

Owns: the table of billed messages. Never: an amount of money (the provider reports none) or a
person. Written with the statuses, each message once, whatever is erased later; read by the budget.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

import peewee

from broadcasts import db
from broadcasts.channels.base import Receipt, StatusIn
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery

ARRIVED = (Receipt.DELIVERED, Receipt.READ)
"""A message is billed when it arrives; a read one may never have been told as delivered."""


class Billed(db.Model):
    """So many messages more. A row per batch of statuses: one row per month would make every
    receiver wait for the other. `fold` keeps them few."""

    id = peewee.BigAutoField()
    month = peewee.DateField(index=True)
    """Its first day."""
    channel = peewee.CharField(max_length=20)
    category = peewee.CharField(max_length=30)
    number = peewee.IntegerField()

    class Meta:
        table_name = "billed"


Line = tuple[date, str, str]
"""(month, channel, category)"""


def note(statuses: Mapping[tuple[int, int], StatusIn], zone: ZoneInfo) -> None:
    """In the transaction that records them, before it does: what is recorded has been counted.
    `statuses`: (delivery, attempt) → one that says billable and arrived (`is_news`)."""
    if not statuses:
        return
    channels, counted = _known({delivery_id for delivery_id, _ in statuses})
    lines: Counter[Line] = Counter()
    for key, status in statuses.items():
        if key[0] in channels and key not in counted:
            month = status.at.astimezone(zone).date().replace(day=1)
            lines[month, channels[key[0]], status.category or ""] += 1
    add(lines)


def is_news(status: StatusIn) -> bool:
    return bool(status.billable) and status.receipt in ARRIVED


def _known(delivery_ids: set[int]) -> tuple[dict[int, str], set[tuple[int, int]]]:
    """Channels of deliveries to somebody who is still there (of others nothing is recorded, so
    nobody would know when the same is told again), and which attempts were counted."""
    arrived = (
        (DeliveryEvent.delivery == Delivery.id)
        & DeliveryEvent.receipt.in_(ARRIVED)
        & DeliveryEvent.billable
    )
    query = (
        Delivery.select(Delivery.id, Delivery.channel, DeliveryEvent.attempt)
        .left_outer_join(DeliveryEvent, on=arrived)
        .where(db.among(Delivery.id, delivery_ids), Delivery.subscriber.is_null(False))
    )
    found = db.rows(query)
    channels = {delivery_id: channel for delivery_id, channel, _ in found}
    return channels, {(id, attempt) for id, _, attempt in found if attempt is not None}


def add(lines: Mapping[Line, int]) -> None:
    for (month, channel, category), number in lines.items():
        Billed.insert(month=month, channel=channel, category=category, number=number).execute()


def fold() -> int:
    """Makes one row of many; safe beside those who add, and beside itself. Returns how many rows
    are left of those it took."""
    with db.transaction():
        top = Billed.select(peewee.fn.MAX(Billed.id)).scalar()
        if top is None:
            return 0
        # Whoever deletes a row is the one who adds it up.
        taken = (
            Billed.delete()
            .where(Billed.id <= top)
            .returning(Billed.month, Billed.channel, Billed.category, Billed.number)
            .tuples()
            .execute()
        )
        lines: Counter[Line] = Counter()
        for month, channel, category, number in taken:
            lines[month, channel, category] += number
        add(lines)
        return len(lines)


def messages(first: date, last: date) -> Mapping[date, Counter[tuple[str, str]]]:
    """Month (its first day) → (channel, category) → messages that the provider bills."""
    columns = (Billed.month, Billed.channel, Billed.category)
    query = Billed.select(*columns, peewee.fn.SUM(Billed.number)).where(
        Billed.month.between(first, last)
    )
    found: dict[date, Counter[tuple[str, str]]] = {}
    for month, channel, category, number in db.rows(query.group_by(*columns)):
        found.setdefault(month, Counter())[channel, category] += int(number)
    return found
