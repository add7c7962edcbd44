"""What comes in at the bot: brought to its webhook until that is answered 2xx, or fetched.

Owns: updates that wait. Never: what they hold (phone). core.telegram.org/bots/api#getting-updates
"""

import asyncio
import itertools
from collections import deque
from typing import Any

import aiohttp

from bot.sandbox.telegram.world import BotError, TelegramWorld

HEADER = "X-Telegram-Bot-Api-Secret-Token"
RETRIES = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between tries; the last one repeats."""
USUAL = [
    *("message", "edited_message", "channel_post", "edited_channel_post", "inline_query"),
    *("callback_query", "my_chat_member"),
]
"""What comes when nothing else is asked for."""


class Updates:
    def __init__(self, world: TelegramWorld) -> None:
        self._world = world
        self.pending: deque[dict[str, Any]] = deque()
        self._ids = itertools.count(700_000_001)
        self._changed = asyncio.Event()
        self._fetching: asyncio.Event | None = None
        self.url = self._secret = ""
        self.allowed: list[str] = USUAL
        self.last_error: tuple[float, str] | None = None
        self.open = True
        """False: nothing goes out until it is opened again."""
        self.delivered = 0

    def tell(self, kind: str, content: dict[str, Any]) -> None:
        if kind in self.allowed:
            self.pending.append({"update_id": next(self._ids), kind: content})
            self._changed.set()

    def set_webhook(self, url: str, secret: str) -> None:
        self.url, self._secret, self.last_error = url, secret, None
        self._changed.set()

    def reopen(self) -> None:
        self.open = True
        self._changed.set()

    async def run(self) -> None:
        """Brings updates one by one, in order, until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            failures = 0
            while True:
                if not (self.pending and self.url and self.open):
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                update = self.pending[0]
                if await self._bring(session, update):
                    failures = 0
                    self.delivered += 1
                    if self.pending and self.pending[0] is update:
                        self.pending.popleft()
                else:
                    await asyncio.sleep(RETRIES[min(failures, len(RETRIES) - 1)])
                    failures += 1

    async def _bring(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        headers = {HEADER: self._secret} if self._secret else {}
        try:
            async with session.post(self.url, json=update, headers=headers) as answer:
                if answer.status < 300:
                    return True
                said = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError):
            said = "Connection refused"
        self.last_error = (self._world.now(), said)
        return False

    async def fetch(self, offset: int | None, timeout: float, limit: int) -> list[dict[str, Any]]:
        """Raises BotError 409: a webhook is set, or somebody else has begun to fetch."""
        if self.url:
            text = "Conflict: can't use getUpdates method while webhook is active"
            raise BotError(409, text)
        if self._fetching is not None:
            self._fetching.set()
        mine = self._fetching = asyncio.Event()
        while offset is not None and self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()
        until = asyncio.get_running_loop().time() + timeout
        try:
            while not self.pending or not self.open:
                left = until - asyncio.get_running_loop().time()
                if left <= 0:
                    return []
                await self._wait(mine, min(left, 0.5))
                if mine.is_set():
                    text = "Conflict: terminated by other getUpdates request"
                    raise BotError(409, text)
            return list(itertools.islice(self.pending, limit))
        finally:
            if self._fetching is mine:
                self._fetching = None

    async def _wait(self, mine: asyncio.Event, seconds: float) -> None:
        self._changed.clear()
        waits = [asyncio.ensure_future(event.wait()) for event in (self._changed, mine)]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
