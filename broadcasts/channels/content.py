"""What leaves on every channel: a text of our own, or an approved wording with its values.

Owns: neutral content and what its length is counted in. Never: a provider's form of it. Seen
through channels/base.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


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
    options: tuple[Button, ...] = ()
    """What may be chosen, more than there is room for buttons; the body numbers them, because only
    some channels show a list."""
    options_label: str = ""
    """What opens that list."""
    picture_alt: str = ""
    """What the picture shows, where the channel can say it."""


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


def pack(content: Content) -> dict[str, Any]:
    """Content as JSON."""
    return {"is": type(content).__name__, **asdict(content)}


def unpack(stored: Mapping[str, Any]) -> Content:
    """The way back from `pack`; rows of earlier versions know only some of its fields."""
    if stored["is"] == TemplateMessage.__name__:
        values = tuple((name, value) for name, value in stored["values"])
        return TemplateMessage(stored["name"], stored["language"], values, stored["picture"])
    known = {key: value for key, value in stored.items() if key != "is"}
    for name in ("buttons", "options"):
        known[name] = tuple(Button(**button) for button in stored.get(name, ()))
    return Text(**known)
