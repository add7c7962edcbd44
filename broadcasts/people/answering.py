"""Answering: how many questions came, how many were answered by people, how soon.

Owns: what counts as a question, as long as threads hold nothing but messages, and the counts of
those whose messages retention has deleted. Never: whose it is. Reads every message of some weeks:
pages ask through broadcasts/figures. Used by the desk and by privacy.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts import db, figures
from broadcasts.people.inbox import Direction, Message

SAME = timedelta(hours=24)
"""What one person writes within it, before an answer, is one question."""


PAST = "answers of the past"
"""Figure: Monday → of each question whose messages are deleted, the minutes until its answer, or
None. So the weeks keep their counts, without the persons."""

REMEMBERED = timedelta(weeks=110)


@dataclass(frozen=True)
class Question:
    asked_at: datetime
    answered_at: datetime | None

    @property
    def minutes(self) -> float | None:
        if self.answered_at is None:
            return None
        return (self.answered_at - self.asked_at).total_seconds() / 60

    def week(self, zone: ZoneInfo) -> str:
        return _monday(self.asked_at, zone).isoformat()


def weeks(zone: ZoneInfo, since: datetime) -> list[dict[str, Any]]:
    """By the week (from Monday) in which it was asked, oldest first: `{"week", "questions",
    "answered", "minutes"}`, the last one the median until the first answer, or None."""
    first = _monday(since, zone).isoformat()
    found: dict[str, list[float | None]] = defaultdict(list)
    for week, minutes in _past().items():
        if week >= first:
            found[week] += minutes
    for question in questions(Message.at >= since):
        found[question.week(zone)].append(question.minutes)
    return [_week(week, asked) for week, asked in sorted(found.items())]


def _week(week: str, asked: Sequence[float | None]) -> dict[str, Any]:
    waits = [minutes for minutes in asked if minutes is not None]
    return {
        "week": week,
        "questions": len(asked),
        "answered": len(waits),
        "minutes": round(median(waits), 1) if waits else None,
    }


def _monday(at: datetime, zone: ZoneInfo) -> date:
    on = at.astimezone(zone).date()
    return on - timedelta(days=on.weekday())


def _past() -> dict[str, list[float | None]]:
    known = figures.kept(PAST)
    return dict(known.data) if known else {}


def remember(message_ids: Sequence[int], zone: ZoneInfo, now: datetime) -> None:
    """In the transaction that deletes these messages, one process at a time: what they were counted
    as stays."""
    past, oldest = _past(), _monday(now - REMEMBERED, zone).isoformat()
    for question in questions(db.among(Message.id, message_ids)):
        past.setdefault(question.week(zone), []).append(question.minutes)
    figures.keep(PAST, {week: asked for week, asked in past.items() if week >= oldest})


def questions(*which: Any) -> Iterator[Question]:
    """Those in the messages of which these conditions hold."""
    query = Message.select(Message.subscriber, Message.direction, Message.at).where(*which)
    rows = db.rows(query.order_by(Message.subscriber, Message.at, Message.id))
    for _, thread in groupby(rows, key=itemgetter(0)):
        yield from _of_thread((direction, at) for _, direction, at in thread)


def _of_thread(items: Iterable[tuple[Direction, datetime]]) -> Iterator[Question]:
    asked: datetime | None = None
    latest: datetime | None = None
    for direction, at in items:
        if direction == Direction.OUT:
            if asked is not None:
                yield Question(asked, at)
            asked = latest = None
        elif latest is not None and asked is not None and at - latest > SAME:
            yield Question(asked, None)
            asked = latest = at
        else:
            asked, latest = asked or at, at
    if asked is not None:
        yield Question(asked, None)
