"""How soon an alert is on the wire while a digest to the same million readers runs.

Owns: the moments of confirmation and of the first messages. Never: asserts a time.
"""

import time
from collections.abc import Iterator

from benchmarks.ground import Ground, ground, wait_for
from benchmarks.report import Row
from broadcasts import clock
from broadcasts.delivery import broadcasts, endings
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import alerts
from broadcasts.newsroom.alerts import Draft

READERS = 1_000_000
RATE = 1_000
LOOK = 5.0
"""Seconds after the alert's first message in which no digest message may leave."""


def run(rounds: int) -> Iterator[Row]:
    with ground(READERS, rate=RATE) as here:
        here.provider.set(statuses=False)
        serve = here.serve()
        for number in range(rounds):
            yield from one(here, before_all_rows=number == 0)
        serve.stop()


def one(here: Ground, *, before_all_rows: bool) -> Iterator[Row]:
    broadcasts.Broadcast.update(digest_on=None).execute()
    here.provider.reset()
    here.provider.write_in(300, 60.0)
    digest = here.digest()
    begin = time.monotonic()
    if not before_all_rows:
        wait_for(lambda: broadcasts.get(digest.id).state == BroadcastState.RUNNING, 60)
        yield Row(
            "rows", "s for a million recipients", "Stadtbote", time.monotonic() - begin, "≤ 4"
        )
        p99 = here.provider.counts()["webhook_p99"] * 1000
        yield Row("rows", "p99 of a webhook meanwhile, ms", "Stadtbote", p99, "≤ 250")
    wait_for(lambda: len(here.provider.times()) > 500, 60)
    draft = Draft(BroadcastKind.ALERT, "Sturm: bitte im Haus bleiben")
    seen = alerts.outlook(here.city.newsroom, draft, clock.now())
    confirmed = time.monotonic()
    alert = alerts.send(here.city.newsroom, draft, clock.now(), seen=seen)
    time.sleep(LOOK + 1)
    times = here.provider.times()
    stop(digest, alert)
    first = min(at for at, name in times if name.startswith("alert"))
    late = [at for at, name in times if first < at < first + LOOK and name.startswith("digest")]
    alerted = sum(
        1 for at, name in times if first <= at < first + LOOK and name.startswith("alert")
    )
    when = "while rows are still written" if before_all_rows else "digest to 1,000,000 running"
    yield Row(
        "alert",
        f"ms to the first message, {when}",
        "Stadtbote",
        (first - confirmed) * 1000,
        "≤ 250",
    )
    yield Row("alert", f"digest messages after it, {when}", "Stadtbote", len(late), "0")
    yield Row("alert", f"alert messages/s, {when}", "Stadtbote", alerted / LOOK)


def stop(*running: Broadcast) -> None:
    """So that the next round begins with nothing under way."""
    for broadcast in running:
        endings.stop(broadcast.id)
    time.sleep(1.0)
