"""`stadtbote privacy …`, `backup`, `restore`: what must be provable, and what must survive."""

import argparse
from dataclasses import asdict

from bot.city import City
from bot.commands.base import Answer, Refused, city, confirm, session
from broadcasts.privacy import backups, erasure_log, search
from broadcasts.privacy.backups import Backup, BackupError
from broadcasts.privacy.erasure_log import Provider

PROVIDER = {
    Provider.NOTHING: "was not asked",
    Provider.ASKED: "is just being asked",
    Provider.DONE: "has confirmed",
    Provider.NOT_REACHED: "could not be reached within a minute",
}


def verify(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        found = erasure_log.verify(options.code, here.key)
    if found is None:
        nothing = {"found": False, "erased_at": None, "counts": None, "provider": None}
        return Answer(nothing, complaint="no erasure has this receipt")
    data = {
        "found": True,
        "erased_at": found.erased_at.isoformat(),
        "counts": found.counts,
        "provider": str(found.provider),
    }
    lines = [
        f"Erased at {found.erased_at.astimezone(here.zone):%Y-%m-%d %H:%M}.",
        *(f"  {table}: {number}" for table, number in found.counts.items() if number),
        f"The provider {PROVIDER[found.provider]}.",
    ]
    return Answer(data, lines)


def places(here: City) -> search.Places:
    config = here.config
    return search.Places(folder=config.folder, media=config.media_dir, logs=config.logs)


def look(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        try:
            who = search.meant(here.channels, options.address)
        except ValueError as error:
            raise Refused(str(error)) from error
        found = search.everywhere(places(here), who, options.also)
    kept = backups.listing(here.config.backup_dir)
    data = {
        "found": [find.as_json() for find in found],
        "backups": [
            {"file": str(backup.path), "gone_on": str(_gone_on(here, backup))} for backup in kept
        ],
    }
    lines = [f"{find.where}: {find.rows}" for find in found] or ["Found nowhere."]
    if kept:
        lines.append("Backups are encrypted and not searched; each is deleted by itself:")
        lines += [f"  {backup.path}: on {_gone_on(here, backup)}" for backup in kept]
    return Answer(data, lines)


def _gone_on(here: City, backup: Backup) -> object:
    return backup.gone_on(here.settings.backup.keep_days, here.zone)


def backup(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        try:
            made = backups.make(here.backup_source(options.to))
        except BackupError as error:
            raise Refused(str(error)) from error
    data = {
        "file": str(made.path),
        "made_at": made.made_at.isoformat(),
        "gone_on": str(_gone_on(here, made)),
        "bytes": made.path.stat().st_size,
    }
    return Answer(
        data, [f"{made.path} ({data['bytes']} bytes, verified; deleted on {data['gone_on']})"]
    )


def _trail(lost: int | None) -> str:
    if lost == 0:
        return "No entry of the audit trail is missing."
    number = "cannot be known here" if lost is None else lost
    return (
        f'Entries of the audit trail since then that are gone: {number}; "audit verify" does not'
        " miss them, because the trail was put back with its end."
    )


def restore(options: argparse.Namespace) -> Answer:
    from bot import restore as restoring

    here = city(options)
    question = "This replaces the database and the pictures of this city. Go on? (yes/no)"
    if options.ask and not confirm(question):
        raise Refused("nothing was done")
    try:
        done = restoring.run(
            here,
            options.file,
            nothing_went_out=options.nothing_went_out,
            without_erasure_log=options.without_erasure_log,
        )
    except BackupError as error:
        raise Refused(f"{options.file}: {error}") from error
    lines = [
        f"Put back, as it was at {done.made_at}.",
        f"Erasures since, repeated: {done.erased_again}",
        f"Opt-outs since, repeated: {done.opted_out_again}",
        f"Messages that were open, held back: {done.held_back}",
        f"Posts that count as sent: {done.posts_used_up}",
        "Who joined since then is missing, and has to write Start again.",
        "Alerts that were in force then count as over: look at each.",
        _trail(done.audit_entries_lost),
    ]
    return Answer(asdict(done), lines)
