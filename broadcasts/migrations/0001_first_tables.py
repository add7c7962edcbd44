"""The first schema: frozen copies of the tables, independent of today's models.

Run once by broadcasts.db.migrate; a change of a table is a new file, never an edit here.
"""

from typing import Any

import peewee

from broadcasts import db as db_module


def up(migrator: Any, db: Any) -> None:
    subscriber = _subscribers(db)
    _belongings(db, subscriber)
    broadcast, rendition = _broadcasts(db)
    delivery = _deliveries(db, broadcast, rendition, subscriber)
    _events(db, delivery)
    _inbound(db)
    _provider(db)


def _subscribers(db: Any) -> Any:
    """Who."""

    class Subscriber(peewee.Model):
        id = db_module.SerialField()
        channel = peewee.CharField(max_length=20)
        account = peewee.CharField(max_length=64)
        wa_id = peewee.CharField(null=True, max_length=32)
        bsuid = peewee.CharField(null=True, max_length=140)
        wants = peewee.CharField(max_length=32, default="nothing")
        language = peewee.CharField(max_length=5)
        created_at = db_module.UTCField()
        reader_since = db_module.UTCField(null=True)
        opted_in_at = db_module.UTCField(null=True)
        opted_out_at = db_module.UTCField(null=True)
        last_inbound_at = db_module.UTCField(null=True)
        window_closes_at = db_module.UTCField(null=True)
        acknowledged_on = peewee.DateField(null=True)
        unreachable_days = peewee.IntegerField(default=0)
        unreachable_on = peewee.DateField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "subscriber"
            indexes = (
                (("channel", "wa_id"), True),
                (("channel", "bsuid"), True),
                (("wants", "channel"), False),
            )

    db.create_tables([Subscriber])
    return Subscriber


def _belongings(db: Any, Subscriber: Any) -> None:
    """What belongs to one person."""

    class Consent(peewee.Model):
        subscriber = peewee.ForeignKeyField(Subscriber, on_delete="CASCADE")
        deed = peewee.CharField(max_length=32)
        channel = peewee.CharField(max_length=20)
        wording = peewee.CharField(max_length=60)
        message_id = peewee.TextField(null=True)
        evidence = peewee.TextField(null=True)
        at = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "consent"

    db.create_tables([Consent])

    class Message(peewee.Model):
        subscriber = peewee.ForeignKeyField(Subscriber, on_delete="CASCADE")
        direction = peewee.CharField(max_length=32)
        kind = peewee.CharField(max_length=20)
        text = peewee.TextField()
        media = peewee.TextField(null=True)
        at = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "message"

    db.create_tables([Message])


def _broadcasts(db: Any) -> tuple[Any, Any]:
    """One send to many, and the posts in it."""

    class Broadcast(peewee.Model):
        kind = peewee.CharField(max_length=32)
        state = peewee.CharField(max_length=32, default="writing")
        on = peewee.DateField(column_name="on_date")
        digest_on = peewee.DateField(unique=True, null=True)
        title = peewee.TextField(default="")
        text = peewee.TextField(default="")
        audience = peewee.CharField(max_length=32)
        audience_at = db_module.UTCField()
        cut_off = peewee.IntegerField()
        written_upto = peewee.IntegerField(default=0)
        follows = peewee.ForeignKeyField("self", null=True)
        created_at = db_module.UTCField()
        started_at = db_module.UTCField(null=True)
        finished_at = db_module.UTCField(null=True)
        expires_at = db_module.UTCField()
        held_reason = peewee.TextField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "broadcast"
            indexes = ((("state",), False),)

    db.create_tables([Broadcast])

    class Rendition(peewee.Model):
        broadcast = peewee.ForeignKeyField(Broadcast, on_delete="CASCADE")
        channel = peewee.CharField(max_length=20)
        language = peewee.CharField(max_length=5)
        form = peewee.CharField(max_length=32)
        content = db_module.JSONField()
        price_category = peewee.CharField(max_length=20)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "rendition"
            indexes = ((("broadcast", "channel", "language", "form"), True),)

    db.create_tables([Rendition])
    _posts(db, Broadcast)
    return Broadcast, Rendition


def _posts(db: Any, Broadcast: Any) -> None:
    """What a digest is made of."""

    class Post(peewee.Model):
        title = peewee.TextField()
        text = peewee.TextField(default="")
        link = peewee.TextField(default="")
        image = peewee.CharField(null=True, max_length=200)
        topic = peewee.CharField(max_length=60, default="")
        on = peewee.DateField(index=True, column_name="on_date")
        state = peewee.CharField(max_length=32, default="queued")
        broadcast = peewee.ForeignKeyField(Broadcast, null=True)
        created_at = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "post"

    db.create_tables([Post])


