"""Reads a TOML table into a frozen dataclass, by its type hints; collects every problem.

Owns: turning text into typed values. Never: knows a particular setting; opens a file. Used by
bot/config.
"""

import dataclasses
import datetime as dt
import difflib
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, with the key where it is."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class Unreadable(Exception):
    """A value is not of its type; the text says what is expected."""


@dataclass(frozen=True)
class Findings:
    """What reading has brought to light so far."""

    problems: list[Problem] = dataclasses.field(default_factory=list)
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Full key → value, defaults too: checks across keys run on whatever could be read, so that a
    mistake in one place hides none in another."""

    def add(self, key: str, text: str) -> None:
        self.problems.append(Problem(key, text))


MISSING = object()
Field = dataclasses.Field[Any]


def read_table(cls: type[Any], table: Any, key: str, found: Findings) -> Any:
    """An instance of `cls` from a table, or MISSING when something required is wrong.

    Every problem is added to `found` with its full key.
    """
    if not isinstance(table, Mapping):
        found.add(key, "must be a section")
        return MISSING
    hints = typing.get_type_hints(cls)
    fields = {field.metadata.get("key", field.name): field for field in dataclasses.fields(cls)}
    _report_unknown(table, fields, key, found)
    values = {
        field.name: _read_field(field, hints[field.name], table.get(name, MISSING), found, key=key)
        for name, field in fields.items()
    }
    return MISSING if MISSING in values.values() else cls(**values)


def _read_field(field: Field, kind: Any, raw: Any, found: Findings, *, key: str) -> Any:
    """`raw`: what the table holds for it, or MISSING; `key`: the table's own."""
    full = _join(key, field.metadata.get("key", field.name))
    if raw is MISSING and dataclasses.is_dataclass(kind):
        raw = {}  # so that each thing an absent section lacks is named
    if raw is MISSING:
        return _default(field, full, found)
    if _is_required(field) and isinstance(raw, str) and not raw.strip():
        found.add(full, "is empty")
        return MISSING
    return read_value(kind, raw, full, field.metadata, found)


def _default(field: Field, key: str, found: Findings) -> Any:
    if _is_required(field):
        found.add(key, "missing")
        return MISSING
    value = field.default
    if value is dataclasses.MISSING:
        value = typing.cast("Callable[[], Any]", field.default_factory)()
    found.values[key] = value
    return value


def _is_required(field: Field) -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _report_unknown(
    table: Mapping[str, Any], known: Mapping[str, Any], key: str, found: Findings
) -> None:
    for name in table:
        if name not in known:
            found.add(_join(key, name), "unknown" + suggest(name, known))


def suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def read_value(kind: Any, raw: Any, key: str, metadata: Mapping[str, Any], found: Findings) -> Any:
    """One value of type `kind`, or MISSING after a problem."""
    if dataclasses.is_dataclass(kind):
        return read_table(typing.cast("type[Any]", kind), raw, key, found)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:  # a section that may be left out
        return read_value(arguments[0], raw, key, metadata, found)
    if origin is tuple and dataclasses.is_dataclass(arguments[0]):
        return _read_list(arguments[0], raw, key, found)
    if origin is Mapping:
        return _read_named(arguments[1], raw, key, metadata, found)
    try:
        value = _read_choices(raw, metadata) if origin is tuple else READERS[kind](raw)
        if origin is not tuple:
            _check_bounds(value, metadata)
    except Unreadable as error:
        found.add(key, str(error))
        return MISSING
    found.values[key] = value
    return value


def _read_list(cls: Any, raw: Any, key: str, found: Findings) -> Any:
    if not isinstance(raw, list):
        found.add(key, f"must be a list of sections [[{key}]]")
        return MISSING
    rows = [read_table(cls, row, f"{key}[{i}]", found) for i, row in enumerate(raw, start=1)]
    return MISSING if MISSING in rows else tuple(rows)


