"""The HTTP below the sender: one call, its answer or what it means that there is none.

Owns: connections, never more calls in a second than Meta takes, telling Meta's refusals from a
proxy's pages. Never: a retry, a log line with an answer in it (a person is in it).
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp

from broadcasts.channels.tls import trusted

CONNECTIONS = 256


class NotSentError(Exception):
    """The request surely has not left: no connection came about."""


class NobodyKnowsError(Exception):
    """The request may have arrived, but no answer came back that says so."""


class StrangerError(Exception):
    """Somebody else has answered, e.g. a proxy."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class RefusedError(Exception):
    """Meta has refused. Only its codes count, not its words."""

    def __init__(self, error: dict[str, Any], status: int, retry_after: str = "") -> None:
        code, subcode = error.get("code"), error.get("error_subcode")
        self.code = code if isinstance(code, int) else 0
        self.subcode = subcode if isinstance(subcode, int) else None
        self.status = status
        self.retry_after: timedelta | None = None
        if retry_after.isascii() and retry_after.isdigit():
            self.retry_after = timedelta(seconds=min(int(retry_after[:9]), 300))
        super().__init__(self.shown)

    @property
    def shown(self) -> str:
        """For people: `10/2018278`."""
        return str(self.code) + (f"/{self.subcode}" if self.subcode else "")


def check(status: int, body: bytes, retry_after: str = "") -> dict[str, Any]:
    """What Meta says. Raises RefusedError, StrangerError."""
    try:
        said = json.loads(body)
    except ValueError:
        raise StrangerError(status) from None
    if isinstance(said, dict) and isinstance(said.get("error"), dict):
        raise RefusedError(said["error"], status, retry_after)
    if not isinstance(said, dict) or status != 200:
        raise StrangerError(status)
    return said


class Gate:
    """At most so many calls begin in any one second: a message may take several, and the pace of
    delivery counts messages."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._times: deque[float] = deque(maxlen=calls)

    async def passed(self) -> None:
        while True:
            now = asyncio.get_running_loop().time()
            wait = self._times[0] + 1.0 - now if len(self._times) == self._calls else 0.0
            if wait <= 0:
                self._times.append(now)
                return
            await asyncio.sleep(wait)


class Graph:
    """Belongs to the event loop that first uses it."""

    def __init__(
        self, address: str, token: Callable[[], str], *, seconds: float, calls: int
    ) -> None:
        self._address, self._token, self._seconds = address, token, seconds
        self._gate = Gate(calls)
        self._session: aiohttp.ClientSession | None = None

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            # As many kept alive as are used at once: else every message pays a TLS handshake.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS, keepalive_timeout=60, ssl=trusted()
                ),
                timeout=aiohttp.ClientTimeout(
                    total=self._seconds, sock_connect=min(self._seconds, 10)
                ),
            )
        return self._session

    async def post(self, path: str, **content: Any) -> dict[str, Any]:
        """Raises NotSentError, NobodyKnowsError, StrangerError, RefusedError."""
        await self._gate.passed()
        # Read afresh: a replaced token works from the next message on.
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            async with self._connected().post(
                f"{self._address}/{path}", headers=headers, allow_redirects=False, **content
            ) as answer:
                status, body = answer.status, await answer.read()
                after = answer.headers.get("Retry-After", "")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSentError(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NobodyKnowsError(type(error).__name__) from None
        return check(status, body, after)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
