"""An httpx client whose requests are made by aiohttp.

Owns: the HTTP below pywa's sending client. Never: anything of WhatsApp. Plain httpx scans its pool
for each request and collapses under concurrency (docs/decisions/0006); `request` is the public
method that pywa calls, and the only one replaced.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import httpx

from broadcasts.channels.tls import trusted


class NotSentError(Exception):
    """The request surely has not left: no connection came about."""


class NobodyKnowsError(Exception):
    """The request may have arrived, but no answer came back."""


class AiohttpClient(httpx.AsyncClient):
    """pywa's `session`. Must be made inside the loop in which it is used."""

    def __init__(self, *, connections: int, seconds: float) -> None:
        super().__init__(verify=trusted())
        self._seconds = seconds
        # As many kept alive as are used at once: else every message pays a TLS handshake.
        self._aiohttp = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=60),
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, 10)),
        )

    async def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        """Raises NotSentError or NobodyKnowsError; any HTTP answer is returned."""
        try:
            async with self._aiohttp.request(
                method,
                f"{str(self.base_url).rstrip('/')}/{str(url).lstrip('/')}",
                headers=self._headers_for(more.get("headers")),
                **_arguments(more),
            ) as response:
                body = await response.read()
                return httpx.Response(
                    response.status, content=body, headers=_kept(response.headers)
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSentError(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NobodyKnowsError(type(error).__name__) from None

    def _headers_for(self, more: Mapping[str, str] | None) -> dict[str, str]:
        return {
            "Authorization": self.headers["Authorization"],
            "User-Agent": self.headers["User-Agent"],
            **(more or {}),
        }

    async def aclose(self) -> None:
        await self._aiohttp.close()
        await super().aclose()


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The body is already unpacked; of the rest only the wait is asked for."""
    return {name: headers[name] for name in ("Retry-After", "Content-Type") if name in headers}


def _arguments(more: Mapping[str, Any]) -> dict[str, Any]:
    if "files" not in more:
        return {name: more[name] for name in ("json", "params") if more.get(name) is not None}
    form = aiohttp.FormData()
    for name, (filename, content, *kind) in more["files"].items():
        if filename is None:
            form.add_field(name, content)
        else:
            form.add_field(name, content, filename=filename, content_type=kind[0])
    return {"data": form}
