"""`stadtbote notice …`: a service notice, in business hours only."""

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commands.base import Answer, Refused, city, confirm, session
from bot.commands.broadcasts import figures
from bot.commands.digests import money
from broadcasts import clock
from broadcasts.delivery import audience, keeping_hours
from broadcasts.newsroom import service_notices
from broadcasts.newsroom.notice_words import Draft
from broadcasts.newsroom.service_notices import Outlook
from broadcasts.people.selections import Scope
from broadcasts.saying import Refusal


def _draft(options: argparse.Namespace) -> Draft:
    about = Scope(tuple(options.topic), tuple(options.district))
    return Draft(options.text, options.title, options.link, about)


def preview(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        try:
            seen = service_notices.outlook(here.newsroom, _draft(options), clock.now())
        except Refusal as error:
            raise Refused(str(error)) from error
    complaint = "; ".join(seen.refusals)
    return Answer(seen.as_json(), _lines(seen, here.zone), complaint=complaint)


def send(options: argparse.Namespace) -> Answer:
    here, draft = city(options), _draft(options)
    with session():
        try:
            if not options.yes:
                _confirm(service_notices.outlook(here.newsroom, draft, clock.now()), here.zone)
            sent = service_notices.send(here.newsroom, draft, clock.now())
        except Refusal as error:
            raise Refused(str(error)) from error
        audience.write_some(sent, here.channels)
        data = {"broadcast_id": sent.id, **figures(sent)}
        until = keeping_hours.held_until(sent, clock.now())
    if until is not None:
        line = f"Broadcast {sent.id} is held until {_moment(until, here.zone)} and leaves then."
        return Answer(data, [line])
    line = f"Broadcast {sent.id} is going out; stadtbote broadcast show {sent.id} --follow"
    return Answer(data, [line])


def _confirm(seen: Outlook, zone: ZoneInfo) -> None:
    question = f"Send this to {seen.recipients:,} readers? Type ja or yes:"
    if not confirm("\n".join([*_lines(seen, zone), question])):
        raise Refused("not sent: answer ja, or give --yes")


def _lines(seen: Outlook, zone: ZoneInfo) -> list[str]:
    leaves = f"held until {_moment(seen.held_until, zone)}" if seen.held_until else "leaves at once"
    waiting = f", {seen.waiting} waiting until they write" if seen.waiting else ""
    lines = [
        f"Service notice, {leaves}; what has not left by {_moment(seen.plan.expires_at, zone)}"
        " never does",
        f"{seen.recipients} recipients, {seen.unreachable} not reachable{waiting};"
        f" {seen.chosen_otherwise} have chosen otherwise",
        f"about {money(seen.cost)}, {seen.duration.total_seconds() / 60:.1f} minutes",
        *(f"! {warning}" for warning in seen.warnings),
    ]
    for row, number, shown in seen.renditions:
        name = getattr(row.content, "name", "free text")
        lines += ["", f"--- {row.channel}, {row.language}, {row.form} ({name}): {number}", shown]
    return lines


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%A %d.%m.%Y %H:%M}"
