"""The HTTP below python-telegram-bot's `Bot`, made by aiohttp.

Owns: connections, and telling Telegram's refusals from a proxy's pages. Never: logs an address (the
token is in it), an answer (a person is in it). Used by send, admin and poll.
"""

import json
from typing import Any

import aiohttp
from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from broadcasts.channels.tls import trusted


class NotSentError(NetworkError):
    """The request surely has not left: no connection came about."""


class NobodyKnowsError(NetworkError):
    """The request may have arrived, but no answer came back that says so."""


class StrangerError(NetworkError):
    """Somebody else has answered, e.g. a proxy."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class RefusedError(TelegramError):
    """Telegram has refused. Only its code and its parameters count, not its words."""

    def __init__(self, code: int, parameters: dict[str, Any]) -> None:
        super().__init__(f"refused {code}")
        self.code = code
        after = parameters.get("retry_after")
        self.retry_after: int | None = after if isinstance(after, int) else None


class AiohttpRequest(BaseRequest):
    """Belongs to the event loop that first uses it."""

    def __init__(self, *, connections: int, seconds: float) -> None:
        self._connections, self._seconds = connections, seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._seconds

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            # As many kept alive as are used at once: else every message pays a TLS handshake.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=60, ssl=trusted()
                ),
                timeout=aiohttp.ClientTimeout(
                    total=self._seconds, sock_connect=min(self._seconds, 10)
                ),
            )
        return self._session

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *timeouts: Any,
        **more: Any,
    ) -> tuple[int, bytes]:
        """For the library. Raises NotSentError, NobodyKnowsError, StrangerError, RefusedError."""
        return await self._exchange(method, url, data=_form(request_data))

    async def ask(self, url: str, parameters: dict[str, Any]) -> Any:
        """The result as it came, for what the library would take apart. Raises the same, and
        KeyError, ValueError for what nobody can read."""
        _, body = await self._exchange("POST", url, json=parameters)
        return json.loads(body)["result"]

    async def _exchange(self, method: str, url: str, **content: Any) -> tuple[int, bytes]:
        try:
            async with self.session().request(method, url, **content) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSentError(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NobodyKnowsError(type(error).__name__) from None
        _check(status, body)
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The library's own would log what it cannot read: an answer names a person."""
        found: dict[str, Any] = json.loads(payload)
        return found


def _form(data: RequestData | None) -> Any:
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _check(status: int, body: bytes) -> None:
    """Whether Telegram has answered, and what: `{"ok": …}` in JSON. Raises StrangerError,
    RefusedError."""
    try:
        said = json.loads(body)
    except ValueError:
        raise StrangerError(status) from None
    if not isinstance(said, dict) or "ok" not in said:
        raise StrangerError(status)
    if not said["ok"]:
        code = said.get("error_code")
        parameters = said.get("parameters")
        raise RefusedError(
            code if isinstance(code, int) else status,
            parameters if isinstance(parameters, dict) else {},
        )


def make_bot(token: str, api_url: str, request: BaseRequest) -> Bot:
    base = api_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request,
        get_updates_request=request,
    )
