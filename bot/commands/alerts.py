"""`stadtbote alert …`: the emergency broadcast, its updates and the all-clear."""

import argparse
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.commands.base import Answer, Refused, city, confirm, session
from bot.commands.digests import money
from broadcasts import clock
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, readiness
from broadcasts.newsroom.alerts import AlertError, Draft, Outlook


def send(options: argparse.Namespace) -> Answer:
    draft = Draft(
        BroadcastKind.ALERT, options.text, title=options.title, expires_in=options.expires_in
    )
    return _start(options, lambda: draft)


def update(options: argparse.Namespace) -> Answer:
    return _start(options, lambda: alerts.follow_up(BroadcastKind.UPDATE, options.id, options.text))


def clear(options: argparse.Namespace) -> Answer:
    return _start(options, lambda: alerts.follow_up(BroadcastKind.CLEAR, options.id, options.text))


def _start(options: argparse.Namespace, make: Callable[[], Draft]) -> Answer:
    here = city(options)
    with session():
        try:
            draft = make()
            now = clock.now()
            seen = alerts.outlook(here.newsroom, draft, now)
            lines = _lines(seen, here.zone)
            if draft.kind is BroadcastKind.ALERT:
                ready = readiness.look(here.newsroom, now, expires_in=draft.expires_in)
                lines = [ready.verdict, *lines]
            if not options.yes and not confirm("\n".join([*lines, "Send now? [ja/nein]"])):
                raise Refused("not sent: answer ja, or give --yes")
            started = alerts.send(here.newsroom, draft, clock.now(), seen=seen)
        except AlertError as error:
            raise Refused(str(error)) from error
    data = {"broadcast_id": started.id, **seen.as_json()}
    return Answer(data, [*lines, f"Broadcast {started.id} is going out."])


def _lines(seen: Outlook, zone: ZoneInfo) -> list[str]:
    arrival = seen.latest_arrival.astimezone(zone)
    lines = [
        seen.shown,
        "",
        f"{seen.recipients} recipients, {seen.unreachable} of them not reachable;"
        f" about {seen.duration.total_seconds() / 60:.1f} minutes; {money(seen.cost)}",
        f"Nothing arrives after {arrival:%d.%m.%Y %H:%M}.",
        *(f"! {warning}" for warning in seen.warnings),
    ]
    if seen.left_out:
        lines.append(f"{seen.left_out} got the alert, have left since, and are left out.")
    return lines
