"""What can be seen from here: whether the city is set up and everything runs.

Owns: the checks that ask nobody outside. Never: mends anything, asks a provider (provider.py).
Used by bot/health for /healthz, `doctor` and the desk.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot import polling
from bot.city import City
from bot.family import PARTS
from broadcasts import clock, db, journal
from broadcasts.channels.base import Account, Outcome
from broadcasts.delivery import accounts, broadcasts, heartbeats, holds, keeping_hours
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastState
from broadcasts.faults import first_cause
from broadcasts.newsroom import feeds, subjects, template_sync
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
    is_known: bool = True
    """False: not looked at, or nothing is due yet. It is `ok`, but nobody may call it well."""

    @property
    def level(self) -> str:
        if self.ok:
            return "ok" if self.is_known else "none"
        return "bad" if self.stops else "warn"

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
        "is_known": check.is_known,
    }


def from_kept(row: Mapping[str, Any]) -> Check:
    remedy = unpack(row["remedy"]) if row["remedy"] else None
    detail, is_known = unpack(row["detail"]), row.get("is_known", True)
    return Check(row["id"], row["ok"], detail, remedy, row["stops"], is_known)


def warn(city: City) -> list[Check]:
    """What works, but not as it should; cheap enough for every probe."""
    return [
        *_numbers(city),
        *_fetching(city),
        *_feeds(city),
        *_topics(city),
        *_held(),
        *_strange(),
        _old_journal(),
        _approved(city),
        _disk(city),
        _clock(),
        _backup(city),
        _erasures(),
    ]


# ------------------------------------------------------------------ numbers and broadcasts


def _numbers(city: City) -> Iterator[Check]:
    known = {account.id for account in _accounts(city)}
    for state in accounts.everyone():
        if state.account in known:
            yield _how_it_sends(f"number.{state.account}", state)


def _fetching(city: City) -> Iterator[Check]:
    for kind in city.channels:
        if (found := polling.trouble(kind)) is not None:
            yield Check(
                f"fetching.{kind}",
                False,
                say(
                    "nothing can be fetched since %(since)s (code %(code)s); what people write"
                    " waits at the provider",
                    since=found.computed_at.replace(microsecond=0),
                    code=found.data,
                ),
                say(
                    "Does the network let us out, is the token right, and does nobody else fetch"
                    " with it (code 409)?"
                ),
                stops=True,
            )


def _feeds(city: City) -> Iterator[Check]:
    fares = feeds.known() if city.settings.feeds else {}
    for name in city.settings.feeds:
        if (feed := fares.get(name)) is None or not (feed.fetched_at or feed.wrong):
            yield Check(f"feeds.{name}", True, say("not asked yet"), is_known=False)
        elif feed.wrong:
            yield Check(
                f"feeds.{name}",
                not feed.is_worrying,
                say(
                    "%(why)s, since %(since)s",
                    why=feed.wrong,
                    since=feed.failing_since.replace(microsecond=0),
                ),
                say("Is its address in config.toml right, and does it open in a browser?"),
            )
        else:
            yield Check(f"feeds.{name}", True, say("is fetched"))


def _topics(city: City) -> Iterator[Check]:
    """A name that is changed or taken away cuts off those who have chosen it."""
    if gone := subjects.gone(city.settings):
        yield Check(
            "topics",
            False,
            say(
                "readers have chosen what is configured no longer, and get only what concerns"
                " everybody: %(names)s",
                names=", ".join(gone),
            ),
            say("Put the section back into config.toml, under the same name."),
        )


def _accounts(city: City) -> list[Account]:
    return [account for channel in city.channels.values() for account in channel.accounts]


Standstill = tuple[
    Callable[[accounts.NumberState], bool], Callable[[accounts.NumberState], Said], Said
]
"""Whether it is this one; what it is called; what to do."""

STANDSTILLS: Sequence[Standstill] = (
    (
        lambda state: state.stopped_at is not None and state.stop_outcome == Outcome.CREDENTIALS,
        lambda state: say(
            "stopped: the provider refuses credentials (code %(code)s)", code=state.stop_code
        ),
        say("Put a new access token into .env; no restart is needed."),
    ),
    (
        lambda state: state.stopped_at is not None,
        lambda state: say(
            "stopped: the provider refuses the account (code %(code)s)", code=state.stop_code
        ),
        say("The provider's business manager says why, and what it wants."),
    ),
    (
        lambda state: state.paused_since is not None,
        lambda state: say(
            "nothing gets through to the provider since %(since)s: %(reason)s",
            since=state.paused_since.replace(microsecond=0),
            reason=state.pause_reason,
        ),
        say("It is tried again by itself. Does this machine reach the internet?"),
    ),
)
"""Why a number sends nothing; the first that fits counts."""


def _how_it_sends(id: str, state: accounts.NumberState) -> Check:
    for fits, detail, remedy in STANDSTILLS:
        if fits(state):
            return Check(id, False, detail(state), remedy, stops=True)
    return Check(id, True, say("sending"))


def _held() -> Iterator[Check]:
    for row in broadcasts.unfinished():
        if row.state == BroadcastState.HELD and not keeping_hours.is_held(row):
            yield Check(
                f"broadcast.{row.id}",
                False,
                say("held: %(reason)s", reason=_why_held(row)),
                say(
                    "It goes on by itself once a paused template is approved again; else let it go"
                    " on when it is mended."
                ),
                stops=True,
            )
            continue
        if refused := holds.unpack(row.refused):
            yield Check(
                f"broadcast.{row.id}",
                False,
                say(
                    "the provider refuses %(names)s (%(reason)s): its readers get another version,"
                    " where there is one",
                    names=", ".join(map(str, refused)),
                    reason=refused[-1].reason,
                ),
                say(
                    "A paused one is used again once it is approved again; any other when the"
                    " broadcast is told to try it again."
                ),
            )


def _why_held(row: Broadcast) -> str:
    names = ", ".join(map(str, holds.unpack(row.refused)))
    return f"{row.held_reason}: {names}" if names else str(row.held_reason)


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
TRY_BY_HAND = say("Try by hand what is wrong: stadtbote backup")
SWITCH_ON = say(
    "Set backup.nightly = true in config.toml; or backup.elsewhere = true, if something else backs"
    " this machine up."
)


def _backup(city: City) -> Check:
    """Not before there could be one; not where something else makes them."""
    settings, since = city.settings.backup, clock.now() - LATEST_BACKUP
    if settings.elsewhere:
        return Check("backup", True, say("not made by this service"), is_known=False)
    made = backups.listing(city.config.backup_dir)
    late = made[-1].made_at < since if made else erasure_log.began_before(since)
    remedy = TRY_BY_HAND if settings.nightly else SWITCH_ON
    if made:
        at = made[-1].made_at
        return Check("backup", not late, say("the last one is of %(at)s", at=at), remedy)
    detail = say("there is none") if late else say("there is none yet, and none was due")
    return Check("backup", not late, detail, remedy, is_known=late)


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


def worst(checks: Iterable[Check]) -> list[Check]:
    """One of each id: what is not ok before what is."""
    found: dict[str, Check] = {}
    for check in checks:
        if check.id not in found or (found[check.id].ok and not check.ok):
            found[check.id] = check
    return list(found.values())
