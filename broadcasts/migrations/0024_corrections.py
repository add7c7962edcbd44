"""What the press office corrects in a post that has been sent; the archive's order."""

from typing import Any

import peewee

from broadcasts.db import UTCField


def up(migrator: Any, db: Any) -> None:
    class Post(peewee.Model):
        class Meta:
            database = db
            table_name = "post"

    class Correction(peewee.Model):
        post = peewee.ForeignKeyField(Post)
        text = peewee.TextField()
        by = peewee.CharField(column_name="written_by", max_length=60)
        at = UTCField(column_name="written_at")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "correction"

    db.create_tables([Correction])
    migrator.migrate(migrator.add_index("broadcast", ("on_date", "id")))
