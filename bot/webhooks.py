"""HTTP in: verify, journal, 200.

Owns: the doors at which providers knock. Never: reads what a message means; answers before the
raw body is on disk (invariant 1). Wired by bot/app.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from broadcasts import db, journal
from broadcasts.channels.base import Channel, WebhookError

log = logging.getLogger(__name__)

LARGEST_BODY = 3 * 1024 * 1024
"""Bytes: Meta's payloads can be up to 3 MB
(developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview)."""


def blueprint(channels: Mapping[str, Channel]) -> Blueprint:
    """`GET` and `POST /webhooks/<kind>` for every configured channel."""
    doors = Blueprint("webhooks", __name__, url_prefix="/webhooks")

    for kind, channel in channels.items():
        doors.add_url_rule(f"/{kind}", f"{kind}_challenge", _challenge(channel), methods=["GET"])
        doors.add_url_rule(f"/{kind}", f"{kind}_receive", _receive(channel), methods=["POST"])
    return doors


def _challenge(channel: Channel) -> Any:
    def answer() -> Response:
        try:
            return _plain(200, channel.challenge(request.args))
        except WebhookError as error:
            return _plain(error.status, error.reason)

    return answer


def _receive(channel: Channel) -> Any:
    def answer() -> Response:
        try:
            raw = _read_body()
            channel.verify(dict(request.headers), raw)
            payload = _read_json(raw)
            journal.append(channel.kind, raw, channel.writers(payload))
        except WebhookError as error:
            log.warning("refused channel=%s status=%s", channel.kind, error.status)
            return _plain(error.status, error.reason)
        except db.DatabaseError as error:
            # Not 200: the provider keeps it and brings it again, for 7 days.
            log.error("not stored channel=%s error=%s", channel.kind, type(error).__name__)
            return _plain(503, "cannot be stored now")
        return _plain(200, "ok")

    return answer


def _read_body() -> bytes:
    # The stated length first: what is too large must not even be read.
    if (request.content_length or 0) > LARGEST_BODY:
        raise WebhookError(413, "larger than 3 MB")
    raw = request.stream.read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        raise WebhookError(413, "larger than 3 MB")
    return raw


def _read_json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise WebhookError(400, "not JSON") from error


def _plain(status: int, text: str) -> Response:
    return Response(text, status=status, content_type="text/plain; charset=utf-8")
