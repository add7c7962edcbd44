"""Who knocks at Telegram's webhook: secret header, secret address, and whose words they are.

Owns: what must be known before a body is stored. Never: python-telegram-bot (the web process does
without it), a table, or what a message means (receive).
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

from broadcasts.channels.base import WebhookError

HEADER = "X-Telegram-Bot-Api-Secret-Token"
"""core.telegram.org/bots/api#setwebhook"""

MOST_DIGITS = 20


def path(secret: str) -> str:
    """Part of the address that nobody can guess; a proxy's log that shows it does not show the
    secret itself."""
    return hmac.new(secret.encode(), b"telegram webhook path", hashlib.sha256).hexdigest()[:32]


def verify(headers: Mapping[str, str], secret: str) -> None:
    """Raises WebhookError: 401 without the header, 403 with a wrong one. Telegram signs nothing:
    the header is the only proof."""
    given = headers.get(HEADER)
    if not given:
        raise WebhookError(401, "no secret")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
        raise WebhookError(403, "wrong secret")


def updates(payload: Any) -> Iterator[Any]:
    """Each update of a body: a webhook brings one, an answer to getUpdates several."""
    if isinstance(payload, dict) and isinstance(payload.get("result"), list):
        yield from payload["result"]
    else:
        yield payload


def writers(payload: Any) -> set[str]:
    """Ids of everybody whose own message, tap or switch this body holds; never raises."""
    return {
        found for update in updates(payload) for found in (_writer(update),) if found is not None
    }


def _writer(update: Any) -> str | None:
    try:
        return next(
            identified(update[kind]["from"]["id"])
            for kind in ("message", "callback_query", "my_chat_member")
            if kind in update
        )
    except (TypeError, KeyError, ValueError, StopIteration):
        return None


def identified(number: Any) -> str:
    """A person's id as we keep it. Raises ValueError for what is none."""
    if isinstance(number, bool) or not isinstance(number, int) or number <= 0:
        raise ValueError("no person's id")
    text = str(number)
    if len(text) > MOST_DIGITS:
        raise ValueError("no person's id")
    return text
