"""What the stand-in tells the city: signed, batched, brought again until it is answered 200.

Owns: the shapes of webhooks (developers.facebook.com/documentation/business-messaging/whatsapp/
webhooks/overview). Never: decides what happened.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from collections import deque
from typing import Any

import aiohttp

from bot.sandbox.faults import Faults
from bot.sandbox.messages import Accepted
from bot.sandbox.rules import failed_error
from bot.sandbox.world import Person, World

log = logging.getLogger(__name__)
RETRIES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between tries; the last one repeats."""


class Webhooks:
    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._pending: deque[tuple[str, str, dict[str, Any], dict[str, Any] | None]] = deque()
        self._wake = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._posts: set[asyncio.Task[None]] = set()
        self.url = world.settings.webhook_url
        self.delivered = 0
        self.refused = 0
        self.open = True
        """False: nothing goes out until it is opened again."""

    @property
    def waiting(self) -> int:
        return len(self._pending) + len(self._posts)

    def tell(
        self, phone_id: str, kind: str, item: dict[str, Any], contact: dict[str, Any] | None = None
    ) -> None:
        """Queues one item: `kind` is messages, statuses, or another webhook field."""
        self._pending.append((phone_id, kind, item, contact))
        self._wake.set()

    async def run(self) -> None:
        """Sends until cancelled."""
        connector = aiohttp.TCPConnector(limit=64, force_close=False)
        timeout = aiohttp.ClientTimeout(total=20)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            self._session = session
            while True:
                await self._wake.wait()
                self._wake.clear()
                await asyncio.sleep(self._world.settings.gather)
                while self._pending and self.open and self.url:
                    size = min(self._world.settings.batch, len(self._pending))
                    items = [self._pending.popleft() for _ in range(size)]
                    task = asyncio.create_task(self._post(self.body(items)))
                    self._posts.add(task)
                    task.add_done_callback(self._posts.discard)
                    while len(self._posts) >= 64:
                        await asyncio.wait(self._posts, return_when=asyncio.FIRST_COMPLETED)

    def reopen(self) -> None:
        self.open = True
        self._wake.set()

    def body(self, items: list[tuple[str, str, dict[str, Any], dict[str, Any] | None]]) -> bytes:
        """One POST: neighbours of one kind and number share a change, as Meta batches them."""
        changes: list[dict[str, Any]] = []
        for phone_id, kind, item, contact in items:
            last = changes[-1] if changes else None
            joins = last is not None and kind in last["value"] and last["_of"] == (phone_id, kind)
            if last is None or not joins:
                last = self._change(phone_id, kind)
                changes.append(last)
            value = last["value"]
            if kind in ("messages", "statuses", "user_preferences", "errors"):
                value.setdefault(kind, []).append(item)
                if contact and contact not in value.setdefault("contacts", []):
                    value["contacts"].append(contact)
            elif kind == "user_id_update":
                value.setdefault(kind, []).append(item)
            else:
                value.update(item)
        for change in changes:
            del change["_of"]
        entry = {
            "id": self._world.settings.waba_id,
            "time": int(self._world.now()),
            "changes": changes,
        }
        # Meta escapes everything outside ASCII; the signature is over these bytes.
        return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()

    def _change(self, phone_id: str, kind: str) -> dict[str, Any]:
        number = self._world.numbers.get(phone_id)
        value: dict[str, Any] = {}
        if number is not None:
            display = "".join(sign for sign in number.display if sign.isdigit())
            value = {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": display, "phone_number_id": phone_id},
            }
        elif phone_id:
            value = {"metadata": {"display_phone_number": "0", "phone_number_id": phone_id}}
        field = "messages" if kind in ("messages", "statuses", "errors") else kind
        return {"field": field, "value": value, "_of": (phone_id, kind)}

    async def _post(self, body: bytes) -> None:
        key = self._world.settings.app_secret.encode()
        signature = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        for attempt in range(10_000):
            try:
                assert self._session is not None
                async with self._session.post(self.url, data=body, headers=headers) as answer:
                    if answer.status == 200:
                        self.delivered += 1
                        return
                    self.refused += 1
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.refused += 1
            await asyncio.sleep(RETRIES[min(attempt, len(RETRIES) - 1)])

    # ---------------------------------------------------------- statuses

    def report(self, accepted: Accepted) -> None:
        """Schedules what will become of an accepted message."""
        loop, settings = asyncio.get_running_loop(), self._world.settings
        if accepted.late_code is not None:
            delay = settings.receipts[0]
            loop.call_later(delay, self._status, accepted, "failed")
            return
        steps = list(zip(("sent", "delivered", "read"), settings.receipts, strict=True))
        if accepted.person is not None and not accepted.person.reads:
            steps.pop()
        if self._faults.strikes("status_reversed") is not None:
            names = [name for name, _ in steps][::-1]
            steps = [(name, delay) for name, (_, delay) in zip(names, steps, strict=True)]
        for name, delay in steps:
            if self._faults.strikes("status_lost") is not None:
                continue
            delay += self._faults.strikes("status_late") or 0.0
            loop.call_later(delay, self._status, accepted, name)
            if self._faults.strikes("status_double") is not None:
                loop.call_later(delay * 1.5, self._status, accepted, name)

    def _status(self, accepted: Accepted, status: str) -> None:
        bubble = accepted.bubble
        order = ("", "sent", "delivered", "read")
        if status == "failed":
            bubble.status, bubble.code = status, accepted.late_code
        elif bubble.status in order and order.index(status) > order.index(bubble.status):
            bubble.status = status
        self._world.version += 1
        item: dict[str, Any] = {
            "id": bubble.id,
            "status": status,
            "timestamp": str(int(self._world.now())),
            **self._recipient(accepted),
        }
        if bubble.tracker is not None:
            item["biz_opaque_callback_data"] = bubble.tracker
        contact = None
        if status == "failed":
            # Meta leaves `contacts` out of failed statuses.
            item["errors"] = [failed_error(accepted.late_code or 131000)]
        else:
            billable, kind, category = accepted.billed
            item["pricing"] = {
                "billable": billable,
                "pricing_model": "PMP",
                "type": kind,
                "category": category,
            }
            contact = self.contact(accepted.person) if accepted.person else None
        self.tell(bubble.phone_id, "statuses", item, contact)

    def _recipient(self, accepted: Accepted) -> dict[str, str]:
        person = accepted.person
        if person is None:
            return {"recipient_id": accepted.address}
        names = {}
        if person.shape in ("phone", "both"):
            names["recipient_id"] = person.wa_id
        if person.shape in ("bsuid", "both"):
            names["recipient_user_id"] = person.bsuid
        return names

    def contact(self, person: Person) -> dict[str, Any]:
        contact: dict[str, Any] = {"profile": {"name": person.name}}
        if person.shape in ("phone", "both"):
            contact["wa_id"] = person.wa_id
        if person.shape in ("bsuid", "both"):
            contact["user_id"] = person.bsuid
        return contact
