"""The log of erasures and its keys: frozen copies, as in the main schema's migrations.

Runs in the schema `erasures`, which keeps its own history: a database that is restored, or set up
anew beside it, finds it as it is.
"""

from typing import Any

import peewee

from broadcasts import db as db_module


def up(migrator: Any, db: Any) -> None:
    class Erasure(peewee.Model):
        id = db_module.SerialField()
        code_hash = peewee.CharField(max_length=32, unique=True)
        key_id = peewee.BigIntegerField()
        wa_id_hash = peewee.CharField(max_length=32, null=True, index=True)
        bsuid_hash = peewee.CharField(max_length=32, null=True, index=True)
        channel = peewee.CharField(max_length=20, default="")
        erased_at = db_module.UTCField(index=True)
        before = db_module.UTCField()
        counts = db_module.JSONField()
        provider = peewee.CharField(max_length=32, default="nothing")

        class Meta:
            database = db
            legacy_table_names = False
            schema = db_module.ERASURES
            table_name = "erasure"

    class ErasureKey(peewee.Model):
        id = db_module.SerialField()
        secret = peewee.CharField(max_length=64)
        since = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            schema = db_module.ERASURES
            table_name = "erasure_key"

    class RestoreUnderWay(peewee.Model):
        id = peewee.IntegerField(primary_key=True)
        made_at = db_module.UTCField()
        begun_at = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            schema = db_module.ERASURES
            table_name = "restore_under_way"

    db.create_tables([Erasure, ErasureKey, RestoreUnderWay])
