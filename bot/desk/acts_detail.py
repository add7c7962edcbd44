"""What an entry of the audit trail is about, and its details, in words for people.

Owns: the tables of both. Never: the acts themselves (acts), or what is written down. Used by the
page of the audit trail; a test holds them to the code.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from bot.desk.acts import in_words
from bot.desk.language import ROLES, date_only, gettext, lazy
from bot.desk.words import KINDS
from broadcasts.privacy import audit

STAFF: Mapping[str, Any] = {
    audit.COMMAND_LINE: lazy("command line"),
    audit.SERVICE: lazy("the service"),
    "unknown": lazy("unknown"),
}
"""Whoever is no account."""

ABOUT: Mapping[str, Any] = {
    "alert request": lazy("request %(what)s"),
    "broadcast": lazy("broadcast %(what)s"),
    "canned answer": lazy("canned answer %(what)s"),
    "conversation": lazy("conversation %(what)s"),
    "feed": lazy("feed %(what)s"),
    "notice": lazy("notice %(what)s"),
    "post": lazy("post %(what)s"),
    "prepared text": lazy("prepared text %(what)s"),
    "receipt": lazy("receipt %(what)s"),
}
"""What stands before a number or code."""

DETAILS: Mapping[str, Any] = {
    "before": lazy("before"),
    "code": lazy("with a one-time code"),
    "erased": lazy("erasures repeated"),
    "filter": lazy("filter"),
    "found": lazy("found"),
    "held": lazy("messages held back"),
    "kind": lazy("kind"),
    "left": lazy("opt-outs repeated"),
    "lost": lazy("entries of this log missing"),
    "name": lazy("name"),
    "on": lazy("for"),
    "posts": lazy("posts that count as sent"),
    "reason": lazy("reason"),
    "request": lazy("request"),
    "roles": lazy("roles"),
    "to": lazy("to"),
    "wrong": lazy("wrong"),
    # Within a filter.
    "act": lazy("act"),
    "since": lazy("from"),
    "staff": lazy("who"),
    "until": lazy("up to and including"),
}

WRONG: Mapping[str, Any] = {
    "code": lazy("one-time code"),
    "name": lazy("name"),
    "password": lazy("password"),
}
REASONS: Mapping[str, Any] = {"idle": lazy("nothing was done for long")}
"""What the desk itself writes; everything else is somebody's sentence."""

VALUES: Mapping[str, Mapping[str, Any]] = {
    "before": ROLES,
    "kind": KINDS,
    "reason": REASONS,
    "roles": ROLES,
    "wrong": WRONG,
}
DAYS = frozenset({"on", "since", "until"})


def who(staff: str) -> str:
    return str(STAFF.get(staff, staff))


def about(text: str) -> str:
    """ "broadcast 49" in the reader's language; a name or a moment stands for itself."""
    thing, _, what = text.rpartition(" ")
    return str(ABOUT[thing]) % {"what": what} if thing in ABOUT else text


def details(detail: Mapping[str, Any]) -> str:
    return "; ".join(f"{DETAILS.get(name, name)}: {_value(name, detail[name])}" for name in detail)


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return details(value) or gettext("none")
    if isinstance(value, list):
        return ", ".join(_value(name, one) for one in value) or gettext("none")
    if name == "act":
        return in_words(value)
    if name in DAYS:
        with suppress(ValueError):  # what was typed into a filter may be anything
            return date_only(date.fromisoformat(str(value)))
    return str(VALUES.get(name, {}).get(value, value))
