"""A POST's body → one-item payloads that pywa can read.

Owns: splitting batches and mending shapes on which pywa stumbles (whatsapp.md §1). Never: reads
what an item means (receive).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from broadcasts.channels.whatsapp.address import is_bsuid

LISTS = ("messages", "statuses", "user_preferences", "user_id_update", "errors")
"""Names under which the field `messages` and its neighbours hold several items."""


@dataclass(frozen=True)
class Item:
    """One item of a batch."""

    field: str
    """The webhook field."""
    kind: str
    """One of LISTS, or "value" where the value itself is the item."""
    payload: dict[str, Any]
    """As if the item had come alone."""

    @property
    def value(self) -> dict[str, Any]:
        found: dict[str, Any] = self.payload["entry"][0]["changes"][0]["value"]
        return found

    @property
    def raw_update(self) -> Any:
        """The payload as pywa's constructors take it."""
        return self.payload

    @property
    def item(self) -> Any:
        return self.value[self.kind][0] if self.kind != "value" else self.value


@dataclass(frozen=True)
class Misshapen:
    """What is not even a batch."""

    raw: Any


def split(payload: Any) -> Iterator[Item | Misshapen]:
    """Every item of every change of every entry, in order; what has no shape comes as it is."""
    if not isinstance(payload, dict) or not isinstance(payload.get("entry"), list):
        yield Misshapen(payload)
        return
    for entry in payload["entry"]:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list):
            yield Misshapen(entry)
            continue
        for change in changes:
            yield from _split_change(payload, entry, change)


def _split_change(payload: Any, entry: Any, change: Any) -> Iterator[Item | Misshapen]:
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        yield Misshapen(change)
        return
    field = str(change.get("field"))
    found = False
    for kind in LISTS:
        items = value.get(kind)
        if not isinstance(items, list):
            continue
        found = True
        for item in items:
            mended = _mend(kind, item, value) if isinstance(item, dict) else None
            if mended is None:
                yield Misshapen({"field": field, kind: [item]})
            else:
                yield Item(field, kind, _alone(payload, entry, field, mended))
    if not found:
        yield Item(field, "value", _alone(payload, entry, field, value))


def _alone(payload: Any, entry: Any, field: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "object": payload.get("object"),
        "entry": [
            {
                "id": entry.get("id"),
                "time": entry.get("time", 0),
                "changes": [{"field": field, "value": value}],
            }
        ],
    }


def _mend(kind: str, item: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """The value with this item alone and with exactly the contact that belongs to it."""
    rest = {name: part for name, part in value.items() if name not in (*LISTS, "contacts")}
    if kind == "errors":
        return {**rest, "errors": [item]}
    return {**rest, kind: [item], "contacts": [_contact(item, value)]}


def _contact(item: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """The matching contact, by either id and never by position; made up where it is missing.

    pywa needs one with `user_id`; Meta leaves it out of failed statuses and of older shapes.
    """
    wa_id, bsuid = ids(item)
    contacts = value.get("contacts")
    for contact in contacts if isinstance(contacts, list) else ():
        if not isinstance(contact, dict):
            continue
        if (wa_id and contact.get("wa_id") == wa_id) or (bsuid and contact.get("user_id") == bsuid):
            return {
                "wa_id": _text(contact.get("wa_id")) or wa_id,
                "user_id": _text(contact.get("user_id")) or bsuid,
                # The name is not ours to keep (data minimisation).
                "profile": {},
            }
    return {"wa_id": wa_id, "user_id": bsuid, "profile": {}}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def ids(item: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """(phone number, BSUID) that an item names. A BSUID has been seen in `from` too."""
    phone = _first(item, "from", "recipient_id", "wa_id")
    bsuid = _first(item, "from_user_id", "recipient_user_id", "user_id")
    if phone is not None and is_bsuid(phone):
        return None, bsuid or phone
    return phone, bsuid


def _first(item: Mapping[str, Any], *names: str) -> str | None:
    return next((text for name in names if (text := _text(item.get(name)))), None)
