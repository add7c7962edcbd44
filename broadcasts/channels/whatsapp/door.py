"""Whose messages a body at WhatsApp's webhook holds.

Owns: what must be known before a body is stored; the signature is Meta's (channels/signature).
Never: pywa (the web process does without it), a table, or what a message means (receive).
"""

from typing import Any

from broadcasts.channels.whatsapp.split import Item, split


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
