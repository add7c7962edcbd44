"""The fastest stand-in there is: accepts messages, reports three statuses each, counts.

Owns: as little as possible, because it shares the two cores with what is measured. Never: checks
anything (bot/sandbox does, and is used wherever correctness is the question). Run as a process:
`python -m benchmarks.provider PORT`; asked by HTTP: GET /counts, POST /set {...}.
"""

import asyncio
import hashlib
import hmac
import json
import random
import re
import sys
import time
from collections import Counter, deque
from typing import Any
from urllib.parse import urlsplit

TRACKER = re.compile(rb'"biz_opaque_callback_data": ?"([^"]+)"')
TEMPLATE = re.compile(rb'"name": ?"([a-z_0-9]+)", ?"language"')
PENDING_POSTS = 400
"""Status POSTs under way at once."""


class Settings:
    """What a benchmark may change while it runs."""

    latency = (0.100, 0.150)
    webhook = ""
    app_secret = ""
    phone_id = "1234567890"
    statuses = True
    batch = 1


class World:
    def __init__(self) -> None:
        self.settings = Settings()
        self.accepted = 0
        self.per_second: Counter[int] = Counter()
        self.times: list[tuple[float, str]] = []
        """(monotonic, template) of every message, for pace and alert."""
        self.posted = self.failed = 0
        self.took: list[float] = []
        self.queue: deque[bytes] = deque()
        self.written: deque[bytes] = deque()
        self.wake = asyncio.Event()

    def accept(self, body: bytes) -> bytes:
        self.accepted += 1
        template = TEMPLATE.search(body)
        self.times.append((time.monotonic(), template[1].decode() if template else "text"))
        wamid = wamid_of(self.accepted)
        found = TRACKER.search(body)
        if found and self.settings.statuses:
            loop = asyncio.get_running_loop()
            for delay, status in ((0.2, "sent"), (0.4, "delivered"), (0.6, "read")):
                loop.call_later(delay, self._report, wamid, found[1].decode(), status)
        contact = {"input": "12025550100", "wa_id": "12025550100", "user_id": "US.x"}
        answer = {"messaging_product": "whatsapp", "contacts": [contact]}
        return json.dumps({**answer, "messages": [{"id": wamid}]}).encode()

    def _report(self, wamid: str, tracker: str, status: str) -> None:
        self.queue.append(_status(wamid, tracker, status))
        self.wake.set()

    def report_all(self, first: int, last: int, per_second: int = 4000) -> None:
        """Statuses of deliveries `first` to `last` at their first attempt, at a steady rate."""
        loop = asyncio.get_running_loop()
        number = 0
        for status in ("sent", "delivered", "read"):
            for delivery in range(first, last + 1):
                wamid = wamid_of(delivery)
                loop.call_later(number / per_second, self._report, wamid, f"{delivery}:1", status)
                number += 1

    def write_in(self, number: int, per_second: float) -> None:
        """So many citizens write something, one after the other."""
        loop = asyncio.get_running_loop()
        for index in range(number):
            loop.call_later(index / per_second, self._wrote, index)

    def _wrote(self, index: int) -> None:
        self.written.append(
            (
                f'{{"id": "wamid.in{index:030}", "from": "12025559{index:07}", "type": "text",'
                f' "timestamp": "{int(time.time())}", "text": {{"body": "Guten Tag"}}}}'
            ).encode()
        )
        self.wake.set()

    def counts(self) -> dict[str, Any]:
        took = sorted(self.took)
        return {
            "accepted": self.accepted,
            "posted": self.posted,
            "failed": self.failed,
            "waiting": len(self.queue),
            "webhook_p50": took[len(took) // 2] if took else 0,
            "webhook_p99": took[int(len(took) * 0.99)] if took else 0,
        }


def wamid_of(number: int) -> str:
    """In no order, as the provider's are: what is in order is too kind to an index."""
    return f"wamid.{hashlib.md5(str(number).encode()).hexdigest()}"


def _status(wamid: str, tracker: str, status: str) -> bytes:
    return (
        f'{{"id": "{wamid}", "status": "{status}", "timestamp": "{int(time.time())}",'
        f' "recipient_id": "12025550100", "biz_opaque_callback_data": "{tracker}",'
        ' "pricing": {"billable": true, "pricing_model": "PMP", "category": "utility",'
        ' "type": "regular"}}'
    ).encode()


def envelope(phone_id: str, items: list[bytes], kind: bytes = b"statuses") -> bytes:
    """One webhook body, with as many statuses (or messages) as are given."""
    return (
        b'{"object": "whatsapp_business_account", "entry": [{"id": "9876543210", "time": 1,'
        b' "changes": [{"field": "messages", "value": {"messaging_product": "whatsapp",'
        b' "metadata": {"display_phone_number": "4917604069000", "phone_number_id": "%b"},'
        b' "contacts": [{"profile": {"name": "x"}, "wa_id": "12025550100"}],'
        b' "%b": [%b]}}]}]}' % (phone_id.encode(), kind, b", ".join(items))
    )


class Door(asyncio.Protocol):
    """HTTP/1.1, kept alive, bodies with Content-Length: what our clients send."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lower = head.lower()
            start = lower.find(b"content-length:")
            length = int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._answer(head.split(b" ", 2), rest[:length])

    def _answer(self, words: list[bytes], body: bytes) -> None:
        path = words[1]
        if path.endswith(b"/messages"):
            answer = self._world.accept(body)
            delay = random.uniform(*self._world.settings.latency)
            asyncio.get_running_loop().call_later(delay, self._write, answer)
        elif path == b"/set":
            for name, value in json.loads(body).items():
                setattr(self._world.settings, name, value)
            self._write(b"{}")
        elif path == b"/write":
            self._world.write_in(**json.loads(body))
            self._write(b"{}")
        elif path == b"/report":
            self._world.report_all(**json.loads(body))
            self._write(b"{}")
        elif path == b"/times":
            self._write(json.dumps(self._world.times).encode())
        elif path == b"/reset":
            self._world.times.clear()
            self._world.took.clear()
            self._write(b"{}")
        elif path == b"/counts":
            self._write(json.dumps(self._world.counts()).encode())
        else:
            # Templates and limits are not played here: "later", and nothing changes.
            self._write(b'{"error": {"code": 2, "message": "later"}}', b"503 Unavailable")

    def _write(self, body: bytes, status: bytes = b"200 OK") -> None:
        if not self._transport.is_closing():
            self._transport.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(body), body)
            )


class Poster(asyncio.Protocol):
    """One kept connection to the city's webhook; one POST at a time."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.answer: asyncio.Future[int] | None = None
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found or self.answer is None:
            return
        lower = head.lower()
        start = lower.find(b"content-length:")
        length = int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(rest) >= length and not self.answer.done():
            self.buffer = b""
            self.answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(0)


async def post_forever(world: World) -> None:
    """Takes what is queued, signs it, posts it until it is answered 200."""
    loop = asyncio.get_running_loop()
    connection: Poster | None = None
    while True:
        if not (world.queue or world.written):
            world.wake.clear()
            await world.wake.wait()
            continue
        if world.written:
            size = 1
            body = envelope(world.settings.phone_id, [world.written.popleft()], b"messages")
        else:
            size = min(world.settings.batch, len(world.queue))
            body = envelope(world.settings.phone_id, [world.queue.popleft() for _ in range(size)])
        digest = hmac.new(world.settings.app_secret.encode(), body, hashlib.sha256).hexdigest()
        target = urlsplit(world.settings.webhook)
        request = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\n"
            f"Content-Type: application/json\r\nX-Hub-Signature-256: sha256={digest}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        while True:
            begin = time.monotonic()
            status = 0
            try:
                if connection is None or connection.transport.is_closing():
                    _, connection = await loop.create_connection(
                        Poster, target.hostname, target.port
                    )
                connection.answer = loop.create_future()
                connection.transport.write(request)
                status = await asyncio.wait_for(connection.answer, 20)
            except (OSError, TimeoutError):
                connection = None
            if status == 200:
                world.posted += size
                world.took.append(time.monotonic() - begin)
                break
            world.failed += 1
            connection = None
            await asyncio.sleep(0.2)


async def main(port: int, posters: int = 32) -> None:
    world = World()
    server = await asyncio.get_running_loop().create_server(lambda: Door(world), "127.0.0.1", port)
    tasks = [asyncio.create_task(post_forever(world)) for _ in range(posters)]
    async with server:
        await server.serve_forever()
    del tasks


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
