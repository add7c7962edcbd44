"""A rendition → one call to the Send API, or several → one result.

Owns: the message objects (developers.facebook.com/documentation/business-messaging/
messenger-platform/reference/send-api). Never: a table, a retry (a time-out may mean sent), a log
line with a person in it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import aiohttp

from broadcasts.channels import marks, splitting
from broadcasts.channels.base import (
    Address,
    Button,
    Content,
    Outcome,
    ProviderError,
    Result,
    Text,
)
from broadcasts.channels.meta import errors
from broadcasts.channels.meta.dialect import Access, Dialect, Secrets
from broadcasts.channels.meta.transport import (
    Graph,
    NobodyKnowsError,
    NotSentError,
    RefusedError,
    StrangerError,
)

MOST_BUTTONS = 13
"""Quick replies of one message."""


class MetaSender:
    """The outgoing half. Made outside the loop; its connections open with the first call."""

    def __init__(
        self,
        dialect: Dialect,
        access: Access,
        secrets: Callable[[], Secrets],
        media: Path,
        *,
        seconds: float,
    ) -> None:
        self._dialect, self._access, self._media = dialect, access, media
        self._graph = Graph(
            access.graph, lambda: secrets().token, seconds=seconds, calls=dialect.calls
        )

    async def send(
        self,
        account: str,
        address: Address,
        content: Content,
        *,
        tracker: str,
        media: str | None = None,
    ) -> Result:
        """`tracker` goes nowhere: nothing comes back that could bring it (decision 0018)."""
        if not isinstance(content, Text) or address.bsuid is None:
            return Result(Outcome.OUR_MISTAKE, code="no_text")
        text = replace(
            content, body=marks.without(content.body), picture=media if content.picture else None
        )
        one = partial(self._send_one, address.bsuid)
        return await splitting.send(text, self._dialect.limit, self._dialect.unit, one)

    async def _send_one(self, person: str, content: Text) -> Result:
        """The picture first, as a message of its own: buttons stand below the newest message only.

        Where the text behind it is refused the outcome is unknown: a part has arrived."""
        if content.picture is None:
            return await self._call(person, content, _text(content))
        shown = await self._call(person, content, _picture(content.picture), is_silent=True)
        if shown.outcome is not Outcome.ACCEPTED:
            return shown
        told = await self._call(person, content, _text(content))
        if told.outcome is not Outcome.ACCEPTED:
            return Result(Outcome.UNKNOWN, code=f"after the picture: {told.code}")
        return told

    async def _call(
        self, person: str, content: Text, message: dict[str, Any], *, is_silent: bool = False
    ) -> Result:
        request = {
            "recipient": {"id": person},
            "message": message,
            **self._manner(content, is_silent=is_silent or content.silent),
        }
        try:
            answer = await self._graph.post(f"{self._access.node}/messages", json=request)
            return Result(Outcome.ACCEPTED, f"{self._dialect.kind}.{answer['message_id']}")
        except RefusedError as error:
            return self._refused(error)
        except NotSentError as error:
            return Result(Outcome.NETWORK, code=str(error))
        except StrangerError as error:
            return Result(errors.of_stranger(error.status), code=str(error))
        except (NobodyKnowsError, KeyError) as error:
            # No answer, or a 200 without an id: it may well be accepted.
            return Result(Outcome.UNKNOWN, code=type(error).__name__)

    def _manner(self, content: Text, *, is_silent: bool) -> dict[str, Any]:
        """A tag says that a person has typed it, and nothing else may ever have one. Ours says no
        more than "inside the window", which an answer is, too."""
        found: dict[str, Any] = {}
        if content.by_staff and self._access.may_tag:
            found = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        elif self._dialect.names_type:
            found = {"messaging_type": "UPDATE"}
        if is_silent and self._dialect.can_be_silent:
            found["notification_type"] = "SILENT_PUSH"
        return found

    def _refused(self, error: RefusedError) -> Result:
        found = errors.outcome(self._dialect.outcomes, error.code, error.subcode, error.status)
        return Result(found, code=error.shown, retry_after=error.retry_after)

    async def upload(self, account: str, path: str) -> str:
        """Good for 90 days (…/messenger-platform/reference/attachment-upload-api)."""
        attachment = {"type": "image", "payload": {"is_reusable": True}}
        form = aiohttp.FormData()
        try:
            content = (self._media / path).read_bytes()
        except OSError as error:
            raise ProviderError(Outcome.MEDIA, "no_file", type(error).__name__) from None
        kind = "image/png" if path.endswith(".png") else "image/jpeg"
        form.add_field("message", json.dumps({"attachment": attachment}))
        form.add_field("filedata", content, filename=Path(path).name, content_type=kind)
        try:
            answer = await self._graph.post(f"{self._access.node}/message_attachments", data=form)
            return str(answer["attachment_id"])
        except RefusedError as error:
            result = self._refused(error)
            raise ProviderError(result.outcome, result.code, "the picture is refused") from None
        except (NotSentError, NobodyKnowsError, StrangerError, KeyError) as error:
            # An upload twice does no harm.
            raise ProviderError(Outcome.TRANSIENT, type(error).__name__, "no answer") from None

    async def close(self) -> None:
        await self._graph.close()


def _picture(attachment: str) -> dict[str, Any]:
    return {"attachment": {"type": "image", "payload": {"attachment_id": attachment}}}


def _text(content: Text) -> dict[str, Any]:
    return {"text": content.body, **_quick_replies(content.buttons)}


@lru_cache(maxsize=64)
def _quick_replies(buttons: tuple[Button, ...]) -> dict[str, Any]:
    replies = [
        {"content_type": "text", "title": button.label, "payload": button.id}
        for button in buttons[:MOST_BUTTONS]
    ]
    return {"quick_replies": replies} if replies else {}
