"""What comes in from WhatsApp: bodies → neutral events.

Owns: reading Meta's webhooks with pywa's typed updates (no dispatcher: it drops all but the first
item). Never: a table; an exception out of `parse` (what cannot be understood is `Strange`).
"""

import hashlib
import logging
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pywa.client import WhatsApp
from pywa.errors import PywaWarning
from pywa.types.callback import CallbackButton, CallbackSelection
from pywa.types.message import Message
from pywa.types.message_status import MessageStatus
from pywa.types.system import PhoneNumberChange
from pywa.types.user_preferences import UserMarketingPreferences

from broadcasts import clock
from broadcasts.channels.base import (
    Address,
    AddressChanged,
    Event,
    MessageIn,
    PreferenceIn,
    Receipt,
    StatusIn,
    Strange,
)
from broadcasts.channels.whatsapp import errors, notices
from broadcasts.channels.whatsapp.address import is_bsuid
from broadcasts.channels.whatsapp.split import Item, Misshapen, ids, split

log = logging.getLogger(__name__)
warnings.filterwarnings("ignore", category=PywaWarning)

FUTURE = timedelta(days=1)
"""A message from later than this is no message: some clock is wrong, and a window would never
close."""

_CLIENT = WhatsApp()
"""Only to build typed updates; it has no token, opens no connection, and starts no server."""


def parse(payload: Any, accounts: Collection[str]) -> Iterator[Event]:
    """Neutral events in order; one for each item at least, whatever it looks like."""
    for item in split(payload):
        if isinstance(item, Misshapen):
            yield Strange("unreadable", {"item": item.raw})
            continue
        try:
            yield from _read(item, accounts)
        except Exception as error:
            # pywa raises whatever it stumbles on; the item is kept and the next one read.
            log.warning("unreadable field=%s error=%s", item.field[:40], type(error).__name__)
            yield Strange("unreadable", item.payload)


def _read(item: Item, accounts: Collection[str]) -> Iterable[Event]:
    metadata = item.value.get("metadata")
    account = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    if account is not None and account not in accounts:
        return [Strange("other_number", item.payload)]
    reader = _READERS.get((item.field, item.kind)) or _READERS.get((item.field, "*"))
    if reader is None:
        return [Strange("unknown_field", item.payload)]
    event = reader(item)
    return [] if event is None else [event]


# ------------------------------------------------------------------ messages


def _message(item: Item) -> Event | None:
    message = item.item
    kind = message["type"]
    if kind == "system":
        return _system(item)
    if kind == "button" or (kind == "interactive" and "button_reply" in message["interactive"]):
        tap = CallbackButton.from_update(_CLIENT, item.raw_update)
        return _incoming(tap, "button", text=tap.title, button=str(tap.data))
    if kind == "interactive" and "list_reply" in message["interactive"]:
        message.setdefault("context", {"id": "", "from": ""})
        choice = CallbackSelection.from_update(_CLIENT, item.raw_update)
        return _incoming(choice, "button", text=choice.title, button=str(choice.data))
    if kind in ("edit", "revoke"):
        # A changed or withdrawn message is no new command.
        return Strange("edited", {"type": kind})
    update = Message.from_update(_CLIENT, item.raw_update)
    media = update.media
    return _incoming(
        update,
        kind if kind in _KINDS else "other",
        text=_storable(update.text or update.caption or ""),
        media=media.id if media else None,
    )


_KINDS = frozenset(
    {
        "text",
        "image",
        "audio",
        "video",
        "document",
        "sticker",
        "location",
        "reaction",
        "contacts",
    }
)


def _incoming(update: Any, kind: str, **more: Any) -> MessageIn:
    return MessageIn(
        id=update.id,
        account=update.metadata.phone_number_id,
        sender=_address(update.from_user),
        at=_moment(update.timestamp),
        kind=kind,
        **more,
    )


