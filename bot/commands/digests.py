"""`stadtbote digest …`: preview, and sending today's now."""

import argparse

from bot.commands.base import Answer, Refused, city, session
from bot.commands.broadcasts import figures
from broadcasts import clock
from broadcasts.delivery import audience
from broadcasts.delivery.broadcasts import AlreadySentError
from broadcasts.newsroom import digests
from broadcasts.newsroom.digests import DigestError, Preview
from broadcasts.newsroom.pricing import Cost


def money(cost: Cost) -> str:
    rates = f"rates of {cost.priced_on}" if cost.priced_on else "no rate known"
    missing = f", {cost.unpriced} messages without a rate" if cost.unpriced else ""
    return f"{cost.amount} {cost.currency} ({rates}{missing})"


def preview(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        now = clock.now()
        found = digests.preview(here.newsroom, options.on or clock.today(here.zone), now)
        stopped = found.over_budget if here.settings.budget.hard_cap else None
        return Answer(found.as_json(), list(_lines(found)), complaint=stopped or "")


def _lines(found: Preview) -> list[str]:
    lines = [
        f"Digest of {found.on}: {len(found.posts)} posts",
        f"{found.recipients} recipients: {found.in_window} inside their window,"
        f" {found.outside_window} outside, {found.unreachable} not reachable"
        + (f", {found.waiting} waiting until they write" if found.waiting else "")
        + (f", {found.paused} left out because they pause" if found.paused else "")
        + (f", {found.chosen_otherwise} chose otherwise" if found.chosen_otherwise else ""),
        f"about {money(found.cost)}, {found.duration.total_seconds() / 60:.1f} minutes",
        *(f"! {warning}" for warning in found.warnings),
    ]
    has_editions = any(row.edition for row, _, _ in found.renditions)
    for row, number, shown in found.renditions:
        if has_editions and not number:
            continue
        held = "+".join(str(found.posts[at].id) for at in found.places(row))
        about = f" posts {held}" if has_editions else ""
        name = getattr(row.content, "name", "free text")
        picture = ", with picture" if row.content.picture else ""
        head = f"--- {row.channel}, {row.language}, {row.form} ({name}{picture}){about}: {number}"
        lines += ["", head, shown]
    return lines


def send(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        try:
            started = digests.send(here.newsroom, now=clock.now(), allow_quiet=options.yes)
        except (DigestError, AlreadySentError) as error:
            raise Refused(str(error)) from error
        audience.write_some(started, here.channels)
        data = {"broadcast_id": started.id, **figures(started)}
    lines = [f"Broadcast {started.id} is going out; stadtbote broadcast show {started.id} --follow"]
    return Answer(data, lines)
