"""Two numbers on two workers and one PostgreSQL, beside one number on one worker.

Owns: starting the processes. Never: asserts a time.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.ground import Ground, add_readers, ground, wait_for
from benchmarks.report import Row
from bot.app import open_city
from broadcasts import db
from broadcasts.delivery import outbox
from tests.postgres import Postgres
from tests.processes import Serve, free_port
from tests.system import NUMBER

RATE = 200
READERS = 3_000
SECOND = "1234567891"


def run(rounds: int) -> Iterator[Row]:
    with Postgres() as server:
        for _ in range(rounds):
            one = measure(server.fresh(), numbers=1)
            two = measure(server.fresh(), numbers=2)
            yield Row("two numbers", "messages/s", "baseline: one number, one worker", one)
            yield Row("two numbers", "messages/s", "two numbers, two workers", two)
            yield Row("two numbers", "ratio", "two numbers, two workers", two / one, "≈ 2")


def measure(url: str, *, numbers: int) -> float:
    with ground(READERS, rate=RATE, url=url) as here, ExitStack() as stack:
        if numbers == 2:
            _add_number(here)
            add_readers(READERS, account=SECOND)
        for command in ["web", *["worker"] * numbers]:
            port = here.port if command == "web" else free_port()
            part = Serve(here.config, port, command=command).start()
            stack.callback(part.kill)
            part.wait_healthy()
        time.sleep(1.0)
        begin = time.monotonic()
        broadcast = here.digest()
        total = READERS * numbers
        wait_for(lambda: here.provider.counts()["accepted"] >= total, 120, 0.1)
        took = time.monotonic() - begin
        wait_for(lambda: outbox.figures(broadcast.id)["read"] >= total, 120, 0.25)
        return total / took


def _add_number(here: Ground) -> None:
    text = here.config.read_text(encoding="utf-8")
    section = (
        f'\n[whatsapp.numbers.zwei]\nphone_id = "{SECOND}"\nnumber = "+49 176 04069001"\n'
        f"messages_per_second = {RATE}\n"
    )
    here.config.write_text(text + section, encoding="utf-8")
    here.city = open_city(here.config)
    with db.session():
        assert NUMBER in {account.id for account in here.city.channels["whatsapp"].accounts}
