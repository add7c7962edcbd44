"""What all staff must hear: shown to each on the desk until they have seen it.

Owns: the notices and who has seen them. Never: a citizen's data. Written when an alert went out by
the broken-glass path, or ran out without an all-clear.
"""

from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.people.staff import Staff
from broadcasts.saying import Said, pack, unpack

KEPT_FOR = timedelta(days=30)


class StaffNotice(db.Model):
    id: Any = peewee.AutoField()
    text = peewee.TextField()
    values = db.JSONField()
    at = db.UTCField()

    class Meta:
        table_name = "staff_notice"

    @property
    def said(self) -> Said:
        return unpack({"text": self.text, "values": self.values})


class NoticeSeen(db.Model):
    notice = peewee.ForeignKeyField(StaffNotice, on_delete="CASCADE", index=False)
    staff = peewee.CharField(max_length=60)

    class Meta:
        table_name = "notice_seen"
        primary_key = peewee.CompositeKey("notice", "staff")


def tell(said: Said) -> None:
    """In the caller's transaction."""
    kept = pack(said)
    StaffNotice.create(text=kept["text"], values=kept["values"], at=clock.now())


def unseen(staff: Staff, *, limit: int = 5) -> list[StaffNotice]:
    """Since this account was made; oldest first."""
    seen = NoticeSeen.select(NoticeSeen.notice).where(NoticeSeen.staff == staff.name)
    query = StaffNotice.select().where(
        StaffNotice.id.not_in(seen), StaffNotice.at >= staff.created_at
    )
    return list(query.order_by(StaffNotice.id).limit(limit))


def mark_seen(notice_id: int, staff: Staff) -> bool:
    """False: there is no such notice, or they have said so before."""
    if StaffNotice.get_or_none(StaffNotice.id == notice_id) is None:
        return False
    row = NoticeSeen.insert(notice=notice_id, staff=staff.name)
    return bool(row.on_conflict_ignore().as_rowcount().execute())


def forget_old(now: datetime) -> None:
    """The audit trail keeps what happened; here it is news."""
    StaffNotice.delete().where(StaffNotice.at < now - KEPT_FOR).execute()
