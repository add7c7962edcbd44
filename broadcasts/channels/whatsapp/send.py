"""A rendition → one call to the Cloud API → its result.

Owns: WhatsApp's message payloads. Never: a table, a retry (a time-out may mean sent), a log line
with a person in it. pywa makes the call; developers.facebook.com/documentation/business-messaging/
whatsapp/messages/send-messages
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
from pywa.errors import WhatsAppError
from pywa_async.client import WhatsApp

from broadcasts.channels.base import (
    Address,
    Content,
    Outcome,
    ProviderError,
    Result,
    TemplateMessage,
    Text,
    size,
)
from broadcasts.channels.whatsapp import errors
from broadcasts.channels.whatsapp.settings import WhatsAppSecrets, WhatsAppSettings
from broadcasts.channels.whatsapp.transport import AiohttpClient, NobodyKnowsError, NotSentError

CONNECTIONS = 512

MOST_ROWS, LONGEST_LIST = 10, 1024
"""Rows of a list over all its sections, and signs of its text; what is longer goes as a text whose
numbers are typed. developers.facebook.com/documentation/business-messaging/whatsapp/messages/
interactive-list-messages"""

LINK = re.compile(r"https?://\S")


class WhatsAppSender:
    """The outgoing half. Made outside the loop; its connections open with the first call."""

    def __init__(
        self,
        settings: WhatsAppSettings,
        secrets: Callable[[], WhatsAppSecrets],
        media: Path,
        *,
        seconds: float,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._media = media
        self._seconds = seconds
        self._client: WhatsApp | None = None
        self._session: AiohttpClient | None = None

    def _connected(self) -> WhatsApp:
        if self._client is None or self._session is None:
            self._session = AiohttpClient(connections=CONNECTIONS, seconds=self._seconds)
            self._client = WhatsApp(
                phone_id=self._settings.phone_id,
                token=self._secrets().token,
                session=self._session,
                api_version=float(self._settings.api_version),
            )
            # pywa sets Meta's address itself; ours counts (whatsapp.md §1.7).
            self._session.base_url = (
                f"{self._settings.graph_url.rstrip('/')}/v{self._settings.api_version}"
            )
        # A replaced token works from the next message on.
        self._session.headers["Authorization"] = f"Bearer {self._secrets().token}"
        return self._client

    async def send(
        self,
        account: str,
        address: Address,
        content: Content,
        *,
        tracker: str,
        media: str | None = None,
    ) -> Result:
        kind, message = payload(content, media)
        try:
            # The low-level call: the comfortable one takes a user id with letters for a group
            # (whatsapp.md §1.6).
            answer = await self._connected().api.send_message(
                sender=account,
                to=address.wa_id,
                recipient=None if address.wa_id else address.bsuid,
                recipient_type="individual",
                typ=kind,
                msg=message,
                biz_opaque_callback_data=tracker,
            )
        except WhatsAppError as error:
            return _refused(error)
        except NotSentError as error:
            return Result(Outcome.NETWORK, code=str(error))
        except NobodyKnowsError as error:
            return Result(Outcome.UNKNOWN, code=str(error))
        except ValueError:
            # 200 with a body nobody can read: it may well be accepted.
            return Result(Outcome.UNKNOWN, code="unreadable")
        return _accepted(answer)

    async def upload(self, account: str, path: str) -> str:
        try:
            file = (self._media / path).read_bytes()
            answer = await self._connected().api.upload_media(
                phone_id=account, media=file, mime_type=mime_type(path), filename=Path(path).name
            )
            return str(answer["id"])
        except WhatsAppError as error:
            result = _refused(error)
            raise ProviderError(result.outcome, result.code, "the picture is refused") from None
        except OSError as error:
            raise ProviderError(Outcome.MEDIA, "no_file", type(error).__name__) from None
        except (NotSentError, NobodyKnowsError, ValueError, KeyError) as error:
            # An upload twice does no harm.
            raise ProviderError(Outcome.TRANSIENT, type(error).__name__, "no answer") from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.aclose()
        self._client = self._session = None


def mime_type(path: str) -> str:
    return "image/png" if path.endswith(".png") else "image/jpeg"


def _accepted(answer: Any) -> Result:
    try:
        message = answer["messages"][0]
        held = message.get("message_status") == "held_for_quality_assessment"
        return Result(Outcome.ACCEPTED, str(message["id"]), held=held)
    except (KeyError, IndexError, TypeError, AttributeError):
        return Result(Outcome.UNKNOWN, code="unreadable")


def _refused(error: WhatsAppError) -> Result:
    response = error.raw_response
    status = response.status_code if response is not None else 400
    return Result(
        errors.outcome(error.code, status, is_graph_error=_is_graph_error(response)),
        code=str(error.code),
        retry_after=_retry_after(response),
    )


def _is_graph_error(response: httpx.Response | None) -> bool:
    """A gateway's page has no `error` in JSON; pywa then takes the HTTP status for the code."""
    if response is None:
        return True
    try:
        body = json.loads(response.content)
    except ValueError:
        return False
    return isinstance(body, dict) and isinstance(body.get("error"), dict)


def _retry_after(response: httpx.Response | None) -> timedelta | None:
    text = response.headers.get("Retry-After", "") if response is not None else ""
    return timedelta(seconds=min(int(text), 300)) if text.isdigit() else None


@lru_cache(maxsize=64)
def payload(content: Content, media: str | None) -> tuple[str, dict[str, Any]]:
    """(type, message object). The same for every recipient of a rendition, so made once."""
    if isinstance(content, TemplateMessage):
        return "template", _template(content, media)
    if content.buttons:
        return "interactive", _interactive(content, media)
    if 0 < len(content.options) <= MOST_ROWS and size(content.body) <= LONGEST_LIST:
        return "interactive", _list(content)
    if content.picture and media:
        return "image", {"id": media, "caption": content.body}
    return "text", {"body": content.body, "preview_url": bool(LINK.search(content.body))}


def _template(content: TemplateMessage, media: str | None) -> dict[str, Any]:
    components: list[dict[str, Any]] = []
    if content.picture and media:
        header = {"type": "image", "image": {"id": media}}
        components.append({"type": "header", "parameters": [header]})
    if content.values:
        parameters = [
            {"type": "text", "parameter_name": name, "text": value}
            for name, value in content.values
        ]
        components.append({"type": "body", "parameters": parameters})
    return {
        "name": content.name,
        "language": {"code": content.language, "policy": "deterministic"},
        "components": components,
    }


def _list(content: Text) -> dict[str, Any]:
    rows = [{"id": row.id, "title": row.label} for row in content.options]
    return {
        "type": "list",
        "body": {"text": content.body},
        "action": {"button": content.options_label, "sections": [{"rows": rows}]},
    }


def _interactive(content: Text, media: str | None) -> dict[str, Any]:
    buttons = [
        {"type": "reply", "reply": {"id": button.id, "title": button.label}}
        for button in content.buttons
    ]
    message: dict[str, Any] = {
        "type": "button",
        "body": {"text": content.body},
        "action": {"buttons": buttons},
    }
    if content.picture and media:
        message["header"] = {"type": "image", "image": {"id": media}}
    return message
