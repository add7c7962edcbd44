"""What would happen if an alert were sent now, without counting a million readers for each look.

Owns: how old these figures may be. Never: counts (newsroom/alerts, readiness). Used by the pages of
alerts.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.desk import here
from broadcasts import clock, figures
from broadcasts.newsroom import alerts, readiness
from broadcasts.newsroom.alerts import Draft, Outlook
from broadcasts.saying import Said, pack, unpack

COUNTED_FOR = timedelta(minutes=1)


def look(draft: Draft) -> Outlook | None:
    """For a page; None: is being counted, behind its back. Raises AlertError."""
    found = _counted(figures.later, draft)
    if found is None:
        alerts.check(draft)
        return None
    return alerts.outlook(here.newsroom(), draft, clock.now(), readers=found.data)


def settle(draft: Draft) -> Outlook:
    """For the click that decides: somebody has looked before, so nothing is counted that takes
    long. Raises AlertError."""
    found = _counted(figures.recent, draft)
    return alerts.outlook(here.newsroom(), draft, clock.now(), readers=found.data)


def count_ahead(draft: Draft) -> None:
    """The form is open: what it will say is known by the time that something is written."""
    _counted(figures.later, draft)


def _counted(ask: Callable[..., Any], draft: Draft) -> Any:
    room = here.newsroom()
    return ask(
        f"audience {alerts.audience_of(draft)} {draft.follows or ''}",
        lambda: alerts.counted(room, draft, clock.now()),
        max_age=COUNTED_FOR,
    )


class Verdict:
    """Of readiness, and how old it is."""

    def __init__(self, data: dict[str, Any], as_of: datetime) -> None:
        self.said: Said = unpack(data["verdict"])
        self.is_ready: bool = data["ready"]
        self.as_of = as_of


def verdict() -> Verdict | None:
    """None: is being counted."""
    room = here.newsroom()

    def count() -> dict[str, Any]:
        found = readiness.look(room, clock.now())
        return {"verdict": pack(found.verdict), "ready": found.is_ready}

    found = figures.later("readiness verdict", count, max_age=COUNTED_FOR)
    return Verdict(found.data, found.computed_at) if found else None
