"""Putting a backup back, from the first refusal to the last word to the staff.

Owns: the order of the steps, and that a restore which was cut off is finished at the next start.
Never: a step itself (broadcasts/privacy/restoring). Called by `stadtbote restore` and bot/app.
"""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from bot.city import City
from bot.family import PARTS
from broadcasts import clock, db, schema
from broadcasts.delivery import heartbeats
from broadcasts.locks import Lock
from broadcasts.people import notices
from broadcasts.privacy import audit, restoring
from broadcasts.privacy.backups import BackupError
from broadcasts.saying import say

log = logging.getLogger(__name__)

WORK = ".restoring"


@dataclass(frozen=True, kw_only=True)
class Done:
    made_at: str
    erased_again: int
    held_back: int
    posts_used_up: int


def run(city: City, source: Path, *, nothing_went_out: bool) -> Done:
    """Replaces everything by the backup. `nothing_went_out`: somebody knows that since it was made
    neither today's digest nor any of its posts has left. Raises BackupError, OSError."""
    key, config = city.config.backup_key(), city.config
    if not key:
        raise BackupError("BACKUP_KEY is missing in .env: without it nobody can read a backup")
    with db.session():
        refuse_while_running()
    work = config.folder / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        unpacked = restoring.unpack(source, key, work, clock.now())
        restoring.put_in_place(unpacked, config.database_url, config.media_dir)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    schema.migrate()
    with db.session():
        done = finish(city, nothing_went_out=nothing_went_out)
    if done is None:
        raise BackupError("another process has finished it")
    return done


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
        erased = restoring.repeat_erasures(made_at, key=city.key, media=media)
        _read_what_waited(city)
        now = clock.now()
        held = restoring.hold_back(now)
        used_up = 0 if nothing_went_out else restoring.use_up_day(clock.today(city.zone), now)
        with db.transaction():
            notices.tell(
                say(
                    "The database was put back from a backup of %(at)s. What came in since is"
                    " missing, every “Stopp” too. Erasures repeated: %(erased)s; messages held"
                    " back: %(held)s; posts that count as sent: %(posts)s.",
                    at=made_at,
                    erased=erased,
                    held=held,
                    posts=used_up,
                )
            )
            detail = {"erased": erased, "held": held, "posts": used_up}
            audit.record(
                city.audit_key, audit.COMMAND_LINE, "backup restored", f"{made_at:%F %R}", **detail
            )
        restoring.is_finished()
        db.truncate_log()
    finally:
        lock.release()
    log.info("restored erased=%s held=%s posts=%s", erased, held, used_up)
    return Done(
        made_at=made_at.isoformat(), erased_again=erased, held_back=held, posts_used_up=used_up
    )


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
