"""How often a delivery's outcome was unknown: so that each can be shown with how it was settled."""

from typing import Any

import peewee


def up(migrator: Any, db: Any) -> None:
    column = peewee.IntegerField(default=0)
    migrator.migrate(migrator.add_column("delivery", "unknowns", column))


def down(migrator: Any, db: Any) -> None:
    migrator.migrate(migrator.drop_column("delivery", "unknowns"))
