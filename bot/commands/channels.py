"""`stadtbote channel move`: readers of one channel on their way to another."""

import argparse

from bot.commands.base import Answer, Refused, city, session
from broadcasts import clock, db
from broadcasts.privacy import audit, relocating
from broadcasts.privacy.relocating import Move, Report


def move(options: argparse.Namespace) -> Answer:
    here = city(options)
    for kind in (options.origin, options.target):
        if kind not in here.channels:
            known = ", ".join(here.channels)
            raise Refused(f"no such channel: {kind} (there are: {known})")
    if options.origin == options.target:
        raise Refused("these are the same channel")
    if here.channels[options.target].pages is not None:
        raise Refused(f"nobody can write their code on {options.target}: they sign up there anew")
    origin, target = here.channels[options.origin], here.channels[options.target]
    meant = Move(here.newsroom, origin, target, here.key, clock.now())
    with session():
        done = relocating.run(meant, dry_run=True)
        if not options.dry_run:
            with db.transaction():
                about = f"{origin.kind} to {target.kind}"
                detail = relocating.counts(done)
                audit.record(here.audit_key, audit.COMMAND_LINE, "channel moved", about, **detail)
            done = relocating.run(meant)
    text = relocating.post_text(meant)
    data = {**done.as_json(), "post": text, "dry_run": options.dry_run}
    return Answer(data, _lines(done, target.kind, text, dry_run=options.dry_run))


def _lines(done: Report, target: str, text: str, *, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    lines = [
        f"{done.linked} have {target} linked: {would}reached there from now on",
        f"{done.told} {would}told now, each with a code of their own that is valid for 14 days",
    ]
    if done.told_before:
        lines.append(f"{done.told_before} were told before; their code is still valid")
    if done.to_tell:
        lines += [f"{done.to_tell} can only be told by a post; here is its text:", "", text]
    return lines
