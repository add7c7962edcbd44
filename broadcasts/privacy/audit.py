"""The audit trail: who did what on the desk and the command line.

Owns: appending, reading and checking it; each entry is chained to the one before by a keyed mark.
Never: holds a citizen's name, number or text. Called by desk and command line.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from broadcasts import clock, db

COMMAND_LINE = "command line"
"""Who acted without signing in; no account can have this name."""


class AuditEntry(db.Model):
    id = peewee.BigAutoField()
    at = db.UTCField(index=True)
    staff = peewee.CharField(max_length=60)
    """Name of the account, as it was."""
    act = peewee.CharField(max_length=40, index=True)
    about = peewee.CharField(max_length=80, default="")
    """A thing of ours and its number: "post 7"."""
    detail = db.JSONField()
    mark = peewee.CharField(max_length=64)

    class Meta:
        table_name = "audit_entry"


class AuditHead(db.Model):
    """The last mark, apart: entries cut off at the end are missed, too."""

    id = peewee.IntegerField(primary_key=True)
    entries = peewee.BigIntegerField()
    mark = peewee.CharField(max_length=64)

    class Meta:
        table_name = "audit_head"


HEAD = 1
START = ""


def record(key: bytes, staff: str, act: str, about: str = "", **detail: Any) -> AuditEntry:
    """Appends one entry; call it in the transaction of the act itself. `act` is a word or two,
    `detail` what may be shown to every administrator: nothing of a citizen."""
    with db.transaction():
        head = _lock_head()
        at = clock.now()
        mark = _mark(key, head.mark, at, staff, act, about, detail)
        entry = AuditEntry.create(
            at=at, staff=staff, act=act, about=about, detail=detail, mark=mark
        )
        AuditHead.update(entries=head.entries + 1, mark=mark).where(AuditHead.id == HEAD).execute()
    return entry


def _lock_head() -> AuditHead:
    """One writer at a time: two entries must not follow the same one."""
    AuditHead.insert(id=HEAD, entries=0, mark=START).on_conflict_ignore().execute()
    found: AuditHead = db.for_update(AuditHead.select().where(AuditHead.id == HEAD)).get()
    return found


def _mark(
    key: bytes, before: str, at: datetime, staff: str, act: str, about: str, detail: Any
) -> str:
    said = json.dumps([before, db.moment(at), staff, act, about, detail], sort_keys=True)
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Verdict:
    entries: int
    broken_at: int | None = None
    """Id of the first entry that is not as it was written."""
    is_cut: bool = False
    """Entries are missing at the end."""

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None and not self.is_cut


def verify(key: bytes) -> Verdict:
    """Reads the whole trail and follows the marks."""
    before, entries = START, 0
    for row in _all():
        mark = _mark(key, before, row.at, row.staff, row.act, row.about, row.detail)
        if not hmac.compare_digest(mark, row.mark):
            return Verdict(entries, broken_at=row.id)
        before, entries = row.mark, entries + 1
    head = AuditHead.get_or_none(AuditHead.id == HEAD)
    known = (head.entries, head.mark) if head else (0, START)
    return Verdict(entries, is_cut=known != (entries, before))


PAGE = 500


def _all() -> Iterator[AuditEntry]:
    last = 0
    while page := list(
        AuditEntry.select().where(AuditEntry.id > last).order_by(AuditEntry.id).limit(PAGE)
    ):
        yield from page
        last = page[-1].id


def newest(
    *, staff: str = "", act: str = "", before: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """The latest entries, filtered; `before` an id for the next page."""
    query = AuditEntry.select().order_by(AuditEntry.id.desc()).limit(limit)
    if staff:
        query = query.where(AuditEntry.staff == staff)
    if act:
        query = query.where(AuditEntry.act == act)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(query)


def known(column: str) -> list[str]:
    """What can be filtered by: `staff` or `act`."""
    field = {"staff": AuditEntry.staff, "act": AuditEntry.act}[column]
    return [row[0] for row in db.rows(AuditEntry.select(field).distinct().order_by(field))]
