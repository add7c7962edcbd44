"""A POST of a conversation's events, and whose own words it holds.

Owns: what must be known before a body is stored; the signature is channels/signature. Never: a
table, or what an event means (receive).
"""

from collections.abc import Iterator
from typing import Any

OWN = ("message", "postback", "reaction", "referral")
"""What a person does; deliveries and reads only name them."""

MOST_DIGITS = 25


def events(payload: Any, object: str) -> Iterator[tuple[str, Any]]:
    """(account, event) of every entry, in order; what is no such event comes with account ""."""
    if not isinstance(payload, dict) or not isinstance(payload.get("entry"), list):
        yield "", payload
        return
    for entry in payload["entry"]:
        held = entry.get("messaging") if isinstance(entry, dict) else None
        if payload.get("object") != object or not isinstance(held, list):
            yield "", entry
            continue
        for event in held:
            yield str(entry.get("id")), event


def writers(payload: Any, object: str) -> set[str]:
    """Ids of everybody whose own message, tap or reaction this body holds; never raises."""
    found = set()
    for _, event in events(payload, object):
        try:
            if any(kind in event for kind in OWN) and not is_echo(event):
                found.add(identified(event["sender"]["id"]))
        except (TypeError, KeyError, ValueError):
            continue
    return found


def is_echo(event: Any) -> bool:
    """A copy of what was written to somebody, by us or by hand in Meta's own inbox."""
    message = event.get("message")
    return isinstance(message, dict) and bool(message.get("is_echo") or message.get("is_self"))


def identified(id: Any) -> str:
    """A person's id as we keep it. Raises ValueError for what is none."""
    if not isinstance(id, str) or not id.isascii() or not id.isdigit() or len(id) > MOST_DIGITS:
        raise ValueError("no person's id")
    return id
