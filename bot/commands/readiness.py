"""`stadtbote readiness`: how many an alert would reach now, how soon, at what cost."""

import argparse
from collections.abc import Iterator

from bot.commands.base import Answer, city, session
from bot.commands.digests import money
from broadcasts import clock
from broadcasts.newsroom import readiness
from broadcasts.newsroom.readiness import ChannelReadiness


def show(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        found = readiness.look(here.newsroom, clock.now())
    lines = [line for channel in found.channels for line in _lines(channel)]
    return Answer(found.as_json(), [*lines, "", found.verdict])


def _lines(channel: ChannelReadiness) -> Iterator[str]:
    yield f"{channel.channel}: {channel.readers} readers"
    yield f"  inside their window: {channel.window_open}"
    yield f"  by template:         {channel.by_template}"
    yield f"  not reachable:       {channel.not_reachable}"
    if channel.day_limit is None:
        yield "  limit per 24 h:      none, or not said by the provider yet"
    else:
        yield (
            f"  limit per 24 h:      {channel.day_left} of {channel.day_limit} left"
            f" (at most {channel.day_used} used; all numbers together)"
        )
    shares = ", ".join(f"{share} % {minutes}" for share, minutes in channel.minutes.items())
    yield f"  minutes:             {shares}"
    yield f"  cost:                {money(channel.cost)}"
    for name, state in sorted(channel.templates.items()):
        yield f"  template {name}: {state}"
    for obstacle in channel.obstacles:
        yield f"  ! {obstacle}"
