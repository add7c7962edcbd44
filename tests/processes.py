"""The real `serve` process and what may be done to it."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx


def free_port() -> int:
    """Below the range from which outgoing connections take theirs: it stays free until used."""
    while True:
        port = random.randint(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Serve:
    """`stadtbote serve` as its own process group."""

    def __init__(self, config: Path, port: int, *, command: str = "serve") -> None:
        self._config, self.port, self._command = config, port, command
        self.url = f"http://127.0.0.1:{port}"

    def start(self) -> "Serve":
        self.log = (self._config.parent / "serve.log").open("ab")
        words = ["--config", str(self._config), self._command, "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *words],
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
        )
        return self

    def wait_healthy(self, seconds: float = 20.0) -> "Serve":
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

    def stop(self, seconds: float = 20.0) -> int:
        """One signal to the first process; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(seconds)
        self.log.close()
        return status

    def said(self) -> str:
        return (self._config.parent / "serve.log").read_text()
