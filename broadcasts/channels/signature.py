"""How Meta proves itself at a webhook: the verification GET, and a signature over the raw bytes.

Owns: the two checks, for every channel of Meta's. Never: what a body says.
"""

import hashlib
import hmac
from collections.abc import Mapping

from broadcasts.channels.base import WebhookError


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
