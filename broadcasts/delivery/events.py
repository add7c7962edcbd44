"""What happened to each delivery, as the provider told it.

Owns: the table of delivery events. Never: a delivery's state (statuses moves it).
"""

import peewee

from broadcasts import db
from broadcasts.channels.base import Receipt
from broadcasts.delivery.outbox import Delivery


class DeliveryEvent(db.Model):
    """One status, once; an older attempt's is recorded too and moves nothing."""

    id = peewee.BigAutoField()
    delivery = peewee.ForeignKeyField(Delivery, on_delete="CASCADE", index=False)
    attempt = peewee.IntegerField()
    receipt = db.EnumField(Receipt)
    at = db.UTCField()
    code = peewee.CharField(max_length=40, null=True)
    billable = peewee.BooleanField(null=True)
    category = peewee.CharField(max_length=30, null=True)

    class Meta:
        table_name = "delivery_event"
        indexes = ((("delivery", "attempt", "receipt"), True),)
