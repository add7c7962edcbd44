"""What the city is told: signed, several events in one POST, brought again until it says 200.

Owns: the envelope, and Meta's question before it brings anything to an address. Never: what an
event holds (phone). developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from typing import Any

import aiohttp

from bot.sandbox.meta.world import MetaPerson, MetaWorld

RETRIES = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between tries; the last one repeats."""
GATHER = 0.02
MOST = 100
"""Events in one POST."""


class MetaWebhooks:
    def __init__(self, world: MetaWorld) -> None:
        self._world = world
        self.pending: deque[dict[str, Any]] = deque()
        self._changed = asyncio.Event()
        self.url = world.settings.webhook_url
        self._verified = ""
        self.open = True
        """False: nothing goes out until it is opened again."""
        self.delivered = self.refused = 0

    def tell(self, field: str, person: MetaPerson, content: dict[str, Any], at: float) -> None:
        """Queues one event of a person's, if the app has asked for its field."""
        account = self._world.settings.account
        ends = {"sender": {"id": person.id}, "recipient": {"id": account}}
        if content.get("message", {}).get("is_echo"):
            ends = {"sender": {"id": account}, "recipient": {"id": person.id}}
        self.tell_event(field, {**ends, "timestamp": int(at * 1000), **content})

    def tell_event(self, field: str, event: dict[str, Any]) -> None:
        if field in self._world.fields:
            self.pending.append(event)
            self._changed.set()

    def set_url(self, url: str) -> None:
        self.url = url
        self.reopen()

    def reopen(self) -> None:
        self.open = True
        self._changed.set()

    async def run(self) -> None:
        """Brings what there is, in order, until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            failures = 0
            while True:
                if not (self.pending and self.url and self.open):
                    self._changed.clear()
                    await self._changed.wait()
                    await asyncio.sleep(GATHER)
                    continue
                events = [self.pending[i] for i in range(min(MOST, len(self.pending)))]
                if await self._bring(session, events):
                    failures = 0
                    for _ in events:
                        self.pending.popleft()
                    self.delivered += len(events)
                else:
                    self.refused += 1
                    await asyncio.sleep(RETRIES[min(failures, len(RETRIES) - 1)])
                    failures += 1

    def body(self, events: list[dict[str, Any]]) -> bytes:
        entry = {
            "id": self._world.settings.account,
            "time": int(self._world.now() * 1000),
            "messaging": events,
        }
        # Meta escapes everything outside ASCII; the signature is over these bytes.
        return json.dumps({"object": self._world.manners.object, "entry": [entry]}).encode()

    async def _bring(self, session: aiohttp.ClientSession, events: list[dict[str, Any]]) -> bool:
        settings, body = self._world.settings, self.body(events)
        signature = hmac.new(settings.app_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Hub-Signature-256": f"sha256={signature}",
            "Content-Type": "application/json",
        }
        try:
            if self._verified != self.url and not await self._ask(session):
                return False
            async with session.post(self.url, data=body, headers=headers) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def _ask(self, session: aiohttp.ClientSession) -> bool:
        """Whether the city wants it there: it must know our common word."""
        url = self.url
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": self._world.settings.verify_token,
            "hub.challenge": f"{self._world.next_id():010d}",
        }
        async with session.get(url, params=query) as answer:
            is_right = answer.status == 200 and await answer.text() == query["hub.challenge"]
        if is_right:
            self._verified = url
        return is_right
