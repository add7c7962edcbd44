"""Service notices: when one may leave, its link, and the day it belongs to."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    # Not by the migrator: on SQLite it would write the table anew.
    db.execute_sql("ALTER TABLE broadcast ADD COLUMN hours TEXT")
    db.execute_sql("ALTER TABLE broadcast ADD COLUMN link TEXT NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE broadcast ADD COLUMN notice_on DATE")
    db.execute_sql("CREATE UNIQUE INDEX broadcast_notice_on ON broadcast (notice_on)")
