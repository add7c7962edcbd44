"""One digest over five channels: each leaves at its own pace, and a slow one holds up nobody.

Owns: counting at each provider's end. Never: asserts a time. The mail server is slow in the second
half of each round: it takes a second for a mail.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.ground import Ground, ground, wait_for
from benchmarks.report import Row
from bot.sandbox import Sandbox, SandboxSettings, TelegramSettings
from broadcasts import clock, db
from broadcasts.people.subscribers import Subscriber
from tests.channels.email import server as mail
from tests.channels.email.server import MailServer
from tests.system import PAGE, PROFILE, TELEGRAM_TOKEN, add_email, add_meta, add_telegram

PACES: Mapping[str, int] = {
    "whatsapp": 80,
    "telegram": 25,
    "messenger": 60,
    "instagram": 40,
    "email": 10,
}
"""Messages per second of each, as they are configured here."""

SECONDS = 12
"""So long each channel's readers take at its pace."""

SLOW_MAIL = 1.0


class SlowServer(MailServer):
    """`seconds` for each mail."""

    seconds = 0.0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.seconds)
        return await super().handle_DATA(server, session, envelope)


def run(rounds: int) -> Iterator[Row]:
    for _ in range(rounds):
        quick = one(mail_takes=0.0)
        slow = one(mail_takes=SLOW_MAIL)
        for kind, pace in PACES.items():
            share = quick[kind] / pace * 100
            yield Row("mixed", f"{kind}: share of its {pace}/s, %", "Stadtbote", share, "≥ 90")
        for kind, pace in PACES.items():
            if kind != "email":
                share = slow[kind] / pace * 100
                who = "Stadtbote, while a mail takes 1 s"
                yield Row("mixed", f"{kind}: share of its {pace}/s, %", who, share, "≥ 90")


def one(*, mail_takes: float) -> dict[str, float]:
    """Channel → messages per second at its provider, from its first to its last one."""
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    telegram = TelegramSettings(token=TELEGRAM_TOKEN, everybody_exists=True, latency=0.1)
    pages = [replace(one, everybody_writes=True, latency=0.1) for one in (PAGE, PROFILE)]
    with ExitStack() as stack:
        mails = SlowServer()
        mails.seconds = mail_takes
        stack.enter_context(mail.running(taker=mails))
        stand_in = stack.enter_context(
            Sandbox(settings, telegram=telegram, messenger=pages[0], instagram=pages[1])
        )

        def prepare(config: Path) -> None:
            add_telegram(config, stand_in.url, "webhook")
            add_meta(config, stand_in)
            add_email(config, mails.port)
            _set_paces(config)

        here = stack.enter_context(
            ground(PACES["whatsapp"] * SECONDS, rate=PACES["whatsapp"], prepare=prepare)
        )
        here.provider.set(statuses=False)
        for kind in list(PACES)[1:]:
            _add_readers(here, kind)
        serve = here.serve()
        here.digest()
        moments: dict[str, Callable[[], Sequence[float]]] = {
            "whatsapp": lambda: [at for at, _ in here.provider.times()],
            "telegram": lambda: [row["at"] for row in stand_in.accepted_on_telegram()],
            "messenger": lambda: [row["at"] for row in stand_in.messenger.world.log],
            "instagram": lambda: [row["at"] for row in stand_in.instagram.world.log],
            "email": lambda: [taken.at for taken in mails.taken],
        }
        waited = [kind for kind in PACES if not mail_takes or kind != "email"]
        wait_for(
            lambda: all(len(moments[kind]()) >= PACES[kind] * SECONDS for kind in waited), 120, 0.5
        )
        found = {kind: _rate(moments[kind]()) for kind in PACES}
        serve.stop()
    return found


def _set_paces(config: Path) -> None:
    """Into each section's own line."""
    lines, section = [], ""
    for line in config.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        lines.append(line)
        if line.startswith("[") and section in PACES and section != "whatsapp":
            lines.append(f"messages_per_second = {PACES[section]}")
    config.write_text("\n".join(lines) + "\n")


def _rate(times: Sequence[float]) -> float:
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def _add_readers(here: Ground, kind: str) -> None:
    number, now = PACES[kind] * SECONDS, db.moment(clock.now())
    account = here.city.channels[kind].accounts[0].id
    name = "leserin{}@musterstadt.example" if kind == "email" else "{}"
    closes = db.moment(clock.now() + timedelta(hours=23))
    sql = (
        "INSERT INTO subscriber (channel, account, bsuid, wants, language, created_at,"
        " reader_since, opted_in_at, window_closes_at, unreachable_days, drills)"
        " VALUES (?, ?, ?, 'everything', 'de', ?, ?, ?, ?, 0, FALSE)"
    )
    rows = [
        (kind, account, name.format(555_000_000 + i), now, now, now, closes) for i in range(number)
    ]
    before = Subscriber.select().count()
    with db.transaction():
        db.execute_many(sql, rows)
    assert Subscriber.select().count() == before + number
