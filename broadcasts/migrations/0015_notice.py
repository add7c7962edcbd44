"""Versions of the privacy notice."""

from typing import Any

import peewee

from broadcasts.db import JSONField, SerialField, UTCField


def up(migrator: Any, db: Any) -> None:
    class NoticeVersion(peewee.Model):
        id = SerialField()
        language = peewee.CharField(max_length=8)
        version = peewee.IntegerField()
        since = UTCField()
        body = JSONField()

        class Meta:
            database = db
            table_name = "notice_version"
            indexes = ((("language", "version"), True),)

    db.create_tables([NoticeVersion])
