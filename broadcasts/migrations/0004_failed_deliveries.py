"""What failed of a broadcast is found among ten million rows: an index of nothing else."""

from typing import Any

WHERE = "WHERE state IN ('failed', 'skipped')"


def up(migrator: Any, db: Any) -> None:
    db.execute_sql(f"CREATE INDEX delivery_failed ON delivery (broadcast_id, id) {WHERE}")


def down(migrator: Any, db: Any) -> None:
    db.execute_sql("DROP INDEX delivery_failed")
