"""Retention: every night what is older than its clock goes, and a report says how much.

Owns: the table of rules, their order, and the report. Never: what a rule deletes (ageing, leaving).
Run by bot/jobs; safe to repeat, on several workers one at a time.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import peewee

from broadcasts import clock, db, journal
from broadcasts.locks import Lock
from broadcasts.people import subscribers
from broadcasts.privacy import ageing, audit, copies, leaving, proofs
from broadcasts.privacy.ageing import Ground

log = logging.getLogger(__name__)

PAUSE = 0.05
"""Seconds between two batches: webhooks, an alert and a digest get in between."""

BATCH = 200


class RetentionReport(db.Model):
    """So much one rule has deleted on one local day. Counts only: kept for good."""

    on = peewee.DateField(column_name="on_date")
    rule = peewee.CharField(max_length=20)
    number = peewee.IntegerField(default=0)
    done_at = db.UTCField(null=True)
    """When nothing more was left to do for the rule."""

    class Meta:
        table_name = "retention_report"
        primary_key = peewee.CompositeKey("on", "rule")


@dataclass(frozen=True)
class Rule:
    name: str
    clock: str
    """The setting of its clock; empty: none."""
    step: Callable[[Ground], Iterator[int]]
    """Yields after each bounded batch how many went."""


def _while_some(drop: Callable[[Ground], int]) -> Callable[[Ground], Iterator[int]]:
    def step(ground: Ground) -> Iterator[int]:
        while gone := drop(ground):
            yield gone

    return step


RULES: Sequence[Rule] = (
    Rule("closed", "closed", ageing.closed_conversations),
    Rule("open", "open", ageing.old_conversations),
    # Before the answers: a question that failed is one of them.
    Rule("silent", "asked", leaving.silent),
    Rule("answers", "bot_messages", ageing.answers),
    Rule("stopped", "stopped", leaving.stopped),
    Rule("strangers", "stopped", leaving.strangers),
    Rule("unconfirmed", "unconfirmed", leaving.unconfirmed),
    Rule("proofs", "proof_years", _while_some(lambda g: proofs.forget_old(g.now))),
    Rule(
        "access_log",
        "access_log",
        _while_some(lambda g: audit.forget_looks(g.audit_key, g.before(g.kept.access_log))),
    ),
    Rule(
        "strange",
        "strange",
        _while_some(lambda g: journal.forget_strange(g.before(g.kept.strange))),
    ),
    Rule(
        "choices",
        "",
        _while_some(lambda g: subscribers.drop_unselected()),
    ),
    Rule("copies", "", _while_some(lambda g: copies.forget_old(g.now))),
    # Last: the first nights of a city with years behind it are not enough for it alone.
    Rule("deliveries", "deliveries", ageing.links),
)

ASKED = "asked"
"""Beside the rules in the report: who was asked whether they are still there."""


def run(ground: Ground, on: date, *, pause: float = PAUSE) -> dict[str, int]:
    """Everything that is due; a crash goes on with the rule it was in. Rule → how many, of those
    that were not done for this day already. Empty, too, while another process is at it."""
    lock = Lock("retention")
    if not lock.acquire():
        return {}
    try:
        return {
            rule.name: _apply(rule, ground, on, pause=pause)
            for rule in RULES
            if not _is_done(on, rule.name)
        }
    finally:
        lock.release()


def _apply(rule: Rule, ground: Ground, on: date, *, pause: float) -> int:
    total = 0
    for number in rule.step(ground):
        total += number
        if number:
            note(on, rule.name, number)
        time.sleep(pause)
    note(on, rule.name, 0, done=True)
    if total:
        log.info("retention rule=%s number=%s", rule.name, total)
        # Not only deleted: in no file any more.
        db.truncate_log()
    return total


def note(on: date, rule: str, number: int, *, done: bool = False) -> None:
    change: dict[str, Any] = {"number": RetentionReport.number + number}
    done_at = clock.now() if done else None
    if done:
        change["done_at"] = done_at
    RetentionReport.insert(on=on, rule=rule, number=number, done_at=done_at).on_conflict(
        conflict_target=[RetentionReport.on, RetentionReport.rule], update=change
    ).execute()


def _is_done(on: date, rule: str) -> bool:
    row = RetentionReport.get_or_none(RetentionReport.on == on, RetentionReport.rule == rule)
    return row is not None and row.done_at is not None


def is_done(on: date) -> bool:
    return all(_is_done(on, rule.name) for rule in RULES)


def was_asked(on: date) -> bool:
    return _is_done(on, ASKED)


def nights(limit: int = 30) -> list[tuple[date, Mapping[str, int]]]:
    """(day, rule → how many), the newest first; a rule that deleted nothing is 0."""
    days = RetentionReport.select(RetentionReport.on).distinct()
    newest = [row[0] for row in db.rows(days.order_by(RetentionReport.on.desc()).limit(limit))]
    rows = RetentionReport.select().where(RetentionReport.on.in_(newest))
    found: dict[date, dict[str, int]] = {on: {} for on in newest}
    for row in rows:
        found[row.on][row.rule] = row.number
    return list(found.items())
