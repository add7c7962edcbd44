"""The audit trail: who did what, filtered; whether it is whole; as a file.

Owns: the pages around it. Never: writes it (here.note does). Part of the desk.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.desk import acts_detail, here
from bot.desk.access import only
from bot.desk.acts import in_words
from bot.desk.language import gettext, lazy
from broadcasts import clock, db, figures
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from broadcasts.privacy.audit import Filter

pages = Blueprint("audit", __name__, url_prefix="/audit")
ACCESS = dict.fromkeys(("listing", "check", "live", "export"), only(Role.ADMIN, Role.PRIVACY))
MENU = (("listing", lazy("Audit trail")),)

ON_A_PAGE = 50
MIDNIGHT = time(0)
WHOLE = "audit whole"
"""Under this name the last check is kept."""


@pages.get("/")
def listing() -> str:
    rows = audit.newest(_filter(), before=request.args.get("before", type=int), limit=ON_A_PAGE + 1)
    asked = _asked()
    return render_template(
        "audit/listing.html",
        rows=rows[:ON_A_PAGE],
        words=in_words,
        who=acts_detail.who,
        about=acts_detail.about,
        details=acts_detail.details,
        older=rows[ON_A_PAGE - 1].id if len(rows) > ON_A_PAGE else None,
        asked=asked,
        acts=sorted(((act, in_words(act)) for act in audit.known("act")), key=lambda row: row[1]),
        names=audit.known("staff"),
        **_verdict(),
    )


def _asked() -> dict[str, str]:
    """What the form holds, for the links to further pages."""
    given = {name: request.args.get(name, "") for name in ("staff", "act", "since", "until")}
    return {name: value for name, value in given.items() if value}


def _filter() -> Filter:
    """Days are the city's, the last one included; what is no date counts as none."""
    until = _day("until")
    return Filter(
        staff=request.args.get("staff", ""),
        act=request.args.get("act", ""),
        since=_midnight(_day("since")),
        until=_midnight(until + timedelta(days=1) if until and until < date.max else None),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _midnight(on: date | None) -> Any:
    try:
        return clock.at(on, MIDNIGHT, here.city().zone) if on else None
    except OverflowError:
        return None


# ------------------------------------------------------------------ is it whole?


@pages.post("/check")
def check() -> AnyResponse:
    """Follows every mark from the first entry on: behind the page's back."""
    key = here.city().audit_key
    with db.transaction():
        here.note("audit trail checked")
    figures.renew(WHOLE, lambda: asdict(audit.verify(key)))
    flash(gettext("The trail is being read from its beginning; the result shows here."))
    return redirect(url_for("audit.listing"))


@pages.get("/live")
def live() -> str:
    return render_template("audit/_verdict.html", **_verdict())


def _verdict() -> dict[str, Any]:
    found = figures.kept(WHOLE)
    return {
        "whole": audit.Verdict(**found.data) if found else None,
        "checked_at": found.computed_at if found else None,
        "is_checking": figures.is_being_counted(WHOLE),
    }


# ------------------------------------------------------------------ as a file


@pages.get("/export.csv")
def export() -> Response:
    """With the filter of the page; written while it is read, however long it is."""
    with db.transaction():
        here.note("audit trail exported", filter=_asked())
    return Response(
        _lines(_filter()),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def _lines(wanted: Filter) -> Iterator[str]:
    yield "\ufeff"  # the mark by which spreadsheets know UTF-8
    yield _line(["number", "at", "staff", "act", "about", "detail"])
    with db.session():
        for page in audit.every(wanted):
            yield "".join(
                _line(
                    [
                        row.id,
                        row.at.isoformat(timespec="seconds"),
                        row.staff,
                        row.act,
                        row.about,
                        json.dumps(row.detail, ensure_ascii=False) if row.detail else "",
                    ]
                )
                for row in page
            )


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    """No spreadsheet takes it for a formula."""
    is_formula = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t")
    return f"'{cell}" if is_formula else cell
