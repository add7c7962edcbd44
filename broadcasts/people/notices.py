"""What all staff must hear: shown to each on the desk until they have seen it.

Owns: the notices and who has seen them. Never: a citizen's data. Written when an alert went out by
the broken-glass path.
"""

from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.saying import Said


class StaffNotice(db.Model):
    id: Any = peewee.AutoField()
    text = peewee.TextField()
    values = db.JSONField()
    at = db.UTCField()

    class Meta:
        table_name = "staff_notice"

    @property
    def said(self) -> Said:
        return Said(self.text, self.values)


class NoticeSeen(db.Model):
    notice = peewee.ForeignKeyField(StaffNotice, on_delete="CASCADE", index=False)
    staff = peewee.CharField(max_length=60)

    class Meta:
        table_name = "notice_seen"
        primary_key = peewee.CompositeKey("notice", "staff")


def tell(said: Said) -> None:
    """In the caller's transaction."""
    StaffNotice.create(text=said.text, values=dict(said.values), at=clock.now())


def unseen(staff: str, *, limit: int = 5) -> list[StaffNotice]:
    """Oldest first."""
    seen = NoticeSeen.select(NoticeSeen.notice).where(NoticeSeen.staff == staff)
    query = StaffNotice.select().where(StaffNotice.id.not_in(seen))
    return list(query.order_by(StaffNotice.id).limit(limit))


def mark_seen(notice_id: int, staff: str) -> None:
    if StaffNotice.get_or_none(StaffNotice.id == notice_id) is not None:
        NoticeSeen.insert(notice=notice_id, staff=staff).on_conflict_ignore().execute()
