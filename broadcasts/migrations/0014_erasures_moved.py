"""The old table of erasures goes: 0013 has carried its rows over."""

from typing import Any

import peewee


def up(migrator: Any, db: Any) -> None:
    # By its full name: without it SQLite would find the new one.
    old = "main.erasure" if isinstance(db, peewee.SqliteDatabase) else "erasure"
    db.execute_sql(f"DROP TABLE {old}")