def _storable(text: str) -> str:
    """Half a character (a lone surrogate) and NUL can be sent, but not stored."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _address(user: Any) -> Address:
    address = Address(user.wa_id or None, user.bsuid or None)
    if not address:
        raise ValueError("nobody is named")
    return address


def _moment(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    if at > clock.now() + FUTURE:
        raise ValueError("from the future")
    return at


def _system(item: Item) -> Event:
    """A changed number or user id: the event itself links old and new."""
    message = item.item
    change = message["system"]
    if change["type"] == "user_changed_user_id":
        old = Address(*ids(message))
        new = Address(change.get("wa_id"), change["user_id"])
    else:
        message.setdefault("from", change.get("customer"))
        change.setdefault("body", "")
        update = PhoneNumberChange.from_update(_CLIENT, item.raw_update)
        if not update.new_wa_id:
            return Strange("unknown_system_message", item.payload)
        old = Address(*_sorted(update.old_wa_id, message.get("from_user_id")))
        new = Address(update.new_wa_id, update.new_user_id)
    return AddressChanged(
        id=message["id"],
        account=item.value["metadata"]["phone_number_id"],
        old=old,
        new=new,
        at=_timestamp(message["timestamp"]),
    )


def _sorted(phone: str | None, bsuid: str | None) -> tuple[str | None, str | None]:
    return (None, bsuid or phone) if phone and is_bsuid(phone) else (phone, bsuid)


def _timestamp(text: Any) -> datetime:
    return _moment(datetime.fromtimestamp(int(text), UTC))


def _user_id(item: Item) -> AddressChanged:
    """Field `user_id_update`: `previous` and `current`, as text or with names inside."""
    update = item.item
    old, new = (_inner_id(update.get(name)) for name in ("previous", "current"))
    if not (old and new):
        nested = update.get("user_id") or {}
        old, new = _inner_id(nested.get("previous")), _inner_id(nested.get("current"))
    if not (old and new):
        raise ValueError("names no two ids")
    at = _timestamp(update.get("timestamp") or item.payload["entry"][0]["time"])
    return AddressChanged(
        id=_made_id("user_id", old, new),
        account=item.value["metadata"]["phone_number_id"],
        old=Address(update.get("wa_id"), old),
        new=Address(update.get("wa_id"), new),
        at=at,
    )


def _inner_id(part: Any) -> str | None:
    if isinstance(part, dict):
        part = part.get("user_id")
    return part if isinstance(part, str) else None


def _preference(item: Item) -> Event:
    update = UserMarketingPreferences.from_update(_CLIENT, item.raw_update)
    value = str(item.item["value"]).lower()
    if value not in ("stop", "resume"):
        return Strange("unknown_preference", item.payload)
    sender, at = _address(update.from_user), _moment(update.timestamp)
    return PreferenceIn(
        id=_made_id("preference", sender.wa_id, sender.bsuid, at.isoformat(), value),
        account=update.metadata.phone_number_id,
        sender=sender,
        at=at,
        wants_digests=value == "resume",
    )


def _made_id(*parts: str | None) -> str:
    """For what has no id of its own: the same event has the same one when it comes again."""
    return hashlib.sha256("|".join(part or "" for part in parts).encode()).hexdigest()


# ------------------------------------------------------------------ statuses

_RECEIPTS: Mapping[str, Receipt] = {
    "sent": Receipt.SENT,
    "delivered": Receipt.DELIVERED,
    "read": Receipt.READ,
    # Voice messages only: heard is more than read.
    "played": Receipt.READ,
    "failed": Receipt.FAILED,
}


def _status(item: Item) -> Event:
    receipt = _RECEIPTS.get(item.item["status"])
    if receipt is None:
        return Strange("unknown_status", item.payload)
    update = MessageStatus.from_update(_CLIENT, item.raw_update)
    pricing, error = update.pricing, update.error
    return StatusIn(
        account=update.metadata.phone_number_id,
        provider_id=update.id,
        tracker=update.tracker,
        receipt=receipt,
        at=_moment(update.timestamp),
        outcome=errors.outcome(error.code if error else 131000)
        if receipt is Receipt.FAILED
        else None,
        code=str(error.code) if error else None,
        billable=pricing.billable if pricing else None,
        category=str(pricing.category.value)[:30] if pricing else None,
    )


_READERS: Mapping[tuple[str, str], Callable[[Item], Event | None]] = {
    ("messages", "messages"): _message,
    ("messages", "statuses"): _status,
    ("messages", "errors"): notices.system_error,
    ("user_preferences", "user_preferences"): _preference,
    ("messages", "user_preferences"): _preference,
    ("user_id_update", "user_id_update"): _user_id,
    ("message_template_status_update", "*"): notices.template_status,
    ("message_template_quality_update", "*"): notices.template_quality,
    ("template_category_update", "*"): notices.template_category,
    ("account_update", "*"): notices.account_update,
    ("account_alerts", "*"): notices.account_alert,
    ("phone_number_quality_update", "*"): notices.number_quality,
    ("business_capability_update", "*"): notices.capability,
}
"""(webhook field, list) → how it is read."""
