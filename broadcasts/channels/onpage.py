"""What was done on a page of ours, on its way through the journal.

Owns: its form in JSON. Never: a page, a table. Used by the channels that have pages.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from broadcasts.channels.base import Address, MessageIn, OnPage, Way
from broadcasts.channels.pages import LONGEST_CALLED

KEY = "page"
MOST_CHOSEN = 200
LONGEST = 200
"""Signs of any other word in it."""


def entry(said: OnPage) -> bytes:
    """One body for the journal. Its id is random: pressing twice is doing it twice."""
    body = {
        "id": secrets.token_hex(16),
        "address": said.address.bsuid,
        "way": str(said.way),
        "at": said.at.isoformat(),
        "button": said.button,
        "label": said.label,
        "language": said.language,
        "origin": said.origin,
        "called": said.called,
        "chosen": said.chosen,
    }
    return json.dumps({KEY: body}).encode()


def is_one(payload: Any) -> bool:
    return isinstance(payload, dict) and KEY in payload


def writers(payload: Any) -> set[str]:
    """Never raises."""
    try:
        address = payload[KEY]["address"]
    except (TypeError, KeyError, IndexError):
        return set()
    return {address} if _is_word(address) else set()


def _is_word(text: Any) -> bool:
    return isinstance(text, str) and bool(text) and len(text.split()) == 1


def read(payload: Mapping[str, Any], kind: str, account: str) -> MessageIn:
    """Raises TypeError, KeyError, ValueError for what is none."""
    body = payload[KEY]
    way, at = Way(body["way"]), datetime.fromisoformat(body["at"])
    if way is Way.CHAT or at.tzinfo is None or not _is_word(body["address"]):
        raise ValueError("not done on a page")
    called = body["called"]
    # What was pressed before an update says nothing of it.
    chosen = body.get("chosen")
    button = _text(body["button"])
    return MessageIn(
        id=f"{kind}.{_text(body['id'])}",
        account=account,
        sender=Address(bsuid=body["address"]),
        at=at,
        text=_text(body["label"]),
        button=button or None,
        kind="button" if button else "details",
        language=_text(body["language"]),
        origin=_text(body["origin"]),
        way=way,
        called=None if called is None else _text(called)[:LONGEST_CALLED],
        chosen=None if chosen is None else tuple(_text(name) for name in chosen[:MOST_CHOSEN]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError("no text")
    return value
