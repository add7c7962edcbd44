"""`stadtbote templates …`: the wordings approved by the channel."""

import argparse

from bot.commands.base import Answer, city, session, table
from broadcasts.delivery import templates
from broadcasts.newsroom import template_sync

COLUMNS = ["name", "language", "category", "state", "quality"]


def listing(options: argparse.Namespace) -> Answer:
    """As the provider has them now."""
    here = city(options)
    with session():
        template_sync.refresh(here.newsroom)
        return Answer(*_known())


def _known() -> tuple[list[dict[str, str]], list[str]]:
    rows = [{column: getattr(row, column) for column in COLUMNS} for row in templates.everyone()]
    return rows, table(COLUMNS, [list(row.values()) for row in rows])


def sync(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        report = template_sync.sync(here.newsroom)
        rows, _ = _known()
    lines = report.lines()
    refused = ", ".join(report.failed)
    complaint = f"the provider refuses {refused}" if refused else ""
    return Answer({**report.as_json(), "templates": rows}, lines, complaint=complaint)
