"""The database: one Peewee handle, short transactions, what tells of a commit.

Owns: which database this process uses, and who writes when (connections: pool, columns: fields).
Never: a table of its own. Used by every module of broadcasts/ that keeps something.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import peewee

from broadcasts import pool
from broadcasts.fields import EnumField as EnumField
from broadcasts.fields import JSONField as JSONField
from broadcasts.fields import UTCField as UTCField
from broadcasts.pool import ERASURES as ERASURES
from broadcasts.pool import erasures_file as erasures_file
from broadcasts.pool import has_driver as has_driver
from broadcasts.pool import process_name as process_name

database = peewee.DatabaseProxy()
"""Stands for the one database of this process; `open_database` puts the real one behind it."""

_opened = ""

before_closing: list[Callable[[], None]] = []
"""What waits for work in the background that `close_database` would leave without a database."""

DatabaseError = peewee.DatabaseError
"""What the outside may catch: the database does not answer, is full, or is locked."""

UNAVAILABLE = (peewee.OperationalError, peewee.InterfaceError)
"""The database itself, not what was asked of it: try again later, lose nothing."""

_patience: ContextVar[float] = ContextVar("patience", default=10.0)
"""Seconds for which a transaction waits for the writer's place."""

_BUSY_STEP = 8
"""Milliseconds: SQLite looks after 1, 2 and 5 of them."""

NOTICE = "stadtbote_work"
"""What PostgreSQL's listeners listen for."""


class Model(peewee.Model):
    class Meta:
        database = database
        legacy_table_names = False
        # Two processes may hold the same row: each writes only what it has changed.
        only_save_dirty = True


class SerialField(peewee.BigAutoField):
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
    threads may be at work on it. Another one closes the one before.
    """
    global _opened
    if url == _opened:
        return
    made = pool.make(url)
    if _opened:
        close_database()
    database.initialize(made)
    _opened = url


def close_database() -> None:
    """Ends every connection of this process; `open_database` opens anew. Threads that are at work
    end their own as soon as they have done; who comes later is refused (`UNAVAILABLE`)."""
    global _opened
    for finish in before_closing:
        finish()
    database.obj.end()
    _opened = ""


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
        return _immediate()
    return database.atomic()


@contextmanager
def _immediate() -> Iterator[Any]:
    """Asks for the writer's place every few milliseconds. Left to itself SQLite sleeps longer each
    time, up to 100 ms: a webhook would never get in between the chunks of a large broadcast."""
    deadline = time.monotonic() + _patience.get()
    with ExitStack() as stack:
        database.execute_sql(f"PRAGMA busy_timeout = {_BUSY_STEP}")
        try:
            while (transaction := _begin(stack)) is None:
                if time.monotonic() > deadline:
                    raise peewee.OperationalError("database is locked")
        finally:
            database.execute_sql(f"PRAGMA busy_timeout = {pool.SQLITE['busy_timeout']}")
        yield transaction


def _begin(stack: ExitStack) -> Any:
    """None: somebody else is writing."""
    try:
        return stack.enter_context(database.atomic("IMMEDIATE"))
    except peewee.OperationalError as error:
        if "locked" not in str(error):
            raise
        return None


def is_sqlite() -> bool:
    return isinstance(database.obj, peewee.SqliteDatabase)


def among(column: Any, numbers: Iterable[int]) -> Any:
    """`column IN numbers`, as one parameter: a list of hundreds takes Peewee longer to write down
    than the database to look up."""
    if is_sqlite():
        listed, given = "IN (SELECT value FROM json_each(", json.dumps(list(numbers))
        return peewee.NodeList((column, peewee.SQL(listed), peewee.Value(given), peewee.SQL("))")))
    given_list = peewee.Value(list(numbers), unpack=False)
    return peewee.NodeList((column, peewee.SQL("= ANY("), given_list, peewee.SQL(")")))


def minute(field: Any) -> Any:
    """A moment cut off to its minute, as text "YYYY-MM-DD HH:MM" (UTC): to group by."""
    if is_sqlite():
        return peewee.fn.SUBSTR(field, 1, 16).python_value(str)
    return peewee.fn.TO_CHAR(peewee.fn.TIMEZONE("UTC", field), "YYYY-MM-DD HH24:MI")


def change_counter() -> int:
    """Changes whenever another connection has committed; costs microseconds (SQLite only).

    PostgreSQL has LISTEN/NOTIFY for this; there the counter stands still.
    """
    if not is_sqlite():
        return 0
    # Past Peewee: asked thirty times a second, day and night.
    return int(database.connection().execute("PRAGMA data_version").fetchone()[0])


def notices(*, seconds: float) -> Iterator[bool]:
    """PostgreSQL only: True when somebody has announced work, False after so long without."""
    import psycopg

    try:
        connection = database.connection()
        connection.execute(f"LISTEN {NOTICE}")
        while True:
            yield bool(list(connection.notifies(timeout=seconds, stop_after=1)))
    except psycopg.Error as error:
        raise peewee.OperationalError(type(error).__name__) from error


def for_update(query: Any, *, by_key: bool = True) -> Any:
    """Keeps others from the rows found until this transaction ends. On SQLite the transaction
    itself does (it has the writer's place). `by_key=False`: others may still refer to them."""
    if is_sqlite():
        return query
    return query.for_update("FOR UPDATE" if by_key else "FOR NO KEY UPDATE")


@contextmanager
def impatient() -> Iterator[None]:
    """For a question that must be answered soon: half a second for the writer's place."""
    token = _patience.set(0.5)
    try:
        yield
    finally:
        _patience.reset(token)


def truncate_log() -> bool:
    """Empties SQLite's write-ahead log, so that an erased page is in no file (rule 8).

    False: a reader was in the way; to be tried again.
    """
    if not is_sqlite():
        return True
    # It keeps writers out while it waits for readers: not for long, rather once more.
    database.execute_sql("PRAGMA busy_timeout = 200")
    busy, _, _ = database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    database.execute_sql(f"PRAGMA busy_timeout = {pool.SQLITE['busy_timeout']}")
    return not busy


def execute_many(sql: str, rows: Sequence[Sequence[object]]) -> None:
    """One statement for many rows: microseconds each, where a query object costs a hundred.

    `sql` uses `?`; values must be ready for the database (moments by `moment`).
    """
    if rows:
        with _translated():
            database.cursor().executemany(sql.replace("?", database.param), rows)


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's errors as Peewee's, as everywhere else: callers know only those."""
    try:
        yield
    except peewee.PeeweeException:
        raise
    except Exception as error:
        for kind in type(error).__mro__:
            ours = getattr(peewee, kind.__name__, None)
            if isinstance(ours, type) and issubclass(ours, peewee.DatabaseError):
                raise ours(*error.args) from error
        raise


def moment(value: datetime) -> str:
    """A moment as `execute_many` and raw SQL want it."""
    return value.astimezone(UTC).isoformat(" ", "microseconds")
