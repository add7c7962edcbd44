"""Answers: when a person's message was last acknowledged, and which alert an answer tells of."""

from typing import Any

import peewee

from broadcasts.db import UTCField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("subscriber", "acknowledged_at", UTCField(null=True)),
        migrator.add_column("delivery", "tells_of", peewee.IntegerField(null=True)),
    )
    # By itself: a helper might build the table anew, and what points at its rows would go.
    db.execute_sql("ALTER TABLE subscriber DROP COLUMN acknowledged_on")
    db.execute_sql(
        "CREATE INDEX delivery_tells_of ON delivery (tells_of, subscriber_id)"
        " WHERE tells_of IS NOT NULL"
    )
