"""Templates that the provider refuses on a broadcast's way: its readers get another wording."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    # Not by the migrator: on SQLite it would write the table anew, without its triggers (0031).
    db.execute_sql("ALTER TABLE broadcast ADD COLUMN refused TEXT")
