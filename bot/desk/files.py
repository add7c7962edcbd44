"""Figures as files for spreadsheets.

Owns: the form of a CSV. Never: what stands in one. Used by every area that gives figures out.

Headings are English words that stay the same whatever language the page has: a city's own sheets
rely on them. Numbers have a decimal comma, like the semicolons between them; days are 2026-11-24.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from flask import Response

MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""


def _written(cell: Any) -> Any:
    if cell is None:
        return ""
    # With a point a German spreadsheet takes 12.5 for a day in May.
    return str(cell).replace(".", ",") if isinstance(cell, float | Decimal) else cell


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Parted by semicolons, as a German spreadsheet expects; `name` without its ending."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(head)
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return Response(
        MARK + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
