"""Until when somebody wants no digests, and since when: "Pause bis 3.9."."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    # Not by the migrator: on SQLite it would write the table anew, without its triggers (0017).
    db.execute_sql("ALTER TABLE subscriber ADD COLUMN paused_from DATE")
    db.execute_sql("ALTER TABLE subscriber ADD COLUMN paused_until DATE")
    # Few of a million at a time.
    db.execute_sql(
        "CREATE INDEX subscriber_paused ON subscriber (paused_until) WHERE paused_until IS NOT NULL"
    )
