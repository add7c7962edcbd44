"""Figures that are kept: readers by day, what became of each broadcast, what was billed."""

from typing import Any

import peewee

from broadcasts.db import JSONField, UTCField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("erasure", "channel", peewee.CharField(default="", max_length=20)),
        migrator.add_index("consent", ("at",), False),
    )
    _daily_figures(db)
    _tallies(db)
    _billed(db)


def _daily_figures(db: Any) -> None:
    class DailyFigure(peewee.Model):
        on = peewee.DateField(column_name="on_date")
        channel = peewee.CharField(max_length=20)
        joined = peewee.IntegerField(default=0)
        imported = peewee.IntegerField(default=0)
        left = peewee.IntegerField(default=0)
        erased = peewee.IntegerField(default=0)
        with_digests = peewee.IntegerField(null=True)
        alerts_only = peewee.IntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "daily_figure"
            primary_key = peewee.CompositeKey("on", "channel")

    db.create_tables([DailyFigure])


def _tallies(db: Any) -> None:
    class Broadcast(peewee.Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "broadcast"

    class Tally(peewee.Model):
        broadcast = peewee.ForeignKeyField(Broadcast, primary_key=True, on_delete="CASCADE")
        recipients = peewee.IntegerField()
        reached = peewee.IntegerField()
        delivered = peewee.IntegerField()
        read = peewee.IntegerField()
        failed = peewee.IntegerField()
        messages = JSONField()
        counted_at = UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "tally"

    db.create_tables([Tally])


def _billed(db: Any) -> None:
    class Billed(peewee.Model):
        id = peewee.BigAutoField()
        month = peewee.DateField(index=True)
        channel = peewee.CharField(max_length=20)
        category = peewee.CharField(max_length=30)
        number = peewee.IntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "billed"

    db.create_tables([Billed])
