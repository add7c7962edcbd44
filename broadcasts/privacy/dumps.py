"""The database as one file, and back into its place: once for each kind of database.

Owns: SQLite's online copy, `pg_dump`, `pg_restore` and `psql`. Never: the schema `erasures`, which
a backup does not hold and a restore does not touch. Used by backups and restoring.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from broadcasts import db

NAME = {True: "database.sqlite", False: "database.pgdump"}
"""Is it SQLite → the member of the archive."""

NEAR = ".restoring"
"""Behind SQLite's file name: the new one, before it takes its place."""


class DumpError(Exception):
    """The database cannot be copied or put back; says why."""


def name() -> str:
    return NAME[db.is_sqlite()]


def write(url: str, target: Path) -> None:
    """A copy of one moment, looked through; readers and writers go on. Raises DumpError."""
    if db.is_sqlite():
        _copy_sqlite(Path(db.database.database), target)
    else:
        _run_postgres(
            "pg_dump",
            url,
            [
                *("-Fc", "--no-owner", "--no-privileges", "--schema=public"),
                # The address of somebody who has just been erased does not go into a backup.
                *("--exclude-table-data=erasure_errand", f"--file={target}"),
            ],
        )
    check(target)


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        # In one step: in several it would begin anew with each commit of somebody else.
        live.backup(copy)
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode = delete")
        copy.execute("PRAGMA secure_delete = 1")
        with copy:
            copy.execute("DELETE FROM erasure_errand")
            copy.execute("DELETE FROM delivery WHERE address IS NOT NULL")


def check(dump: Path) -> None:
    """Whether it can be read from front to back. Raises DumpError."""
    if not db.is_sqlite():
        _run("pg_restore", ["--list", str(dump)])
        return
    try:
        with closing(sqlite3.connect(f"file:{dump}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise DumpError(f"the copy cannot be read: {error}") from error
    if found != "ok":
        raise DumpError("the copy is damaged: is the database itself?")


def put_in_place(
    url: str, dump: Path, work: Path, tables: Sequence[str], routines: Sequence[str]
) -> None:
    """At once or not at all; `dump` is used up. `tables`, `routines`: ours, which make way. The
    caller has closed the database. Raises DumpError."""
    if url.startswith("sqlite:///"):
        _replace_sqlite(Path(url.removeprefix("sqlite:///")), dump)
    else:
        _replace_postgres(url, dump, work, _clearing(tables, routines))


def _replace_sqlite(database: Path, dump: Path) -> None:
    dump.chmod(0o600)
    # Beside it first: a rename is at once only on one disk.
    near = Path(f"{database}{NEAR}")
    try:
        shutil.move(dump, near)
        for tail in ("-wal", "-shm"):
            # The old log must not be read into the new database; it goes as late as can be.
            Path(f"{database}{tail}").unlink(missing_ok=True)
        os.replace(near, database)
    except OSError:
        near.unlink(missing_ok=True)
        raise
    folder = os.open(database.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(url: str) -> None:
    """Removes the database in the clear that a restore which was cut off has left."""
    if url.startswith("sqlite:///"):
        Path(f"{url.removeprefix('sqlite:///')}{NEAR}").unlink(missing_ok=True)


def _clearing(tables: Sequence[str], routines: Sequence[str]) -> list[str]:
    return [
        *(f'DROP TABLE IF EXISTS public."{table}" CASCADE;' for table in tables),
        *(f"DROP FUNCTION IF EXISTS public.{routine} CASCADE;" for routine in routines),
    ]


def _replace_postgres(url: str, dump: Path, work: Path, lines: Sequence[str]) -> None:
    """All of it in one transaction: the old tables go, those of the backup come."""
    clear, script = work / "clear.sql", work / "restore.sql"
    clear.write_text("\n".join(lines) + "\n", encoding="utf-8")
    # What is in the schema, not the schema: that stands there.
    only = ["--schema=public", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*only, f"--file={script}", str(dump)])
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "-v", "ON_ERROR_STOP=1"]
    _run_postgres("psql", url, [*options, f"--file={clear}", f"--file={script}"])


# ------------------------------------------------------------------ PostgreSQL's own programs


def _run_postgres(program: str, url: str, options: Sequence[str]) -> None:
    with _without_password(url) as address:
        _run(program, [*options, f"--dbname={address}"])


@contextmanager
def _without_password(url: str) -> Iterator[str]:
    """Everybody on the machine sees a program's arguments: the password goes by a file."""
    parts = urlsplit(url)
    if parts.password is None:
        yield url
        return
    with tempfile.NamedTemporaryFile("w", prefix="stadtbote-", encoding="utf-8") as file:
        secret = unquote(parts.password).replace("\\", "\\\\").replace(":", "\\:")
        file.write(f"*:*:*:*:{secret}\n")
        file.flush()
        before, _, host = parts.netloc.rpartition("@")
        netloc = f"{before.split(':')[0]}@{host}"
        query = f"{parts.query}&" if parts.query else ""
        yield urlunsplit(parts._replace(netloc=netloc, query=f"{query}passfile={file.name}"))


def _run(program: str, options: Sequence[str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise DumpError(f"{program} is not installed (Debian: postgresql-client)")
    done = subprocess.run([found, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise DumpError(f"{program}: {said[:200]}")
