"""How fast this machine is just now: a plain loop, in CPU seconds, while its other cores work.

Owns: the yardstick. Never: a figure of ours. The same machine was seen at a third of its speed as
soon as both cores had something to do: a figure in CPU time says something only beside what the
same second bought elsewhere.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

ROUNDS = 5_000_000

AT_THE_MARKS = 0.40
"""Seconds the loop took on the machine on which the marks of results.md were set and reached. On
one where it takes 1.30, the plain pywa loop takes 11.4 to 12.4 CPU-ms a message instead of 3.8: the
same ratio, within a tenth."""


def loop() -> float:
    """CPU seconds of the loop, as a benchmark meets them: with a neighbour on each other core."""
    with _neighbours((os.cpu_count() or 1) - 1):
        return min(_once(), _once())


@contextmanager
def _neighbours(number: int) -> Iterator[None]:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


def _once() -> float:
    begin = time.process_time()
    total = 0
    for number in range(ROUNDS):
        total += number * number
    return time.process_time() - begin


def is_cpu_time(what: str) -> bool:
    """Whether a figure by this name grows as the machine gets slower, and with it alone."""
    return what.startswith(("CPU-ms", "% of a core", "s from start"))
