"""`stadtbote alert …`: the emergency broadcast, its updates and the all-clear.

While nobody can sign in to the desk, `--yes` or a "ja" on the terminal sends. From the first
account on an alert needs two persons, here as on the desk: one writes (`--as`), another releases.
`--yes` breaks the glass: with a reason, audited, told to all staff.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.city import City
from bot.commands import voices
from bot.commands.base import Answer, Refused, ask, city, confirm, session
from bot.commands.digests import money
from broadcasts import clock, db
from broadcasts.delivery import heartbeats
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, readiness, releases
from broadcasts.newsroom.alerts import AlertError, Draft, Outlook, Severity
from broadcasts.newsroom.releases import AlertRequest
from broadcasts.people import staff
from broadcasts.people.selections import Scope
from broadcasts.people.staff import Role
from broadcasts.privacy import audit

NOBODY_SENDS = (
    "no process is sending at the moment: nothing leaves before `stadtbote serve` or"
    " `stadtbote worker` runs"
)


def send(options: argparse.Namespace) -> Answer:
    draft = Draft(
        BroadcastKind.ALERT,
        options.text,
        title=options.title,
        expires_in=options.expires_in,
        severity=Severity(options.severity or ""),
        is_drill=options.drill,
        scope=Scope(tuple(options.topic), tuple(options.district)),
        voices=voices.read(options),
    )
    return _start(options, lambda: draft)


def update(options: argparse.Namespace) -> Answer:
    severity = None if options.severity is None else Severity(options.severity)
    return _start(options, lambda: _follow_up(BroadcastKind.UPDATE, options, severity))


def clear(options: argparse.Namespace) -> Answer:
    return _start(options, lambda: _follow_up(BroadcastKind.CLEAR, options))


def _follow_up(
    kind: BroadcastKind, options: argparse.Namespace, severity: Severity | None = None
) -> Draft:
    draft = alerts.follow_up(kind, options.id, options.text, severity=severity)
    return replace(draft, voices=voices.read(options))


def _start(options: argparse.Namespace, make: Callable[[], Draft]) -> Answer:
    here = city(options)
    with session():
        try:
            draft = make()
            if not staff.are_there_any():
                return _send_at_once(options, here, draft)
            writer = _member(options.name) if options.name else None
            if options.yes:
                return _break_glass(options, here, draft, writer or audit.COMMAND_LINE)
            if writer is None:
                raise Refused(
                    "an alert needs two persons: give --as NAME (somebody else releases it),"
                    " or in an emergency --yes --reason TEXT"
                )
            return _ask(here, draft, writer)
        except AlertError as error:
            raise Refused(str(error)) from error


def _member(name: str) -> str:
    """Of the emergency staff. Raises Refused."""
    account = staff.find(name)
    if account is None or account.disabled_at is not None or not account.has([Role.EMERGENCY]):
        raise Refused(f"--as {name}: no active account of this name has the role emergency")
    return account.name


# ------------------------------------------------------------------ the three ways


def _send_at_once(options: argparse.Namespace, here: City, draft: Draft) -> Answer:
    """Nobody has an account: there is no second person who could be asked."""
    if options.name:
        raise Refused(f"--as {options.name}: there are no accounts yet (stadtbote staff add)")
    seen, lines = _look(here, draft)
    _confirm(options, seen, lines)
    started = alerts.send(here.newsroom, draft, clock.now(), seen=seen)
    return _sent(started, seen, lines)


def _ask(here: City, draft: Draft, writer: str) -> Answer:
    seen, lines = _look(here, draft)
    with db.transaction():
        asked = releases.ask(here.newsroom, draft, by=writer, seen=seen)
        _note(here, "alert written", f"alert request {asked.id}", name=writer, kind=str(draft.kind))
    url = f"{here.newsroom.public_url}/desk/alerts/requests/{asked.id}"
    lines += [
        f"Nothing has been sent. Request {asked.id} waits for a second person:",
        f"  {url}",
        f"  stadtbote alert release {asked.id} --as NAME",
    ]
    return Answer({"request_id": asked.id, "url": url, **seen.as_json()}, lines)


def _break_glass(options: argparse.Namespace, here: City, draft: Draft, who: str) -> Answer:
    reason = options.reason or ask("Why can no second person release it? (told to all staff)")
    if not reason.strip():
        raise Refused("--yes sends it without a second person: give --reason TEXT")
    releases.check_reason(reason)
    seen, lines = _look(here, draft)
    with db.transaction():
        asked = releases.ask(here.newsroom, draft, by=who, seen=seen)
        started = releases.release_alone(here.newsroom, asked, by=who, reason=reason, seen=seen)
        about = f"broadcast {started.id}"
        _note(here, "alert released alone", about, name=who, request=asked.id, reason=reason)
    return _sent(started, seen, [*lines, "All staff are told that no second person released it."])


def release(options: argparse.Namespace) -> Answer:
    """The second person's word for what somebody else has written."""
    here = city(options)
    with session():
        try:
            asked = releases.get(options.request)
            who = _member(options.name)
            releases.check_may_release(asked, who)
            seen, lines = _look(here, asked.draft)
            _confirm(options, seen, [f"Written by {asked.written_by}:", *lines])
            started = _release(here, asked, who, seen)
        except AlertError as error:
            raise Refused(str(error)) from error
    return _sent(started, seen, lines)


