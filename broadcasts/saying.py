"""What is said to a person who did something: an English sentence, and the values in it.

Owns: keeping the two apart, so that a page can translate the sentence. Never: translates (the desk
does). Used by whatever refuses something that staff typed.
"""

from collections.abc import Mapping
from typing import Any


class Said(str):
    """An English sentence like any text. `text` is the same with `%(name)s` for each of `values`;
    `field` names what of a form it belongs to, if anything."""

    __slots__ = ("field", "text", "values")

    text: str
    values: Mapping[str, Any]
    field: str

    def __new__(cls, text: str, values: Mapping[str, Any], field: str = "") -> "Said":
        whole = super().__new__(cls, text % values if values else text)
        whole.text, whole.values, whole.field = text, values, field
        return whole


def say(text: str, /, *, about: str = "", **values: Any) -> Said:
    """A sentence; `about` names the field of a form that it belongs to."""
    return Said(text, values, about)


class Refusal(Exception):
    """Something that staff asked for cannot be done; `said` says why."""

    def __init__(self, *said: Said) -> None:
        super().__init__("; ".join(f"{one.field}: {one}" if one.field else one for one in said))
        self.said = said
