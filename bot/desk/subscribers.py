"""Subscribers: how many there are, by channel, class and language, and how that has grown.

Owns: the pages of counts. Never: a person, a list of names (one person: person.py). Part of the
desk.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from bot.desk import files, here
from bot.desk.access import ANYBODY
from bot.desk.language import gettext, lazy
from broadcasts import clock
from broadcasts.newsroom import subjects
from broadcasts.people import growth, pauses
from broadcasts.people.growth import DailyFigure, Span
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Wants

pages = Blueprint("subscribers", __name__, url_prefix="/subscribers")
ACCESS = dict.fromkeys(("page", "export"), ANYBODY)
MENU = (("page", lazy("Subscribers")),)

BACK = {"day": timedelta(days=41), "week": timedelta(weeks=52)}
"""How far a chart goes back."""

SHOWN = (
    Wants.EVERYTHING,
    Wants.ALERTS_ONLY,
    Wants.STOPPED,
    Wants.RETIRED,
    Wants.RESTRICTED,
    Wants.NOTHING,
)


@pages.get("/")
def page() -> str:
    by = "week" if request.args.get("by") == "week" else "day"
    found, chosen = growth.present(), growth.chosen()
    spans = grown(by, request.args.get("channel", ""))
    return render_template(
        "subscribers/page.html",
        **_counts(found.data),
        as_of=min(found.computed_at, chosen.computed_at),
        paused=pauses.count(clock.today(here.city().zone)),
        by=by,
        channel=request.args.get("channel", ""),
        spans=spans,
        active=active(spans),
        moves=moves(spans),
        shown=SHOWN,
        chosen=subjects.demand(here.city().settings, chosen.data),
    )


def _counts(groups: Sequence[Sequence[Any]]) -> dict[str, Any]:
    by_channel: dict[str, Counter[str]] = {}
    languages: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for channel, language, wants, number in groups:
        by_channel.setdefault(channel, Counter())[wants] += number
        totals[wants] += number
        if wants in REACHED_BY_ALERTS:
            languages[language] += number
    return {
        "totals": totals,
        "by_channel": sorted(by_channel.items()),
        "languages": languages.most_common(),
        "readers": sum(totals[wants] for wants in REACHED_BY_ALERTS),
    }


def grown(by: str, channel: str = "") -> list[Span]:
    """Days of six weeks, or weeks of a year; of one channel or of all."""
    today = clock.today(here.city().zone)
    rows = [row for row in growth.rows(today - BACK[by]) if channel in ("", row.channel)]
    return growth.by_week(rows) if by == "week" else growth.by_day(rows)


Series = list[tuple[str, list[tuple[date, int]]]]


def active(spans: Sequence[Span]) -> Series:
    """Readers over time, by class."""
    return [
        (gettext("all readers"), [(one.begin, one.active) for one in spans]),
        (gettext("alerts only"), [(one.begin, one.alerts_only) for one in spans]),
    ]


def moves(spans: Sequence[Span]) -> Series:
    """Who came and who went."""
    came: Series = [
        (gettext("joined"), [(one.begin, one.joined) for one in spans]),
        (gettext("left or erased"), [(one.begin, one.left + one.erased) for one in spans]),
    ]
    moved_in = [(one.begin, one.imported) for one in spans]
    return [*came, (gettext("moved in"), moved_in)] if any(n for _, n in moved_in) else came


@pages.get("/growth.csv")
def export() -> Response:
    """Every day that was ever counted."""
    names = ("joined", "imported", "left", "erased", "with_digests", "alerts_only")
    rows = growth.rows(date.min)
    return files.table("growth", ("day", "channel", *names), (_row(row, names) for row in rows))


def _row(row: DailyFigure, names: Sequence[str]) -> list[Any]:
    return [row.on.isoformat(), row.channel, *(getattr(row, name) for name in names)]
