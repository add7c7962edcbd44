"""What comes in from Telegram: updates → neutral events.

Owns: reading updates (core.telegram.org/bots/api#update). Never: a table; an exception out of
`parse`; keeps a name. What cannot be understood is `Strange`, without the person's names.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from broadcasts import clock
from broadcasts.channels.base import Address, Event, MessageIn, PreferenceIn, Strange
from broadcasts.channels.telegram.door import identified, updates

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
"""So long Telegram keeps what it cannot hand over (core.telegram.org/bots/api#getting-updates)."""

FUTURE = timedelta(days=1)
"""A message from later than this is no message: some clock is wrong."""

NAMES = frozenset(
    {"first_name", "last_name", "username", "title", "phone_number", "vcard", "author_signature"}
    # Of somebody whose message was forwarded.
    | {"sender_user_name", "forward_sender_name", "forward_signature"}
)
"""Never kept, not even of what could not be read."""

COMMANDS: Mapping[str, str] = {
    "/start": "Start",
    "/stop": "Stop",
    "/stopp": "Stopp",
    "/loeschen": "Alle Daten löschen",
    "/notfaelle": "Nur Notfälle",
}
"""Telegram's commands know only a-z: these say what the plain words say. Others (/hilfe) are read
as words by bot/keywords."""

HARMLESS = re.compile(r"[A-Za-z][A-Za-z_-]{0,30}\d{0,3}")
"""What a link's payload must be like to be kept: a poster's name, no number and no token."""

CODE = re.compile(r"(?=[A-Z]*[0-9])(?:[A-Z0-9]{7}|[A-Z0-9]{10})")
"""What our own links carry: one person's code for linking two channels. It is for the conversation
to read, and is never kept."""


def parse(payload: Any, account: str) -> Iterator[Event]:
    """Neutral events in order; one for each update, whatever it looks like."""
    for update in updates(payload):
        try:
            yield _read(update, account)
        except Exception as error:
            # Whatever it is; it is kept, and the next one read.
            log.warning("unreadable update error=%s", type(error).__name__)
            yield Strange("unreadable", {"update": nameless(update)})


def _read(update: Any, account: str) -> Event:
    for kind, reader in _READERS.items():
        if kind in update:
            return reader(update[kind], account)
    kinds = sorted(key for key in map(str, update) if key != "update_id")
    if not kinds:
        raise ValueError("nothing in it")
    # An edited message is no new command; channels and groups are not asked for.
    reason = "edited" if kinds[0].startswith("edited_") else "unknown_field"
    return Strange(reason, {"kind": kinds[0][:40]})


def nameless(part: Any) -> Any:
    """The same without whoever is named in it."""
    if isinstance(part, dict):
        return {key: nameless(value) for key, value in part.items() if key not in NAMES}
    if isinstance(part, list):
        return [nameless(value) for value in part]
    return part


# ------------------------------------------------------------------ messages


def _message(message: Any, account: str) -> Event:
    sender = message["from"]
    if message["chat"]["type"] != "private" or sender.get("is_bot"):
        return Strange("not_private", {"type": str(message["chat"]["type"])[:40]})
    person = identified(sender["id"])
    number = message["message_id"]
    if not isinstance(number, int):
        raise ValueError("no message id")
    kind, media = _kind(message)
    text, origin = _command(str(message.get("text") or message.get("caption") or ""))
    return MessageIn(
        id=f"telegram.{person}.{number}",
        account=account,
        sender=Address(bsuid=person),
        at=_moment(message["date"]),
        text=_storable(text),
        kind=kind,
        media=media,
        language=_language(sender),
        origin=origin,
    )


def _command(text: str) -> tuple[str, str]:
    """(the plain words, by which link they came): `/start rathaus` is "Start"."""
    if not text.startswith("/"):
        return text, ""
    word, _, rest = text.partition(" ")
    name = word.split("@")[0].lower()
    if name != "/start":
        return COMMANDS.get(name, name) + (f" {rest}" if rest else ""), ""
    payload = rest.strip()
    if CODE.fullmatch(payload):
        # Typed in by a link of ours: it says who they are on another channel.
        return f"{COMMANDS[name]} {payload}", ""
    return COMMANDS[name], payload if HARMLESS.fullmatch(payload) else ""


def _largest(sizes: Any) -> str:
    return str(max(sizes, key=lambda size: size["width"] * size["height"])["file_id"])


_KINDS: Sequence[tuple[str, str, Callable[[Any], str | None]]] = (
    ("text", "text", lambda part: None),
    ("photo", "image", _largest),
    ("voice", "audio", lambda part: str(part["file_id"])),
    ("audio", "audio", lambda part: str(part["file_id"])),
    ("video", "video", lambda part: str(part["file_id"])),
    ("video_note", "video", lambda part: str(part["file_id"])),
    ("animation", "video", lambda part: str(part["file_id"])),
    ("document", "document", lambda part: str(part["file_id"])),
    ("sticker", "sticker", lambda part: None),
    ("location", "location", lambda part: None),
    ("venue", "location", lambda part: None),
    ("contact", "contacts", lambda part: None),
)
"""Part of a message → (our kind, where its file is named)."""


def _kind(message: Mapping[str, Any]) -> tuple[str, str | None]:
    for name, kind, media in _KINDS:
        if name in message:
            return kind, media(message[name])
    return "other", None


def _tap(query: Any, account: str) -> Event:
    person, now = identified(query["from"]["id"]), clock.now()
    return MessageIn(
        id=f"telegram.tap.{query['id']}",
        account=account,
        sender=Address(bsuid=person),
        # A tap has no time of its own: it came after its question, and may have waited.
        at=now,
        not_before=min(max(_asked_at(query), now - KEPT), now),
        text=_storable(_label(query)),
        button=str(query["data"]),
        kind="button",
        language=_language(query["from"]),
        tap=str(query["id"]),
    )


def _asked_at(query: Any) -> datetime:
    """When the message with the button was sent; of an old one its date is 0."""
    return _moment((query.get("message") or {}).get("date") or 0)


def _label(query: Any) -> str:
    """What stood on the button; an old message is no longer told."""
    message = query.get("message") or {}
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    buttons = [button for row in rows for button in row]
    return next((str(b["text"]) for b in buttons if b.get("callback_data") == query["data"]), "")


def _membership(change: Any, account: str) -> Event:
    """Comes in a private chat only when somebody blocks us or takes it back."""
    if change["chat"]["type"] != "private":
        return Strange("not_private", {"type": str(change["chat"]["type"])[:40]})
    person, at = identified(change["from"]["id"]), _moment(change["date"])
    if change["new_chat_member"]["status"] not in ("kicked", "left"):
        # Having blocked us no longer is no wish for messages.
        return Strange("unblocked", {})
    return PreferenceIn(
        id=f"telegram.blocked.{person}.{int(at.timestamp())}",
        account=account,
        sender=Address(bsuid=person),
        at=at,
        wants_digests=False,
        wants_alerts=False,
    )


_READERS: Mapping[str, Callable[[Any, str], Event]] = {
    "message": _message,
    "callback_query": _tap,
    "my_chat_member": _membership,
}

ALLOWED_UPDATES = list(_READERS)
"""What Telegram is asked for."""


def _language(sender: Mapping[str, Any]) -> str:
    """`de` of `de-AT`; a guess of the app's, not the person's word."""
    return str(sender.get("language_code") or "")[:2].lower()


def _moment(seconds: Any) -> datetime:
    at = datetime.fromtimestamp(int(seconds), UTC)
    if at > clock.now() + FUTURE:
        raise ValueError("from the future")
    return at


def _storable(text: str) -> str:
    """Half a character (a lone surrogate) and NUL can be sent, but not stored."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
