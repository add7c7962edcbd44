"""Locks between processes: one holder at a time, free by themselves when the holder dies.

Owns: PostgreSQL's advisory locks, and a locked file beside an SQLite database. Never: a lease in
a table (it would have to run out). Held by the sender per number, the receiver, the upkeep.
"""

import fcntl
import hashlib
import os

from broadcasts import db


class Lock:
    """For the thread that made it: on PostgreSQL it belongs to this thread's connection."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file: int | None = None

    def acquire(self) -> bool:
        """Tries once; True when it is ours (now, or already)."""
        return self._lock_file() if db.is_sqlite() else self._lock_postgres()

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        elif not db.is_sqlite():
            db.database.execute_sql("SELECT pg_advisory_unlock(%s)", (key(self._name),))

    def _lock_file(self) -> bool:
        if self._file is not None:
            return True
        file = os.open(f"{db.database.database}-lock-{self._name}", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def _lock_postgres(self) -> bool:
        # Asked anew each time, although it counts up: a connection that was lost took it along.
        query = (
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
            " AND pid = pg_backend_pid() AND ((classid::bigint << 32) | objid::bigint) = %s)"
            " THEN true ELSE pg_try_advisory_lock(%s) END"
        )
        number = key(self._name)
        return bool(db.database.execute_sql(query, (number, number)).fetchone()[0])


def in_turn(name: str) -> None:
    """Until this transaction ends nobody else gets past this. On SQLite the transaction itself does
    it (it has the writer's place)."""
    if not db.is_sqlite():
        db.database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (key(name),))


def key(name: str) -> int:
    """PostgreSQL's number for a lock: 63 bits, so that it is never negative."""
    digest = hashlib.sha256(f"stadtbote:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
