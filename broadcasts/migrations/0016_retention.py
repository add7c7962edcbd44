"""What retention needs to know of people, and its nightly report; the proof of an ended consent."""

from typing import Any

import peewee

from broadcasts.db import SerialField, UTCField

INDEXES = (
    "CREATE INDEX subscriber_restricted ON subscriber (restricted_at)"
    " WHERE restricted_at IS NOT NULL",
    "CREATE INDEX subscriber_asked ON subscriber (asked_at) WHERE asked_at IS NOT NULL",
    "CREATE INDEX message_at ON message (at)",
    "CREATE INDEX message_delivery ON message (delivery_id) WHERE delivery_id IS NOT NULL",
)


def up(migrator: Any, db: Any) -> None:
    # All may be null: to fill a million rows would take a minute, and rebuilding the table more.
    migrator.migrate(
        migrator.add_column("subscriber", "in_touch_on", peewee.DateField(null=True)),
        migrator.add_column("subscriber", "asked_at", UTCField(null=True)),
        migrator.add_column("subscriber", "restricted_at", UTCField(null=True)),
        migrator.add_column(
            "subscriber", "wants_before", peewee.CharField(max_length=32, null=True)
        ),
        migrator.add_column("subscriber", "objected_at", UTCField(null=True)),
        migrator.add_column("subscriber", "note", peewee.TextField(null=True)),
        migrator.add_column("broadcast", "unlinked_upto", peewee.IntegerField(null=True)),
    )
    for index in INDEXES:
        db.execute_sql(index)

    class RetentionReport(peewee.Model):
        on = peewee.DateField(column_name="on_date")
        rule = peewee.CharField(max_length=20)
        number = peewee.IntegerField()
        done_at = UTCField(null=True)

        class Meta:
            database = db
            table_name = "retention_report"
            primary_key = peewee.CompositeKey("on", "rule")

    class EndedConsent(peewee.Model):
        id = SerialField()
        channel = peewee.CharField(max_length=20)
        wa_id_hash = peewee.CharField(max_length=32, null=True, index=True)
        bsuid_hash = peewee.CharField(max_length=32, null=True, index=True)
        wording = peewee.CharField(max_length=60)
        opted_in_at = UTCField()
        ended_at = UTCField()
        until = UTCField(index=True)

        class Meta:
            database = db
            table_name = "ended_consent"

    db.create_tables([RetentionReport, EndedConsent])