def _release(here: City, asked: AlertRequest, who: str, seen: Outlook) -> Broadcast:
    with db.transaction():
        started = releases.release(here.newsroom, asked, by=who, seen=seen)
        releases.tell_of_command_line(started, by=who)
        _note(here, "alert released", f"broadcast {started.id}", name=who, request=asked.id)
    return started


# ------------------------------------------------------------------ what all share


def _note(here: City, act: str, about: str, **detail: Any) -> None:
    """Nobody signs in on the command line: a name given there is a detail, not the actor."""
    audit.record(here.audit_key, audit.COMMAND_LINE, act, about, **detail)


def _confirm(options: argparse.Namespace, seen: Outlook, lines: list[str]) -> None:
    lacking = "" if seen.question is None else "without plain language "
    question = f"Send this {lacking}to {seen.recipients:,} readers now? Type ja or yes:"
    if not options.yes and not confirm("\n".join([*lines, question])):
        raise Refused("not sent: answer ja, or give --yes")


def _look(here: City, draft: Draft) -> tuple[Outlook, list[str]]:
    """What would happen, and the same in lines for people."""
    now = clock.now()
    seen = alerts.outlook(here.newsroom, draft, now)
    lines = _lines(seen, here.zone)
    if draft.kind is BroadcastKind.ALERT and not draft.is_drill:
        ready = readiness.look(here.newsroom, now, expires_in=draft.expires_in)
        lines = [ready.verdict, *lines]
    if not _is_sending():
        lines.append(f"! {NOBODY_SENDS}")
    return seen, lines


def _is_sending() -> bool:
    return bool(heartbeats.alive("sender", clock.now()))


def _lines(seen: Outlook, zone: ZoneInfo) -> list[str]:
    until = seen.plan.expires_at.astimezone(zone)
    arrival = seen.latest_arrival.astimezone(zone)
    waiting = f" ({seen.waiting} until they write)" if seen.waiting else ""
    lines = [
        seen.shown,
        "",
        *(f"--- {language}\n{shown}\n" for language, shown in seen.others.items()),
        f"{seen.recipients} recipients, {seen.unreachable} of them not reachable{waiting};"
        f" about {seen.duration.total_seconds() / 60:.1f} minutes; {money(seen.cost)}",
        f"Sent until {until:%d.%m.%Y %H:%M}; what has left by then is delivered until"
        f" {arrival:%d.%m.%Y %H:%M} at the latest.",
        *(f"! {warning}" for warning in seen.warnings),
    ]
    if seen.chosen_otherwise:
        lines.append(f"{seen.chosen_otherwise} have chosen other topics or districts: not to them.")
    if seen.left_out:
        lines.append(f"{seen.left_out} got the alert, have left since, and are left out.")
    return lines


def _sent(started: Broadcast, seen: Outlook, lines: list[str]) -> Answer:
    data = {"broadcast_id": started.id, **seen.as_json()}
    if _is_sending():
        return Answer(data, [*lines, f"Broadcast {started.id} is going out."])
    data["warnings"] = [*data["warnings"], NOBODY_SENDS]
    return Answer(data, [*lines, f"Broadcast {started.id} waits for a process that sends."])
