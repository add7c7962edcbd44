"""Keywords of canned answers; whether people were helped, as counts."""

from typing import Any

import peewee


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("canned_answer", "keywords", peewee.TextField(default="")),
        migrator.add_column("conversation", "is_rating_asked", peewee.BooleanField(default=False)),
    )

    class RatingCount(peewee.Model):
        week = peewee.DateField()
        rating = peewee.CharField(max_length=32)
        number = peewee.IntegerField(default=0)

        class Meta:
            database = db
            table_name = "rating_count"
            primary_key = peewee.CompositeKey("week", "rating")

    db.create_tables([RatingCount])
