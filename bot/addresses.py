"""Whether a text is an address of some kind: of the web, of a mailbox, of a telephone.

Owns: the forms. Never: which setting must have which (config). Pure.
"""

import re
from urllib.parse import urlsplit

import phonenumbers


def e164(text: str) -> str:
    """The number in its one spelling; what is none stays as it is."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_number(text: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def is_url(url: str) -> bool:
    """http(s) and a host; nothing that would end up in the middle of a longer address."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or "@" in parts.netloc or re.search(r"[\s?#]", url))
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain


def is_origin(url: str) -> bool:
    return is_url(url) and urlsplit(url).path in ("", "/")


MAILBOX = re.compile(r"[A-Za-z0-9._+-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")


def is_mailbox(text: str) -> bool:
    return len(text) <= 64 and MAILBOX.fullmatch(text) is not None


def is_mailbox_or_none(text: str) -> bool:
    return not text or is_mailbox(text)


def is_page(url: str) -> bool:
    """Like `is_url`, but it may have a query: many a feed's address does."""
    return "#" not in url and is_url(url.partition("?")[0])
