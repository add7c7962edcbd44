"""How somebody wants to be addressed, where they have said so."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    # Not by the migrator: on SQLite it would write the table anew, without its triggers (0017).
    db.execute_sql("ALTER TABLE subscriber ADD COLUMN called VARCHAR(80) NOT NULL DEFAULT ''")
