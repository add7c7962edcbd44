"""Is it alive, and what is wrong: /healthz for the supervisor, checks for `doctor`.

Owns: the list of checks. Never: mends anything. Called by Flask and by the command line.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify

from bot.city import City
from bot.family import Family
from broadcasts import clock, db, journal
from broadcasts.channels.base import Account, Outcome, ProviderError
from broadcasts.delivery import accounts, broadcasts, heartbeats
from broadcasts.delivery.states import BroadcastState
from broadcasts.faults import first_cause
from broadcasts.newsroom import template_sync

LEAST_DISK = 200 * 1024 * 1024
"""Bytes: below it the database may soon not be able to write."""


@dataclass(frozen=True)
class Check:
    id: str
    ok: bool
    detail: str


def blueprint(city: City, family: Family) -> Blueprint:
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> tuple[Response, int]:
        """503 names what does not answer; what a person must mend is a warning, because a
        supervisor must not restart for it."""
        try:
            dead = silent_parts(family)
            if dead:
                # Perhaps they live, and cannot write it: then that is what is wrong.
                dead = [*dead, *_unwritable()]
            warnings = [f"{check.id}: {check.detail}" for check in warn(city) if not check.ok]
        except db.DatabaseError as error:
            detail = f"database: {type(error).__name__}"
            return jsonify(ok=False, problems=[detail], warnings=[]), 503
        if dead:
            return jsonify(ok=False, problems=dead, warnings=warnings), 503
        return jsonify(ok=True, warnings=warnings), 200

    return pages


def silent_parts(family: Family) -> list[str]:
    """This family's loops that have been silent for too long."""
    now = clock.now()
    return [
        f"{part}: no sign of life"
        for part in family.parts
        if not heartbeats.is_alive(part, family.process, now)
    ]


def warn(city: City) -> list[Check]:
    """What works, but not as it should; cheap enough for every probe."""
    return [
        *_numbers(city),
        *_held(city),
        *_strange(city),
        *_old_journal(city),
        _approved(city),
        _disk(city),
        _clock(),
    ]


def _numbers(city: City) -> list[Check]:
    addresses = {account.id: account for account in _accounts(city)}
    return [
        Check(
            f"number.{state.account}",
            state.stopped_at is None and state.paused_since is None,
            _how_it_sends(state),
        )
        for state in accounts.everyone()
        if state.account in addresses
    ]


def _accounts(city: City) -> list[Account]:
    return [account for channel in city.channels.values() for account in channel.accounts]


def _how_it_sends(state: accounts.NumberState) -> str:
    if state.paused_since is not None and state.stopped_at is None:
        since = state.paused_since.isoformat(" ", "seconds")
        return f"nothing gets through to the provider since {since}: {state.pause_reason}"
    if state.stopped_at is None:
        return "sending"
    what = "credentials" if state.stop_outcome == Outcome.CREDENTIALS else "the account"
    return f"stopped: the provider refuses {what} (code {state.stop_code})"


def _held(city: City) -> list[Check]:
    return [
        Check(f"broadcast.{row.id}", False, f"held: {row.held_reason}")
        for row in broadcasts.unfinished()
        if row.state == BroadcastState.HELD
    ]


HARMLESS = frozenset(
    {
        "unknown_field",
        "other_number",
        "unknown_status",
        "unknown_preference",
        "unknown_system_message",
        "status_of_no_delivery",
        "edited",
    }
)
"""Not for us, or news of the provider: counted and shown, but nothing to mend."""


def _strange(city: City) -> list[Check]:
    counts = journal.count_strange()
    detail = ", ".join(f"{reason} {number}" for reason, number in sorted(counts.items()))
    return [Check("not_understood", set(counts) <= HARMLESS, detail or "nothing")]


def _old_journal(city: City) -> list[Check]:
    oldest = journal.oldest()
    late = oldest is not None and clock.now() - oldest > timedelta(minutes=1)
    return [Check("journal", not late, "waits for the receiver" if late else "drained")]


def examine(city: City) -> list[Check]:
    """Everything `doctor` looks at; asks the provider too."""
    return [
        *_configuration(city),
        _secrets(city),
        _database(),
        *(check for step in _PROVIDER_CHECKS for check in step(city)),
        *_templates(city),
        *warn(city),
    ]


def _configuration(city: City) -> list[Check]:
    warnings = city.config.warnings
    detail = "; ".join(str(warning) for warning in warnings)
    return [Check("configuration", not warnings, detail or "as it should be")]


LEAST_VARIETY = 8
"""Different signs in a secret: below it somebody has typed it."""


def _secrets(city: City) -> Check:
    """Weak ones by name, never by value. What the provider gives is its own affair."""
    ours = {"SECRET_KEY": city.config.secret_key}
    for kind in city.channels:
        secrets = city.config.secrets(kind)
        ours |= {
            f.metadata["key"]: getattr(secrets, f.name)
            for f in fields(secrets)
            if f.metadata.get("ours", False)
        }
    weak = [name for name, value in ours.items() if is_weak(value)]
    return Check(
        "secrets", not weak, ", ".join(f"{name} is easy to guess" for name in weak) or "ok"
    )


def is_weak(secret: str) -> bool:
    return len(secret) < 16 or len(set(secret)) < LEAST_VARIETY


def _database() -> Check:
    wrong = _unwritable()
    return Check("database", not wrong, "; ".join(wrong) or "answers and can be written")


def _unwritable() -> list[str]:
    """What the database says to a write: full, locked, read only, away."""
    try:
        with db.impatient():
            heartbeats.beat(db.process_name(), "probe")
    except db.DatabaseError as error:
        return [f"database: cannot be written: {first_cause(error)}"[:200]]
    return []


def _credentials(city: City) -> list[Check]:
    checks = []
    for kind, channel in city.channels.items():
        try:
            states = channel.account_states()
            for state in states:
                accounts.apply_state(state)
            detail = ", ".join(
                f"{state.account}: limit {state.limit or 'none'}, quality {state.quality}"
                for state in states
            )
            checks.append(Check(f"{kind}.credentials", True, detail))
        except ProviderError as error:
            checks.append(Check(f"{kind}.credentials", False, f"{error} (code {error.code})"))
    return checks


_PROVIDER_CHECKS: Sequence[Callable[[City], list[Check]]] = (_credentials,)


def _templates(city: City) -> list[Check]:
    try:
        template_sync.refresh(city.newsroom)
    except ProviderError as error:
        return [Check("templates.provider", False, f"{error} (code {error.code})")]
    return []


def _approved(city: City) -> Check:
    """As the provider last said."""
    missing = template_sync.needed(city.newsroom)
    said = "; ".join(str(item) for item in missing)
    return Check("templates", not missing, said or "all approved")


def _disk(city: City) -> Check:
    free = shutil.disk_usage(city.config.path.resolve().parent).free
    return Check("disk", free >= LEAST_DISK, f"{free // 1024**2} MB free")


def _clock() -> Check:
    """A clock that was put back, or that differs between machines: leases hang on it."""
    now = clock.now()
    ahead = heartbeats.ahead(now)
    if ahead > heartbeats.STEP:
        text = f"was {ahead.total_seconds():.0f} s further a moment ago, or another machine's is"
        return Check("clock", False, text)
    return Check("clock", now.year >= 2025, now.isoformat(timespec="seconds"))


def as_json(checks: Sequence[Check]) -> dict[str, Any]:
    return {"ok": all(check.ok for check in checks), "checks": [asdict(c) for c in checks]}
