"""Who knocks with returned mail: the city's own mail server, by a secret address and a word.

Owns: what must be known before a body is stored. Never: what a mail means (receive), a table.
"""

import hmac
from collections.abc import Mapping
from typing import Any

from broadcasts.channels import onpage
from broadcasts.channels.base import WebhookError
from broadcasts.channels.email import tokens

HEADER = "X-Stadtbote-Word"


def path(secret: str) -> str:
    """Part of the address that nobody can guess; it does not show our word itself."""
    return tokens.derive(secret, "path").hex()[:32]


def word(secret: str) -> str:
    """What the mail server shows; made of our own word, which never leaves this machine."""
    return tokens.derive(secret, "door").hex()[:40]


def verify(headers: Mapping[str, str], secret: str) -> None:
    """Raises WebhookError: 401 without the word, 403 with a wrong one."""
    given = headers.get(HEADER)
    if not given:
        raise WebhookError(401, "no word")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), word(secret).encode()):
        raise WebhookError(403, "wrong word")


def writers(payload: Any) -> set[str]:
    """Who did something on a page; what a returned mail says is nobody's own word."""
    return onpage.writers(payload)
