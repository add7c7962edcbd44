"""What a restore has to repeat besides erasures: opt-outs, and proofs that were erased."""

from typing import Any

import peewee

from broadcasts import db as db_module


def up(migrator: Any, db: Any) -> None:
    class OptOut(peewee.Model):
        id = db_module.SerialField()
        channel = peewee.CharField(max_length=20)
        key_id = peewee.BigIntegerField()
        wa_id_hash = peewee.CharField(max_length=32, null=True, index=True)
        bsuid_hash = peewee.CharField(max_length=32, null=True, index=True)
        at = db_module.UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            schema = db_module.ERASURES
            table_name = "opt_out"

    db.create_tables([OptOut])
    table = f"{db_module.ERASURES}.erasure"
    db.execute_sql(f"ALTER TABLE {table} ADD COLUMN proof_hashes TEXT NOT NULL DEFAULT ''")
