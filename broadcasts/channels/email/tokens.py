"""The links in mails, and the mark by which a returned mail is known.

Owns: how they are made from our own word and read again. Never: a table, and an address in the
clear: it stands encrypted in a link, so that no log of any server shows whose link it is.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from broadcasts.channels.base import Address
from broadcasts.channels.pages import Link, LinkError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

EXPIRES: Mapping[str, timedelta] = {
    "start:yes": timedelta(days=2),
    "alerts_only:yes": timedelta(days=2),
}
"""Button → how long its link is good. Whoever wants to leave must be able to by the oldest mail."""

LONGEST_TOKEN = 600

MARKED = re.compile(r"\b(\d{1,19})\.(\d{1,9})\.([0-9a-f]{20})\b")


def derive(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"email {purpose}".encode(), hashlib.sha256).digest()


@lru_cache(maxsize=4)
def _fernet(secret: str) -> "Fernet":
    # Here: a process that sends and opens no link is smaller without it.
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(derive(secret, "links")))


def make(secret: str, link: Link, now: datetime) -> str:
    """The end of a link's address."""
    said = f"{link.button} {link.address.bsuid} {link.label}".encode()
    token = _fernet(secret).encrypt_at_time(said, int(now.timestamp()))
    return token.decode().rstrip("=")


def read(secret: str, token: str, now: datetime) -> Link:
    """Raises LinkError."""
    from cryptography.fernet import InvalidToken

    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise LinkError
    padded = f"{token}{'=' * (-len(token) % 4)}".encode()
    try:
        said = _fernet(secret).decrypt(padded).decode()
        made_at = _fernet(secret).extract_timestamp(padded)
    except (InvalidToken, ValueError):
        raise LinkError from None
    button, address, label = said.split(" ", 2)
    if button in EXPIRES and made_at + EXPIRES[button].total_seconds() < now.timestamp():
        raise LinkError
    return Link(Address(bsuid=address), button, label)


def mark(secret: str, tracker: str) -> str:
    """Our tracker (`7:1`) in a form for headers, which nobody else can make."""
    return f"{tracker.replace(':', '.')}.{_proof(secret, tracker)}"


def _proof(secret: str, tracker: str) -> str:
    key = derive(secret, "returned mail")
    return hmac.new(key, tracker.encode(), hashlib.sha256).hexdigest()[:20]


def find_tracker(secret: str, text: str) -> str | None:
    """The first one in a text that is really ours."""
    for delivery, attempt, proof in MARKED.findall(text):
        tracker = f"{delivery}:{attempt}"
        if hmac.compare_digest(proof, _proof(secret, tracker)):
            return tracker
    return None
