"""Figures as files for spreadsheets.

Owns: the form of a CSV. Never: what stands in one. Used by every area that gives figures out.

Headings are English words that stay the same whatever language the page has: a city's own sheets
rely on them. Numbers have a decimal point, days are 2026-11-24.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Parted by semicolons, as a German spreadsheet expects; `name` without its ending."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(head)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return Response(
        MARK + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
