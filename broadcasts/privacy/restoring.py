"""Putting a backup back: the erasures made since are repeated, and nothing leaves twice.

Owns: which backups are refused, what takes the place of what, and what is done afterwards. Never:
touches the log of erasures, except for the note that a restore is under way. Driven by bot/restore;
a crash anywhere is made good by the next start (`under_way`).
"""

import importlib
import os
import pkgutil
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import peewee

import broadcasts as package
from broadcasts import clock, db, schema
from broadcasts.delivery import broadcasts, uncleared
from broadcasts.delivery.broadcasts import Audience, Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.newsroom import feeds, posts, search
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import archive, audit, dumps
from broadcasts.privacy.backups import FORM, BackupError, Contents
from broadcasts.privacy.erasure_log import LONGEST_BACKUP, ErasureKey

CODE = "restored"
"""Of deliveries that were open in the backup: nobody knows what became of them since."""

AHEAD = 1_000_000_000
"""So many numbers are left out: those given since the backup are among them."""

PLACED = "database.placed"
"""In the working folder: the database is that of the backup, its pictures may follow."""
OUT = "media.out"
"""In the working folder: the pictures from before the restore are all out of the way."""

ENTRIES = "audit.entries"
"""In the working folder: how long the audit trail was that is being replaced."""


class RestoreUnderWay(db.Model):
    """Stands while a restore is not finished: what is in place is not fit to send."""

    id = peewee.IntegerField(primary_key=True)
    made_at = db.UTCField()
    """Of the backup."""
    begun_at = db.UTCField()

    class Meta:
        table_name = "restore_under_way"
        schema = db.ERASURES


THE_ONE = 1


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """A backup laid out beside what it will replace."""

    contents: Contents
    dump: Path
    media: Path
    work: Path


# ------------------------------------------------------------------ into place


def unpack(source: Path, key: str, work: Path, now: datetime) -> Unpacked:
    """Reads all of it into the empty folder `work` and looks it through. Raises BackupError."""
    media = work / "media"
    media.mkdir()
    try:
        with archive.reading(source, key) as tar:
            contents: Contents | None = None
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                if file is None:
                    continue
                if contents is None:
                    contents = _readable(file.read(), now)
                    continue
                target = _inside(work, member.name)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with target.open("xb") as out:
                    shutil.copyfileobj(file, out, 1 << 20)
                os.utime(target, (member.mtime, member.mtime))
        if contents is None:
            raise BackupError("holds nothing")
        dump = work / contents.database
        dumps.check(dump)
    except (archive.ArchiveError, dumps.DumpError) as error:
        raise BackupError(str(error)) from error
    return Unpacked(contents=contents, dump=dump, media=media, work=work)


def _inside(folder: Path, name: str) -> Path:
    """Where a member goes; never outside, whatever it is called."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise BackupError("holds a file that would lie elsewhere")
    return target


def _readable(raw: bytes, now: datetime) -> Contents:
    """Raises BackupError for what must not, or cannot, be put back here."""
    try:
        found = Contents.read(raw)
    except (ValueError, TypeError, KeyError) as error:
        raise BackupError("is no backup of this program, or of a newer version") from error
    age = now - found.made_at
    if age > LONGEST_BACKUP:
        raise BackupError(
            f"is {age.days} days old: after {LONGEST_BACKUP.days} nobody knows any more who was"
            " erased since, so it cannot be put back"
        )
    if found.form > FORM or not set(found.migrations) <= set(schema.known()):
        raise BackupError("was made by a newer version: update this one first")
    if found.database != dumps.name():
        raise BackupError("is of the other kind of database (see database.url)")
    return found


def has_log(made_at: datetime) -> bool:
    """Whether the log of erasures goes back to then. A key is made before any backup can be, and is
    kept for longer than one: where none is as old, the log has been lost since."""
    # The moment of a backup is cut off to its second.
    before = made_at + timedelta(seconds=1)
    return bool(ErasureKey.select().where(ErasureKey.since < before).exists())


def put_in_place(unpacked: Unpacked, url: str) -> None:
    """The database takes the place of the one there. From here on `finish` must come, now or at
    the next start; it brings the pictures. Raises BackupError."""
    with db.session():
        RestoreUnderWay.delete().execute()
        made_at = unpacked.contents.made_at
        RestoreUnderWay.create(id=THE_ONE, made_at=made_at, begun_at=clock.now())
        (unpacked.work / ENTRIES).write_text(str(audit.length()), encoding="ascii")
        db.truncate_log()
    models = (model._meta.table_name for model in _ours())
    tables = [*models, *search.TABLES, "schema_migration", "erasure"]
    db.close_database()
    try:
        dumps.put_in_place(url, unpacked.dump, unpacked.work, tables, search.ROUTINES)
    except (dumps.DumpError, OSError) as error:
        db.open_database(url)
        with db.session():
            is_finished()
        raise BackupError(f"nothing was changed: {error}") from error
    (unpacked.work / PLACED).touch()
    db.open_database(url)


def entries_lost(work: Path) -> int | None:
    """How many entries of the audit trail were written since the backup; None: the database that
    was replaced cannot say, because it was new or another one. To be asked before one is added."""
    try:
        before = int((work / ENTRIES).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    lost = before - audit.length()
    return lost if lost >= 0 else None


def swap_pictures(work: Path, media: Path) -> None:
    """Those of the backup take the place of those there. Goes on where a crash has cut it off;
    what the disk refuses is undone, and tried again at the next start. Raises OSError."""
    if not (work / PLACED).exists():
        return
    new, old, out = work / "media", work / "media.before", work / OUT
    try:
        if not out.exists():
            _move_all(media, old)
            out.touch()
        _move_all(new, media)
    except OSError:
        if out.exists():
            _move_all(media, new)
            out.unlink()
        _move_all(old, media)
        raise


def _move_all(source: Path, target: Path) -> None:
    """File by file, so that it can be repeated; not the folders: one may be a disk of its own."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(path, place)


