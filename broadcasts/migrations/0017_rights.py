"""Links to a copy of one's data; the word of a consent; no consent without its proof, and no reader
who has never said so."""

from typing import Any

import peewee

from broadcasts.db import SerialField, UTCField, is_sqlite

PROVEN = "COALESCE({row}message_id, '') <> '' OR COALESCE({row}evidence, '') <> ''"

SPOKEN = "{row}wants NOT IN ('everything', 'alerts_only') OR {row}opted_in_at IS NOT NULL"

RULES = (
    ("consent_proven", "consent", PROVEN, "consent without a message or evidence"),
    ("subscriber_spoken", "subscriber", SPOKEN, "reader who has never opted in"),
)
"""Name, table, what must hold of each row, what is said where it does not."""

SQLITE = """
CREATE TRIGGER {name}_{when} BEFORE {when} ON {table}
WHEN NOT ({holds}) BEGIN SELECT RAISE(ABORT, '{said}'); END
"""


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("consent", "keyword", peewee.CharField(max_length=60, null=True))
    )
    for name, table, rule, said in RULES:
        # SQLite can add no CHECK to a table that is there.
        if is_sqlite():
            for when in ("INSERT", "UPDATE"):
                holds = rule.format(row="NEW.")
                db.execute_sql(
                    SQLITE.format(name=name, when=when, table=table, holds=holds, said=said)
                )
        else:
            holds = rule.format(row="")
            db.execute_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({holds})")

    class Subscriber(peewee.Model):
        id = SerialField()

        class Meta:
            database = db
            table_name = "subscriber"

    class CopyLink(peewee.Model):
        token_hash = peewee.CharField(max_length=32, primary_key=True)
        subscriber = peewee.ForeignKeyField(Subscriber, unique=True, on_delete="CASCADE")
        expires_at = UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "copy_link"

    db.create_tables([CopyLink])
