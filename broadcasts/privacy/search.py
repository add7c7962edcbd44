"""Looking for a person everywhere: after an erasure nothing is found.

Owns: which places there are, and looking into each. Never: says what it has found, only where.
Called by the command line, the desk and the tests. Backups are encrypted: they are listed apart
(backups).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broadcasts import db
from broadcasts.channels.base import Address, Channel
from broadcasts.people import subscribers
from broadcasts.privacy import byte_search
from broadcasts.privacy.traces import BETWEEN, Wanted, wanted

SKIPPED = {".env", "config.toml"}
"""Hold no citizen's data by what they are for."""


@dataclass(frozen=True)
class Find:
    where: str
    rows: int
    """Of a file: 1."""

    def as_json(self) -> dict[str, Any]:
        return {"where": self.where, "rows": self.rows}


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where beside the database something may stand."""

    folder: Path
    """Of the configuration: its own files are read, and its folder `logs`."""
    media: Path
    logs: Path | None = None


def meant(channels: Mapping[str, Channel], text: str) -> list[Address]:
    """Whom an address in any spelling can mean, on every channel; with both ids where they are
    known. Raises ValueError when no channel can read it."""
    found: list[Address] = []
    said: ValueError | None = None
    for channel in channels.values():
        try:
            address = channel.address(text)
        except ValueError as error:
            said = error
            continue
        person = subscribers.find(channel.kind, address)
        found.append(person.address if person else address)
    if not found:
        raise said or ValueError("no channel is configured")
    return list(dict.fromkeys(found))


def everywhere(
    places: Places, addresses: Iterable[Address], words: Iterable[str] = ()
) -> list[Find]:
    """Where these addresses, or one of these words (a name), stand in any spelling."""
    further = tuple(words)
    persons = list(addresses)
    looked_for = [wanted(address, further) for address in persons]
    finds = [
        *(find for who in looked_for for find in _in_tables(who)),
        *(Find(where, 1) for where in byte_search.find(persons, further, set(_files(places)))),
    ]
    rows = Counter[str]()
    for find in finds:
        rows[find.where] = max(rows[find.where], find.rows)
    return [Find(where, number) for where, number in sorted(rows.items())]


# ------------------------------------------------------------------ tables


@dataclass(frozen=True)
class _Column:
    name: str
    text: str
    """SQL that gives it as text."""
    raw: str
    """SQL that gives it to Python: on SQLite a text may be no text at all."""


def _in_tables(who: Wanted) -> Iterator[Find]:
    for table, columns in _catalogue().items():
        yield from _in_table(table, columns, who)


def _in_table(table: str, columns: list[_Column], who: Wanted) -> Iterator[Find]:
    """One pass: the database chooses rows by the rough hints, the pattern decides."""
    conditions, values = [], []
    for column in columns:
        for hint, spaced in who.hints:
            text = _stripped(column.text) if spaced else column.text
            conditions.append(_contains(text))
            values.append(hint)
    chosen = ", ".join(column.raw for column in columns)
    rows = db.database.execute_sql(
        f"SELECT {chosen} FROM {table} WHERE {' OR '.join(conditions)}", tuple(values)
    ).fetchall()
    for index, column in enumerate(columns):
        number = sum(1 for row in rows if row[index] and who.is_in(_bytes(row[index])))
        if number:
            yield Find(f"{table}.{column.name}".replace('"', ""), number)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _contains(text: str) -> str:
    return f"instr({text}, ?) > 0" if db.is_sqlite() else f"strpos({text}, %s) > 0"


def _stripped(text: str) -> str:
    for sign in BETWEEN:
        text = f"replace({text}, {_sign(sign)}, '')"
    return text


def _sign(sign: str) -> str:
    return f"char({ord(sign)})" if db.is_sqlite() else f"chr({ord(sign)})"


def _catalogue() -> dict[str, list[_Column]]:
    """Every table of every schema with its columns that can hold text: the database's own list, so
    that a new table is looked into by itself."""
    return _sqlite_catalogue() if db.is_sqlite() else _postgres_catalogue()


NUMBERS = ("INT", "REAL", "DECIMAL", "NUMERIC", "BOOL", "DATE")


def _sqlite_catalogue() -> dict[str, list[_Column]]:
    found: dict[str, list[_Column]] = {}
    for schema in ("main", db.ERASURES):
        for table in db.database.get_tables(schema):
            rows = db.database.execute_sql(f'PRAGMA {schema}.table_info("{table}")').fetchall()
            names = [row[1] for row in rows if not str(row[2]).upper().startswith(NUMBERS)]
            columns = [
                _Column(name, f'CAST("{name}" AS TEXT)', f'CAST("{name}" AS BLOB)')
                for name in names
            ]
            if columns:
                prefix = "" if schema == "main" else f"{schema}."
                found[f'{prefix}"{table}"'] = columns
    return found


def _postgres_catalogue() -> dict[str, list[_Column]]:
    rows = db.database.execute_sql(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        " AND table_type = 'BASE TABLE' AND data_type IN"
        " ('text', 'character varying', 'character', 'bytea', 'json', 'jsonb')"
        " ORDER BY 1, 2, 3"
    ).fetchall()
    found: dict[str, list[_Column]] = {}
    for schema, table, name, kind in rows:
        text = f"encode(\"{name}\", 'escape')" if kind == "bytea" else f'"{name}"::text'
        prefix = "" if schema == "public" else f'"{schema}".'
        found.setdefault(f'{prefix}"{table}"', []).append(_Column(name, text, text))
    return found


# ------------------------------------------------------------------ files


def _files(places: Places) -> Iterator[Path]:
    if db.is_sqlite():
        database = Path(db.database.database)
        for main in (database, Path(db.erasures_file(str(database)))):
            yield from (path for path in main.parent.glob(f"{main.name}*") if path.is_file())
    own = places.folder.iterdir() if places.folder.is_dir() else ()
    yield from (path for path in own if path.is_file() and path.name not in SKIPPED)
    for folder in filter(None, (places.media, places.folder / "logs", places.logs)):
        if folder.is_file():
            yield folder
        yield from (path for path in folder.rglob("*") if path.is_file())
