"""A city to measure: the fast stand-in, a database with readers, the real `serve`.

Owns: setting up, reading CPU time and memory from /proc, waiting for a state. Used by every
benchmark; the stand-in is a process of its own and its CPU time is never counted.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.app import open_city
from bot.city import City
from broadcasts import clock, db
from broadcasts.channels.base import TemplateChanged
from broadcasts.delivery import templates
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.newsroom import digests, posts
from broadcasts.newsroom.posts import Written
from broadcasts.people.subscribers import Subscriber
from tests.processes import Serve, free_port
from tests.system import APP_SECRET, NUMBER, write_config

ROOT = Path(__file__).parent.parent
APPROVED = (
    *(f"digest_{n}" for n in range(1, 6)),
    *(f"alert_{life}" for life in ("30m", "2h", "12h")),
    *(f"alert_again_{life}" for life in ("30m", "2h", "12h")),
)


class Provider:
    """The fast stand-in as a process."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        words = [sys.executable, "-m", "benchmarks.provider", str(self.port)]
        self._process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
        wait_for(self._answers, 10)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/counts").status_code == 200
        except httpx.TransportError:
            return False

    def set(self, **settings: Any) -> None:
        httpx.post(f"{self.url}/set", json=settings)

    def report_all(self, first: int, last: int) -> None:
        """Statuses of these deliveries, as fast as 4,000 a second."""
        httpx.post(f"{self.url}/report", json={"first": first, "last": last}, timeout=60)

    def write_in(self, number: int, per_second: float) -> None:
        """So many citizens write something."""
        httpx.post(f"{self.url}/write", json={"number": number, "per_second": per_second})

    def counts(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.url}/counts", timeout=30).json())

    def times(self) -> list[tuple[float, str]]:
        """(monotonic seconds, template) of each message since `reset`."""
        return [(at, name) for at, name in httpx.get(f"{self.url}/times", timeout=60).json()]

    def reset(self) -> None:
        httpx.post(f"{self.url}/reset")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@dataclass
class Ground:
    folder: Path
    city: City
    config: Path
    provider: Provider
    port: int

    def serve(self, *, module: str = "bot.cli") -> Serve:
        return Serve(self.config, self.port, module=module).start().wait_healthy()

    def digest(self) -> Broadcast:
        """Starts one for every reader, on a day of its own."""
        posts.add(self.city.newsroom, Written("Markt", on=clock.today(self.city.zone)))
        return digests.send(self.city.newsroom, now=clock.now(), allow_quiet=True)


@contextmanager
def ground(
    readers: int,
    *,
    rate: int,
    url: str | None = None,
    in_flight: int = 400,
    window: bool = False,
    prepare: Callable[[Path], object] = lambda config: None,
    **replace: str,
) -> Iterator[Ground]:
    """Everything but `serve`, which each benchmark starts when it measures. `prepare`: whatever
    else belongs into the configuration."""
    provider = Provider()
    port = free_port()
    provider.set(webhook=f"http://127.0.0.1:{port}/webhooks/whatsapp", app_secret=APP_SECRET)
    with tempfile.TemporaryDirectory(prefix="stadtbote-bench-") as name:
        lines = {
            "graph_url": f'"{provider.url}"',
            "messages_per_second": str(rate),
            "in_flight": str(in_flight),
            "time": '"00:01"',
            "latest": '"00:02"',
            "from": '"00:00"',
            "to": '"00:00"',
            **replace,
        }
        if url:
            lines["url"] = f'"{url}"'
        config = write_config(Path(name), **lines)
        prepare(config)
        city = open_city(config)
        try:
            with db.session():
                for template in APPROVED:
                    templates.apply("whatsapp", TemplateChanged(template, "de", state="APPROVED"))
                add_readers(readers, window=window)
                yield Ground(Path(name), city, config, provider, port)
        finally:
            db.close_database()
            provider.close()


def add_readers(number: int, *, window: bool = False, account: str = NUMBER) -> None:
    """Numbers from the range kept free for fiction, with more digits so that there are enough."""
    now = db.moment(clock.now())
    closes = db.moment(clock.now().replace(year=2099)) if window else None
    first = (Subscriber.select().count()) + 1
    sql = (
        "INSERT INTO subscriber (channel, account, wa_id, wants, language, created_at,"
        " reader_since, opted_in_at, window_closes_at, unreachable_days, drills)"
        " VALUES ('whatsapp', ?, ?, 'everything', 'de', ?, ?, ?, ?, 0, FALSE)"
    )
    with db.transaction():
        for start in range(first, first + number, 20_000):
            upto = min(start + 20_000, first + number)
            db.execute_many(
                sql,
                [(account, f"1202555{i:08}", now, now, now, closes) for i in range(start, upto)],
            )


def wait_for(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition never held")
        time.sleep(every)


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for parent in found:
        said = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True)
        found += [int(word) for word in said.stdout.split()]
    return found


def cpu(pid: int) -> float:
    """Seconds of CPU time used so far by a process and its children that live."""
    ticks = 0
    for member in family(pid):
        words = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(words[11]) + int(words[12])
    return ticks / 100


def memory(pid: int) -> float:
    """Proportional set size in MB of a process and its children."""
    total = 0
    for member in family(pid):
        lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
