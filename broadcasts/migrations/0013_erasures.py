"""Erasures move into a schema of their own; what one has still to do stands in a table here.

Not in one transaction: two files are not committed as one (decision 0016), so what was carried over
is committed before this is written down as done; 0014 drops the old table afterwards.
"""

from typing import Any

import peewee

from broadcasts import db as db_module

atomic = False

CARRY_OVER = """
INSERT INTO erasures.erasure
    (code_hash, key_id, wa_id_hash, bsuid_hash, channel, erased_at, before, counts, provider)
SELECT code_hash, 0, wa_id_hash, bsuid_hash, channel, erased_at, before, counts, 'nothing'
FROM {old} WHERE true ON CONFLICT DO NOTHING
"""


def up(migrator: Any, db: Any) -> None:
    old = "main.erasure" if isinstance(db, peewee.SqliteDatabase) else "erasure"
    db.execute_sql(CARRY_OVER.format(old=old))

    class Errand(peewee.Model):
        id = db_module.SerialField()
        code_hash = peewee.CharField(max_length=32, unique=True)
        entry = db_module.JSONField()
        channel = peewee.CharField(max_length=20)
        address = db_module.JSONField()
        media = db_module.JSONField()
        made_at = db_module.UTCField()
        due_at = db_module.UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "erasure_errand"

    db.create_tables([Errand])
