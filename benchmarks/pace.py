"""Never above the number's rate, and hardly below: 80 a second, in and out counted together.

Owns: counting at both ends. Never: asserts a time.
"""

import time
from collections.abc import Iterable, Iterator

from benchmarks.ground import ground, wait_for
from benchmarks.report import Row
from broadcasts.delivery.outbox import Delivery

RATE = 80
READERS = 2_400
WRITERS_PER_SECOND = 5


def run(rounds: int) -> Iterator[Row]:
    for _ in range(rounds):
        yield from one()


def one() -> Iterator[Row]:
    with ground(READERS, rate=RATE) as here:
        here.provider.set(batch=100)
        serve = here.serve()
        time.sleep(1.0)
        here.provider.reset()
        here.provider.write_in(200, WRITERS_PER_SECOND)
        here.digest()
        wait_for(lambda: here.provider.counts()["accepted"] >= READERS, 120, 0.2)
        times = [at for at, _ in here.provider.times()]
        sent = [
            row.sending_at.timestamp()
            for row in Delivery.select(Delivery.sending_at).where(
                Delivery.sending_at.is_null(False)
            )
        ]
        serve.stop()
    begin, end = times[0], times[-1]
    inbound = WRITERS_PER_SECOND * (end - begin)
    left = RATE * (end - begin) - inbound
    yield Row("pace", "busiest second at the sender", "Stadtbote", busiest(sent), "≤ 80")
    yield Row("pace", "busiest second at the receiver", "Stadtbote", busiest(times), "≤ 84")
    used = len(times) / left * 100
    yield Row("pace", "share of what inbound messages leave, %", "Stadtbote", used, "≥ 95")


def busiest(times: Iterable[float]) -> int:
    """Most in any second."""
    window: list[float] = []
    most = 0
    for at in sorted(times):
        window.append(at)
        while window[0] <= at - 1.0:
            window.pop(0)
        most = max(most, len(window))
    return most
