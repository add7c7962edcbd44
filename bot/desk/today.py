"""The first page: is all well, and what goes out today?

Owns: the overview. Never: a figure of its own. Part of the desk.
"""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot.desk import digest, here
from bot.desk.access import ANYBODY
from bot.desk.language import lazy
from broadcasts import db
from broadcasts.people import notices

pages = Blueprint("today", __name__)
ACCESS = dict.fromkeys(("page", "mark_seen"), ANYBODY)
MENU = (("page", lazy("Today")),)


@pages.get("/")
def page() -> str:
    return render_template("today/page.html", over_budget=digest.over_budget())


@pages.post("/notices/<int:id>/seen")
def mark_seen(id: int) -> Response:
    with db.transaction():
        notices.mark_seen(id, here.me().name)
        here.note("notice seen", f"notice {id}")
    return redirect(url_for("today.page"))
