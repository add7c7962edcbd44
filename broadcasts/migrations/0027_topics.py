"""What readers choose of topics and districts; what posts and broadcasts are about."""

from typing import Any

import peewee

from broadcasts.db import JSONField, SerialField, is_sqlite


def up(migrator: Any, db: Any) -> None:
    class Selection(peewee.Model):
        id = SerialField()
        scope = peewee.TextField(unique=True)

        class Meta:
            database = db
            table_name = "selection"

    db.create_tables([Selection])
    # Not by the migrator: on SQLite it would write the table anew, without its triggers (0017).
    db.execute_sql(
        "ALTER TABLE subscriber ADD COLUMN selection_id BIGINT REFERENCES selection (id)"
    )
    db.execute_sql(
        "CREATE INDEX subscriber_selection ON subscriber (selection_id)"
        " WHERE selection_id IS NOT NULL"
    )
    db.execute_sql("ALTER TABLE broadcast ADD COLUMN parts TEXT")
    db.execute_sql("ALTER TABLE rendition ADD COLUMN edition TEXT NOT NULL DEFAULT ''")
    db.execute_sql("DROP INDEX rendition_broadcast_id_channel_language_form")
    db.execute_sql(
        "CREATE UNIQUE INDEX rendition_broadcast_id_channel_language_form_edition"
        " ON rendition (broadcast_id, channel, language, form, edition)"
    )
    for column in ("topics", "districts"):
        db.execute_sql(f"ALTER TABLE alert_request ADD COLUMN {column} TEXT NOT NULL DEFAULT '[]'")
    _posts(db)


def _posts(db: Any) -> None:
    """A note of one word becomes a list of names."""
    db.execute_sql("ALTER TABLE post RENAME COLUMN topic TO topics")
    if not is_sqlite():
        db.execute_sql("ALTER TABLE post ALTER COLUMN topics TYPE TEXT")
    db.execute_sql("ALTER TABLE post ADD COLUMN districts TEXT NOT NULL DEFAULT '[]'")

    class Post(peewee.Model):
        topics = peewee.TextField()

        class Meta:
            database = db
            table_name = "post"

    # The longest first: a list is longer than its note, so that none is taken for a note again.
    noted = sorted(Post.select(Post.topics).distinct(), key=lambda row: -len(row.topics))
    for row in noted:
        packed = JSONField().db_value([row.topics] if row.topics else [])
        Post.update(topics=packed).where(Post.topics == row.topics).execute()
