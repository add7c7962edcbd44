"""Waiting for what other threads and processes do: long enough for a busy machine."""

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds. A test that passes never waits so long; one that fails may. How fast something is, is
measured in `benchmarks/`, never here."""


def wait_until(
    condition: Callable[[], object], seconds: float = PATIENCE, what: str = "the condition"
) -> None:
    """Until it holds; fails if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} never held"
        time.sleep(0.01)
