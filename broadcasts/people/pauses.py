"""A pause: days on which somebody gets no digest, and is back by themselves afterwards.

Owns: what counts as pausing, on a row and in a query, and how many do. Never: begins or ends one
(newsroom/pausing). Called by audience, wire and links; the rule is a comparison with a day, so that
nothing has to run for somebody to be back.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import peewee

from broadcasts.people.subscribers import REACHED_BY_DIGESTS, Subscriber

LONGEST = timedelta(days=366)

Span = tuple[date | None, date | None]
"""(first day, last day); two None: no pause."""


def pauses_on(until: date | None, day: date) -> bool:
    """Whether a pause up to `until` holds on that local day."""
    return until is not None and day <= until


def is_pausing(table: Any, day: date) -> Any:
    """The same of a row of `table`, as a condition that is never NULL."""
    return table.paused_until.is_null(False) & (table.paused_until >= day)


def longest(rows: Sequence[Subscriber]) -> Span:
    """Of rows that become one person's: whoever paused on one of them goes on pausing."""
    begins = [row.paused_from for row in rows if row.paused_from]
    return min(begins, default=None), max(
        (row.paused_until for row in rows if row.paused_until), default=None
    )


def count(day: date) -> int:
    """Persons who would get a digest that day if they did not pause; a linked one once."""
    person = peewee.fn.COALESCE(Subscriber.prefers, Subscriber.id)
    query = Subscriber.select(peewee.fn.COUNT(person.distinct())).where(
        is_pausing(Subscriber, day), Subscriber.wants.in_(REACHED_BY_DIGESTS)
    )
    return int(query.scalar())
