"""The database: one Peewee handle, field types for what we store, short transactions.

Owns: connecting (SQLite, or PostgreSQL by URL), durability settings, migrations, wake-up counter.
Never: a table of its own. Used by every module of broadcasts/ that keeps something.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

import peewee
from playhouse.db_url import connect as connect_by_url
from playhouse.migrations import Runner

log = logging.getLogger(__name__)

database = peewee.DatabaseProxy()
"""Stands for the one database of this process; `open_database` puts the real one behind it."""

_opened = ""

DatabaseError = peewee.DatabaseError
"""What the outside may catch: the database does not answer, is full, or is locked."""

UNAVAILABLE = (peewee.OperationalError, peewee.InterfaceError)
"""The database itself, not what was asked of it: try again later, lose nothing."""

_SQLITE = {
    # Readers never wait for the writer, and the other way round.
    "journal_mode": "wal",
    # FULL: what was answered 200 survives a power cut, not only a crash of the process.
    "synchronous": "full",
    "foreign_keys": 1,
    # Erased means overwritten, not only unlinked (rule 8).
    "secure_delete": 1,
    # Milliseconds a writer waits for another before it gives up.
    "busy_timeout": 10_000,
    "cache_size": -16_000,
}


class Model(peewee.Model):
    class Meta:
        database = database
        legacy_table_names = False


if TYPE_CHECKING:  # Peewee's fields are generic for the type checker only
    _DateTimeField = peewee.DateTimeField[Any]
    _TextField = peewee.TextField[Any]
    _CharField = peewee.CharField[Any]
    _BigAutoField = peewee.BigAutoField
else:
    _DateTimeField, _TextField, _CharField, _BigAutoField = (
        peewee.DateTimeField,
        peewee.TextField,
        peewee.CharField,
        peewee.BigAutoField,
    )


class UTCField(_DateTimeField):
    """A moment: aware in Python, always UTC. On SQLite text of fixed width, so that it sorts."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no moment")
        return value.astimezone(UTC).isoformat(" ", "microseconds")

    def python_value(self, value: datetime | str | None) -> datetime | None:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value if value is None else value.astimezone(UTC)


class JSONField(_TextField):
    """Plain JSON in a text column, the same on both databases."""

    def db_value(self, value: object) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def python_value(self, value: str | None) -> object:
        return None if value is None else json.loads(value)


class EnumField(_CharField):
    """One of a closed list, stored as its lower-case text."""

    def __init__(self, kinds: type[StrEnum], *args: Any, **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(*args, max_length=32, **kwargs)

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else str(self.kinds(value))

    def python_value(self, value: str | None) -> StrEnum | None:
        return None if value is None else self.kinds(value)


class SerialField(_BigAutoField):
    """A number that is never given twice, not even when its row is gone: a late status must not
    find somebody else's delivery under it."""

    def ddl(self, ctx: Any) -> Any:
        nodes: list[Any] = [super().ddl(ctx)]
        if is_sqlite():
            nodes.append(peewee.SQL("AUTOINCREMENT"))
        return peewee.NodeList(nodes)


def rows(query: Any) -> list[tuple[Any, ...]]:
    """What a query finds, as tuples."""
    return list(query.tuples())


def dicts(query: Any) -> list[dict[str, Any]]:
    """What a query finds, as dictionaries."""
    return list(query.dicts())


def open_database(url: str) -> None:
    """Points this process at a database: `sqlite:///path` or `postgresql://…`.

    Raises ValueError when the URL cannot be read. Opening the same one again changes nothing:
    threads may be at work on it.
    """
    global _opened
    if url == _opened:
        return
    if url.startswith("sqlite:///"):
        database.initialize(peewee.SqliteDatabase(url.removeprefix("sqlite:///"), pragmas=_SQLITE))
    elif url.startswith("postgresql://"):
        database.initialize(connect_by_url(url, autorollback=True))
    else:
        raise ValueError("database.url must begin with sqlite:/// or postgresql://")
    _opened = url


def disconnect() -> None:
    """Ends what this thread's first query has opened by itself (a web request)."""
    if not database.is_closed():
        database.close()


def session() -> AbstractContextManager[Any]:
    """A connection for this thread, closed again at the end. Every thread brings its own."""
    return _session()


@contextmanager
def _session() -> Iterator[None]:
    opened = database.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            database.close()


def transaction() -> AbstractContextManager[Any]:
    """A short write. SQLite takes the writer's place at once: a read that later wants to write
    would otherwise fail with "database is locked" whatever the time-out. Never await inside."""
    if is_sqlite() and not database.in_transaction():
        return database.atomic("IMMEDIATE")
    return database.atomic()


def is_sqlite() -> bool:
    return isinstance(database.obj, peewee.SqliteDatabase)


def migrate() -> list[str]:
    """Brings the schema up to date; returns the names of what was applied."""
    with session(), as_file(files("broadcasts") / "migrations") as folder:
        done = list(Runner(database.obj, str(folder)).up())
    for name in done:
        log.info("migrated name=%s", name)
    return done


def change_counter() -> int:
    """Changes whenever another connection has committed; costs microseconds (SQLite only).

    PostgreSQL has LISTEN/NOTIFY for this; there the counter stands still.
    """
    if not is_sqlite():
        return 0
    return int(database.execute_sql("PRAGMA data_version").fetchone()[0])


def truncate_log() -> bool:
    """Empties SQLite's write-ahead log, so that an erased page is in no file (rule 8).

    False: a reader was in the way; to be tried again.
    """
    if not is_sqlite():
        return True
    # It keeps writers out while it waits for readers: not for long, rather once more.
    database.execute_sql("PRAGMA busy_timeout = 200")
    busy, _, _ = database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    database.execute_sql(f"PRAGMA busy_timeout = {_SQLITE['busy_timeout']}")
    return not busy


def execute_many(sql: str, rows: Sequence[Sequence[object]]) -> None:
    """One statement for many rows: microseconds each, where a query object costs a hundred.

    `sql` uses `?`; values must be ready for the database (moments by `moment`).
    """
    if rows:
        cursor = database.cursor()
        cursor.executemany(sql.replace("?", database.param), rows)


def moment(value: datetime) -> str:
    """A moment as `execute_many` and raw SQL want it."""
    return value.astimezone(UTC).isoformat(" ", "microseconds")
