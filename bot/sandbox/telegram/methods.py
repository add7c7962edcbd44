"""What each method of the Bot API takes, and what it refuses: core.telegram.org/bots/api.

Owns: the order in which Telegram checks. Never: HTTP (api), what comes in (updates).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.telegram import markup
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.world import BotError, TelegramPerson, TelegramWorld
from bot.sandbox.world import Bubble

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
LARGEST_PHOTO = 10 * 1024 * 1024
LONGEST_DATA = 64
"""Bytes of a button's callback_data."""
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost):\d+/")
"""The only difference to Telegram, which wants https."""

Parameters = Mapping[str, Any]
"""Name → text, or what JSON has; a file is bytes."""


def recipient(world: TelegramWorld, parameters: Parameters) -> TelegramPerson:
    """Raises BotError 400 for nobody known, 403 for who wants nothing."""
    try:
        id = int(str(parameters["chat_id"]))
    except KeyError:
        raise BotError(400, "Bad Request: chat_id is empty") from None
    except ValueError:
        raise BotError(400, "Bad Request: chat not found") from None
    person = world.person(id) if world.settings.everybody_exists else world.people.get(id)
    if person is None or not person.started:
        raise BotError(400, "Bad Request: chat not found")
    if person.blocked:
        raise BotError(403, "Forbidden: bot was blocked by the user")
    if person.deactivated:
        raise BotError(403, "Forbidden: user is deactivated")
    return person


def send_message(world: TelegramWorld, updates: Updates, parameters: Parameters) -> dict[str, Any]:
    person = recipient(world, parameters)
    raw = str(parameters.get("text") or "")
    plain, shown = markup.read(raw, str(parameters.get("parse_mode") or ""))
    if not plain.strip():
        raise BotError(400, "Bad Request: message text is empty")
    if markup.size(plain) > LONGEST_TEXT:
        raise BotError(400, "Bad Request: message is too long")
    bubble = _bubble(world, "text", shown, parameters)
    return _accept(world, person, bubble, raw, parameters) | {"text": plain}


def send_photo(world: TelegramWorld, updates: Updates, parameters: Parameters) -> dict[str, Any]:
    person = recipient(world, parameters)
    raw = str(parameters.get("caption") or "")
    plain, shown = markup.read(raw, str(parameters.get("parse_mode") or ""))
    if markup.size(plain) > LONGEST_CAPTION:
        raise BotError(400, "Bad Request: message caption is too long")
    file_id = _photo(world, parameters.get("photo"))
    bubble = _bubble(world, "image", shown, parameters)
    bubble.picture = file_id
    sizes = [
        {"file_id": f"{file_id}s", "file_unique_id": "s", "width": 90, "height": 67},
        {"file_id": file_id, "file_unique_id": "l", "width": 800, "height": 600},
    ]
    return _accept(world, person, bubble, raw, parameters) | {"photo": sizes, "caption": plain}


def _photo(world: TelegramWorld, photo: Any) -> str:
    """The file's id; a new file gets one."""
    if isinstance(photo, bytes):
        if len(photo) > LARGEST_PHOTO:
            raise BotError(413, "Request Entity Too Large")
        if not photo.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            raise BotError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        file_id = f"AgACAgIAAx{world.next_id():012d}"
        world.files[file_id] = photo
        return file_id
    if str(photo or "") not in world.files:
        raise BotError(400, "Bad Request: wrong file identifier/HTTP URL specified")
    return str(photo)


def _bubble(world: TelegramWorld, kind: str, body: str, parameters: Parameters) -> Bubble:
    bubble = Bubble(str(world.next_id()), "", False, world.now(), kind, body, status="sent")
    bubble.buttons = _buttons(parameters.get("reply_markup"))
    bubble.silent = str(parameters.get("disable_notification") or "").lower() == "true"
    return bubble


