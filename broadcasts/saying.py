"""What is said to a person who did something: an English sentence, and the values in it.

Owns: keeping the two apart, so that a page can translate the sentence. Never: translates (the desk
does). Used by whatever refuses something that staff typed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


class Said(str):
    """An English sentence like any text. `text` is the same with `%(name)s` for each of `values`;
    `field` names what of a form it belongs to, if anything."""

    __slots__ = ("field", "text", "values")

    text: str
    values: Mapping[str, Any]
    field: str

    def __new__(cls, text: str, values: Mapping[str, Any], field: str = "") -> "Said":
        shown = {name: _plain(value) for name, value in values.items()}
        whole = super().__new__(cls, text % shown if shown else text)
        whole.text, whole.values, whole.field = text, values, field
        return whole

    def __reduce__(self) -> tuple[Any, ...]:
        """To be copied, as `dataclasses.asdict` does."""
        return Said, (self.text, self.values, self.field)


def say(text: str, /, *, about: str = "", **values: Any) -> Said:
    """A sentence; `about` names the field of a form that it belongs to."""
    return Said(text, values, about)


def _plain(value: Any) -> Any:
    """As English shows it."""
    if isinstance(value, list | tuple):
        return "; ".join(value)
    if isinstance(value, timedelta):
        return _length(value.total_seconds())
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_number else value


def _length(seconds: float) -> str:
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    unit, size = next((row for row in units if seconds >= 1.5 * row[1]), units[-1])
    number = round(seconds / size)
    return f"{number} {unit}{'' if number == 1 else 's'}"


MOMENT = "moment"
"""Marks a packed moment, which JSON does not know."""
SECONDS = "seconds"
"""Marks a packed length of time."""


def pack(said: Said) -> dict[str, Any]:
    """As JSON takes it, with the sentences inside."""
    return {
        "text": said.text,
        "values": {name: _pack(value) for name, value in said.values.items()},
    }


def _pack(value: Any) -> Any:
    if isinstance(value, Said):
        return pack(value)
    if isinstance(value, datetime):
        return {MOMENT: value.isoformat()}
    if isinstance(value, timedelta):
        return {SECONDS: value.total_seconds()}
    return [_pack(one) for one in value] if isinstance(value, list | tuple) else value


def unpack(packed: Mapping[str, Any]) -> Said:
    """The way back from `pack`."""
    return Said(packed["text"], {name: _unpack(value) for name, value in packed["values"].items()})


def _unpack(value: Any) -> Any:
    if isinstance(value, Mapping):
        if SECONDS in value:
            return timedelta(seconds=value[SECONDS])
        return datetime.fromisoformat(value[MOMENT]) if MOMENT in value else unpack(value)
    return [_unpack(one) for one in value] if isinstance(value, list) else value


class Refusal(Exception):
    """Something that staff asked for cannot be done; `said` says why."""

    def __init__(self, *said: Said) -> None:
        super().__init__("; ".join(f"{one.field}: {one}" if one.field else one for one in said))
        self.said = said
