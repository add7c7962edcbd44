"""Figures that are dear to count: kept, shown with their age, counted anew behind the page's back.

Owns: the table of the last results. Never: knows what is counted. Used by pages that must not wait
for a count over a million rows.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.faults import where

log = logging.getLogger(__name__)

CHEAP = 0.02
"""Seconds: what took no longer is counted while the page waits, and is always exact."""


class Figure(db.Model):
    name = peewee.CharField(primary_key=True, max_length=120)
    data = db.JSONField()
    took = peewee.FloatField()
    """Seconds."""
    computed_at = db.UTCField()


@dataclass(frozen=True)
class Recent:
    data: Any
    """As JSON gives it back: keys of a mapping are text."""
    computed_at: datetime


AT_ONCE = 3
"""A count that waits for a provider must not hold up the others."""

_lock = threading.Lock()
_running: dict[str, Future[None]] = {}
_pool: list[ThreadPoolExecutor] = []


def recent(name: str, count: Callable[[], Any], *, max_age: timedelta) -> Recent:
    """What `count` (its result must go into JSON) gave last. Older than `max_age` it is counted
    anew in the background; what is cheap, or was never counted, at once."""
    row = Figure.get_or_none(Figure.name == name)
    if row is None:
        return _count(name, count)
    return _known(row, count, max_age)


def later(name: str, count: Callable[[], Any], *, max_age: timedelta) -> Recent | None:
    """The same for a list of many: what was never counted is None, and counted behind the page's
    back."""
    row = Figure.get_or_none(Figure.name == name)
    if row is None:
        _refresh(name, count)
        return None
    return _known(row, count, max_age)


def several(counts: Mapping[str, Callable[[], Any]], *, max_age: timedelta) -> dict[str, Recent]:
    """`later` of a whole list by one look: name → what is known. Here the cheap ones, too, may be
    as old as `max_age`."""
    rows = {row.name: row for row in Figure.select().where(Figure.name.in_(list(counts)))}
    for name in counts.keys() - rows.keys():
        _refresh(name, counts[name])
    young = clock.now() - max_age
    return {
        name: Recent(row.data, row.computed_at)
        if row.computed_at > young
        else _known(row, counts[name], max_age)
        for name, row in rows.items()
    }


def _known(row: Figure, count: Callable[[], Any], max_age: timedelta) -> Recent:
    if row.took <= CHEAP:
        return _count(row.name, count)
    # Looking must cost much less than what is looked at.
    if clock.now() - row.computed_at > max(max_age, timedelta(seconds=10 * row.took)):
        _refresh(row.name, count)
    return Recent(row.data, row.computed_at)


def kept(name: str) -> Recent | None:
    """What was counted or kept last, whatever its age; never counts."""
    row = Figure.get_or_none(Figure.name == name)
    return Recent(row.data, row.computed_at) if row else None


def renew(name: str, count: Callable[[], Any]) -> None:
    """Counts anew behind the page's back, once at a time, whatever is known."""
    _refresh(name, count)


def is_being_counted(name: str) -> bool:
    """In this process."""
    with _lock:
        return name in _running


def keep(name: str, data: Any) -> Recent:
    """Keeps what somebody has just found out."""
    return _count(name, lambda: data)


def forget(name: str) -> None:
    """The next question counts anew."""
    Figure.delete().where(Figure.name == name).execute()


def _count(name: str, count: Callable[[], Any]) -> Recent:
    began, at = time.perf_counter(), clock.now()
    data = json.loads(json.dumps(count()))  # the first answer is like every later one
    took = time.perf_counter() - began
    values = {"data": data, "took": took, "computed_at": at}
    Figure.insert(name=name, **values).on_conflict(
        conflict_target=[Figure.name], update=values
    ).execute()
    return Recent(data, at)


def _refresh(name: str, count: Callable[[], Any]) -> None:
    with _lock:
        if name in _running:
            return
        if not _pool:
            _pool.append(ThreadPoolExecutor(AT_ONCE, thread_name_prefix="figures"))
        _running[name] = _pool[0].submit(_count_apart, name, count)


def _count_apart(name: str, count: Callable[[], Any]) -> None:
    try:
        with db.session():
            _count(name, count)
    except Exception as error:
        # The page goes on showing the last one, with its age.
        log.warning("figure name=%s error=%s", name, where(error))
    finally:
        with _lock:
            _running.pop(name, None)


def finish() -> None:
    """Waits for what is being counted; closing the database does, too."""
    with _lock:
        pending = list(_running.values())
    for future in pending:
        future.result()


# Else its thread would count on in a database that is closed, or in the next one's.
db.before_closing.append(finish)
