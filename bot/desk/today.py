"""The first page: is all well, and what goes out today?

Owns: the overview. Never: a figure of its own. Part of the desk.
"""

from flask import Blueprint, render_template

from bot.desk import digest
from bot.desk.access import ANYBODY
from bot.desk.language import lazy

pages = Blueprint("today", __name__)
ACCESS = {"page": ANYBODY}
MENU = (("page", lazy("Today")),)


@pages.get("/")
def page() -> str:
    return render_template("today/page.html", over_budget=digest.over_budget())
