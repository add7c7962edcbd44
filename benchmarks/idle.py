"""Memory, start, and what doing nothing costs.

Owns: reading /proc. Never: asserts a time.
"""

import time
from collections.abc import Iterator

from benchmarks.ground import cpu, ground, memory
from benchmarks.report import Row
from tests.processes import Serve

SECONDS = 20.0


def run(rounds: int) -> Iterator[Row]:
    for _ in range(rounds):
        for who, module in (
            ("Stadtbote", "benchmarks.plain"),
            ("Stadtbote with the extra postgres installed", "benchmarks.with_postgres"),
        ):
            yield from one(who, module)


def one(who: str, module: str) -> Iterator[Row]:
    with ground(1000, rate=80) as here:
        begin = time.monotonic()
        serve = Serve(here.config, here.port, module=module).start().wait_healthy()
        healthy = time.monotonic() - begin
        pid = serve.process.pid
        time.sleep(5.0)
        before = cpu(pid)
        time.sleep(SECONDS)
        share = (cpu(pid) - before) / SECONDS * 100
        used = memory(pid)
        serve.stop()
    yield Row("idle", "s from start to healthy", who, healthy, "≤ 2")
    yield Row("idle", "MB (PSS), all processes", who, used, "≤ 120")
    yield Row("idle", "% of a core", who, share, "≤ 1")
