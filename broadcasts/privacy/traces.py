"""A person's values in a text, in every spelling: as they are, in base64, with signs in between.

Owns: the spellings. Never: a table or a file. Used by erasure, erasure_log and search.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from broadcasts.channels.base import Address

BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}")
WORD = re.compile(r"[\w.+-]{5,140}")
MAIL = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,64}@[\w.-]{3,120}")
NUMBER = re.compile(rb"\d{8,15}")
MOST_WORDS = 500
"""Of one text; what holds more is no message."""


def names(address: Address, text: str) -> bool:
    """Whether a raw body names this address: as it is, or inside a message id, which holds the
    number in base64 (whatsapp.md §6)."""
    values = [value for value in (address.wa_id, address.bsuid) if value]
    if any(_as_it_is(value, address).search(text.encode("utf-8", "replace")) for value in values):
        return True
    decoded = _decoded_runs(text)
    return any(value.encode() in part for value in values for part in decoded)


def _as_it_is(value: str, address: Address) -> "re.Pattern[bytes]":
    """An id of few digits stands by chance in every longer number: that is somebody else's, or
    nobody's."""
    plain = re.escape(value.encode())
    is_short_id = value == address.bsuid and value.isdigit()
    return re.compile(rb"(?<!\d)" + plain + rb"(?!\d)" if is_short_id else plain)


def possible_addresses(text: str) -> list[str]:
    """Every word of a text that could be an address, in base64 too."""
    words = {word.strip("+.-") for word in WORD.findall(text)}
    words |= {word.strip(".-").lower() for word in MAIL.findall(text)}
    decoded = b" ".join(_decoded_runs(text))
    words |= {digits.decode() for digits in NUMBER.findall(decoded)}
    return sorted(words)[:MOST_WORDS]


def _decoded_runs(text: str) -> list[bytes]:
    return [part for run in BASE64_RUN.findall(text) for part in _decoded(run)]


def _decoded(run: str) -> Iterator[bytes]:
    """A run may begin with something else ("wamid" without its dot): each of the four places
    where a group can begin is tried."""
    plain = run.replace("-", "+").replace("_", "/")
    for start in range(4):
        part = plain[start:]
        yield base64.b64decode(part[: len(part) // 4 * 4] if len(part) % 4 == 1 else _padded(part))


def _padded(part: str) -> str:
    return part + "=" * (-len(part) % 4)


# ------------------------------------------------------------------ looking for somebody

BETWEEN = " \t-./()\u00a0\u202f"
"""What people write between the digits of a number."""

SHORTEST_NATIONAL = 9
"""Digits: a shorter number without its country code stands everywhere by chance."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; `hints` are rough, for a database to choose rows by, `pattern` decides.

    Each hint is (text, spaced): `spaced` ones are looked for after everything of BETWEEN has been
    taken out.
    """

    pattern: "re.Pattern[bytes]"
    hints: tuple[tuple[str, bool], ...]

    def is_in(self, content: bytes) -> bool:
        """The hints first: a pattern reads a gigabyte in minutes, they in a second."""
        return self._is_hinted(content) and self.pattern.search(content) is not None

    def _is_hinted(self, content: bytes) -> bool:
        if any(text.encode() in content for text, spaced in self.hints if not spaced):
            return True
        stripped = content
        for sign in BETWEEN:
            stripped = stripped.replace(sign.encode(), b"")
        return any(text.encode() in stripped for text, spaced in self.hints if spaced)


def wanted(address: Address, words: tuple[str, ...] = ()) -> Wanted:
    """All spellings of an address, and of further words such as a name."""
    patterns: list[bytes] = []
    hints: list[tuple[str, bool]] = []
    for value in filter(None, (address.wa_id, address.bsuid, *words)):
        for text in _encoded(value):
            is_plain = text == value
            escaped = re.escape(text.encode())
            patterns.append(_as_it_is(value, address).pattern if is_plain else escaped)
            hints.append((text, False))
    if address.wa_id:
        patterns.append(_with_signs_between(address.wa_id))
        hints.append((address.wa_id, True))
        national = _national(address.wa_id)
        if len(national) >= SHORTEST_NATIONAL:
            # Not within a longer number: that is somebody else's.
            patterns.append(rb"(?<!\d)0?" + _with_signs_between(national) + rb"(?!\d)")
            hints.append((national, True))
    return Wanted(re.compile(b"|".join(patterns)), tuple(dict.fromkeys(hints)))


def _encoded(value: str) -> Iterator[str]:
    """As it is, in JSON's ASCII, in hexadecimal digits, in base64."""
    raw = value.encode()
    yield value
    if not value.isascii():
        yield "".join(sign if sign.isascii() else _escaped(sign) for sign in value)
    yield raw.hex()
    yield from _in_base64(raw)


def _escaped(sign: str) -> str:
    units = sign.encode("utf-16-be")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def _in_base64(raw: bytes) -> Iterator[str]:
    """What stands there whatever comes before and after it: for each of the three places in a
    group of three bytes, the signs that these bytes alone decide."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw + b"\0\0").decode()
        first, last = -(-8 * before // 6), 8 * (before + len(raw)) // 6
        core = encoded[first:last]
        yield core
        if "+" in core or "/" in core:
            yield core.replace("+", "-").replace("/", "_")


def _with_signs_between(digits: str) -> bytes:
    signs = "|".join(re.escape(sign) for sign in BETWEEN)
    return f"(?:{signs}){{0,3}}".join(digits).encode()


def _national(wa_id: str) -> str:
    """The number within its country: +49 176 … is 0176 … there."""
    try:
        return str(phonenumbers.parse(f"+{wa_id}").national_number)
    except phonenumbers.NumberParseException:
        return wa_id
