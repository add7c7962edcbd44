"""`stadtbote init`, `migrate`, `doctor`, `serve`, `web`, `worker`, `demo`.

What only one of them needs is imported there: every process of the service reads this module, and
is 20 MB smaller without the pages, the stand-in and the web server of the others.
"""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot import starter
from bot.commands.base import Answer, Refused, city, session
from bot.config import load
from broadcasts import db, schema
from broadcasts.channels.base import ProviderError

if TYPE_CHECKING:
    from bot.checks import Check


def init(options: argparse.Namespace) -> Answer:
    try:
        written = starter.write_new(options.dir)
    except (starter.InitError, OSError) as error:
        raise Refused(str(error)) from error
    lines = [f"wrote {path}" for path in written]
    lines.append("Now fill in what is marked FILL IN, and the secrets in .env.")
    return Answer({"written": [str(path) for path in written]}, lines)


def migrate(options: argparse.Namespace) -> Answer:
    db.open_database(load(options.config).database_url)
    done = schema.migrate()
    return Answer({"applied": done}, [f"applied {name}" for name in done] or ["up to date"])


def connect(options: argparse.Namespace) -> Answer:
    """By hand, and not at each start: a copy of the installation (a test, a restore) must not take
    the messages away from the one that works."""
    here = city(options)
    channel = here.channels.get(options.channel)
    if channel is None:
        configured = ", ".join(here.channels)
        raise Refused(f"no channel {options.channel!r} is configured (there are: {configured})")
    try:
        done = channel.connect(here.settings.city.public_url)
    except ProviderError as error:
        raise Refused(f"{error} (code {error.code})") from error
    return Answer({"channel": channel.kind, "done": done}, [done])


def doctor(options: argparse.Namespace) -> Answer:
    from bot import health

    here = city(options)
    with session():
        checks = health.examine(here)
    lines = [line for check in checks for line in _lines(check)]
    data = health.as_json(checks)
    wrong = ", ".join(check.id for check in checks if not check.ok)
    return Answer(data, lines, complaint=f"not well: {wrong}" if wrong else "")


def _lines(check: "Check") -> Iterator[str]:
    sign = {"ok": "ok ", "none": "-- "}.get(check.level, "NOT")
    yield f"{sign}  {check.id}: {check.detail}"
    if check.remedy and not check.ok:
        yield f"       → {check.remedy}"


def serve(options: argparse.Namespace) -> Answer:
    return _run(options, web=True, loops=True)


def web(options: argparse.Namespace) -> Answer:
    return _run(options, web=True, loops=False)


def worker(options: argparse.Namespace) -> Answer:
    return _run(options, web=False, loops=True)


def _run(options: argparse.Namespace, *, web: bool, loops: bool) -> Answer:
    from bot import processes

    try:
        processes.run(options.config, host=options.host, port=options.port, web=web, loops=loops)
    except processes.PortTakenError as error:
        raise Refused(str(error)) from error
    return Answer()


def demo(options: argparse.Namespace) -> Answer:
    from bot import demo as demonstration
    from bot import processes

    try:
        demonstration.run(
            folder=options.dir,
            host=options.host,
            port=options.port,
            phone_port=options.phone_port,
        )
    except (processes.PortTakenError, demonstration.FolderTakenError) as error:
        raise Refused(str(error)) from error
    return Answer()
