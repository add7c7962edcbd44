"""What leaves on every channel: a text of our own, or an approved wording with its values.

Owns: neutral content and what its length is counted in. Never: a provider's form of it. Seen
through channels/base.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Button:
    id: str
    label: str


class Unit(StrEnum):
    """What a channel counts a text in; the value is Python's name of the encoding."""

    UTF16 = "utf-16-le"
    """Units of two bytes: an emoji is two. As the strictest of those who say "characters"."""
    BYTES = "utf-8"
    """An umlaut is two, an emoji four."""


@dataclass(frozen=True)
class Text:
    """Free-form, inside the window only. With `picture` the body is its caption."""

    body: str
    buttons: tuple[Button, ...] = ()
    picture: str | None = None
    """File name below the media folder."""
    silent: bool = False
    """Arrives without a sound, where the channel can do that."""
    by_staff: bool = False
    """Typed by a person of the office: such an answer may come later than a machine's, where the
    channel has a `staff_window`."""


@dataclass(frozen=True)
class TemplateMessage:
    """An approved wording with its values."""

    name: str
    language: str
    values: tuple[tuple[str, str], ...]
    """(parameter name, value), in the template's order."""
    picture: str | None = None


Content = Text | TemplateMessage


def size(text: str, unit: Unit = Unit.UTF16) -> int:
    """Length of a text as a channel counts it."""
    return len(text.encode(unit, "surrogatepass")) // (2 if unit is Unit.UTF16 else 1)
