"""Answering: how many questions came, how many were answered by people, how soon.

Owns: what counts as a question, as long as threads hold nothing but messages. Never: whose it is.
Reads every message of some weeks: pages ask through broadcasts/figures. Used by the desk.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts import db
from broadcasts.people.inbox import Direction, Message

SAME = timedelta(hours=24)
"""What one person writes within it, before an answer, is one question."""


@dataclass(frozen=True)
class Question:
    asked_at: datetime
    answered_at: datetime | None


def weeks(zone: ZoneInfo, since: datetime) -> list[dict[str, Any]]:
    """By the week (from Monday) in which it was asked, oldest first: `{"week", "questions",
    "answered", "minutes"}`, the last one the median until the first answer, or None."""
    found: dict[date, list[Question]] = {}
    for question in questions(since):
        on = question.asked_at.astimezone(zone).date()
        found.setdefault(on - timedelta(days=on.weekday()), []).append(question)
    return [_week(week, asked) for week, asked in sorted(found.items())]


def _week(week: date, asked: list[Question]) -> dict[str, Any]:
    waits = [one.answered_at - one.asked_at for one in asked if one.answered_at is not None]
    minutes = median(wait.total_seconds() / 60 for wait in waits) if waits else None
    return {
        "week": week.isoformat(),
        "questions": len(asked),
        "answered": len(waits),
        "minutes": None if minutes is None else round(minutes, 1),
    }


def questions(since: datetime) -> Iterator[Question]:
    query = Message.select(Message.subscriber, Message.direction, Message.at)
    rows = db.rows(
        query.where(Message.at >= since).order_by(Message.subscriber, Message.at, Message.id)
    )
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
