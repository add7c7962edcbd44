"""`stadtbote subscribers …`: counts, moving in, one person's copy, erasure."""

import argparse

from bot.city import City
from bot.commands.base import Answer, Refused, city, session
from broadcasts import clock, db
from broadcasts.channels.base import Address, Channel
from broadcasts.people import subscribers
from broadcasts.privacy import erasure, moving_in
from broadcasts.privacy import export as exporting


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
            )
        except (moving_in.ImportFileError, OSError) as error:
            raise Refused(f"{options.file}: {error}") from error
    data = report.as_json()
    lines = [f"{data['imported']} imported, {data['unchanged']} were readers already"]
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
            raise Refused("nobody with this address is known")
        data = exporting.export(person)
    lines = [f"{key}: {value}" for key, value in data.items()]
    return Answer(data, lines)


def erase(options: argparse.Namespace) -> Answer:
    here = city(options)
    channel, address = _read(here, options)
    with session():
        receipt = erasure.erase_and_scrub(channel, address, key=here.key, before=clock.now())
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
