"""Alerts that one person writes and another releases; drills; what all staff must hear."""

from typing import Any

import peewee

from broadcasts.db import JSONField, UTCField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("broadcast", "severity", peewee.CharField(default="", max_length=20)),
        migrator.add_column("broadcast", "is_drill", peewee.BooleanField(default=False)),
        migrator.add_column("broadcast", "all_clear_asked_at", UTCField(null=True)),
        migrator.add_column("subscriber", "drills", peewee.BooleanField(default=False)),
    )
    db.execute_sql("CREATE INDEX subscriber_drills ON subscriber (channel) WHERE drills")
    _requests(db)
    _notices(db)


def _requests(db: Any) -> None:
    class AlertRequest(peewee.Model):
        kind = peewee.CharField(max_length=32)
        follows = peewee.IntegerField(null=True)
        title = peewee.TextField()
        text = peewee.TextField()
        severity = peewee.CharField(max_length=20)
        expires_in = peewee.IntegerField()
        is_drill = peewee.BooleanField()
        state = peewee.CharField(index=True, max_length=32)
        written_by = peewee.CharField(max_length=60)
        written_at = UTCField()
        decided_by = peewee.CharField(default="", max_length=60)
        decided_at = UTCField(null=True)
        reason = peewee.TextField(default="")
        broadcast_id = peewee.IntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "alert_request"

    class PreparedText(peewee.Model):
        title = peewee.TextField()
        text = peewee.TextField()
        severity = peewee.CharField(max_length=20)
        minutes = peewee.IntegerField()
        changed_by = peewee.CharField(max_length=60)
        changed_at = UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "prepared_text"

    db.create_tables([AlertRequest, PreparedText])


def _notices(db: Any) -> None:
    class StaffNotice(peewee.Model):
        text = peewee.TextField()
        values = JSONField()
        at = UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "staff_notice"

    class NoticeSeen(peewee.Model):
        notice = peewee.ForeignKeyField(StaffNotice, on_delete="CASCADE", index=False)
        staff = peewee.CharField(max_length=60)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notice_seen"
            primary_key = peewee.CompositeKey("notice", "staff")

    db.create_tables([StaffNotice, NoticeSeen])
