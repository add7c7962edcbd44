"""Backups: made, looked through, listed, and gone in time.

Owns: what stands in one, its name, and how long it is kept. Never: puts one back (restoring), or
holds the log of erasures. Used by the command line, the nightly job and the search for a person.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from broadcasts import clock, schema
from broadcasts.privacy import archive, dumps

FORM = 1
"""Of what is written here; a later one says so."""
NAME = re.compile(r"stadtbote-(\d{8}T\d{6}Z)\.age")
STAMP = "%Y%m%dT%H%M%SZ"
WORK = ".making"


class BackupError(Exception):
    """It cannot be made or read; says why."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is backed up, where to, and with which key."""

    url: str = field(repr=False)
    """Of the database, which is open; may hold a password."""
    media: Path
    config: Path
    folder: Path
    key: str = field(repr=False)
    keep_days: int


@dataclass(frozen=True)
class Backup:
    path: Path
    made_at: datetime

    def gone_at(self, keep_days: int) -> datetime:
        return self.made_at + timedelta(days=keep_days)

    def gone_on(self, keep_days: int, zone: ZoneInfo) -> date:
        return self.gone_at(keep_days).astimezone(zone).date()


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The first member of each: what the rest is."""

    form: int
    made_at: datetime
    database: str
    sha256: str
    migrations: list[str]

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "made_at": self.made_at.isoformat()}

    @classmethod
    def read(cls, raw: bytes) -> "Contents":
        found = json.loads(raw)
        return cls(**{**found, "made_at": datetime.fromisoformat(found["made_at"])})


def make(source: Source) -> Backup:
    """A new backup, verified. Older ones past their time go. Raises BackupError, OSError."""
    if not source.key:
        raise BackupError("BACKUP_KEY is missing in .env: a backup is never written in the clear")
    source.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(source.folder), _working(source.folder) as work:
        made_at = clock.now().replace(microsecond=0)
        target = source.folder / f"stadtbote-{made_at.strftime(STAMP)}.age"
        if target.exists():
            raise BackupError("one was made in this very second")
        try:
            contents = _write(source, work / "backup.age", made_at, work)
            _verify(work / "backup.age", source.key, contents)
        except (archive.ArchiveError, dumps.DumpError) as error:
            raise BackupError(str(error)) from error
        # Its name says that it is whole.
        os.replace(work / "backup.age", target)
    prune(source.folder, source.keep_days, clock.now())
    return Backup(target, made_at)


def _write(source: Source, target: Path, made_at: datetime, work: Path) -> Contents:
    dump = work / dumps.name()
    dumps.write(source.url, dump)
    contents = Contents(
        form=FORM,
        made_at=made_at,
        database=dumps.name(),
        sha256=_sha256(dump),
        migrations=schema.applied(),
    )
    with archive.writing(target, source.key) as writer:
        writer.add_bytes("contents.json", json.dumps(contents.as_json()).encode())
        writer.add_file(contents.database, dump)
        dump.unlink()
        writer.add_file("config.toml", source.config)
        for path in sorted(source.media.rglob("*")):
            if path.is_file():
                writer.add_file(f"media/{path.relative_to(source.media)}", path)
    return contents


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := file.read(1 << 20):
        found.update(piece)
    return found.hexdigest()


def _verify(path: Path, key: str, wanted: Contents) -> None:
    """Decrypts all of it and compares the database with the copy that was looked through."""
    with archive.reading(path, key) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is None or member.name not in ("contents.json", wanted.database):
                continue
            if member.name == "contents.json":
                is_good = Contents.read(file.read()) == wanted
            else:
                is_good = _digest(file) == wanted.sha256
            if not is_good:
                raise BackupError("what was written is not what is read again: is the disk sound?")


# ------------------------------------------------------------------ what there is


def listing(folder: Path) -> list[Backup]:
    """Oldest first, by their names."""
    found = [(path, NAME.fullmatch(path.name)) for path in folder.glob("*.age")]
    return sorted(
        (Backup(path, _stamp(match[1])) for path, match in found if match),
        key=lambda backup: backup.made_at,
    )


def _stamp(text: str) -> datetime:
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC)


def prune(folder: Path, keep_days: int, now: datetime) -> int:
    """Deletes what is past its time, and what a crash has left. Returns how many backups."""
    if not folder.is_dir():
        return 0
    old = [backup for backup in listing(folder) if backup.gone_at(keep_days) <= now]
    for backup in old:
        backup.path.unlink(missing_ok=True)
    try:
        with _alone(folder):
            _sweep(folder)
    except BackupError:
        pass  # one is just being made
    return len(old)


def _sweep(folder: Path) -> None:
    """A database in the clear, of a process that was killed."""
    shutil.rmtree(folder / WORK, ignore_errors=True)


@contextmanager
def _working(folder: Path) -> Iterator[Path]:
    _sweep(folder)
    work = folder / WORK
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        _sweep(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    file = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BackupError("another backup is just being made") from error
    finally:
        os.close(file)
