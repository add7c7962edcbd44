"""The same messages by simpler means: what a plain loop, a concurrent client and bare HTTP do.

Owns: nothing durable; these lose everything at a crash. Never: our code. Each runs as a process of
its own, so that its CPU time can be read: `python -m benchmarks.baselines NAME URL NUMBER`.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TOKEN = "token-of-the-test"
PHONE = "1234567890"


def body(index: int) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": f"1202555{index:08}",
        "type": "template",
        "template": {
            "name": "digest_1",
            "language": {"code": "de"},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "parameter_name": "post_1", "text": "Markt am Samstag"}
                    ],
                }
            ],
        },
        "biz_opaque_callback_data": f"{index}:1",
    }


def plain_pywa(url: str, number: int) -> None:
    """pywa's client in a loop, one message after the other."""
    from httpx import Client
    from pywa.client import WhatsApp

    session = Client()
    client = WhatsApp(phone_id=PHONE, token=TOKEN, session=session)
    session.base_url = f"{url}/v26.0"
    for index in range(number):
        client.send_message(to=f"1202555{index:08}", text="Markt am Samstag")


def pywa_async_64(url: str, number: int) -> None:
    """pywa_async on plain httpx with 64 messages in flight."""
    asyncio.run(_pywa_async(url, number))


async def _pywa_async(url: str, number: int) -> None:
    from httpx import AsyncClient
    from pywa_async.client import WhatsApp

    session = AsyncClient(timeout=60)
    client = WhatsApp(phone_id=PHONE, token=TOKEN, session=session)
    session.base_url = f"{url}/v26.0"
    await _in_flight(
        64,
        number,
        lambda index: client.send_message(to=f"1202555{index:08}", text="Markt am Samstag"),
    )


def bare_asyncio(url: str, number: int) -> None:
    """Sockets, prepared bytes, 200 in flight: what the machine could do at most."""
    asyncio.run(_bare(url, number))


async def _bare(url: str, number: int) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    todo = iter(range(number))

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for index in todo:
            payload = json.dumps(body(index)).encode()
            head = f"POST /v26.0/{PHONE}/messages HTTP/1.1\r\nHost: {host}\r\n"
            writer.write(f"{head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().rpartition(b"content-length:")[2].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(200)))


async def _in_flight(most: int, number: int, call: Any) -> None:
    todo = iter(range(number))

    async def worker() -> None:
        for index in todo:
            await call(index)

    await asyncio.gather(*(worker() for _ in range(most)))


BASELINES = {"plain pywa loop": plain_pywa, "pywa_async, 64 in flight": pywa_async_64}
LIMIT = {"bare asyncio client": bare_asyncio}


def measure(name: str, url: str, number: int) -> dict[str, float]:
    """Messages per second and CPU-ms per message of one baseline."""
    words = [sys.executable, "-m", "benchmarks.baselines", name, url, str(number)]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(said.stdout))


def main(name: str, url: str, number: int) -> None:
    work = {**BASELINES, **LIMIT}[name]
    begin, before = time.monotonic(), time.process_time()
    work(url, number)
    took, used = time.monotonic() - begin, time.process_time() - before
    print(json.dumps({"messages/s": number / took, "CPU-ms": used / number * 1000}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
