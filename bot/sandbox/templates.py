"""The stand-in's templates: creating (strictly), listing, filling.

Owns: the provider's limits of a template (developers.facebook.com/documentation/business-messaging/
whatsapp/templates/components). Never: sends.
"""

import re
from typing import Any

from bot.sandbox.rules import GraphError
from bot.sandbox.world import World

VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
LIMITS = {"BODY": 1024, "HEADER": 60, "FOOTER": 60}
FILLED_LIMIT = 1024
FORBIDDEN = re.compile(r"[\n\r\t]| {5,}")


def create(world: World, draft: dict[str, Any]) -> dict[str, Any]:
    """Validates and keeps a draft. Raises GraphError 100."""
    name, language = draft.get("name"), draft.get("language")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]{1,512}", name):
        raise GraphError(100, "name: a-z, 0-9 and _ only, 512 at most")
    if not isinstance(language, str) or not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", language):
        raise GraphError(100, "language: unknown")
    if draft.get("category") not in ("MARKETING", "UTILITY", "AUTHENTICATION"):
        raise GraphError(100, "category: unknown")
    if (name, language) in world.templates:
        raise GraphError(100, "content in this language already exists")
    components = draft.get("components")
    if not isinstance(components, list):
        raise GraphError(100, "components: missing")
    kinds = [component.get("type", "").upper() for component in components]
    if kinds.count("BODY") != 1:
        raise GraphError(100, "components: exactly one body")
    for component in components:
        _check(component)
    template = {
        "id": world.next_id(),
        "name": name,
        "language": language,
        "category": draft["category"],
        "status": "PENDING",
        "quality_score": {"score": "UNKNOWN", "date": int(world.now())},
        "components": components,
        "parameter_format": str(draft.get("parameter_format") or "POSITIONAL").upper(),
    }
    if draft.get("message_send_ttl_seconds"):
        template["message_send_ttl_seconds"] = draft["message_send_ttl_seconds"]
    world.templates[name, language] = template
    return template


def _check(component: dict[str, Any]) -> None:
    kind = component.get("type", "").upper()
    text = component.get("text", "")
    if kind in LIMITS and len(text) > LIMITS[kind]:
        raise GraphError(100, f"{kind}: {len(text)} signs, at most {LIMITS[kind]}")
    names = VARIABLE.findall(text)
    if kind == "FOOTER" and names:
        raise GraphError(100, "FOOTER: no variables allowed")
    if kind == "BODY":
        _check_body(component, text.strip(), names)
    is_picture = kind == "HEADER" and component.get("format", "TEXT").upper() == "IMAGE"
    if is_picture and not component.get("example", {}).get("header_handle"):
        raise GraphError(100, "HEADER: an example picture is required")
    if kind == "BUTTONS" and len(component.get("buttons", [])) > 10:
        raise GraphError(100, "BUTTONS: ten at most")


def _check_body(component: dict[str, Any], text: str, names: list[str]) -> None:
    if not text:
        raise GraphError(100, "BODY: required")
    if not names:
        return
    if text.startswith("{{") or text.endswith("}}"):
        raise GraphError(100, "BODY: a variable may stand neither first nor last")
    example = component.get("example", {})
    named = {row.get("param_name") for row in example.get("body_text_named_params", [])}
    positional = (example.get("body_text") or [[]])[0]
    if not (named >= set(names) or len(positional) >= len(set(names))):
        raise GraphError(100, "BODY: an example for each variable is required")


def part(template: dict[str, Any], kind: str) -> dict[str, Any] | None:
    found = (row for row in template["components"] if row.get("type", "").upper() == kind)
    return next(found, None)


def fill(template: dict[str, Any], components: list[dict[str, Any]]) -> dict[str, Any]:
    """What the phone shows of it: body, footer, picture, buttons, parameters.

    Raises GraphError: 132000, 132005, 132012, 132018, 131008.
    """
    given = {component.get("type", "").lower(): component for component in components}
    body, parameters = _fill_body(template, given.get("body", {}).get("parameters", []))
    header, footer = part(template, "HEADER"), part(template, "FOOTER")
    return {
        "body": body,
        "parameters": parameters,
        "footer": footer.get("text", "") if footer else "",
        "header": header.get("text", "") if header else "",
        "media": _picture(header, given.get("header", {}).get("parameters", [])),
        "buttons": [
            {"id": button.get("text", ""), "title": button.get("text", "")}
            for button in (part(template, "BUTTONS") or {}).get("buttons", [])
        ],
    }


def _fill_body(template: dict[str, Any], given: list[dict[str, Any]]) -> tuple[str, dict[str, str]]:
    text = (part(template, "BODY") or {}).get("text", "")
    wanted = list(dict.fromkeys(VARIABLE.findall(text)))
    names = [row.get("parameter_name") or str(i) for i, row in enumerate(given, start=1)]
    if sorted(names) != sorted(wanted):
        raise GraphError(132000, f"{len(names)} parameters given, {len(wanted)} wanted")
    values = {}
    for name, row in zip(names, given, strict=True):
        value = row.get("text")
        if not isinstance(value, str) or not value.strip():
            raise GraphError(131008, f"parameter {name} is empty")
        if FORBIDDEN.search(value):
            raise GraphError(132018, f"parameter {name}: no newline, tab or five spaces")
        values[name] = value
    filled = VARIABLE.sub(lambda match: values[match[1]], text)
    if len(filled) > FILLED_LIMIT:
        raise GraphError(132005, f"{len(filled)} signs, at most {FILLED_LIMIT}")
    return filled, values


def _picture(header: dict[str, Any] | None, given: list[dict[str, Any]]) -> str | None:
    wants_one = header is not None and header.get("format", "").upper() == "IMAGE"
    has_one = bool(given) and given[0].get("type") == "image"
    if wants_one != has_one:
        raise GraphError(132012, "the header's picture does not match the template")
    return str(given[0]["image"].get("id") or given[0]["image"].get("link")) if has_one else None
