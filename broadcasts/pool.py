"""Connections are kept, because opening one costs more than most of what we ask it.

Owns: who holds which connection, the drivers' settings, and that none outlives the database's end.
Never: a query. Used by broadcasts/db.
"""

import os
import re
import socket
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import peewee
from playhouse.pool import PooledDatabase, PooledPostgresqlDatabase, PooledSqliteDatabase

SQLITE = {
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
    # Pages (32 MB): the rows of a million recipients are written a third faster than with 1,000.
    "wal_autocheckpoint": 8_000,
}

ERASURES = "erasures"
"""The schema that neither a backup nor a restore touches: on SQLite a file of its own beside the
database, on PostgreSQL a schema of the same one (decision 0016)."""

MOST_CONNECTIONS = 64
"""Per process; its threads are fewer."""

_POSTGRES = {
    "max_connections": MOST_CONNECTIONS,
    # Seconds after which an unused connection is not trusted any more.
    "stale_timeout": 300,
    "connect_timeout": 10,
    # A machine that is gone is noticed in seconds, here and there: its locks must become free.
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
    "options": (
        "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
        " -c lock_timeout=10s"
    ),
}


class _Ending(PooledDatabase):  # type: ignore[misc]  # Peewee has no types for its pool
    """A pool that can end under running threads.

    Peewee's own `close_all` closes what they are using, which crashes the interpreter on SQLite,
    and a thread that connects afterwards leaves a connection that nobody ever closes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ended = False
        self._holders: dict[int, threading.Thread] = {}
        super().__init__(*args, **kwargs)

    def _connect(self) -> Any:
        with self._pool_lock:
            if self._ended:
                raise peewee.InterfaceError("the database has been closed")
            connection = super()._connect()
            self._holders[id(connection)] = threading.current_thread()
            return connection

    def _close(self, conn: Any, close_conn: bool = False) -> None:
        with self._pool_lock:
            self._holders.pop(id(conn), None)
            super()._close(conn, close_conn)

    def _can_reuse(self, conn: Any) -> bool:
        return not self._ended and super()._can_reuse(conn)

    def end(self) -> None:
        """Nobody connects any more. What lies idle is closed now, what a living thread uses when
        that thread gives it back."""
        with self._pool_lock:
            self._ended = True
        self.close()
        with self._pool_lock:
            self.close_idle()
            for held in list(self._in_use.values()):
                if not self._holders[id(held.connection)].is_alive():
                    self._close(held.connection, close_conn=True)


class _Sqlite(_Ending, PooledSqliteDatabase):  # type: ignore[misc]  # as above
    def _add_conn_hooks(self, conn: Any) -> None:
        # First: the pragmas hold for what is attached, too.
        conn.execute(f"ATTACH DATABASE ? AS {ERASURES}", (erasures_file(self.database),))
        super()._add_conn_hooks(conn)


class _Postgres(_Ending, PooledPostgresqlDatabase):  # type: ignore[misc]  # as above
    pass


def make(url: str) -> peewee.Database:
    """The database at `sqlite:///path` or `postgresql://…`; connects to nothing yet.

    Raises ValueError when the URL cannot be read.
    """
    if url.startswith("sqlite:///"):
        return _Sqlite(
            url.removeprefix("sqlite:///"),
            pragmas=SQLITE,
            max_connections=MOST_CONNECTIONS,
            check_same_thread=False,
        )
    if not url.startswith("postgresql://"):
        raise ValueError("database.url must begin with sqlite:/// or postgresql://")
    return _Postgres(
        url,
        prefer_psycopg3=True,
        # Shows an administrator (pg_stat_activity) who holds what.
        application_name=f"stadtbote {process_name()}",
        **_POSTGRES,
    )


def erasures_file(database: str) -> str:
    """Where an SQLite database's erasures stand."""
    return str(Path(database).with_name(f"{ERASURES}.db"))


def has_driver(url: str) -> bool:
    """Whether the driver is installed: that of PostgreSQL is an extra."""
    return not url.startswith("postgresql://") or find_spec("psycopg") is not None


def process_name() -> str:
    """This process among all machines'; no separator of ours in it."""
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:30]
    return f"{host}.{os.getpid()}"
