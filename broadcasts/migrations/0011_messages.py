"""A message is found within its broadcast: places among all ids of all years are dear."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    db.execute_sql("DROP INDEX delivery_provider_id")
    db.execute_sql(
        "CREATE INDEX delivery_message ON delivery (broadcast_id, provider_id)"
        " WHERE provider_id IS NOT NULL"
    )


def down(migrator: Any, db: Any) -> None:
    db.execute_sql("DROP INDEX delivery_message")
    db.execute_sql(
        "CREATE INDEX delivery_provider_id ON delivery (provider_id) WHERE provider_id IS NOT NULL"
    )
