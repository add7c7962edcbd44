"""By what a person takes a message of theirs back: a keyed hash of its id."""

from typing import Any

import peewee


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("message", "mark", peewee.CharField(max_length=32, default=""))
    )
    db.execute_sql("CREATE INDEX message_mark ON message (mark) WHERE mark <> ''")
