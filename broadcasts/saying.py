"""What is said to a person who did something: an English sentence, and the values in it.

Owns: keeping the two apart, so that a page can translate the sentence. Never: translates (the desk
does). Used by whatever refuses something that staff typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Said:
    """`text` holds `%(name)s` for each of `values`; as a string it is plain English."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    field: str = ""
    """Of a form: beside which it belongs."""

    def __str__(self) -> str:
        return self.text % self.values


def say(text: str, /, *, about: str = "", **values: Any) -> Said:
    """A sentence; `about` names the field of a form that it belongs to."""
    return Said(text, values, about)
