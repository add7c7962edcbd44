"""Requests as a bare HTTP client makes them."""

from typing import Any

import httpx

CITIZEN, STRANGER = "4917604069001", "4917604069050"


def draft(name: str, category: str = "MARKETING", **more: Any) -> dict[str, Any]:
    body = {
        "type": "BODY",
        "text": "Neues: {{post_1}} Bis morgen.",
        "example": {"body_text_named_params": [{"param_name": "post_1", "example": "Markt"}]},
    }
    return {"name": name, "language": "de", "category": category, "components": [body], **more}


def message(kind: str = "text", to: str | None = CITIZEN, **parts: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"text": {"body": "Hallo"}} if kind == "text" else {}
    base = {"messaging_product": "whatsapp", "to": to, "type": kind, **content, **parts}
    return {key: value for key, value in base.items() if value is not None}


def template(value: Any = "Markt", name: str = "news", **parts: Any) -> dict[str, Any]:
    parameters = [{"type": "text", "parameter_name": "post_1", "text": value}]
    inner = {
        "name": name,
        "language": {"code": "de"},
        "components": [{"type": "body", "parameters": parameters}],
        **parts,
    }
    return message("template", template=inner)


def send(http: httpx.Client, body: Any, number: str = "1234567890") -> httpx.Response:
    return http.post(f"/{number}/messages", json=body)


def code(answer: httpx.Response) -> int | None:
    body = answer.json()
    return body["error"]["code"] if "error" in body else None
