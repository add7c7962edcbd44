"""What was deleted: the report of every night, by rule, and what waits.

Owns: the page. Never: deletes (privacy/retention), or names anybody. Part of the desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from bot.desk import here
from bot.desk.access import only
from bot.desk.language import lazy
from broadcasts.people.staff import Role
from broadcasts.privacy import leaving, retention

pages = Blueprint("retention", __name__, url_prefix="/deleted")
ACCESS = {"page": only(Role.ADMIN, Role.PRIVACY)}
MENU = (("page", lazy("What was deleted")),)

RULES: Mapping[str, Any] = {
    "closed": lazy("Messages and pictures of closed conversations"),
    "open": lazy("Messages and pictures that nobody closed"),
    "answers": lazy("Answers of the service"),
    "deliveries": lazy("Who got which broadcast (the counts stay)"),
    "stopped": lazy("People who opted out"),
    "strangers": lazy("People who wrote and never subscribed"),
    "silent": lazy("Silent readers who did not answer"),
    "proofs": lazy("Keyed hashes of ended consents"),
    "access_log": lazy("Sign-ins and looks in the audit trail"),
    "strange": lazy("Updates that nobody understood"),
    "copies": lazy("Links to a copy that ran out"),
    retention.ASKED: lazy("Silent readers who were asked (not deleted)"),
}
"""Rule → what it deletes. Those with a clock of their own stand in the table of clocks, too."""

YEARS = "proof_years"


@dataclass(frozen=True)
class Clock:
    words: Any
    number: int
    unit: str


@pages.get("/")
def page() -> str:
    return render_template(
        "retention/page.html",
        rules=RULES,
        nights=retention.nights(),
        clocks=list(_clocks()),
        waiting=leaving.waiting_for_template(),
    )


def _clocks() -> list[Clock]:
    kept = here.city().settings.retention
    found = [
        Clock(RULES[rule.name], getattr(kept, rule.clock), "years" if rule.clock == YEARS else "")
        for rule in retention.RULES
        if rule.clock and rule.name != "silent"
    ]
    asked = Clock(lazy("A reader of whom nothing is heard, until asked"), kept.silent_months, "m")
    return [*found, asked, Clock(RULES["silent"], kept.asked, "")]