def _ours() -> list[Any]:
    """Every model of ours: each module is read, because a table that stayed would be taken for that
    of the backup."""
    for module in pkgutil.walk_packages(package.__path__, "broadcasts."):
        if ".migrations" not in module.name and ".channels" not in module.name:
            importlib.import_module(module.name)
    return [model for model in db.Model.__subclasses__() if model._meta.schema is None]


# ------------------------------------------------------------------ afterwards


def under_way() -> datetime | None:
    """Of which moment the backup is that is being put back; None: none is."""
    row = RestoreUnderWay.get_or_none(RestoreUnderWay.id == THE_ONE)
    return None if row is None else row.made_at


def is_finished() -> None:
    RestoreUnderWay.delete().execute()


def skip_numbers() -> None:
    """A late status of a message sent since the backup must not find a new delivery under its
    number. Safe to repeat: another thousand million does no harm."""
    with db.transaction():
        # Not the subscribers: their numbers stand in columns of 32 bits (Broadcast.cut_off).
        for model in _ours():
            key = model._meta.primary_key
            if isinstance(key, db.SerialField) and model is not Subscriber:
                _skip(model._meta.table_name, key.column_name)


def _skip(table: str, column: str) -> None:
    if not db.is_sqlite():
        name = f"pg_get_serial_sequence('{table}', '{column}')"
        db.database.execute_sql(f"SELECT setval({name}, nextval({name}) + {AHEAD})")
        return
    # The row is missing where the table has never had one.
    db.database.execute_sql(
        "INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0"
        " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
        (table, table),
    )
    db.database.execute_sql(
        "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", (AHEAD, table)
    )


def hold_back(now: datetime) -> int:
    """What was open in the backup may have left since, and never leaves from here: nothing doubled
    comes before nothing lost. Returns how many messages. Safe to repeat."""
    with db.transaction():
        feeds.forget_answers()
        for row in broadcasts.unfinished():
            broadcasts.mark_stopped(row.id, now)
        # Not `failed`: an all-clear goes to whoever may have got the alert. Without a time to be
        # due at it is never settled by silence, only by a status that still comes.
        return int(
            Delivery.update(
                state=DeliveryState.UNKNOWN, due_at=None, leased_by=None, code=CODE, changed_at=now
            )
            .where(Delivery.due_at.is_null(False))
            .execute()
        )


def end_alerts(now: datetime) -> int:
    """An alert may have had its all-clear since the backup: nobody is told any more that it is in
    force. Returns how many were. Safe to repeat."""
    with db.transaction():
        alerts = uncleared.open_alerts(now)
        for alert in alerts:
            thread = (Broadcast.id == alert.id) | (Broadcast.follows == alert.id)
            Broadcast.update(expires_at=now).where(thread, Broadcast.expires_at > now).execute()
        return len(alerts)


def use_up_day(on: date, now: datetime) -> int:
    """Today's digest may have gone out since the backup: there is none any more today, and what is
    queued up to today belongs to it. Returns how many posts. Safe to repeat."""
    with db.transaction():
        used = broadcasts.digest_of(on) or Broadcast.create(
            kind=BroadcastKind.DIGEST,
            state=BroadcastState.STOPPED,
            on=on,
            digest_on=on,
            audience=Audience.DIGEST_READERS,
            audience_at=now,
            cut_off=0,
            created_at=now,
            finished_at=now,
            expires_at=now,
        )
        waiting = [post.id for post in posts.queued(on)]
        posts.mark_sent(waiting, used.id)
        return len(waiting)
