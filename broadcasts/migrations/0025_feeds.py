"""Feeds of the city's website: how each fares, what was seen of it, what it would correct."""

from typing import Any

import peewee

from broadcasts.db import JSONField, UTCField


def up(migrator: Any, db: Any) -> None:
    class Post(peewee.Model):
        class Meta:
            database = db
            table_name = "post"

    class Feed(peewee.Model):
        name = peewee.CharField(max_length=60, primary_key=True)
        url = peewee.TextField()
        etag = peewee.TextField(default="")
        modified = peewee.TextField(default="")
        digest = peewee.CharField(max_length=64, default="")
        is_known = peewee.BooleanField(default=False)
        turn = peewee.IntegerField(default=0)
        due_at = UTCField(index=True)
        fetched_at = UTCField(null=True)
        failures = peewee.IntegerField(default=0)
        failing_since = UTCField(null=True)
        trouble = JSONField(null=True)
        remark = JSONField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "feed"

    class FeedItem(peewee.Model):
        feed = peewee.CharField(max_length=60, index=True)
        by_link = peewee.CharField(max_length=64, default="")
        by_guid = peewee.CharField(max_length=64, default="")
        by_words = peewee.CharField(max_length=64)
        content = peewee.CharField(max_length=64)
        picture = peewee.TextField(default="")
        post = peewee.ForeignKeyField(Post, null=True)
        came_at = UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "feed_item"

    class CorrectionProposal(peewee.Model):
        post = peewee.ForeignKeyField(Post)
        feed = peewee.CharField(max_length=60)
        title = peewee.TextField()
        text = peewee.TextField(default="")
        link = peewee.TextField(default="")
        state = peewee.CharField(max_length=32)
        proposed_at = UTCField()
        decided_by = peewee.CharField(max_length=60, default="")
        decided_at = UTCField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "correction_proposal"

    db.create_tables([Feed, FeedItem, CorrectionProposal])
