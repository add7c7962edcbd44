"""Telegram at 25 a second: the whole allowance, and never a 429 from a stand-in that is strict.

Owns: counting at Telegram's end. Never: asserts a time.
"""

import functools
from collections.abc import Iterator

from benchmarks.ground import ground, wait_for
from benchmarks.pace import busiest
from benchmarks.report import Row
from bot.sandbox import Sandbox, SandboxSettings, TelegramSettings
from broadcasts import clock, db
from broadcasts.people.subscribers import Subscriber
from tests.system import TELEGRAM_TOKEN, add_telegram

RATE = 25
READERS = 1_000


def run(rounds: int) -> Iterator[Row]:
    for _ in range(rounds):
        yield from one()


def one() -> Iterator[Row]:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    telegram = TelegramSettings(token=TELEGRAM_TOKEN, everybody_exists=True, latency=0.12)
    with Sandbox(settings, telegram=telegram) as stand_in:
        prepare = functools.partial(add_telegram, api_url=stand_in.url, receive="webhook")
        with ground(0, rate=80, prepare=prepare) as here:
            _add_readers(READERS)
            serve = here.serve()
            here.digest()
            wait_for(lambda: len(stand_in.telegram.log) >= READERS, 120, 0.2)
            times = [row["at"] for row in stand_in.accepted_on_telegram()]
            refused = stand_in.telegram.refused[429]
            serve.stop()
    used = (len(times) - 1) / (RATE * (times[-1] - times[0])) * 100
    yield Row("telegram", "share of 25 a second, %", "Stadtbote", used, "≥ 98")
    yield Row("telegram", "busiest second at Telegram", "Stadtbote", busiest(times), "≤ 30")
    yield Row("telegram", "429", "Stadtbote", refused, "= 0")


def _add_readers(number: int) -> None:
    now = db.moment(clock.now())
    sql = (
        "INSERT INTO subscriber (channel, account, bsuid, wants, language, created_at,"
        " reader_since, opted_in_at, unreachable_days, drills)"
        " VALUES ('telegram', 'MusterstadtBot', ?, 'everything', 'de', ?, ?, ?, 0, FALSE)"
    )
    with db.transaction():
        db.execute_many(sql, [(str(555_000_000 + i), now, now, now) for i in range(number)])
    assert Subscriber.select().count() == number
