"""Sending with durable rows, statuses by webhook, and both together.

Owns: the three measurements. Never: asserts a time. CPU is that of `serve` and its children.
"""

import time
from typing import Any

from benchmarks.ground import Ground, cpu, ground, wait_for
from broadcasts.delivery import outbox

MESSAGES = 20_000


def send(*, statuses: bool, batch: int = 1, readers: int = MESSAGES, rate: int = 1000) -> Any:
    """One digest to `readers`; with `statuses` three unbatched reports come back for each."""
    with ground(readers, rate=rate) as here:
        here.provider.set(statuses=statuses, batch=batch)
        serve = here.serve()
        pid = serve.process.pid
        time.sleep(1.0)
        before, begin = cpu(pid), time.monotonic()
        broadcast = here.digest()
        final = "read" if statuses else "sent"
        wait_for(lambda: here.provider.counts()["accepted"] >= readers, 300, 0.2)
        sent_after = time.monotonic() - begin
        wait_for(lambda: outbox.figures(broadcast.id)[final] >= readers, 300, 0.25)
        applied_after = time.monotonic() - begin
        used = cpu(pid) - before
        counts = here.provider.counts()
        serve.stop()
        return {
            "messages/s": readers / sent_after,
            "all in the table after s": applied_after,
            "CPU-ms per message": used / readers * 1000,
            "webhook p99 ms": counts["webhook_p99"] * 1000,
            "statuses": counts["posted"],
            "lost": readers - outbox.figures(broadcast.id)[final],
        }


def door(here: Ground) -> None:
    """Nothing yet."""


if __name__ == "__main__":
    print(send(statuses=True))
