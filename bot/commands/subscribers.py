"""`stadtbote subscribers …`: counts, moving in, one person's copy, erasure."""

import argparse

from bot.city import City
from bot.commands.base import Answer, Refused, city, session
from broadcasts import clock, db
from broadcasts.channels.base import Address, Channel
from broadcasts.people import subscribers
from broadcasts.privacy import erasure, moving_in
from broadcasts.privacy import export as exporting

IMPORT_HELP = """\
The first line names the columns, in any order; semicolons are fine, too:

  channel       whatsapp
  address       the phone number, in any spelling
  language      de, en or nl; empty: the city's
  opted_in_at   when consent was given: 2026-05-01 or 2026-05-01T10:30
  evidence      how it was given: "form 17/2026", "wrote Start, list of the old provider"

A row without evidence is refused, and so is one of somebody who left or was erased after
opted_in_at; the rest goes in. Refused rows are named by their line. Everything else, with an
example: docs/moving-in.md
"""

UNKNOWN = "nobody with this address is known"


def count(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        data = subscribers.count()
    lines = [f"{key}: {value}" for key, value in data.items() if key != "by_channel"]
    lines += [f"  {kind}: {number}" for kind, number in data["by_channel"].items()]
    return Answer(data, lines)


def import_(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        try:
            report = moving_in.import_readers(
                options.file,
                here.channels,
                key=here.key,
                language=here.settings.city.language,
                zone=here.zone,
                now=clock.now(),
                dry_run=options.dry_run,
            )
        except (moving_in.ImportFileError, OSError) as error:
            raise Refused(f"{options.file}: {error}") from error
    data = report.as_json()
    if options.dry_run:
        data["dry_run"] = True
    done = "would be imported" if options.dry_run else "imported"
    lines = [f"{data['imported']} {done}, {data['unchanged']} were readers already"]
    lines += [f"line {row['line']}: {row['reason']}" for row in data["refused"]]
    return Answer(data, lines)


def _read(here: City, options: argparse.Namespace) -> tuple[Channel, Address]:
    channel = here.channels.get(options.channel)
    if channel is None:
        raise Refused(f"no such channel: {options.channel} (there are: {', '.join(here.channels)})")
    try:
        return channel, channel.address(options.address)
    except ValueError as error:
        raise Refused(str(error)) from error


def export(options: argparse.Namespace) -> Answer:
    here = city(options)
    channel, address = _read(here, options)
    with session():
        person = subscribers.find(channel.kind, address)
        if person is None:
            raise Refused(UNKNOWN)
        data = exporting.export(person)
    lines = [f"{key}: {value}" for key, value in data.items()]
    return Answer(data, lines)


def erase(options: argparse.Namespace) -> Answer:
    here = city(options)
    channel, address = _read(here, options)
    with session():
        try:
            receipt = erasure.erase_and_scrub(
                channel,
                address,
                key=here.key,
                before=clock.now(),
                media=here.config.media_dir,
            )
        except erasure.NobodyError as error:
            raise Refused(UNKNOWN) from error
        db.truncate_log()
    lines = [f"Erased. Receipt: {receipt.code}"]
    if receipt.provider_failed:
        lines.append("The provider has not confirmed that it dropped its own entry.")
    data = {
        "code": receipt.code,
        "counts": receipt.counts,
        "provider_confirmed": not receipt.provider_failed,
    }
    return Answer(data, lines)
