"""What can be seen from here: whether the city is set up and everything runs.

Owns: the checks that ask nobody outside. Never: mends anything, asks a provider (provider.py).
Used by bot/health for /healthz, `doctor` and the desk.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.city import City
from bot.family import PARTS
from bot.starter import PLACEHOLDERS
from broadcasts import clock, db, journal
from broadcasts.channels.base import Account, Outcome
from broadcasts.channels.registry import REGISTRY
from broadcasts.delivery import accounts, broadcasts, heartbeats
from broadcasts.delivery.states import BroadcastState
from broadcasts.faults import first_cause
from broadcasts.newsroom import template_sync
from broadcasts.privacy import backups, erasure_log
from broadcasts.saying import Said, pack, say, unpack

LEAST_DISK = 200 * 1024 * 1024
"""Bytes: below it the database may soon not be able to write."""


@dataclass(frozen=True)
class Check:
    id: str
    ok: bool
    detail: Said
    remedy: Said | None = None
    """What somebody should do when it is not ok."""
    stops: bool = False
    """Something stands still because of it; otherwise it can wait until tomorrow."""

    @property
    def level(self) -> str:
        return "ok" if self.ok else "bad" if self.stops else "warn"

    def as_json(self) -> dict[str, Any]:
        said = {"id": self.id, "ok": self.ok, "detail": self.detail, "level": self.level}
        return said if self.ok or not self.remedy else {**said, "remedy": self.remedy}


def kept(check: Check) -> dict[str, Any]:
    """Ready to be kept, with its sentences still to be translated."""
    return {
        "id": check.id,
        "ok": check.ok,
        "detail": pack(check.detail),
        "remedy": pack(check.remedy) if check.remedy else None,
        "stops": check.stops,
    }


def from_kept(row: Mapping[str, Any]) -> Check:
    remedy = unpack(row["remedy"]) if row["remedy"] else None
    return Check(row["id"], row["ok"], unpack(row["detail"]), remedy, row["stops"])


def warn(city: City) -> list[Check]:
    """What works, but not as it should; cheap enough for every probe."""
    return [
        *_numbers(city),
        *_held(),
        *_strange(),
        _old_journal(),
        _approved(city),
        _disk(city),
        _clock(),
        _backup(city),
        _erasures(),
    ]


def settled(city: City) -> list[Check]:
    """What was filled in, and whether anybody works with it."""
    return [*_configuration(city), _examples(city), _secrets(city), processes()]


# ------------------------------------------------------------------ numbers and broadcasts


def _numbers(city: City) -> Iterator[Check]:
    known = {account.id for account in _accounts(city)}
    for state in accounts.everyone():
        if state.account in known:
            yield _how_it_sends(f"number.{state.account}", state)


def _accounts(city: City) -> list[Account]:
    return [account for channel in city.channels.values() for account in channel.accounts]


def _how_it_sends(id: str, state: accounts.NumberState) -> Check:
    if state.stopped_at is not None and state.stop_outcome == Outcome.CREDENTIALS:
        return Check(
            id,
            False,
            say("stopped: the provider refuses credentials (code %(code)s)", code=state.stop_code),
            say("Put a new access token into .env; no restart is needed."),
            stops=True,
        )
    if state.stopped_at is not None:
        return Check(
            id,
            False,
            say("stopped: the provider refuses the account (code %(code)s)", code=state.stop_code),
            say("The provider's business manager says why, and what it wants."),
            stops=True,
        )
    if state.paused_since is not None:
        return Check(
            id,
            False,
            say(
                "nothing gets through to the provider since %(since)s: %(reason)s",
                since=state.paused_since.replace(microsecond=0),
                reason=state.pause_reason,
            ),
            say("It is tried again by itself. Does this machine reach the internet?"),
            stops=True,
        )
    return Check(id, True, say("sending"))


def _held() -> Iterator[Check]:
    for row in broadcasts.unfinished():
        if row.state == BroadcastState.HELD:
            yield Check(
                f"broadcast.{row.id}",
                False,
                say("held: %(reason)s", reason=row.held_reason),
                say("It goes on by itself once the template is approved again."),
                stops=True,
            )


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


def _strange() -> Iterator[Check]:
    counts = journal.count_strange()
    detail = ", ".join(f"{reason} {number}" for reason, number in sorted(counts.items()))
    yield Check(
        "not_understood",
        set(counts) <= HARMLESS,
        say("kept aside: %(what)s", what=detail) if counts else say("nothing"),
        say("Nothing is lost. Tell whoever looks after the program of it."),
    )


def _old_journal() -> Check:
    oldest = journal.oldest()
    late = oldest is not None and clock.now() - oldest > timedelta(minutes=1)
    return Check(
        "journal",
        not late,
        say("waits for the receiver") if late else say("drained"),
        say("Start a process that receives: stadtbote serve, or stadtbote worker."),
        stops=True,
    )


def _approved(city: City) -> Check:
    """As the provider last said."""
    missing = template_sync.needed(city.newsroom)
    names = [one.said for one in missing]
    return Check(
        "templates",
        not missing,
        say("not approved: %(names)s", names=names) if missing else say("all approved"),
        CREATE if any(one.is_absent for one in missing) else WHAT_TO_DO,
    )


CREATE = say('Missing ones are created by "stadtbote templates sync" or on the page of templates.')
WHAT_TO_DO = say("What to do about each stands on the desk's page of templates.")


# ------------------------------------------------------------------ this machine


def _disk(city: City) -> Check:
    free = shutil.disk_usage(city.config.path.resolve().parent).free
    return Check(
        "disk",
        free >= LEAST_DISK,
        say("%(number)s MB free", number=free // 1024**2),
        say("Make room: soon the database will not be able to write."),
    )


def _clock() -> Check:
    """A clock that was put back, or that differs between machines: leases hang on it."""
    now = clock.now()
    ahead = heartbeats.ahead(now)
    if ahead > heartbeats.STEP:
        text = say(
            "was %(seconds)s s further a moment ago, or another machine's is",
            seconds=f"{ahead.total_seconds():.0f}",
        )
        return Check("clock", False, text, SET_THE_CLOCK)
    return Check("clock", now.year >= 2025, say("runs evenly"), SET_THE_CLOCK)


SET_THE_CLOCK = say("Let the machine set its clock over the network (NTP).")


LATEST_BACKUP = timedelta(hours=26)


def _backup(city: City) -> Check:
    """Only whoever makes them nightly is told that one is missing."""
    made = backups.listing(city.config.backup_dir)
    if not city.settings.backup.nightly:
        return Check("backup", True, say("not made by this service"))
    late = not made or clock.now() - made[-1].made_at > LATEST_BACKUP
    detail = say("the last one is of %(at)s", at=made[-1].made_at) if made else say("there is none")
    return Check("backup", not late, detail, say("Try by hand what is wrong: stadtbote backup"))


def _erasures() -> Check:
    missed = erasure_log.not_reached(clock.now() - timedelta(days=7))
    return Check(
        "erasures",
        not missed,
        say(
            "the provider was not told of %(number)s erasures within 7 days: it did not answer",
            number=missed,
        )
        if missed
        else say("the provider was told of each"),
        say("It keeps these persons in its own contact book; its business manager can show it."),
    )


def database() -> Check:
    """Writes something; half a second at most."""
    cause = unwritable()
    return Check(
        "database",
        cause is None,
        say("cannot be written: %(cause)s", cause=cause)
        if cause
        else say("answers and can be written"),
        say("Is the disk full, or does another program hold the file?"),
        stops=True,
    )


def unwritable() -> str | None:
    """What the database says to a write: full, locked, read only, away."""
    try:
        with db.impatient():
            heartbeats.beat(db.process_name(), "probe")
    except db.DatabaseError as error:
        return str(first_cause(error))[:160]
    return None


def processes() -> Check:
    """Whether anybody receives and sends, on whichever machine."""
    now = clock.now()
    silent = [part for part in (*PARTS, heartbeats.DOOR) if not heartbeats.alive(part, now)]
    parts = ", ".join(silent)
    if len(silent) > len(PARTS):
        detail = say("no process is running: %(parts)s", parts=parts)
    else:
        detail = say("not running: %(parts)s", parts=parts) if silent else say("all are running")
    start = say("Start it: stadtbote serve (or stadtbote web and stadtbote worker).")
    return Check("processes", not silent, detail, start, stops=True)


# ------------------------------------------------------------------ what was filled in


def _configuration(city: City) -> Iterator[Check]:
    """What `config` found that is no reason not to start."""
    for problem in city.config.warnings:
        yield Check(
            "configuration",
            False,
            say("%(key)s: %(text)s", key=problem.key, text=problem.text),
        )
    if not city.config.warnings:
        yield Check("configuration", True, say("as it should be"))


def _examples(city: City) -> Check:
    """Values of the example that nobody has replaced, by name."""
    left = ", ".join(f"{key} = {value}" for key, value in examples_left(city))
    return Check(
        "examples",
        not left,
        say("still as in the example: %(values)s", values=left) if left else say("all replaced"),
        say("Fill in your own values in config.toml, then restart."),
        stops=True,
    )


EXAMPLE_HOST = re.compile(r"(^|\.)example$")


def examples_left(city: City) -> Iterator[tuple[str, str]]:
    """(key, value). A stand-in for the provider takes the example's numbers: they are looked at
    only where the provider itself is meant."""
    sections: dict[str, object] = {"city": city.settings.city}
    is_played = not all(map(_is_real, city.settings.channels.items()))
    sections |= {} if is_played else city.settings.channels
    for section, values in sections.items():
        for key, example in PLACEHOLDERS.get(section, {}).items():
            value = str(getattr(values, key, ""))
            is_name = (section, key) == ("city", "name")
            if _is_left(value, example) and not (is_name and is_played):
                yield f"{section}.{key}", value


def _is_left(value: str, example: str) -> bool:
    host = urlsplit(value).hostname or ""
    return value == example or "FILL IN" in value or bool(EXAMPLE_HOST.search(host))


def _is_real(channel: tuple[str, object]) -> bool:
    """The provider's own address is used, not a stand-in's."""
    kind, settings = channel
    usual = {f.name: f.default for f in fields(REGISTRY[kind].settings) if f.default is not MISSING}
    return getattr(settings, "graph_url", None) == usual.get("graph_url")


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
    weak = ", ".join(name for name, value in ours.items() if is_weak(value))
    return Check(
        "secrets",
        not weak,
        say("%(names)s is easy to guess", names=weak) if weak else say("hard to guess"),
        say("Write a long random one into .env; after a new SECRET_KEY no old receipt is found."),
    )


def is_weak(secret: str) -> bool:
    return len(secret) < 16 or len(set(secret)) < LEAST_VARIETY


def worst(checks: Iterable[Check]) -> list[Check]:
    """One of each id: what is not ok before what is."""
    found: dict[str, Check] = {}
    for check in checks:
        if check.id not in found or (found[check.id].ok and not check.ok):
            found[check.id] = check
    return list(found.values())
