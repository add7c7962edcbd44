"""POST /{number}/messages: from a request to an accepted message, or the provider's error.

Owns: the order in which the provider checks. Never: HTTP (graph) or webhooks (they are told by
the returned message). Everything here is quick and bounded, for benchmarks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox import templates
from bot.sandbox.rules import GraphError
from bot.sandbox.world import Bubble, Number, Person, World

MEDIA_LIFE = 30 * 86400


@dataclass(frozen=True)
class Accepted:
    """A message that the stand-in has taken."""

    bubble: Bubble
    person: Person | None
    address: str
    late_code: int | None
    """It will fail with this code; the sender only learns it by status."""
    billed: tuple[bool, str, str]
    """billable, type, category"""


def accept(world: World, number: Number, request: dict[str, Any]) -> Accepted:
    """Raises GraphError."""
    now = world.now()
    if request.get("messaging_product") != "whatsapp":
        raise GraphError(100, "messaging_product must be whatsapp")
    if world.account_error is not None:
        raise GraphError(world.account_error)
    if world.meters[number.phone_id].trim(now) >= number.rate:
        raise GraphError(130429)
    to, recipient = request.get("to"), request.get("recipient")
    if not (isinstance(to, str) and to) and not (isinstance(recipient, str) and recipient):
        raise GraphError(131008, "to or recipient is required")
    if len(str(request.get("biz_opaque_callback_data") or "")) > 512:
        raise GraphError(131009, "biz_opaque_callback_data: 512 signs at most")
    person = world.find(to, recipient)
    if person is not None and not person.take(now):
        raise GraphError(131056)
    kind = str(request.get("type") or "text")
    reader = READERS.get(kind)
    if reader is None:
        raise GraphError(131051, f"type {kind!r}")
    bubble = Bubble(world.wamid(to or recipient or ""), number.phone_id, False, now, kind)
    bubble.tracker = request.get("biz_opaque_callback_data")
    reader(world, request.get(kind), bubble)
    late_code = _late_code(world, number, person, bubble)
    world.meters[number.phone_id].add(now)
    return Accepted(bubble, person, str(to or recipient), late_code, _bill(world, person, bubble))


def _late_code(world: World, number: Number, person: Person | None, bubble: Bubble) -> int | None:
    """What goes wrong only after acceptance. Raises GraphError for what is said in the answer: a
    closed window, the portfolio's limit."""
    if person is None or person.blocked:
        return 131026
    is_open = person.window_closes(number.phone_id) > world.now()
    if bubble.kind != "template" and not is_open:
        if not world.settings.late_window_error:
            raise GraphError(131047)
        return 131047
    if bubble.category == "MARKETING" and person.no_marketing:
        return 131050
    if bubble.category == "MARKETING" and person.marketing_capped:
        return 131049
    if not is_open and not world.within_limit(person):
        if not world.settings.tier_late:
            raise GraphError(world.settings.tier_code)
        return world.settings.tier_code
    return None


def _bill(world: World, person: Person | None, bubble: Bubble) -> tuple[bool, str, str]:
    """Since 1 October 2026 free-form and in-window utility messages are billed too."""
    category = bubble.category.lower() or "service"
    return True, "regular", category


def _text(world: World, part: Any, bubble: Bubble) -> None:
    body = part.get("body") if isinstance(part, dict) else None
    if not isinstance(body, str) or not body.strip():
        raise GraphError(131008, "text.body is required")
    if len(body) > 4096:
        raise GraphError(131009, "text.body: 4096 signs at most")
    bubble.body = body


def _image(world: World, part: Any, bubble: Bubble) -> None:
    if not isinstance(part, dict):
        raise GraphError(131008, "image is required")
    bubble.picture = _known_media(world, part.get("id") or part.get("link"))
    bubble.body = str(part.get("caption") or "")
    if len(bubble.body) > 1024:
        raise GraphError(131009, "caption: 1024 signs at most")


def _known_media(world: World, media: Any) -> str:
    if isinstance(media, str) and media.startswith("https://"):
        return media
    known = world.media.get(str(media))
    if known is None or known[2] + MEDIA_LIFE < world.now():
        raise GraphError(131053, "media id is not known")
    return str(media)


def _interactive(world: World, part: Any, bubble: Bubble) -> None:
    if not isinstance(part, dict) or part.get("type") not in ("button", "list"):
        raise GraphError(131009, "interactive.type must be button or list")
    bubble.body = str((part.get("body") or {}).get("text") or "")
    if not 0 < len(bubble.body) <= 1024:
        raise GraphError(131009, "interactive.body: 1 to 1024 signs")
    header = part.get("header") or {}
    if header.get("type") == "image":
        bubble.picture = _known_media(world, header["image"].get("id"))
    action = part.get("action") or {}
    rows = (
        [button.get("reply", {}) for button in action.get("buttons", [])]
        if part["type"] == "button"
        else [row for section in action.get("sections", []) for row in section.get("rows", [])]
    )
    most, longest = (3, 20) if part["type"] == "button" else (10, 24)
    if not 0 < len(rows) <= most:
        raise GraphError(131009, f"1 to {most} choices")
    for row in rows:
        if not 0 < len(str(row.get("title", ""))) <= longest or len(str(row.get("id"))) > 256:
            raise GraphError(131009, f"title: 1 to {longest} signs")
    if part["type"] == "list" and not 0 < len(str(action.get("button") or "")) <= 20:
        raise GraphError(131009, "interactive.action.button: 1 to 20 signs")
    bubble.buttons = [{"id": str(row["id"]), "title": str(row["title"])} for row in rows]
    bubble.is_list = part["type"] == "list"


_TEMPLATE_STATES = {"PAUSED": 132015, "DISABLED": 132016}


def _template(world: World, part: Any, bubble: Bubble) -> None:
    if not isinstance(part, dict):
        raise GraphError(131008, "template is required")
    key = str(part.get("name")), str((part.get("language") or {}).get("code"))
    template = world.templates.get(key)
    if template is None or template["status"] != "APPROVED":
        raise GraphError(_TEMPLATE_STATES.get(template["status"] if template else "", 132001))
    shown = templates.fill(template, part.get("components") or [])
    bubble.template, bubble.language = key
    bubble.category = template["category"]
    bubble.body, bubble.footer, bubble.header = shown["body"], shown["footer"], shown["header"]
    bubble.buttons, bubble.parameters = shown["buttons"], shown["parameters"]
    if shown["media"]:
        bubble.picture = _known_media(world, shown["media"])


READERS: Mapping[str, Callable[[World, Any, Bubble], None]] = {
    "text": _text,
    "image": _image,
    "interactive": _interactive,
    "template": _template,
}
"""Message type → how it is checked."""
