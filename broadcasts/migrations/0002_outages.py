"""What an operator asks after an outage: which outcomes were unknown, since when a number has not
got through, and why."""

from typing import Any

import peewee

from broadcasts.db import UTCField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("delivery", "unknowns", peewee.IntegerField(default=0)),
        migrator.add_column("number_state", "paused_since", UTCField(null=True)),
        migrator.add_column("number_state", "pause_reason", peewee.TextField(null=True)),
    )


def down(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.drop_column("number_state", "pause_reason"),
        migrator.drop_column("number_state", "paused_since"),
        migrator.drop_column("delivery", "unknowns"),
    )
