"""The schema: brought up to date by whichever process comes first.

Owns: running the migrations of both schemas, one process at a time. Never: a table of its own.
Called when a city is opened (bot/app) and after a restore.
"""

import logging
import sqlite3
import time
from importlib.resources import as_file, files
from pathlib import Path

import peewee
from playhouse.migrations import Runner

from broadcasts import db
from broadcasts.locks import Lock

log = logging.getLogger(__name__)


TRIGRAM = (3, 34, 0)
"""SQLite's version that can index parts of words (sqlite.org/releaselog/3_34_0.html)."""


class SchemaError(Exception):
    """The database cannot be brought up to date; says what somebody has to do."""


def _erasures(folder: Path) -> list[str]:
    """First: a database that was restored may find them ahead of it, or none at all."""
    if not db.is_sqlite():
        # Not by IF NOT EXISTS: that wants the right to create even where it is there.
        there = db.database.execute_sql(f"SELECT to_regnamespace('{db.ERASURES}')").fetchone()[0]
        if there is None:
            _create_schema()
    runner = Runner(db.database.obj, str(folder))
    # Its own history in its own schema. Not by the runner's `schema`: SQLite's migrator has none
    # (so these migrations make their tables by models, never by the migrator).
    runner.History._meta.schema = db.ERASURES
    return [f"{db.ERASURES}/{name}" for name in runner.up()]


def _create_schema() -> None:
    """Raises SchemaError where only the database's owner may."""
    try:
        db.database.execute_sql(f"CREATE SCHEMA {db.ERASURES}")
    except peewee.ProgrammingError as error:
        role = db.database.execute_sql("SELECT current_user").fetchone()[0]
        raise SchemaError(
            f"the database's role {role} may not make the schema for the log of erasures; let the"
            f" database's owner do it: CREATE SCHEMA {db.ERASURES} AUTHORIZATION {role}"
        ) from error


def _full_text() -> None:
    """At each start: without it no post could be sent, because what is sent goes into the search's
    index. Raises SchemaError."""
    if not db.is_sqlite():
        return
    has = db.database.execute_sql("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone()
    if not has or sqlite3.sqlite_version_info < TRIGRAM:
        raise SchemaError(
            f"this Python's SQLite ({sqlite3.sqlite_version}) has no full-text search (FTS5 with"
            " trigrams, since 3.34): use a Python whose SQLite has it, or PostgreSQL"
        )


def known() -> list[str]:
    """Names of all migrations that this version knows, in order."""
    with as_file(files("broadcasts") / "migrations") as folder:
        return sorted(path.stem for path in folder.glob("[0-9]*.py"))


def applied() -> list[str]:
    """Names of those that this database has."""
    rows = db.database.execute_sql("SELECT name FROM schema_migration ORDER BY name").fetchall()
    return [row[0] for row in rows]


def migrate() -> list[str]:
    """Brings the schema up to date; returns the names of what was applied.

    Several processes start at once: one does it, the others wait for it. Raises SchemaError.
    """
    with db.session(), as_file(files("broadcasts") / "migrations") as folder:
        _full_text()
        lock = Lock("schema")
        while not lock.acquire():
            time.sleep(0.1)
        try:
            done = [*_erasures(folder / db.ERASURES), *Runner(db.database.obj, str(folder)).up()]
        finally:
            lock.release()
    for name in done:
        log.info("migrated name=%s", name)
    return done
