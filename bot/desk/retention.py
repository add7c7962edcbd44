"""What was deleted: the report of every night, by rule, and what waits.

Owns: the page. Never: deletes (privacy/retention), or names anybody. Part of the desk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from bot.desk import here
from bot.desk.access import only
from bot.desk.language import gettext, lazy
from broadcasts.people.staff import Role
from broadcasts.privacy import erasure_log, leaving, retention

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
    "unconfirmed": lazy("Addresses that nobody confirmed"),
    "silent": lazy("Silent readers who did not answer"),
    "proofs": lazy("Keyed hashes of ended consents"),
    "access_log": lazy("Sign-ins and looks in the audit trail"),
    "strange": lazy("Updates that nobody understood"),
    "choices": lazy("Choices of topics that nobody has any more"),
    "copies": lazy("Links to a copy that ran out"),
    retention.ASKED: lazy("Silent readers who were asked (not deleted)"),
}
"""Rule → what it deletes. Those with a clock of their own stand in the table of clocks, too."""

KEPT_FOR: Mapping[str, Any] = {
    "closed": lazy("%(number)s days after it was closed"),
    "open": lazy("%(number)s days at the most"),
    "bot_messages": lazy("%(number)s days"),
    "deliveries": lazy("%(number)s days after it was sent"),
    "stopped": lazy("%(number)s days after Stopp, or after they last wrote"),
    "unconfirmed": lazy("%(number)s days after they were filled in"),
    "silent_months": lazy("%(number)s months"),
    "asked": lazy("%(number)s days after they were asked"),
    "proof_years": lazy("%(number)s years after it ended"),
    "access_log": lazy("%(number)s days"),
    "strange": lazy("%(number)s days"),
}
"""Clock (a setting of [retention]) → how long, and from when on."""

OF_ONE: Mapping[str, Any] = {
    "stopped": lazy("%(number)s days after Stopp"),
    "strangers": lazy("%(number)s days after they last wrote"),
}
"""The same of rules that share a clock."""


@dataclass(frozen=True)
class Clock:
    what: Any
    kept_for: str


def kept_for(name: str, number: int, rule: str = "") -> str:
    """A clock in words; used by the page of settings, too."""
    return str(OF_ONE.get(rule, KEPT_FOR[name])) % {"number": number}


@pages.get("/")
def page() -> str:
    return render_template(
        "retention/page.html",
        rules=RULES,
        nights=retention.nights(),
        clocks=list(_clocks()),
        waiting=leaving.waiting_for_template(),
    )


def _clocks() -> Iterator[Clock]:
    kept = here.city().settings.retention
    for rule in retention.RULES:
        if rule.clock and rule.name != "silent":
            number = getattr(kept, rule.clock)
            yield Clock(RULES[rule.name], kept_for(rule.clock, number, rule.name))
    silent = lazy("A reader of whom nothing is heard, until asked")
    yield Clock(silent, kept_for("silent_months", kept.silent_months))
    yield Clock(RULES["silent"], kept_for("asked", kept.asked))
    least, most = erasure_log.LONGEST_BACKUP.days, erasure_log.KEY_KEPT_FOR.days
    yield Clock(
        lazy("Log of erasures: keyed checksum of an erased person's address"),
        gettext("%(least)s to %(most)s days; that it took place, for good", least=least, most=most),
    )
    yield Clock(
        lazy("Keyed checksum of the address of somebody who opted out"),
        kept_for("access_log", least),
    )