def _read_named(kind: Any, raw: Any, key: str, metadata: Mapping[str, Any], found: Findings) -> Any:
    if not isinstance(raw, Mapping):
        found.add(key, f"must be a section [{key}]")
        return MISSING
    rows = {
        name: read_value(kind, row, f"{key}.{name}", metadata, found) for name, row in raw.items()
    }
    found.values[key] = {name: row for name, row in rows.items() if row is not MISSING}
    return MISSING if MISSING in rows.values() else rows


def _read_choices(raw: Any, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    choices = metadata["choices"]
    if not isinstance(raw, list):
        raise Unreadable(f"must be a list out of {', '.join(choices)}")
    for item in raw:
        if item not in choices:
            raise Unreadable(f"{_quote(item)} is not one of {', '.join(choices)}")
    return tuple(raw)


def _check_bounds(value: Any, metadata: Mapping[str, Any]) -> None:
    choices, least, most = (metadata.get(name) for name in ("choices", "least", "most"))
    if choices and value not in choices:
        raise Unreadable(f"{_quote(value)} is not one of {', '.join(choices)}")
    if least is not None and value < least:
        raise Unreadable(f"must be at least {_show(least)}")
    if most is not None and value > most:
        raise Unreadable(f"must be at most {_show(most)}")


def _show(value: Any) -> str:
    return f"{value.total_seconds():.0f}s" if isinstance(value, dt.timedelta) else str(value)


_WORDS = {bool: "a switch", int: "a number", float: "a number", list: "a list", dict: "a section"}


def _quote(raw: Any) -> str:
    """A value in an error's text: short, and never a number of thousands of digits."""
    if not isinstance(raw, str):
        return _WORDS.get(type(raw), "a date")
    return f'"{raw}"' if len(raw) <= 40 else f'"{raw[:40]}…"'


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unreadable("must be text in quotes")
    if _CONTROL.search(raw):
        raise Unreadable("holds a control character")
    return raw


def _number(raw: Any) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise Unreadable("must be a whole number")
    return raw


def _switch(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Unreadable("must be true or false")
    return raw


def _wall_time(raw: Any) -> dt.time:
    if isinstance(raw, dt.time) and raw.tzinfo is None:
        return raw
    if not isinstance(raw, str) or not re.fullmatch(r"\d{2}:\d{2}", raw):
        raise Unreadable(f'{_quote(raw)} is not a time of day like "17:00"')
    try:
        return dt.time.fromisoformat(raw)
    except ValueError as error:
        raise Unreadable(f'{_quote(raw)} is not a time of day like "17:00"') from error


def _day(raw: Any) -> dt.date:
    if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
        return raw
    try:
        return dt.date.fromisoformat(raw)
    except (TypeError, ValueError) as error:
        raise Unreadable(f'{_quote(raw)} is not a date like "2026-10-01"') from error


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(raw: Any) -> dt.timedelta:
    match = re.fullmatch(r"(\d{1,8})\s*([smhd])", raw) if isinstance(raw, str) else None
    if match is None:
        raise Unreadable(f'{_quote(raw)} is not a duration like "60s", "5m", "2h" or "1d"')
    return dt.timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def _amount(raw: Any) -> Decimal:
    try:
        if isinstance(raw, bool) or not isinstance(raw, str | int | float):
            raise InvalidOperation
        value = Decimal(str(raw) if isinstance(raw, float) else raw)
    except InvalidOperation as error:
        raise Unreadable(f"{_quote(raw)} is not an amount of money") from error
    if not value.is_finite() or value < 0:
        raise Unreadable("must be an amount of 0 or more")
    return value


def _zone(raw: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(raw))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(f'{_quote(raw)} is not a time zone like "Europe/Berlin"') from error


READERS: Mapping[Any, Callable[[Any], Any]] = types.MappingProxyType(
    {
        str: _text,
        int: _number,
        bool: _switch,
        dt.time: _wall_time,
        dt.date: _day,
        dt.timedelta: _duration,
        Decimal: _amount,
        ZoneInfo: _zone,
    }
)
"""Type of a setting → how it is read."""
