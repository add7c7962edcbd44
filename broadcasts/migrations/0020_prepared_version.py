"""A version for prepared alert texts: two who edit one do not overwrite each other."""

from typing import Any

import peewee


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("prepared_text", "version", peewee.IntegerField(default=1))
    )
