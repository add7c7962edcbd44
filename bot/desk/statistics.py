"""Statistics: growth, reach, cost against the budget, answers; as pictures, tables and files.

Owns: the page of figures. Never: a person's habits: of a group of fewer than five nobody is told
how many have read. Part of the desk.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, render_template

from bot.desk import broadcasts, files, here, subscribers
from bot.desk.access import ANYBODY
from bot.desk.language import gettext, lazy, short_month
from broadcasts import clock, figures
from broadcasts.delivery import reading, tallies
from broadcasts.delivery.states import WARNINGS, BroadcastKind
from broadcasts.newsroom import budget, satisfaction
from broadcasts.newsroom.budget import Month
from broadcasts.people import answering

pages = Blueprint("statistics", __name__, url_prefix="/statistics")
ACCESS = dict.fromkeys(("page", "reach_file", "costs_file", "answers_file"), ANYBODY)
MENU = (("page", lazy("Statistics")),)

DIGESTS, ALERTS, MONTHS = 30, 10, 12
WEEKS = timedelta(weeks=12)
HALF_A_YEAR = 26
"""Weeks; the page of subscribers shows a year."""

RATINGS = {
    "good": lazy("helped"),
    "fair": lazy("helped in part"),
    "poor": lazy("did not help"),
}

DIGEST_KINDS = (BroadcastKind.DIGEST,)
NOTICE_KINDS = (BroadcastKind.NOTICE,)
ALERT_KINDS = WARNINGS


@pages.get("/")
def page() -> str:
    spans = subscribers.grown("week")[-HALF_A_YEAR:]
    digests, months, answers = reach(DIGEST_KINDS, DIGESTS), costs(), answered()
    spent = _since_the_first(months)
    return render_template(
        "statistics/page.html",
        spans=spans,
        moves=subscribers.moves(spans),
        digests=digests,
        alerts=reach(ALERT_KINDS, ALERTS),
        service_notices=reach(NOTICE_KINDS, ALERTS),
        reached=_reached(digests),
        shares=_shares(digests),
        fewest=reading.FEWEST,
        untold=broadcasts.untold(),
        months=spent,
        month=months[-1],
        spending=_spending(spent),
        budget=here.city().settings.budget,
        answers=answers,
        asked=_asked(answers or []),
        ratings=satisfaction.weeks(here.city().zone, clock.now() - WEEKS),
        helped=RATINGS,
    )


# ------------------------------------------------------------------ reach


def reach(kinds: Sequence[BroadcastKind], limit: int) -> list[dict[str, Any]]:
    """Oldest first; `read` and `share` are None where they would say too much of too few."""
    return [_guarded(row) for row in tallies.recent(kinds, limit)]


def _guarded(row: dict[str, Any]) -> dict[str, Any]:
    read = reading.shown(row["read"], reached=row["reached"])
    told = _told(row)
    share = read / told if read is not None and told else None
    return {**row, "read": read, "share": share}


def _told(row: dict[str, Any]) -> int:
    """Of those reached: on channels that say whether something was read."""
    channels = here.city().channels
    untold = {kind for kind, channel in channels.items() if not channel.tells_receipts}
    unsaid = sum(int(number) for kind, _, number in row["messages"] if kind in untold)
    return int(row["reached"]) - unsaid


def _reached(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[tuple[date, int]]]]:
    names = {
        "recipients": gettext("recipients"),
        "delivered": gettext("delivered"),
        "read": gettext("read"),
    }
    # One that is just leaving would look like a fall to nothing.
    told = [row for row in rows if row["delivered"]]
    lines = {"recipients": rows, "delivered": told, "read": told}
    return [
        (name, [(row["on"], row[key]) for row in lines[key] if row[key] is not None])
        for key, name in names.items()
    ]


def _shares(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[tuple[date, float]]]]:
    points = [(row["on"], 100 * row["share"]) for row in rows if row["share"] is not None]
    return [(gettext("read, in a hundred"), points)]


@pages.get("/reach.csv")
def reach_file() -> Response:
    head = ("broadcast", "kind", "day", "recipients", "reached", "delivered", "read", "read_share")
    rows = reach(tuple(BroadcastKind), 1000)
    return files.table("reach", head, (_reach_row(row) for row in rows))


def _reach_row(row: dict[str, Any]) -> list[Any]:
    share = None if row["share"] is None else round(row["share"], 3)
    figures = [row[key] for key in ("recipients", "reached", "delivered", "read")]
    return [row["broadcast"], str(row["kind"]), row["on"].isoformat(), *figures, share]


# ------------------------------------------------------------------ cost


def costs() -> list[Month]:
    return budget.months(here.newsroom(), clock.today(here.city().zone), MONTHS)


def _spending(months: Sequence[Month]) -> list[tuple[str, list[tuple[str, Decimal]]]]:
    return [
        (gettext("estimated"), [(short_month(one.first), one.estimated.amount) for one in months]),
        (gettext("billed"), [(short_month(one.first), one.billed.amount) for one in months]),
    ]


def _since_the_first(months: list[Month]) -> list[Month]:
    """From the first month with anything in it."""
    while months and not (months[0].estimated_messages or months[0].billed_messages):
        months = months[1:]
    return months


@pages.get("/costs.csv")
def costs_file() -> Response:
    head = (
        *("month", "channel", "category", "messages_estimated", "messages_billed"),
        *("amount_estimated", "amount_billed", "currency", "rates_of", "messages_without_rate"),
    )
    return files.table("costs", head, (row for month in costs() for row in _cost_rows(month)))


def _cost_rows(month: Month) -> list[list[Any]]:
    """A line per category, then the month's amounts."""
    name = f"{month.first:%Y-%m}"
    rates = min(filter(None, (month.estimated.priced_on, month.billed.priced_on)), default=None)
    return [
        *([name, *line, None, None, None, None, None] for line in month.by_category),
        [
            *(name, "all", "all", month.estimated_messages, month.billed_messages),
            *(month.estimated.amount, month.billed.amount, month.billed.currency),
            *(rates, month.billed.unpriced),
        ],
    ]


# ------------------------------------------------------------------ answers


def answered() -> list[dict[str, Any]] | None:
    """None: is being counted for the first time."""
    zone = here.city().zone
    found = figures.later(
        "answers",
        lambda: answering.weeks(zone, clock.now() - WEEKS),
        max_age=timedelta(minutes=30),
    )
    if found is None:
        return None
    return [{**row, "week": date.fromisoformat(row["week"])} for row in found.data]


def _asked(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[tuple[date, int]]]]:
    return [
        (gettext("questions"), [(row["week"], row["questions"]) for row in rows]),
        (gettext("answered"), [(row["week"], row["answered"]) for row in rows]),
    ]


@pages.get("/answers.csv")
def answers_file() -> Response:
    head = ("week", "questions", "answered", "median_minutes")
    return files.table("answers", head, ([row[key] for key in _KEYS] for row in answered() or []))


_KEYS = ("week", "questions", "answered", "minutes")
