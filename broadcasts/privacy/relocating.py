"""A whole channel's readers on their way to another one: the day a platform bans newsletters.

Owns: who is moved at once, who is told with a code of their own, who only a post can tell. Never:
subscribes anybody who has not written there. Called by `channel move`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from broadcasts import db
from broadcasts.channels.base import Channel, Text
from broadcasts.delivery import once, outbox
from broadcasts.newsroom import answers
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import consent, links
from broadcasts.people.consent import Deed
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber
from broadcasts.privacy import link_codes
from broadcasts.privacy.link_codes import LinkCode, Purpose

PAGE = 200
"""Rows in one transaction: short enough that webhooks get in between."""

EVIDENCE = "the city moves its readers to {channel}"


@dataclass(frozen=True)
class Move:
    """From which channel to which."""

    newsroom: Newsroom
    origin: Channel
    target: Channel
    key: bytes
    now: datetime


@dataclass
class Report:
    linked: int = 0
    """Have a row on the new channel already, and are reached there from now on."""
    told: int = 0
    """Their window is open: they get a code of their own."""
    told_before: int = 0
    """The same, by an earlier run; their code is still valid."""
    to_tell: int = 0
    """Can only be told by a post."""

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def post_text(move: Move) -> str:
    """For those whom only a post reaches: in the city's language."""
    return move.newsroom.texts.get("move_post", move.newsroom.language)


def run(move: Move, *, dry_run: bool = False) -> Report:
    """Safe to repeat: nobody is told twice while their code is valid. `dry_run`: counts only."""
    report = Report()
    last: int | None = 0
    while last is not None:
        with db.transaction():
            page = _page(move, last)
            _take(move, page, report, dry_run=dry_run)
        last = page[-1].id if page else None
    return report


def _page(move: Move, last: int) -> list[Subscriber]:
    """Kept as they are until this transaction ends: nobody leaves between look and letter. Whoever
    writes the rows of a broadcast need not wait: we may be waiting for them."""
    query = Subscriber.select().where(
        Subscriber.channel == move.origin.kind,
        Subscriber.wants.in_(REACHED_BY_ALERTS),
        Subscriber.id > last,
    )
    return list(db.for_update(query.order_by(Subscriber.id).limit(PAGE), by_key=False))


def _take(move: Move, page: Sequence[Subscriber], report: Report, *, dry_run: bool) -> None:
    linked, told = set(_linked(page)), set(_told(move, page))
    for person in page:
        there = _row_there(move, person) if person.id in linked else None
        if there is not None:
            report.linked += 1
            if not dry_run and person.prefers != there.id:
                _prefer(move, person, there)
        elif not answers.may_write(move.origin, person, move.now):
            report.to_tell += 1
        elif person.id in told:
            report.told_before += 1
        else:
            report.told += 1
            if not dry_run:
                _tell(move, person)


def _linked(page: Sequence[Subscriber]) -> Iterator[int]:
    """Most are not; of those nothing is looked up one by one."""
    yield from (person.id for person in page if person.prefers is not None)
    ids = [person.id for person in page]
    query = Subscriber.select(Subscriber.prefers).where(db.among(Subscriber.prefers, ids))
    yield from (row[0] for row in db.rows(query))


def _told(move: Move, page: Sequence[Subscriber]) -> Iterator[int]:
    query = LinkCode.select(LinkCode.subscriber).where(
        db.among(LinkCode.subscriber, [person.id for person in page]),
        LinkCode.purpose == Purpose.MOVE,
        # One that somebody has asked for themselves is not valid for so long.
        LinkCode.expires_at > move.now + link_codes.VALID,
    )
    yield from (row[0] for row in db.rows(query))


def _row_there(move: Move, person: Subscriber) -> Subscriber | None:
    for row in links.others(person):
        if row.channel == move.target.kind and row.wants in REACHED_BY_ALERTS:
            return row
    return None


def _prefer(move: Move, person: Subscriber, there: Subscriber) -> None:
    rows = [there, *links.others(there)]
    links.prefer(there, rows)
    for row in rows:
        evidence = EVIDENCE.format(channel=there.channel)
        consent.record(row, Deed.CONNECTED, at=move.now, evidence=evidence)
    once.settle(rows, on=there)


def _tell(move: Move, person: Subscriber) -> None:
    code = link_codes.make(
        person,
        Purpose.MOVE,
        key=move.key,
        now=move.now,
        length=link_codes.LONG,
        valid=link_codes.LONG_VALID,
    )
    text = move.newsroom.texts.get("move_invitation", person.language, code=code)
    outbox.answer(person, Text("\n".join(filter(None, (text, way(move.target, code))))))


def way(channel: Channel, typed: str) -> str:
    """Opens a chat with us on this channel, with this typed in; empty where there is no such."""
    account = next(iter(channel.accounts), None)
    return account.join.replace("{text}", typed) if account is not None else ""


def counts(report: Report) -> dict[str, Any]:
    """For the audit trail."""
    return {key: number for key, number in report.as_json().items() if number}
