"""Who wrote what, who changed it last, and what is being typed."""

from typing import Any

import peewee

from broadcasts.db import JSONField, UTCField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("post", "version", peewee.IntegerField(default=1)),
        migrator.add_column("post", "author", peewee.CharField(default="", max_length=60)),
        migrator.add_column("post", "changed_by", peewee.CharField(default="", max_length=60)),
        migrator.add_column("post", "changed_at", UTCField(null=True)),
    )

    class Draft(peewee.Model):
        staff = peewee.CharField(max_length=60)
        form = peewee.CharField(max_length=60)
        content = JSONField()
        saved_at = UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "draft"
            indexes = ((("staff", "form"), True),)

    db.create_tables([Draft])
