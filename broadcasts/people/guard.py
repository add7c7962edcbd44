"""What citizens write that is for few eyes: bank accounts, addresses, customer numbers.

Owns: finding it in a text. Never: changes what is stored. Used by the inbox, which shows it only on
request, and by the answer that asks for another way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

DELICATE = re.compile(
    r"""
    # Begins at a word's begin: 4,096 signs without an @ must not be read 4,096 times.
    (?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    # Two letters, two digits, then 11 to 30 signs in groups: also with a typing mistake in it.
    | (?P<iban>\b(?i:[A-Z]{2})\d{2}(?:[ ]?[0-9A-Z]{4}){2,7}(?:[ ]?[0-9A-Z]{1,4})?\b)
    # Customer, meter, tax and telephone numbers: six digits and more, however they are grouped,
    # letters in front included (1EMH0012345678). A year, a house number, a time are shorter.
    | (?P<number>(?<!\w)(?:\d?[A-Z]{1,4}-?)?\+?\d(?:[ /.-]?\d){5,}\b)
    """,
    re.VERBOSE,
)

DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|\d{4}-\d{2}-\d{2}")
"""Six digits and more, and nobody's secret."""


@dataclass(frozen=True)
class Part:
    text: str
    is_delicate: bool = False


def parts(text: str) -> Sequence[Part]:
    """The text in pieces, in order; together they are the text."""
    found, last = [], 0
    for match in DELICATE.finditer(text):
        if DATE.fullmatch(match[0].strip()):
            continue
        if match.start() > last:
            found.append(Part(text[last : match.start()]))
        found.append(Part(match[0], is_delicate=True))
        last = match.end()
    if last < len(text):
        found.append(Part(text[last:]))
    return found


def masked(text: str) -> str:
    """With dots for every sign that is for few eyes."""
    return "".join("•" * len(part.text) if part.is_delicate else part.text for part in parts(text))


def is_delicate(text: str) -> bool:
    return any(part.is_delicate for part in parts(text))
