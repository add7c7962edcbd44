"""Is it alive, and what is wrong: /healthz for the supervisor, the checks of `doctor`.

Owns: which checks are made when. Never: a check itself (checks, provider), mends anything. Called
by Flask, the command line, the job and the desk.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot import checks, filled_in, provider
from bot.checks import Check
from bot.city import City
from bot.family import Family
from broadcasts import clock, db, figures
from broadcasts.delivery import heartbeats

if TYPE_CHECKING:
    from flask import Blueprint, Response

ASKED = "doctor"
"""Under this name the providers' last answers are kept."""


def blueprint(city: City, family: Family) -> "Blueprint":
    # Here: the job that asks the providers runs in a process that has no pages.
    from flask import Blueprint, jsonify

    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> "tuple[Response, int]":
        """503 names what does not answer; what a person must mend is a warning, because a
        supervisor must not restart for it."""
        try:
            dead = silent_parts(family)
            if dead and (cause := checks.unwritable()):
                # Perhaps they live, and cannot write it: then that is what is wrong.
                dead = [*dead, f"database: cannot be written: {cause}"]
            warnings = [f"{check.id}: {check.detail}" for check in warn(city) if not check.ok]
        except db.DatabaseError as error:
            detail = f"database: {type(error).__name__}"
            return jsonify(ok=False, problems=[detail], warnings=[]), 503
        if dead:
            return jsonify(ok=False, problems=dead, warnings=warnings), 503
        return jsonify(ok=True, warnings=warnings), 200

    return pages


def silent_parts(family: Family) -> list[str]:
    """This family's loops, and its door, that have been silent for too long."""
    now = clock.now()
    silent = [part for part in family.parts if not heartbeats.is_alive(part, family.process, now)]
    # It answers, and yet may be unable to keep what comes in.
    if family.door and heartbeats.is_late(heartbeats.DOOR, family.door, now):
        silent.append(heartbeats.DOOR)
    return [f"{part}: no sign of life" for part in silent]


def warn(city: City) -> list[Check]:
    """What works, but not as it should; cheap enough for every probe."""
    return checks.warn(city)


def examine(city: City) -> list[Check]:
    """Everything `doctor` looks at; asks the provider, too."""
    asked = ask(city)
    return checks.worst([*_settled(city), *asked, *checks.warn(city)])


def ask(city: City) -> list[Check]:
    """What takes seconds; it is kept for the desk's pages."""
    asked = _ask(city)
    with suppress(db.DatabaseError):  # the first of them says so
        figures.keep(ASKED, [checks.kept(check) for check in asked])
    return asked


def _ask(city: City) -> list[Check]:
    return [checks.database(), *provider.ask(city)]


def known(city: City) -> tuple[list[Check], datetime | None]:
    """The same without asking: what can be seen now, and what the providers said last, and when
    (None: never)."""
    last = figures.kept(ASKED)
    asked = [checks.from_kept(row) for row in last.data] if last else []
    found = checks.worst([*_settled(city), *asked, *checks.warn(city)])
    return found, last.computed_at if last else None


def ask_again(city: City) -> None:
    """Behind the page's back."""
    figures.renew(ASKED, lambda: [checks.kept(check) for check in _ask(city)])


def is_asking() -> bool:
    return figures.is_being_counted(ASKED)


def as_json(found: Sequence[Check]) -> dict[str, Any]:
    return {"ok": all(check.ok for check in found), "checks": [c.as_json() for c in found]}


def _settled(city: City) -> list[Check]:
    """What was filled in, and whether anybody works with it."""
    return [*filled_in.checks(city), checks.processes()]
