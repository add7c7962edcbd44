"""The envelope that Messenger and Instagram share, with values of our own."""

import copy
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

Payload = dict[str, Any]

SECRET = "secret-of-the-test"
AT = 1764000000123
"""Milliseconds."""


def sign(raw: bytes) -> Mapping[str, str]:
    digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


def forge(raw: bytes) -> Mapping[str, str]:
    digest = hmac.new(b"another", raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


def batch(payloads: list[Payload]) -> Payload:
    """One POST with two entries: Meta gathers events as it likes."""
    if not payloads:
        return {"object": "page", "entry": []}
    first, *rest = copy.deepcopy(payloads)
    for payload in rest:
        first["entry"][-1]["messaging"] += payload["entry"][0]["messaging"]
    last = first["entry"][0]
    one = {**last, "messaging": [last["messaging"].pop()]}
    return {**first, "entry": [last, one]}


def maker(object: str, account: str, person: str) -> Callable[..., Payload]:
    """`made(message={…})` is a POST with that one event."""

    def made(at: int = AT, **event: Any) -> Payload:
        ends = {"sender": {"id": person}, "recipient": {"id": account}}
        messaging = [{**ends, "timestamp": at, **event}]
        return {"object": object, "entry": [{"id": account, "time": at, "messaging": messaging}]}

    return made
