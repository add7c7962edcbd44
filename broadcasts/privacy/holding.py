"""What is held of one person, in short: for whoever decides what to do about it.

Owns: the summary. Never: a text the person wrote, or the whole copy (export). Used by the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from broadcasts import db
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import links
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber


@dataclass(frozen=True)
class Evidence:
    at: datetime
    deed: Deed
    wording: str
    has_message: bool
    """The person's own message is kept as the proof."""
    keyword: str
    """What they wrote, or the label they tapped."""
    said: str
    """What an import or a member of staff wrote down."""


@dataclass(frozen=True)
class Holding:
    evidence: Sequence[Evidence]
    messages: int
    broadcasts: int
    answers: int
    linked: Sequence[str]
    """Other channels on which the same person is known; no address."""
    reached_on: str
    """The one of them on which they prefer to be reached; empty: here."""


def of(person: Subscriber) -> Holding:
    evidence = Consent.select().where(Consent.subscriber == person)
    hers = Delivery.subscriber == person
    others = links.others(person)
    return Holding(
        evidence=[_evidence(row) for row in evidence.order_by(Consent.at, Consent.id)],
        messages=_count(Message.select().where(Message.subscriber == person)),
        broadcasts=_count(Delivery.select().where(hers, Delivery.broadcast.is_null(False))),
        answers=_count(Delivery.select().where(hers, Delivery.broadcast.is_null())),
        linked=[row.channel for row in others],
        reached_on=next((row.channel for row in others if row.id == person.prefers), ""),
    )


def _evidence(row: Consent) -> Evidence:
    return Evidence(
        row.at,
        row.deed,
        row.wording,
        row.message_id is not None,
        row.keyword or "",
        row.evidence or "",
    )


def _count(query: Any) -> int:
    """Through the index on the person."""
    return int(db.rows(query.select(peewee.fn.COUNT(peewee.SQL("*"))))[0][0])
