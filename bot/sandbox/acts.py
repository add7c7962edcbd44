"""What a citizen does with the phone, and the webhook it makes.

Owns: inbound shapes. Never: what the city answers. Called by tests and by the phone page.
"""

import base64
import hashlib
from typing import Any

from bot.sandbox.attachments import photograph
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Bubble, Person, World


def _send(
    world: World,
    webhooks: Webhooks,
    person: Person,
    phone_id: str,
    content: dict[str, Any],
    bubble: Bubble,
    at: float | None = None,
) -> str:
    now = world.now() if at is None else at
    bubble.at = now
    person.wrote_at[phone_id] = max(now, person.wrote_at.get(phone_id, 0.0))
    world.meters[phone_id].add(world.now())
    world.show(person, bubble)
    message = {"id": bubble.id, "timestamp": str(int(now)), **content, **names(person)}
    webhooks.tell(phone_id, "messages", message, webhooks.contact(person))
    return bubble.id


def names(person: Person) -> dict[str, str]:
    """How a message names its writer."""
    found = {}
    if person.shape in ("phone", "both"):
        found["from"] = person.wa_id
    if person.shape in ("bsuid", "both"):
        found["from_user_id"] = person.bsuid
    return found


def _bubble(world: World, person: Person, phone_id: str, kind: str, body: str) -> Bubble:
    return Bubble(world.wamid(person.wa_id), phone_id, True, world.now(), kind, body)


def text(
    world: World,
    webhooks: Webhooks,
    person: Person,
    phone_id: str,
    body: str,
    *,
    at: float | None = None,
) -> str:
    content = {"type": "text", "text": {"body": body}}
    bubble = _bubble(world, person, phone_id, "text", body)
    return _send(world, webhooks, person, phone_id, content, bubble, at)


def tap(world: World, webhooks: Webhooks, person: Person, phone_id: str, choice: str) -> str:
    """Taps the newest button with this label or id. LookupError when there is none."""
    for bubble in reversed(person.screen):
        for button in bubble.buttons:
            if choice in (button["id"], button["title"]):
                mine = _bubble(world, person, phone_id, "button", button["title"])
                return _send(world, webhooks, person, phone_id, _tapped(bubble, button), mine)
    raise LookupError(f"no button {choice!r}")


def _tapped(bubble: Bubble, button: dict[str, str]) -> dict[str, Any]:
    context = {"context": {"id": bubble.id}}
    if bubble.template:
        reply = {"text": button["title"], "payload": button["id"]}
        return {**context, "type": "button", "button": reply}
    kind = "list_reply" if bubble.is_list else "button_reply"
    interactive = {"type": kind, kind: dict(button)}
    return {**context, "type": "interactive", "interactive": interactive}


def image(world: World, webhooks: Webhooks, person: Person, phone_id: str, caption: str) -> str:
    media = world.next_id() + "11111111"
    content = photograph()
    world.media[media] = (content, "image/jpeg", world.now())
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    part = {"id": media, "mime_type": "image/jpeg", "sha256": digest} | (
        {"caption": caption} if caption else {}
    )
    bubble = _bubble(world, person, phone_id, "image", caption)
    bubble.picture = media
    message = {"type": "image", "image": part}
    return _send(world, webhooks, person, phone_id, message, bubble)


def voice(world: World, webhooks: Webhooks, person: Person, phone_id: str) -> str:
    part = {"id": world.next_id() + "11111111", "mime_type": "audio/ogg; codecs=opus"}
    bubble = _bubble(world, person, phone_id, "audio", "🎤 Sprachnachricht")
    content = {"type": "audio", "audio": {**part, "sha256": "x", "voice": True}}
    return _send(world, webhooks, person, phone_id, content, bubble)


def react(world: World, webhooks: Webhooks, person: Person, phone_id: str, emoji: str) -> str:
    last = next((b.id for b in reversed(person.screen) if not b.mine), "wamid.none")
    content = {"type": "reaction", "reaction": {"message_id": last, "emoji": emoji}}
    bubble = _bubble(world, person, phone_id, "reaction", emoji)
    return _send(world, webhooks, person, phone_id, content, bubble)


def preference(
    world: World, webhooks: Webhooks, person: Person, phone_id: str, *, resume: bool
) -> str:
    """The platform's own switch for marketing messages."""
    person.no_marketing = not resume
    value = "resume" if resume else "stop"
    item: dict[str, Any] = {
        "value": value,
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "timestamp": str(int(world.now())),
    }
    if person.shape in ("phone", "both"):
        item["wa_id"] = person.wa_id
    if person.shape in ("bsuid", "both"):
        item["user_id"] = person.bsuid
    webhooks.tell(phone_id, "user_preferences", item, webhooks.contact(person))
    return value


def change_number(
    world: World, webhooks: Webhooks, person: Person, phone_id: str, number: str
) -> str:
    """A new number; the system message links old and new and brings no contact."""
    old, new = person.wa_id, "".join(sign for sign in number if sign.isdigit())
    item = {
        "id": world.wamid(old),
        "timestamp": str(int(world.now())),
        "from": old,
        "type": "system",
        "system": {"type": "user_changed_number", "wa_id": new, "body": "changed number"},
    }
    person.wa_id = new
    world.people[new] = world.people.pop(old)
    webhooks.tell(phone_id, "messages", item)
    return new
