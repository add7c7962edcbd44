"""How somebody wants to be addressed, where they have said so."""

from typing import Any

import peewee


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("subscriber", "called", peewee.CharField(max_length=80, default=""))
    )
