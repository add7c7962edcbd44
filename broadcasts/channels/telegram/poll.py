"""Asking Telegram for what came in, for a machine that nobody can knock at.

Owns: getUpdates (core.telegram.org/bots/api#getupdates). Never: a table: whoever calls stores what
came before the next question confirms it. Used by the polling loop.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from telegram.error import TelegramError

from broadcasts.channels.base import Fetched, Outcome, ProviderError
from broadcasts.channels.telegram import errors
from broadcasts.channels.telegram.receive import ALLOWED_UPDATES
from broadcasts.channels.telegram.settings import TelegramSecrets, TelegramSettings
from broadcasts.channels.telegram.transport import AiohttpRequest, RefusedError

WAIT = 25
"""Seconds for which Telegram holds a question until there is something to answer."""


class TelegramPoller:
    """Has an event loop of its own; `fetch` in one thread, `cancel` from any."""

    def __init__(self, settings: TelegramSettings, secrets: Callable[[], TelegramSecrets]) -> None:
        self._settings = settings
        self._secrets = secrets
        self._runner = asyncio.Runner()
        self._request = AiohttpRequest(connections=2, seconds=WAIT + 10.0)
        self._cancelled = False
        self._waiting: asyncio.Task[list[dict[str, Any]]] | None = None

    def fetch(self, upto: int | None) -> Fetched:
        try:
            found = self._runner.run(self._cancellable(upto))
        except RefusedError as error:
            text = "the provider refuses to hand over updates"
            raise ProviderError(errors.outcome(error.code), str(error.code), text) from None
        except (TelegramError, ValueError, KeyError, TypeError) as error:
            name = type(error).__name__
            raise ProviderError(Outcome.NETWORK, name, "the provider does not answer") from None
        numbers = [update["update_id"] for update in found]
        raw = tuple(json.dumps(update).encode() for update in found)
        return Fetched(raw, max(numbers, default=None))

    async def _cancellable(self, upto: int | None) -> list[dict[str, Any]]:
        self._waiting = asyncio.ensure_future(self._ask(upto))
        if self._cancelled:
            self._waiting.cancel()
        try:
            return await self._waiting
        except asyncio.CancelledError:
            return []
        finally:
            self._waiting = None

    async def _ask(self, upto: int | None) -> list[dict[str, Any]]:
        parameters: dict[str, Any] = {"timeout": WAIT, "allowed_updates": ALLOWED_UPDATES}
        if upto is not None:
            parameters["offset"] = upto + 1
        url = f"{self._settings.api_url.rstrip('/')}/bot{self._secrets().token}/getUpdates"
        # The library's own method takes updates apart; they are to be stored as they came.
        found = await self._request.ask(url, parameters)
        if not isinstance(found, list):
            raise ValueError("no list")
        return found

    def cancel(self) -> None:
        self._cancelled = True
        with suppress(RuntimeError):  # closed already
            self._runner.get_loop().call_soon_threadsafe(self._stop_waiting)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()

    def close(self) -> None:
        self._runner.run(self._request.shutdown())
        self._runner.close()
