"""Sending with durable rows, statuses by webhook, and both together, beside the baselines.

Owns: the three measurements. Never: asserts a time. CPU is that of `serve` and its children.
"""

import time
from collections.abc import Iterator

from benchmarks import baselines
from benchmarks.ground import Ground, cpu, ground, wait_for
from benchmarks.report import Row
from broadcasts.delivery import outbox

MESSAGES = 12_000
RATE = 1000
"""Messages a second: the most that Meta grants a number. The pace keeps 2 % of it free."""


def run(rounds: int) -> Iterator[Row]:
    for _ in range(rounds):
        with ground(1, rate=RATE) as here:
            here.provider.set(statuses=False)
            for name, number in (("plain pywa loop", 60), ("pywa_async, 64 in flight", 600)):
                found = baselines.measure(name, here.provider.url, number)
                yield Row("sending", "messages/s", f"baseline: {name}", found["messages/s"])
                yield Row("sending", "CPU-ms per message", f"baseline: {name}", found["CPU-ms"])
            found = baselines.measure("bare asyncio client", here.provider.url, MESSAGES)
            yield Row("sending", "messages/s", "limit: bare asyncio client", found["messages/s"])
            yield Row(
                "sending", "CPU-ms per message", "limit: bare asyncio client", found["CPU-ms"]
            )
        yield from sending()
        yield from statuses()
        yield from both()


def sending() -> Iterator[Row]:
    """A digest without any status: the sender and its rows."""
    with ground(MESSAGES, rate=RATE) as here:
        here.provider.set(statuses=False)
        took, used, _ = _digest(here, "sent")
        who = "Stadtbote, paced at 1,000/s"
        yield Row("sending", "messages/s", who, MESSAGES / took, "≥ 950")
        yield Row("sending", "CPU-ms per message", who, used / MESSAGES * 1000, "≤ 0.5")
    with ground(MESSAGES, rate=RATE) as here:
        here.provider.set(statuses=False)
        took, used, _ = _digest(here, "sent", module="benchmarks.unpaced")
        who = "Stadtbote, without the pace"
        yield Row("sending", "messages/s", who, MESSAGES / took, "≥ 1,000")
        yield Row("sending", "CPU-ms per message", who, used / MESSAGES * 1000, "≤ 0.5")


def statuses() -> Iterator[Row]:
    """Three unbatched statuses for each of messages that are out already."""
    with ground(MESSAGES, rate=RATE) as here:
        here.provider.set(statuses=False)
        broadcast = here.digest()
        serve = here.serve()
        wait_for(lambda: outbox.figures(broadcast.id)["sent"] >= MESSAGES, 300, 0.25)
        before, begin = cpu(serve.process.pid), time.monotonic()
        here.provider.report_all(1, MESSAGES)
        number = 3 * MESSAGES
        wait_for(lambda: here.provider.counts()["posted"] >= number, 300, 0.1)
        accepted = time.monotonic() - begin
        wait_for(lambda: outbox.figures(broadcast.id)["read"] >= MESSAGES, 300, 0.1)
        applied = time.monotonic() - begin
        used = cpu(serve.process.pid) - before
        counts = here.provider.counts()
        serve.stop()
        yield Row("statuses", "accepted/s", "Stadtbote", number / accepted, "≥ 3,000")
        yield Row("statuses", "applied/s", "Stadtbote", number / applied, "≥ 3,000")
        yield Row(
            "statuses", "p99 of a webhook, ms", "Stadtbote", counts["webhook_p99"] * 1000, "≤ 250"
        )
        yield Row("statuses", "CPU-ms per status", "Stadtbote", used / number * 1000, "≤ 0.3")
        yield Row(
            "statuses", "lost", "Stadtbote", MESSAGES - outbox.figures(broadcast.id)["read"], "0"
        )


def both() -> Iterator[Row]:
    """Each message brings its three statuses back while the next ones leave."""
    with ground(MESSAGES, rate=RATE) as here:
        took, used, counts = _digest(here, "read")
        yield Row("both together", "messages/s", "Stadtbote", MESSAGES / took, "≥ 600")
        yield Row(
            "both together",
            "CPU-ms per message, all in",
            "Stadtbote",
            used / MESSAGES * 1000,
            "≤ 1.0",
        )
        yield Row(
            "both together",
            "p99 of a webhook, ms",
            "Stadtbote",
            counts["webhook_p99"] * 1000,
            "≤ 250",
        )


def _digest(
    here: Ground, final: str, *, module: str = "bot.cli"
) -> tuple[float, float, dict[str, float]]:
    """(seconds until all are accepted, CPU seconds until all are in their last state, counts)."""
    serve = here.serve(module=module)
    time.sleep(1.0)
    before, begin = cpu(serve.process.pid), time.monotonic()
    broadcast = here.digest()
    wait_for(lambda: here.provider.counts()["accepted"] >= MESSAGES, 300, 0.1)
    took = time.monotonic() - begin
    wait_for(lambda: outbox.figures(broadcast.id)[final] >= MESSAGES, 300, 0.25)
    used = cpu(serve.process.pid) - before
    counts = here.provider.counts()
    serve.stop()
    return took, used, counts