def _deliveries(db: Any, Broadcast: Any, Rendition: Any, Subscriber: Any) -> Any:
    """The outbox."""

    class Delivery(peewee.Model):
        id = db_module.SerialField()
        broadcast = peewee.ForeignKeyField(Broadcast, null=True, index=False)
        subscriber = peewee.ForeignKeyField(Subscriber, null=True, on_delete="SET NULL")
        channel = peewee.CharField(max_length=20)
        account = peewee.CharField(max_length=64)
        state = peewee.CharField(max_length=32, default="queued")
        attempt = peewee.IntegerField(default=0)
        refusals = peewee.IntegerField(default=0)
        due_at = db_module.UTCField(null=True)
        leased_by = peewee.CharField(null=True, max_length=40)
        rendition = peewee.ForeignKeyField(Rendition, null=True, index=False, on_delete="SET NULL")
        content = db_module.JSONField(null=True)
        address = db_module.JSONField(null=True)
        expires_at = db_module.UTCField(null=True)
        provider_id = peewee.TextField(null=True)
        outcome = peewee.CharField(null=True, max_length=32)
        code = peewee.CharField(null=True, max_length=40)
        sending_at = db_module.UTCField(null=True)
        changed_at = db_module.UTCField()
        settled_by_silence = peewee.IntegerField(default=0)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "delivery"
            indexes = ((("broadcast", "subscriber"), True),)

    Delivery.add_index(
        Delivery.index(
            Delivery.broadcast,
            Delivery.account,
            Delivery.state,
            Delivery.due_at,
            name="delivery_open",
            where=Delivery.due_at.is_null(False),
        )
    )
    Delivery.add_index(
        Delivery.index(
            Delivery.provider_id,
            name="delivery_provider_id",
            where=Delivery.provider_id.is_null(False),
        )
    )
    db.create_tables([Delivery])
    return Delivery


def _events(db: Any, Delivery: Any) -> None:
    """What became of each delivery, and of an erased person."""

    class DeliveryEvent(peewee.Model):
        id = peewee.BigAutoField()
        delivery = peewee.ForeignKeyField(Delivery, on_delete="CASCADE", index=False)
        attempt = peewee.IntegerField()
        receipt = peewee.CharField(max_length=32)
        at = db_module.UTCField()
        code = peewee.CharField(null=True, max_length=40)
        billable = peewee.BooleanField(null=True)
        category = peewee.CharField(null=True, max_length=30)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "delivery_event"
            indexes = ((("delivery", "attempt", "receipt"), True),)

    db.create_tables([DeliveryEvent])

    class Erasure(peewee.Model):
        id = db_module.SerialField()
        code_hash = peewee.CharField(unique=True, max_length=32)
        wa_id_hash = peewee.CharField(index=True, null=True, max_length=32)
        bsuid_hash = peewee.CharField(index=True, null=True, max_length=32)
        erased_at = db_module.UTCField(index=True)
        before = db_module.UTCField()
        counts = db_module.JSONField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "erasure"

    db.create_tables([Erasure])


def _inbound(db: Any) -> None:
    """What came in."""

    class JournalEntry(peewee.Model):
        id = peewee.BigAutoField()
        channel = peewee.CharField(max_length=20)
        body = peewee.BlobField()
        writers = peewee.TextField(null=True)
        received_at = db_module.UTCField()
        applied = peewee.IntegerField(default=0)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "journal"

    db.create_tables([JournalEntry])

    class StrangeEntry(peewee.Model):
        id = peewee.BigAutoField()
        channel = peewee.CharField(max_length=20)
        reason = peewee.CharField(max_length=40)
        body = peewee.TextField()
        received_at = db_module.UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "strange"

    db.create_tables([StrangeEntry])

    class Seen(peewee.Model):
        mark = peewee.CharField(primary_key=True, max_length=32)
        seen_at = db_module.UTCField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "seen"

    db.create_tables([Seen])


def _provider(db: Any) -> None:
    """What the provider says of a number, its templates and pictures; and who is alive."""

    class NumberState(peewee.Model):
        account = peewee.CharField(primary_key=True, max_length=64)
        channel = peewee.CharField(max_length=20)
        stopped_at = db_module.UTCField(null=True)
        stop_outcome = peewee.CharField(null=True, max_length=32)
        stop_code = peewee.CharField(null=True, max_length=40)
        paused_until = db_module.UTCField(null=True)
        daily_limit = peewee.IntegerField(null=True)
        quality = peewee.CharField(null=True, max_length=20)
        notice = peewee.TextField(null=True)
        notice_at = db_module.UTCField(null=True)
        received = peewee.BigIntegerField(default=0)
        status_upto = db_module.UTCField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "number_state"

    db.create_tables([NumberState])

    class Template(peewee.Model):
        channel = peewee.CharField(max_length=20)
        name = peewee.CharField(max_length=512)
        language = peewee.CharField(max_length=10)
        category = peewee.CharField(max_length=20, default="")
        state = peewee.CharField(max_length=40, default="")
        quality = peewee.CharField(max_length=20, default="")
        reason = peewee.TextField(default="")
        checked_at = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "template"
            indexes = ((("channel", "name", "language"), True),)

    db.create_tables([Template])
    _uploads(db)
    _heartbeats(db)


def _uploads(db: Any) -> None:
    """Pictures that the provider has."""

    class Upload(peewee.Model):
        account = peewee.CharField(max_length=64)
        picture = peewee.CharField(max_length=200)
        media = peewee.TextField()
        uploaded_at = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "upload"
            indexes = ((("account", "picture"), True),)

    db.create_tables([Upload])


def _heartbeats(db: Any) -> None:
    """Who is alive."""

    class Heartbeat(peewee.Model):
        part = peewee.CharField(primary_key=True, max_length=80)
        since = db_module.UTCField()
        beat_at = db_module.UTCField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "heartbeat"

    db.create_tables([Heartbeat])
