"""Who signs in to the desk, what they did, and figures that are dear to count."""

from typing import Any

import peewee

from broadcasts.db import JSONField, UTCField


def up(migrator: Any, db: Any) -> None:
    _staff(db)
    _trail(db)
    _figures(db)


def _staff(db: Any) -> None:
    class Staff(peewee.Model):
        name = peewee.CharField(unique=True, max_length=60)
        roles = JSONField()
        language = peewee.CharField(default="de", max_length=5)
        password = peewee.TextField(null=True)
        is_first_password = peewee.BooleanField(default=True)
        code_secret = peewee.TextField(null=True)
        code_used = peewee.BigIntegerField(default=0)
        session_key = peewee.CharField(max_length=64)
        number = peewee.CharField(default="", max_length=32)
        created_at = UTCField()
        signed_in_at = UTCField(null=True)
        disabled_at = UTCField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "staff"

    class SignInFailure(peewee.Model):
        who = peewee.CharField(index=True, max_length=32)
        at = UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "sign_in_failure"

    db.create_tables([Staff, SignInFailure])


def _trail(db: Any) -> None:
    class AuditEntry(peewee.Model):
        id = peewee.BigAutoField()
        at = UTCField(index=True)
        staff = peewee.CharField(max_length=60)
        act = peewee.CharField(index=True, max_length=40)
        about = peewee.CharField(default="", max_length=80)
        detail = JSONField()
        mark = peewee.CharField(max_length=64)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "audit_entry"

    class AuditHead(peewee.Model):
        id = peewee.IntegerField(primary_key=True)
        entries = peewee.BigIntegerField()
        mark = peewee.CharField(max_length=64)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "audit_head"

    db.create_tables([AuditEntry, AuditHead])


def _figures(db: Any) -> None:
    class Figure(peewee.Model):
        name = peewee.CharField(primary_key=True, max_length=120)
        data = JSONField()
        took = peewee.FloatField()
        computed_at = UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "figure"

    db.create_tables([Figure])
