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
from collections.abc import Callable, Mapping
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


MISSING = object()


def read_table(cls: type[Any], table: Any, key: str, problems: list[Problem]) -> Any:
    """An instance of `cls` from a table, or None when something required is wrong.

    Every problem is added to `problems` with its full key.
    """
    if not isinstance(table, Mapping):
        problems.append(Problem(key, "must be a section"))
        return None
    hints = typing.get_type_hints(cls)
    fields = {field.metadata.get("key", field.name): field for field in dataclasses.fields(cls)}
    _report_unknown(table, fields, key, problems)
    values: dict[str, Any] = {}
    complete = True
    for name, field in fields.items():
        full = f"{key}.{name}" if key else name
        if name not in table:
            if field.default is MISSING_DEFAULT and field.default_factory is MISSING_DEFAULT:
                problems.append(Problem(full, "missing"))
                complete = False
            continue
        value = read_value(hints[field.name], table[name], full, field.metadata, problems)
        if value is MISSING:
            complete = False
        else:
            values[field.name] = value
    return cls(**values) if complete else None


MISSING_DEFAULT = dataclasses.MISSING


def _report_unknown(
    table: Mapping[str, Any], known: Mapping[str, Any], key: str, problems: list[Problem]
) -> None:
    for name in table:
        if name not in known:
            full = f"{key}.{name}" if key else name
            problems.append(Problem(full, "unknown" + suggest(name, known)))


def suggest(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def read_value(
    kind: Any, raw: Any, key: str, metadata: Mapping[str, Any], problems: list[Problem]
) -> Any:
    """One value of type `kind`, or MISSING after a problem."""
    if dataclasses.is_dataclass(kind):
        section = read_table(typing.cast("type[Any]", kind), raw, key, problems)
        return MISSING if section is None else section
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and dataclasses.is_dataclass(arguments[0]):
        return _read_list(arguments[0], raw, key, problems)
    if origin is Mapping and dataclasses.is_dataclass(arguments[1]):
        return _read_named(arguments[1], raw, key, problems)
    try:
        if origin is tuple:
            return _read_choices(raw, metadata)
        if origin is Mapping:
            return _read_texts(raw)
        value = READERS[kind](raw)
        _check_bounds(value, metadata)
    except Unreadable as error:
        problems.append(Problem(key, str(error)))
        return MISSING
    return value


def _read_list(cls: Any, raw: Any, key: str, problems: list[Problem]) -> Any:
    if not isinstance(raw, list):
        problems.append(Problem(key, f"must be a list of sections [[{key}]]"))
        return MISSING
    rows = [read_table(cls, row, f"{key}[{i}]", problems) for i, row in enumerate(raw, start=1)]
    return MISSING if None in rows else tuple(rows)


def _read_named(cls: Any, raw: Any, key: str, problems: list[Problem]) -> Any:
    if not isinstance(raw, dict):
        problems.append(Problem(key, f"must be sections [{key}.NAME]"))
        return MISSING
    rows = {name: read_table(cls, row, f"{key}.{name}", problems) for name, row in raw.items()}
    return MISSING if None in rows.values() else rows


def _read_choices(raw: Any, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    choices = metadata["choices"]
    if not isinstance(raw, list) or any(item not in choices for item in raw):
        raise Unreadable(f"must be a list out of {', '.join(choices)}")
    return tuple(raw)


def _read_texts(raw: Any) -> Mapping[str, Mapping[str, str]]:
    ok = isinstance(raw, dict) and all(
        isinstance(row, dict) and all(isinstance(text, str) for text in row.values())
        for row in raw.values()
    )
    if not ok:
        raise Unreadable("must be sections [texts.LANGUAGE] of texts")
    return typing.cast("Mapping[str, Mapping[str, str]]", raw)


def _check_bounds(value: Any, metadata: Mapping[str, Any]) -> None:
    choices, least, most = (metadata.get(name) for name in ("choices", "least", "most"))
    if choices and value not in choices:
        raise Unreadable(f"{value!r} is not one of {', '.join(choices)}")
    if least is not None and value < least:
        raise Unreadable(f"must be at least {_show(least)}")
    if most is not None and value > most:
        raise Unreadable(f"must be at most {_show(most)}")


def _show(value: Any) -> str:
    return f"{value.total_seconds():.0f}s" if isinstance(value, dt.timedelta) else str(value)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unreadable("must be text in quotes")
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
        raise Unreadable(f'{raw!r} is not a time of day like "17:00"')
    try:
        return dt.time.fromisoformat(raw)
    except ValueError as error:
        raise Unreadable(f'{raw!r} is not a time of day like "17:00"') from error


def _day(raw: Any) -> dt.date:
    if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
        return raw
    try:
        return dt.date.fromisoformat(raw)
    except (TypeError, ValueError) as error:
        raise Unreadable(f'{raw!r} is not a date like "2026-10-01"') from error


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(raw: Any) -> dt.timedelta:
    match = re.fullmatch(r"(\d{1,9})\s*([smhd])", raw) if isinstance(raw, str) else None
    if match is None:
        raise Unreadable(f'{raw!r} is not a duration like "60s", "5m", "2h" or "1d"')
    try:
        return dt.timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    except OverflowError as error:
        raise Unreadable("is too long") from error


def _amount(raw: Any) -> Decimal:
    try:
        if isinstance(raw, bool):
            raise InvalidOperation
        value = Decimal(str(raw))
    except InvalidOperation as error:
        raise Unreadable(f"{raw!r} is not an amount of money") from error
    if not value.is_finite() or value < 0:
        raise Unreadable("must be an amount of 0 or more")
    return value


def _zone(raw: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(raw))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(f'{raw!r} is not a time zone like "Europe/Berlin"') from error


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
