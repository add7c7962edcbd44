"""How fast this machine is just now: a plain Python loop, in CPU seconds.

Owns: the yardstick. Never: a figure of ours. The same machine was seen at a third of its speed for
days; a figure in CPU time says something only beside what the same second bought elsewhere.
"""

import time

ROUNDS = 5_000_000

AT_THE_MARKS = 0.40
"""Seconds the loop took on the machine on which the marks of results.md were set and reached. On
one where it takes 1.30, the plain pywa loop takes 12.4 CPU-ms a message instead of 3.8: the same
ratio."""


def loop() -> float:
    """CPU seconds of the loop; the better of two, because a neighbour only ever slows it."""
    return min(_once(), _once())


def _once() -> float:
    begin = time.process_time()
    total = 0
    for number in range(ROUNDS):
        total += number * number
    return time.process_time() - begin


def is_cpu_time(what: str) -> bool:
    """Whether a figure by this name grows as the machine gets slower, and with it alone."""
    return what.startswith(("CPU-ms", "% of a core", "s from start"))
