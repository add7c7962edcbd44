"""Payloads in Meta's shapes, with values of our own."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broadcasts.channels.whatsapp import build
from broadcasts.channels.whatsapp.channel import WhatsApp
from broadcasts.channels.whatsapp.settings import WhatsAppNumber, WhatsAppSecrets, WhatsAppSettings

ACCOUNT, SECOND = "1234567890", "2234567890"
WA_ID, BSUID = "4917604069001", "DE.x0123abc"
SECRETS = WhatsAppSecrets(token="token", app_secret="secret", verify_token="word")


def channel(graph_url: str = "http://127.0.0.1:9", **more: Any) -> WhatsApp:
    settings = WhatsAppSettings(
        phone_id=ACCOUNT,
        waba_id="9876543210",
        number="+49 176 04069000",
        graph_url=graph_url,
        numbers={"nord": WhatsAppNumber(phone_id=SECOND, number="+49 176 04069099")},
        **more,
    )
    return build(settings, lambda: SECRETS, Path())


def wamid(number: str = WA_ID, count: int = 1) -> str:
    return "wamid." + base64.b64encode(f"\x1d\x0b{number}\x15{count:04}".encode()).decode()


def sign(raw: bytes) -> Mapping[str, str]:
    digest = hmac.new(b"secret", raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


def forge(raw: bytes) -> Mapping[str, str]:
    """A good signature, of another body."""
    return sign(raw + b" ")


def change(value: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    entry = {"id": "9876543210", "time": 1764000000, "changes": [{"field": field, "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def batch(payloads: list[dict[str, Any]]) -> dict[str, Any]:
    changes = [part for payload in payloads for part in payload["entry"][0]["changes"]]
    return {**payloads[0], "entry": [{**payloads[0]["entry"][0], "changes": changes}]}


METADATA = {"display_phone_number": "4917604069000", "phone_number_id": ACCOUNT}
CONTACT = {"wa_id": WA_ID, "user_id": BSUID, "profile": {"name": "Bürgerin"}}


def message(contacts: Any = (CONTACT,), **parts: Any) -> dict[str, Any]:
    """One inbound message; `parts` replace or add, None takes away."""
    item = {
        "id": wamid(),
        "from": WA_ID,
        "from_user_id": BSUID,
        "timestamp": "1764000000",
        "type": "text",
        "text": {"body": "Start"},
        **parts,
    }
    item = {key: part for key, part in item.items() if part is not None}
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": METADATA,
        "messages": [item],
    }
    if contacts is not None:
        value["contacts"] = list(contacts)
    return change(value)


def status(name: str, **parts: Any) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": wamid(count=9),
        "status": name,
        "timestamp": "1764000001",
        "recipient_id": WA_ID,
        "recipient_user_id": BSUID,
        "biz_opaque_callback_data": "7:1",
    }
    value: dict[str, Any] = {"messaging_product": "whatsapp", "metadata": METADATA}
    if name == "failed":
        item["errors"] = [{"code": 131026, "title": "Undeliverable", "message": "Undeliverable"}]
    else:
        item["pricing"] = {
            "billable": True,
            "pricing_model": "PMP",
            "type": "regular",
            "category": "marketing",
        }
        value["contacts"] = [CONTACT]
    return change({**value, "statuses": [{**item, **parts}]})


def preference(value: str = "stop") -> dict[str, Any]:
    item = {
        "wa_id": WA_ID,
        "user_id": BSUID,
        "value": value,
        "detail": "User requested",
        "category": "marketing_messages",
        "timestamp": "1764000000",
    }
    parts = {"metadata": METADATA, "contacts": [CONTACT], "user_preferences": [item]}
    return change(parts, "user_preferences")
