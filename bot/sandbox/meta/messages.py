"""POST /messages: from a request to an accepted message, or Meta's error.

Owns: the order in which Meta checks (developers.facebook.com/documentation/business-messaging/
messenger-platform/reference/send-api). Never: HTTP (api), what comes back (webhooks).
"""

from typing import Any

from bot.sandbox.meta.manners import MetaError
from bot.sandbox.meta.world import HUMAN_WINDOW, MetaPerson, MetaWorld
from bot.sandbox.world import Bubble

TYPES = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG"})
NOTIFICATIONS = frozenset({"REGULAR", "SILENT_PUSH", "NO_PUSH"})
MOST_REPLIES, LONGEST_TITLE, LONGEST_PAYLOAD = 13, 20, 1000


def accept(world: MetaWorld, request: dict[str, Any]) -> tuple[MetaPerson, Bubble]:
    """Raises MetaError."""
    if world.refuse:
        raise MetaError(*world.refuse.popleft())
    if world.account_error is not None:
        raise MetaError(*world.account_error)
    world.take()
    tag = _manner(world, request)
    message = request.get("message")
    if not isinstance(message, dict):
        raise MetaError(100, None, "message is required")
    bubble = _read(world, message)
    bubble.silent = request.get("notification_type") in ("SILENT_PUSH", "NO_PUSH")
    bubble.category = tag
    person = world.find(str((request.get("recipient") or {}).get("id") or ""))
    _check_window(world, person, tag)
    _remember(world, person, bubble)
    return person, bubble


def _manner(world: MetaWorld, request: dict[str, Any]) -> str:
    """The tag, or ""."""
    kind, tag = request.get("messaging_type"), request.get("tag")
    if kind is None and world.manners.needs_type:
        raise MetaError(100, None, "messaging_type is required")
    if kind is not None and kind not in TYPES:
        raise MetaError(100, None, "messaging_type is unknown")
    if (kind == "MESSAGE_TAG") != (tag is not None):
        raise MetaError(100, None, "a tag needs MESSAGE_TAG, and the other way round")
    if tag not in (None, "HUMAN_AGENT"):
        # Gone since 27 April 2026.
        raise MetaError(100, None, "tag is deprecated")
    if tag and not world.human_agent:
        raise MetaError(10, None, "the app has no Human Agent")
    notification = request.get("notification_type")
    known = NOTIFICATIONS if world.manners.knows_silence else ()
    if notification is not None and notification not in known:
        raise MetaError(100, None, "notification_type is unknown")
    return str(tag or "")


def _check_window(world: MetaWorld, person: MetaPerson, tag: str) -> None:
    closes = person.acted_at + HUMAN_WINDOW if tag else world.window_closes(person)
    if closes <= world.now():
        raise MetaError(*world.manners.outside)


def _read(world: MetaWorld, message: dict[str, Any]) -> Bubble:
    bubble = Bubble(world.mid(), "", False, world.now(), "text", status="sent")
    text, attachment = message.get("text"), message.get("attachment")
    if (text is None) == (attachment is None):
        raise MetaError(100, None, "either text or attachment")
    if text is not None:
        if not isinstance(text, str) or not text.strip():
            raise MetaError(100, None, "text is empty")
        if not world.manners.fits(text):
            raise MetaError(100, None, "text is too long")
        bubble.body = text
    else:
        bubble.kind, bubble.picture = "image", _picture(world, attachment)
    bubble.buttons = _replies(message.get("quick_replies"))
    return bubble


def _picture(world: MetaWorld, attachment: Any) -> str:
    try:
        payload = attachment["payload"]
        if attachment["type"] != "image":
            raise MetaError(100, None, "attachment: only images here")
        url, id = payload.get("url"), payload.get("attachment_id")
    except (KeyError, TypeError, AttributeError):
        raise MetaError(100, None, "attachment cannot be read") from None
    if isinstance(url, str) and url.startswith("https://"):
        return url
    if not isinstance(id, str) or id not in world.files:
        raise MetaError(100, 2018074, "attachment is not known")
    return id


def _replies(rows: Any) -> list[dict[str, str]]:
    if rows is None:
        return []
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_REPLIES:
        raise MetaError(100, None, f"1 to {MOST_REPLIES} quick replies")
    found = []
    for row in rows:
        if not isinstance(row, dict) or row.get("content_type") != "text":
            raise MetaError(100, None, "quick reply: content_type must be text")
        title, payload = str(row.get("title") or ""), str(row.get("payload") or "")
        if not 0 < len(title) <= LONGEST_TITLE or not 0 < len(payload) <= LONGEST_PAYLOAD:
            raise MetaError(100, None, "quick reply: title of 1 to 20 signs, and a payload")
        found.append({"id": payload, "title": title})
    return found


def _remember(world: MetaWorld, person: MetaPerson, bubble: Bubble) -> None:
    world.accepted[person.id] += 1
    world.show(person, bubble)
    if world.settings.keep_messages:
        world.log.append(
            {
                "address": person.id,
                "at": bubble.at,
                "kind": bubble.kind,
                "body": bubble.body,
                "tag": bubble.category,
                "silent": bubble.silent,
                "buttons": bubble.buttons,
                "picture": bubble.picture,
                "id": bubble.id,
            }
        )