def _buttons(raw: Any) -> list[dict[str, str]]:
    if not raw:
        return []
    try:
        rows = (json.loads(raw) if isinstance(raw, str) else raw)["inline_keyboard"]
        found = [{"id": b["callback_data"], "title": b["text"]} for row in rows for b in row]
    except (ValueError, KeyError, TypeError):
        raise BotError(400, "Bad Request: can't parse reply keyboard markup") from None
    for button in found:
        if not 0 < len(button["id"].encode()) <= LONGEST_DATA:
            raise BotError(400, "Bad Request: BUTTON_DATA_INVALID")
        if not button["title"]:
            raise BotError(400, "Bad Request: BUTTON_TEXT_INVALID")
    return found


def _accept(
    world: TelegramWorld,
    person: TelegramPerson,
    bubble: Bubble,
    raw: str,
    parameters: Parameters,
) -> dict[str, Any]:
    world.take(person)
    world.accepted[str(person.id)] += 1
    world.show(person, bubble)
    if world.settings.keep_messages:
        world.log.append(
            {
                "address": str(person.id),
                "at": bubble.at,
                "kind": bubble.kind,
                "body": bubble.body,
                "html": raw,
                "silent": bubble.silent,
                "buttons": bubble.buttons,
                "picture": bubble.picture,
                "id": bubble.id,
            }
        )
    return {
        "message_id": int(bubble.id),
        "from": world.bot(),
        "chat": person.as_chat(),
        "date": int(bubble.at),
    }


# ------------------------------------------------------------------ beside messages


def get_me(world: TelegramWorld, updates: Updates, parameters: Parameters) -> dict[str, Any]:
    more = dict.fromkeys(("can_join_groups", "supports_inline_queries"), False)
    return {**world.bot(), **more, "can_read_all_group_messages": False}


def get_chat(world: TelegramWorld, updates: Updates, parameters: Parameters) -> dict[str, Any]:
    found = recipient(world, parameters).as_chat()
    return found | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": GIFTS}


GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"), True
) | {"gifts_from_channels": True}


def answer_tap(world: TelegramWorld, updates: Updates, parameters: Parameters) -> bool:
    query = str(parameters.get("callback_query_id") or "")
    if query not in world.queries:
        raise BotError(400, "Bad Request: query is too old and response timeout expired")
    world.queries[query] = True
    return True


def get_file(world: TelegramWorld, updates: Updates, parameters: Parameters) -> dict[str, Any]:
    file_id = str(parameters.get("file_id") or "")
    if file_id not in world.files:
        raise BotError(400, "Bad Request: invalid file_id")
    size = len(world.files[file_id])
    path = f"photos/{file_id}.jpg"
    return {"file_id": file_id, "file_unique_id": "u", "file_size": size, "file_path": path}


def set_webhook(world: TelegramWorld, updates: Updates, parameters: Parameters) -> bool:
    url, secret = str(parameters.get("url") or ""), str(parameters.get("secret_token") or "")
    if url and not (url.startswith("https://") or LOCAL.match(url)):
        raise BotError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        raise BotError(400, "Bad Request: secret token contains unallowed characters")
    allowed = parameters.get("allowed_updates")
    if allowed is not None:
        updates.allowed = json.loads(allowed) if isinstance(allowed, str) else list(allowed)
    updates.set_webhook(url, secret)
    return True


def delete_webhook(world: TelegramWorld, updates: Updates, parameters: Parameters) -> bool:
    updates.set_webhook("", "")
    return True


def webhook_info(world: TelegramWorld, updates: Updates, parameters: Parameters) -> dict[str, Any]:
    info: dict[str, Any] = {
        "url": updates.url,
        "has_custom_certificate": False,
        "pending_update_count": len(updates.pending),
        "max_connections": 40,
        "allowed_updates": updates.allowed,
    }
    if updates.last_error is not None:
        at, said = updates.last_error
        info |= {"last_error_date": int(at), "last_error_message": said}
    return info


METHODS: Mapping[str, Callable[[TelegramWorld, Updates, Parameters], Any]] = {
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "getme": get_me,
    "getchat": get_chat,
    "answercallbackquery": answer_tap,
    "getfile": get_file,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": webhook_info,
}
"""Names whatever their case; getUpdates waits, and is api's own."""

SENDING = frozenset({"sendmessage", "sendphoto"})
