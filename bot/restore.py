"""Putting a backup back, from the first refusal to the last word to the staff.

Owns: the order of the steps, and that a restore which was cut off is finished at the next start.
Never: a step itself (broadcasts/privacy/restoring). Called by `stadtbote restore` and bot/app.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.city import City
from bot.family import PARTS
from broadcasts import clock, db, schema
from broadcasts.delivery import heartbeats
from broadcasts.locks import Lock
from broadcasts.people import notices
from broadcasts.privacy import audit, dumps, repeating, restoring, retention
from broadcasts.privacy.backups import BackupError
from broadcasts.saying import say

log = logging.getLogger(__name__)

WORK = ".restoring"


@dataclass(frozen=True, kw_only=True)
class Done:
    made_at: str
    erased_again: int
    opted_out_again: int
    held_back: int
    posts_used_up: int
    audit_entries_lost: int | None
    """None: nobody here can know."""


def run(
    city: City, source: Path, *, nothing_went_out: bool, without_erasure_log: bool = False
) -> Done:
    """Replaces everything by the backup. `nothing_went_out`: somebody knows that since it was made
    neither today's digest nor any of its posts has left. `without_erasure_log`: whoever was erased
    since may come back. Raises BackupError, OSError."""
    key, config = city.config.backup_key(), city.config
    if not key:
        raise BackupError("BACKUP_KEY is missing in .env: without it nobody can read a backup")
    with db.session():
        refuse_while_running()
    sweep(city)
    work = config.folder / WORK
    with _working(work):
        try:
            unpacked = restoring.unpack(source, key, work, clock.now())
            if not without_erasure_log:
                _refuse_without_log(unpacked)
            restoring.put_in_place(unpacked, config.database_url)
        except (BackupError, OSError):
            shutil.rmtree(work, ignore_errors=True)
            raise
        schema.migrate()
        with db.session():
            done = finish(city, nothing_went_out=nothing_went_out)
    if done is None:
        raise BackupError("another process has finished it")
    return done


def _refuse_without_log(unpacked: restoring.Unpacked) -> None:
    with db.session():
        if not restoring.has_log(unpacked.contents.made_at):
            raise BackupError(
                "the log of erasures is missing or younger than the backup, so nobody knows who was"
                " erased since: put it back (erasures.db, or the schema erasures), or give"
                " --without-erasure-log and bring them back"
            )


@contextmanager
def _working(work: Path) -> Iterator[None]:
    """The folder for a database in the clear; as long as it is locked no start sweeps it away."""
    try:
        work.mkdir(mode=0o700)
    except FileExistsError as error:
        raise BackupError("another restore is under way") from error
    folder = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def sweep(city: City) -> None:
    """Removes what a restore that was cut off has left in the clear. Not to be called before it is
    finished."""
    with suppress(FileNotFoundError):
        folder = os.open(city.config.folder / WORK, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # one is just being unpacked
        finally:
            os.close(folder)
    _remove(city)


def _remove(city: City) -> None:
    shutil.rmtree(city.config.folder / WORK, ignore_errors=True)
    dumps.sweep(city.config.database_url)


def refuse_while_running() -> None:
    """Two processes with one database half replaced would each write into their own half."""
    now = clock.now()
    alive = [part for part in (*PARTS, heartbeats.DOOR) if heartbeats.alive(part, now)]
    if alive:
        raise BackupError(
            f"the service is running ({', '.join(alive)}): stop it on every machine, then wait a"
            f" quarter of a minute ({heartbeats.GAP.seconds} s without a sign of life)"
        )


def finish(city: City, *, nothing_went_out: bool = False) -> Done | None:
    """What must be done before anything is sent; None: there is nothing to finish. Safe to repeat
    after a crash."""
    made_at = restoring.under_way()
    if made_at is None:
        return None
    lock = Lock("restore")
    if not lock.acquire():
        raise BackupError("another process is just finishing it")
    try:
        media = city.config.media_dir
        lost = restoring.entries_lost(city.config.folder / WORK)
        restoring.skip_numbers()
        _bring_pictures(city)
        erased = repeating.repeat_erasures(made_at, key=city.key, media=media)
        left = repeating.repeat_opt_outs(made_at, key=city.key)
        now = clock.now()
        restoring.end_alerts(now)
        _read_what_waited(city)
        now = clock.now()
        held = restoring.hold_back(now)
        used_up = 0 if nothing_went_out else restoring.use_up_day(clock.today(city.zone), now)
        with db.transaction():
            # Silent readers may have been asked since the backup: not twice on one day.
            retention.note(clock.today(city.zone), retention.ASKED, 0, done=True)
            if not restoring.has_log(made_at):
                _tell_without_log()
            notices.tell(
                say(
                    "The database was put back from a backup of %(at)s. What came in since is"
                    " missing. Erasures repeated: %(erased)s; opt-outs repeated: %(left)s; messages"
                    " held back: %(held)s; posts that count as sent: %(posts)s."
                    " Alerts that were in force then count as over: please look at each.",
                    at=made_at,
                    erased=erased,
                    left=left,
                    held=held,
                    posts=used_up,
                )
            )
            _tell_of_trail(lost)
            detail = {"erased": erased, "left": left, "held": held, "posts": used_up}
            detail |= {} if lost is None else {"lost": lost}
            audit.record(
                city.audit_key, audit.COMMAND_LINE, "backup restored", f"{made_at:%F %R}", **detail
            )
        restoring.is_finished()
        _remove(city)
        db.truncate_log()
    finally:
        lock.release()
    log.info("restored erased=%s left=%s held=%s posts=%s", erased, left, held, used_up)
    return Done(
        made_at=made_at.isoformat(),
        erased_again=erased,
        opted_out_again=left,
        held_back=held,
        posts_used_up=used_up,
        audit_entries_lost=lost,
    )


def _tell_of_trail(lost: int | None) -> None:
    """What no check finds: the trail was put back together with its end."""
    if lost is None:
        notices.tell(
            say(
                "What was written into the audit trail since that backup is gone with it; how much"
                " cannot be known here. A check of the trail does not miss it."
            )
        )
    elif lost:
        notices.tell(
            say(
                "What was written into the audit trail since that backup is gone with it. Entries"
                " missing: %(number)s. A check of the trail does not miss them.",
                number=lost,
            )
        )


def _tell_without_log() -> None:
    notices.tell(
        say(
            "The backup was put back without the log of erasures: who was erased since is a reader"
            " again. Please erase them once more, from the requests you have on file."
        )
    )


def _bring_pictures(city: City) -> None:
    try:
        restoring.swap_pictures(city.config.folder / WORK, city.config.media_dir)
    except OSError as error:
        raise BackupError(
            f"the pictures could not be moved, the next start tries again: {error}"
        ) from error


def _read_what_waited(city: City) -> None:
    """A "Stopp" that was in the journal counts; its answer, which may have gone out since, is held
    back with everything else."""
    from bot.receiver import Receiver

    receiver = Receiver(city)
    try:
        while receiver.drain():
            pass
    finally:
        receiver.release()
        receiver.close()
