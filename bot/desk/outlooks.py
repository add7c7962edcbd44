"""What would happen if an alert were sent now, without counting a million readers for each look.

Owns: how old these figures may be. Never: counts (newsroom/alerts, readiness). Used by the pages of
alerts.
"""

from datetime import datetime, timedelta
from typing import Any

from bot.desk import here
from broadcasts import clock, figures
from broadcasts.newsroom import alerts, readiness
from broadcasts.newsroom.alerts import Draft, Outlook
from broadcasts.saying import Said, pack, unpack

COUNTED_FOR = timedelta(minutes=1)


def look(draft: Draft) -> Outlook:
    """Raises AlertError. From the click to the first message nothing is counted that takes long."""
    room = here.newsroom()
    found = figures.recent(
        f"audience {alerts.audience_of(draft)} {draft.follows or ''}",
        lambda: alerts.counted(room, draft, clock.now()),
        max_age=COUNTED_FOR,
    )
    return alerts.outlook(room, draft, clock.now(), readers=found.data)


class Verdict:
    """Of readiness, and how old it is."""

    def __init__(self, data: dict[str, Any], as_of: datetime) -> None:
        self.said: Said = unpack(data["verdict"])
        self.is_ready: bool = data["ready"]
        self.as_of = as_of


def verdict() -> Verdict:
    room = here.newsroom()

    def count() -> dict[str, Any]:
        found = readiness.look(room, clock.now())
        return {"verdict": pack(found.verdict), "ready": found.is_ready}

    found = figures.recent("readiness verdict", count, max_age=COUNTED_FOR)
    return Verdict(found.data, found.computed_at)
