"""Readers moving in from another provider, with the evidence of their consent.

Owns: reading the file and refusing what has no evidence. Never: overrules anybody who left or was
erased since. Called by `subscribers import`.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts import db
from broadcasts.channels.base import Address, Channel
from broadcasts.languages import READ
from broadcasts.people import consent, growth, subscribers
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Wants
from broadcasts.privacy import erasure_log

COLUMNS = ("channel", "address", "language", "opted_in_at", "evidence")
PAGE = 200
"""Rows in one transaction: short enough that webhooks get in between."""


class ImportFileError(Exception):
    """The file as a whole cannot be read."""


class RefusedRowError(Exception):
    """One row cannot go in; the text never repeats the address."""


@dataclass
class Report:
    imported: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "imported": self.imported,
            "unchanged": self.unchanged,
            "refused": [{"line": line, "reason": reason} for line, reason in self.refused],
        }


@dataclass(frozen=True)
class Rules:
    """What rows are held against."""

    channels: Mapping[str, Channel]
    key: bytes
    language: str
    zone: ZoneInfo
    now: datetime
    dry_run: bool


@dataclass(frozen=True)
class Reader:
    channel: Channel
    address: Address
    language: str
    opted_in_at: datetime
    evidence: str


def import_readers(
    path: Path,
    channels: Mapping[str, Channel],
    *,
    key: bytes,
    language: str,
    zone: ZoneInfo,
    now: datetime,
    dry_run: bool = False,
) -> Report:
    """Takes in what can be taken in; every other row is named by its line. `dry_run`: only says
    what would happen. Raises ImportFileError, OSError."""
    rules = Rules(channels, key, language, zone, now, dry_run)
    report = Report()
    seen: dict[tuple[str, Address], int] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = _guarded(_rows(file))
        while page := list(islice(rows, PAGE)):
            with db.transaction():
                came = Counter(_take_in(line, row, rules, seen, report) for line, row in page)
                for kind, number in came.items():
                    if kind is not None:
                        growth.note_imported(kind, number, now.astimezone(zone).date())
    return report


def _rows(file: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = iter(file)
    first = next(lines, "")
    # A German spreadsheet parts by semicolons.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    head = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise ImportFileError(f"line 1: no column {', '.join(missing)}")
    reader = csv.DictReader(lines, fieldnames=head, delimiter=delimiter)
    for row in reader:
        yield reader.line_num + 1, row


def _guarded(
    rows: Iterator[tuple[int, dict[str, Any]]],
) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        yield from rows
    except UnicodeDecodeError as error:
        raise ImportFileError("is not UTF-8: save it as CSV UTF-8") from error
    except csv.Error as error:
        raise ImportFileError(f"is no CSV: {error}") from error


def _take_in(
    line: int,
    row: Mapping[str, Any],
    rules: Rules,
    seen: dict[tuple[str, Address], int],
    report: Report,
) -> str | None:
    """The channel of a new reader."""
    try:
        reader = _read(row, rules)
        earlier = seen.setdefault((reader.channel.kind, reader.address), line)
        if earlier != line:
            raise RefusedRowError(f"address: stands in line {earlier} already")
        if _is_new(reader, rules):
            if not rules.dry_run:
                _subscribe(reader, rules.now.date())
            report.imported += 1
            return reader.channel.kind
        report.unchanged += 1
    except RefusedRowError as error:
        report.refused.append((line, str(error)))
    return None


def _read(row: Mapping[str, Any], rules: Rules) -> Reader:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    channel = rules.channels.get(cells["channel"].lower())
    if channel is None:
        raise RefusedRowError("channel: is not configured")
    try:
        address = channel.address(cells["address"])
    except ValueError as error:
        raise RefusedRowError(f"address: {error}") from error
    language = cells["language"].lower() or rules.language
    if language not in READ:
        raise RefusedRowError(f"language: not one of {', '.join(READ)}")
    if not cells["evidence"]:
        raise RefusedRowError("evidence: missing, without it there is no consent")
    return Reader(
        channel, address, language, _moment(cells["opted_in_at"], rules), cells["evidence"]
    )


def _moment(text: str, rules: Rules) -> datetime:
    if not text:
        raise RefusedRowError("opted_in_at: missing")
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=rules.zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RefusedRowError("opted_in_at: is no date like 2026-05-01") from error
    if at > rules.now:
        raise RefusedRowError("opted_in_at: lies in the future")
    return at


def _is_new(reader: Reader, rules: Rules) -> bool:
    """False: a reader already. Raises RefusedRowError for who left or was erased since."""
    kind, address = reader.channel.kind, reader.address
    if erasure_log.erased_after(kind, address, reader.opted_in_at, rules.key):
        raise RefusedRowError("was erased after opted_in_at")
    known = subscribers.find(kind, address)
    if known is None:
        return True
    if known.wants in REACHED_BY_ALERTS:
        return False
    if known.opted_out_at is not None and known.opted_out_at > reader.opted_in_at:
        raise RefusedRowError("left after opted_in_at")
    return True


def _subscribe(reader: Reader, on: date) -> None:
    kind, account = reader.channel.kind, reader.channel.accounts[0].id
    person = subscribers.find(kind, reader.address) or subscribers.create(
        kind, account, reader.address, language=reader.language, at=reader.opted_in_at
    )
    # Their consent may be years old: that they have been silent since is not known.
    person.in_touch_on = on
    subscribers.opt_in(person, Wants.EVERYTHING, reader.opted_in_at, reader.language)
    consent.record(person, consent.Deed.IMPORTED, at=reader.opted_in_at, evidence=reader.evidence)
