"""The audit trail: who did what on the desk and the command line.

Owns: appending, reading and checking it; each entry is chained to the one before by a keyed mark.
Never: holds a citizen's name, number or text. Called by desk and command line.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import peewee

from broadcasts import clock, db

COMMAND_LINE = "command line"
"""Who acted without signing in; no account can have this name."""
SERVICE = "the service"
"""What happened by itself; no account can have this name, either."""


class AuditEntry(db.Model):
    id = peewee.BigAutoField()
    at = db.UTCField(index=True)
    staff = peewee.CharField(max_length=60)
    """Name of the account, as it was."""
    act = peewee.CharField(max_length=40)
    about = peewee.CharField(max_length=80, default="")
    """A thing of ours and its number: "post 7"."""
    detail = db.JSONField()
    mark = peewee.CharField(max_length=64)

    class Meta:
        table_name = "audit_entry"
        indexes = (
            (("act", "at"), False),
            (("staff", "at"), False),
            (("staff", "act", "at"), False),
        )


class AuditHead(db.Model):
    """The last mark, apart: entries cut off at the end are missed, too."""

    id = peewee.IntegerField(primary_key=True)
    entries = peewee.BigIntegerField()
    mark = peewee.CharField(max_length=64)

    class Meta:
        table_name = "audit_head"


HEAD = 1
START = ""

LOOKS = (
    "sign-in",
    "sign-in failed",
    "sign-out",
    "session ended",
    "person looked up",
    "delicate parts shown",
    "conversation exported",
    "notice seen",
    "audit trail checked",
    "audit trail exported",
)
"""Acts that change nothing: who was there and looked. They are forgotten after some months; what
was decided stays."""

FORGOTTEN = "forgotten"
"""The act of an entry that has been."""


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


def length() -> int:
    """How many entries were ever written."""
    return int(AuditHead.select(AuditHead.entries).where(AuditHead.id == HEAD).scalar() or 0)


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


def forget_looks(key: bytes, before: datetime, *, limit: int = 200) -> int:
    """Empties up to `limit` entries of LOOKS from before a moment. Their place in the chain stays,
    under a mark of its own: nobody without the key can empty another one. Returns how many."""
    with db.transaction():
        _lock_head()
        query = AuditEntry.select().where(AuditEntry.act.in_(LOOKS), AuditEntry.at < before)
        rows = list(query.order_by(AuditEntry.at).limit(limit))
        for row in rows:
            earlier = AuditEntry.select(AuditEntry.mark).where(AuditEntry.id < row.id)
            found = earlier.order_by(AuditEntry.id.desc()).first()
            seal = _seal(key, found.mark if found else START, row)
            AuditEntry.update(staff="", act=FORGOTTEN, about="", detail={"seal": seal}).where(
                AuditEntry.id == row.id
            ).execute()
    return len(rows)


def _seal(key: bytes, before: str, row: AuditEntry) -> str:
    return _mark(key, before, row.at, "", FORGOTTEN, row.mark, None)


def _is_as_written(key: bytes, before: str, row: AuditEntry) -> bool:
    if row.act == FORGOTTEN:
        return hmac.compare_digest(_seal(key, before, row), str(row.detail.get("seal")))
    mark = _mark(key, before, row.at, row.staff, row.act, row.about, row.detail)
    return hmac.compare_digest(mark, row.mark)


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
        if not _is_as_written(key, before, row):
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


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which entries are asked for; empty: all."""

    staff: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""


ALL = Filter()


def newest(
    wanted: Filter = ALL, *, before: int | None = None, limit: int = 50, **more: Any
) -> list[AuditEntry]:
    """The latest entries, filtered (`more`: single values of a Filter); `before` the id of the last
    entry seen, for the next page. In order of time: so every filter has its index."""
    wanted = replace(wanted, **more)
    query = AuditEntry.select().order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    for condition in _conditions(wanted, before):
        query = query.where(condition)
    return list(query)


def _conditions(wanted: Filter, before: int | None) -> Iterator[Any]:
    yield AuditEntry.act != FORGOTTEN
    if wanted.staff:
        yield AuditEntry.staff == wanted.staff
    if wanted.act:
        yield AuditEntry.act == wanted.act
    if wanted.since is not None:
        yield AuditEntry.at >= wanted.since
    if wanted.until is not None:
        yield AuditEntry.at < wanted.until
    last = AuditEntry.get_or_none(AuditEntry.id == before) if before is not None else None
    if last is not None:
        yield AuditEntry.at <= last.at
        yield (AuditEntry.at < last.at) | (AuditEntry.id < last.id)


def every(wanted: Filter = ALL, *, page: int = PAGE) -> Iterator[list[AuditEntry]]:
    """All of them, newest first, page by page."""
    before = None
    while found := newest(wanted, before=before, limit=page):
        yield found
        before = found[-1].id


def known(column: str) -> list[str]:
    """What can be filtered by: `staff` or `act`. Steps from value to value along the index: a
    million entries have a few dozen."""
    field = {"staff": AuditEntry.staff, "act": AuditEntry.act}[column]
    found: list[str] = []
    step = AuditEntry.select(peewee.fn.MIN(field))
    value = step.where(field > "").scalar()
    while value is not None:
        found.append(value)
        value = step.where(field > value).scalar()
    return [value for value in found if value != FORGOTTEN]
