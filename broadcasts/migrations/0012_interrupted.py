"""Forms whose session had ended, and how often a canned answer was changed."""

from typing import Any

import peewee

from broadcasts.db import UTCField


def up(migrator: Any, db: Any) -> None:
    class InterruptedForm(peewee.Model):
        mark = peewee.CharField(max_length=32, primary_key=True)
        staff_id = peewee.IntegerField()
        content = peewee.TextField()
        saved_at = UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "interrupted_form"

    db.create_tables([InterruptedForm])
    migrator.migrate(
        migrator.add_column("canned_answer", "version", peewee.IntegerField(default=1))
    )
