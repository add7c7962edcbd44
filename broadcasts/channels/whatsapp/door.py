"""Who knocks at WhatsApp's webhook: verification, signature, and whose messages a body holds.

Owns: what must be known before a body is stored. Never: pywa (the web process does without it),
a table, or what a message means (receive).
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from broadcasts.channels.base import WebhookError
from broadcasts.channels.whatsapp.split import Item, split


def challenge(query: Mapping[str, str], verify_token: str) -> str:
    """Meta's verification GET. Raises WebhookError 403 on any other token."""
    given = query.get("hub.verify_token", "")
    if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(
        given.encode(), verify_token.encode()
    ):
        raise WebhookError(403, "wrong verify token")
    return query.get("hub.challenge", "")


def verify(headers: Mapping[str, str], raw: bytes, app_secret: str) -> None:
    """HMAC-SHA256 of the raw bytes
    (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint).

    Raises WebhookError: 401 without a signature, 403 with a wrong one.
    """
    given = headers.get("X-Hub-Signature-256")
    if not given:
        raise WebhookError(401, "no signature")
    expected = "sha256=" + hmac.new(app_secret.encode(), raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise WebhookError(403, "wrong signature")


def writers(payload: Any) -> set[str]:
    """Addresses of everybody whose own message or switch this body holds; never raises."""
    found: set[str] = set()
    if not _may_hold_writers(payload):
        # Statuses, thousands a second: nothing of them is taken apart here.
        return found
    for item in split(payload):
        if isinstance(item, Item) and item.kind in ("messages", "user_preferences"):
            contact = item.value["contacts"][0]
            found |= {contact[name] for name in ("wa_id", "user_id") if contact[name]}
    return {text for text in found if " " not in text and text.isprintable()}


def _may_hold_writers(payload: Any) -> bool:
    """False only when it surely holds none; what has an odd shape is looked at closely."""
    try:
        return any(
            "messages" in change["value"] or "user_preferences" in change["value"]
            for entry in payload["entry"]
            for change in entry["changes"]
        )
    except (TypeError, KeyError):
        return True
