"""One person on two channels: which of their rows they prefer, and the codes that link them."""

from typing import Any

import peewee

from broadcasts.db import SerialField, UTCField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("subscriber", "prefers", peewee.BigIntegerField(null=True))
    )
    # Linked persons are few among a million.
    db.execute_sql(
        "CREATE INDEX subscriber_prefers ON subscriber (prefers) WHERE prefers IS NOT NULL"
    )

    class Subscriber(peewee.Model):
        id = SerialField()

        class Meta:
            database = db
            table_name = "subscriber"

    class LinkCode(peewee.Model):
        code_hash = peewee.CharField(max_length=32, primary_key=True)
        subscriber = peewee.ForeignKeyField(Subscriber, unique=True, on_delete="CASCADE")
        purpose = peewee.CharField(max_length=32)
        expires_at = UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "link_code"

    db.create_tables([LinkCode])
