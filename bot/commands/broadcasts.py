"""`stadtbote broadcast …`: what has gone out, how far it is, the panic stop."""

import argparse
import sys
import time
from dataclasses import asdict
from typing import Any

from bot.commands.base import Answer, Refused, city, session, table
from broadcasts import clock
from broadcasts.delivery import broadcasts, endings, holds, keeping_hours, outbox, settlements
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import REACHED, UNFINISHED

FOLLOW_EVERY = 0.5
"""Seconds between two looks of --follow."""


def figures(row: Broadcast) -> dict[str, Any]:
    """The keys of `broadcast show --json` (contract)."""
    counts = outbox.figures(row.id)
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "on": row.on.isoformat(),
        **counts,
        "reached": sum(counts[state] for state in REACHED),
        "title": row.title,
        "severity": row.severity,
        "drill": row.is_drill,
        "follows": row.follows_id,
        "held_reason": row.held_reason,
        "refused": [asdict(one) for one in holds.unpack(row.refused)],
        "held_until": _iso(keeping_hours.held_until(row, clock.now())),
        "started_at": _iso(row.started_at),
        "finished_at": _iso(row.finished_at),
        "expires_at": _iso(row.expires_at),
    }


def _iso(at: Any) -> str | None:
    return None if at is None else at.isoformat()


def get(broadcast_id: int) -> Broadcast:
    try:
        return broadcasts.get(broadcast_id)
    except broadcasts.NoSuchBroadcastError as error:
        raise Refused(str(error)) from error


def listing(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        rows = [figures(row) for row in broadcasts.recent()]
    until = ["held_until"] if any(row["held_until"] for row in rows) else []
    columns = ["id", "kind", "state", *until, "on", "recipients", "reached"]
    columns += ["sent", "delivered", "read", "failed", "cancelled"]
    shown = [
        {**row, "kind": f"DRILL {row['kind']}" if row["drill"] else row["kind"]} for row in rows
    ]
    return Answer(rows, table(columns, [[row[c] for c in columns] for row in shown]))


def show(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        row = get(options.id)
        if options.follow:
            row = _follow(row)
        data = figures(row)
        data["failures"] = outbox.causes(row.id)
        data["was_unknown"] = settlements.of(row.id)
    lines = ["DRILL: not a real alert"] if row.is_drill else []
    shown = {key: value for key, value in data.items() if key != "drill"}
    lines += [f"{key}: {value}" for key, value in shown.items() if value not in (None, {}, "")]
    return Answer(data, lines)


def _follow(row: Broadcast) -> Broadcast:
    """Draws a bar with rate and time left on standard error until nothing is open any more."""
    already = _gone(outbox.figures(row.id))
    # Here: `serve` reads this module, too.
    from tqdm import tqdm

    with tqdm(
        total=0, initial=already, unit="msg", file=sys.stderr, desc=f"{row.kind} {row.id}"
    ) as bar:
        while True:
            begin = time.monotonic()
            row = get(row.id)
            now = outbox.figures(row.id)
            bar.total = now["recipients"]
            bar.n = _gone(now)
            bar.set_postfix_str(_trouble(row, now))
            bar.refresh()
            if row.state not in UNFINISHED:
                return row
            # A million rows take a moment to count: looking must not cost more than sending.
            time.sleep(max(FOLLOW_EVERY, 5 * (time.monotonic() - begin)))


def _gone(now: dict[str, int]) -> int:
    waits = now["queued"] + now["sending"] + now["unknown"]
    return now["recipients"] - waits - now["cancelled"] - now["expired"]


def _trouble(row: Broadcast, now: dict[str, int]) -> str:
    """What does not go as it should, by cause."""
    said = [f"{now['unknown']} unknown"] if now["unknown"] else []
    if row.held_reason:
        said.append(f"held: {row.held_reason}")
    said += [f"refused: {one} {one.reason}" for one in holds.unpack(row.refused)]
    if now["failed"] or now["skipped"]:
        said += [f"{cause}: {number}" for cause, number in outbox.causes(row.id).items()]
    return ", ".join(said)


def stop(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        row = get(options.id)
        if row.state not in UNFINISHED:
            raise Refused(f"broadcast {row.id} is {row.state} already")
        endings.stop(row.id)
        data = figures(get(row.id))
    line = f"Stopped. {data['cancelled']} never leave; {data['sending']} were just on the wire."
    return Answer(data, [line])


def resume(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        row = get(options.id)
        if keeping_hours.is_held(row):
            raise Refused(f"broadcast {row.id} goes on by itself when the business hours begin")
        if not holds.resume(row.id):
            raise Refused(f"broadcast {row.id} is not held, but {row.state}")
        data = figures(get(row.id))
    return Answer(data, [f"Broadcast {row.id} goes on."])
