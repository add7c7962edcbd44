"""The real processes, what may be done to them, and a city with readers for them."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.app import open_city
from bot.city import City
from bot.sandbox import Number, Sandbox, SandboxSettings
from broadcasts import clock, db
from broadcasts.newsroom import posts, template_sync
from broadcasts.newsroom.posts import Written
from broadcasts.people.subscribers import Subscriber
from tests.patience import PATIENCE
from tests.system import APP_SECRET, NUMBER, TOKEN, VERIFY_TOKEN, write_config


def free_port() -> int:
    """Below the range from which outgoing connections take theirs: it stays free until used."""
    while True:
        port = random.randint(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Serve:
    """`stadtbote serve` as its own process group."""

    def __init__(
        self, config: Path, port: int, *, command: str = "serve", module: str = "bot.cli"
    ) -> None:
        self._config, self.port, self._command = config, port, command
        self._module = module
        self.url = f"http://127.0.0.1:{port}"

    def start(self) -> "Serve":
        self.log = (self._config.parent / "serve.log").open("ab")
        words = ["--config", str(self._config), self._command, "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", self._module, *words],
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
        )
        return self

    def wait_healthy(self, seconds: float = PATIENCE) -> "Serve":
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, self.said()
            time.sleep(0.02)
        raise AssertionError(f"never healthy: {self.said()}")

    def kill(self) -> None:
        """-9 to the whole family, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self, seconds: float = PATIENCE) -> int:
        """One signal to the first process; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(seconds)
        self.log.close()
        return status

    def said(self) -> str:
        return (self._config.parent / "serve.log").read_text()


@dataclass
class Ground:
    """A stand-in, a database with readers and a post for today; `serve` is not started yet."""

    sandbox: Sandbox
    serve: Serve
    city: City
    config: Path


@contextmanager
def city(
    folder: Path,
    *,
    readers: int,
    database_url: str = "",
    rate: int = 80,
    more: str = "",
    **replace: str,
) -> Iterator[Ground]:
    """Templates are approved, nobody's window is open, the digest is never due by itself. `more`:
    what stands at the end of config.toml."""
    port = free_port()
    settings = SandboxSettings(
        token=TOKEN,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        webhook_url=f"http://127.0.0.1:{port}/webhooks/whatsapp",
        numbers=(Number(NUMBER, "+49 176 04069000", rate),),
        latency=(0.02, 0.06),
        everybody_exists=True,
        tier="TIER_10K",
    )
    with Sandbox(settings) as sandbox:
        lines = {
            "graph_url": f'"{sandbox.url}"',
            "messages_per_second": str(rate),
            "time": '"00:01"',
            "latest": '"00:02"',
            "settle_after": '"3s"',
            "from": '"00:00"',
            "to": '"00:00"',
            **replace,
        }
        if database_url:
            lines["url"] = f'"{database_url}"'
        config = write_config(folder, **lines)
        with config.open("a") as file:
            file.write(more)
        here = open_city(config)
        try:
            with db.session():
                template_sync.sync(here.newsroom)
                add_readers(readers)
                posts.add(here.newsroom, Written("Markt", on=clock.today(here.zone)))
                yield Ground(sandbox, Serve(config, port), here, config)
        finally:
            db.close_database()


def add_readers(number: int) -> None:
    now = clock.now()
    row = {"channel": "whatsapp", "account": NUMBER, "wants": "everything", "language": "de"}
    times = {"created_at": now, "opted_in_at": now, "reader_since": now}
    rows = [{**row, **times, "wa_id": f"1202555{index:04}"} for index in range(1, number + 1)]
    with db.transaction():
        for start in range(0, number, 500):
            Subscriber.insert_many(rows[start : start + 500]).execute()
