"""`stadtbote subscribers …`: counts, moving in, one person's copy, consent, pause and erasure."""

import argparse
from pathlib import Path
from typing import Any

from bot.city import City
from bot.commands.base import Answer, Refused, city, session
from broadcasts import clock, db
from broadcasts.channels.base import Address, Channel
from broadcasts.delivery import heartbeats
from broadcasts.people import pauses, subscribers
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import audit, by_staff, erasure, moving_in, portable, proofs, readable
from broadcasts.privacy import export as exporting
from broadcasts.privacy.erasure import Receipt
from broadcasts.privacy.proofs import EndedConsent
from broadcasts.privacy.receipts import TRIED_FOR

IMPORT_HELP = """\
The first line names the columns, in any order; semicolons are fine, too:

  channel       whatsapp
  address       the phone number, in any spelling
  language      de, en, nl or plain; empty: the city's
  opted_in_at   when consent was given: 2026-05-01 or 2026-05-01T10:30
  evidence      how it was given: "form 17/2026", "wrote Start, list of the old provider"

A row without evidence is refused, and so is one of somebody who left or was erased after
opted_in_at; the rest goes in. Refused rows are named by their line. Everything else, with an
example: docs/moving-in.md
"""

UNKNOWN = "nobody with this address is known"


def count(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        data = {**subscribers.count(), "paused": pauses.count(clock.today(here.zone))}
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
    with session():
        person = _known(here, options)
        data = exporting.export(person)
        lines = list(readable.write(data, here.newsroom, person.language))
        copy = portable.archive(person, here.newsroom) if options.to else b""
    if options.to:
        _write(options.to, copy)
        return Answer({"file": str(options.to), "bytes": len(copy)}, [f"written: {options.to}"])
    return Answer(data, lines)


def _write(path: Path, copy: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(copy)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error


def consent(options: argparse.Namespace) -> Answer:
    """Of a reader, of somebody who left, and the keyed hash of somebody who is gone since."""
    here = city(options)
    channel, address = _read(here, options)
    with session():
        person = subscribers.find(channel.kind, address)
        known = person.address if person is not None else address
        evidence = exporting.evidence_of(person) if person is not None else []
        ended = [_ended(row) for row in proofs.find(channel.kind, known, here.key)]
    if person is None and not ended:
        raise Refused(UNKNOWN)
    lines = [_line(row, row["deed"]) for row in evidence] + [_line(row, "ended") for row in ended]
    data = {"wants": person and str(person.wants), "evidence": evidence, "ended": ended}
    return Answer(data, lines or ["no evidence: this person has never subscribed"])


def _ended(row: EndedConsent) -> dict[str, Any]:
    return {
        "channel": row.channel,
        "wording": row.wording,
        "opted_in_at": row.opted_in_at.isoformat(),
        "ended_at": row.ended_at.isoformat(),
        "kept_until": row.until.isoformat(),
    }


def _line(row: dict[str, Any], what: str) -> str:
    said = [f"{key}={value}" for key, value in row.items() if value and key not in ("deed", "at")]
    return " ".join(part for part in (row.get("at"), what, *said) if part)


def pause(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        person, today = _known(here, options), clock.today(here.zone)
        try:
            with db.transaction():
                since = by_staff.pause(
                    person, options.until, staff=audit.COMMAND_LINE, today=today, now=clock.now()
                )
                audit.record(here.audit_key, audit.COMMAND_LINE, "pause begun by hand")
        except by_staff.PauseError as error:
            raise Refused(str(error)) from error
    data = {"paused_from": since.isoformat(), "paused_until": options.until.isoformat()}
    return Answer(data, [f"No digests up to and including {options.until}; alerts still go."])


def resume(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        person, today = _known(here, options), clock.today(here.zone)
        try:
            with db.transaction():
                since, until = by_staff.resume(
                    person, staff=audit.COMMAND_LINE, today=today, now=clock.now()
                )
                audit.record(here.audit_key, audit.COMMAND_LINE, "pause ended by hand")
        except by_staff.PauseError as error:
            raise Refused(str(error)) from error
    data = {"paused_from": str(since), "paused_until": str(until)}
    return Answer(data, [f"The pause up to {until} is ended: digests go to this person again."])


def _known(here: City, options: argparse.Namespace) -> Subscriber:
    channel, address = _read(here, options)
    person = subscribers.find(channel.kind, address)
    if person is None:
        raise Refused(UNKNOWN)
    return person


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
                texts=here.texts,
            )
        except erasure.NobodyError as error:
            raise Refused(UNKNOWN) from error
        db.truncate_log()
        is_running = bool(heartbeats.alive("sender", clock.now()))
    lines = [f"Erased. Receipt: {receipt.code}", _sent(receipt, is_running=is_running)]
    if receipt.provider_failed:
        lines.append("The provider has not confirmed that it dropped its own entry.")
    data = {
        "code": receipt.code,
        "counts": receipt.counts,
        "provider_confirmed": not receipt.provider_failed,
        "receipt_queued": receipt.is_sent,
    }
    return Answer(data, lines)


def _sent(receipt: Receipt, *, is_running: bool) -> str:
    """Whether the person gets it, too."""
    if not receipt.is_sent:
        return "It cannot be sent to the person now (no open window): give it to them another way."
    if is_running:
        return (
            f"It is being sent to the person, too; that is tried for {TRIED_FOR.seconds} seconds."
        )
    return (
        f"The service does not run: the person gets the receipt only if it is started within"
        f" {TRIED_FOR.seconds} seconds. Until its next start that one message waits with the"
        " address; then it goes, sent or not."
    )
