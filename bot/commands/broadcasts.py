"""`stadtbote broadcast …`: what has gone out, how far it is, the panic stop."""

import argparse
import sys
import time
from typing import Any

from tqdm import tqdm

from bot.commands.base import Answer, Refused, city, session, table
from broadcasts.delivery import broadcasts, outbox
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import UNFINISHED

FOLLOW_EVERY = 0.5
"""Seconds between two looks of --follow."""


def figures(row: Broadcast) -> dict[str, Any]:
    """The keys of `broadcast show --json` (contract)."""
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "on": row.on.isoformat(),
        **outbox.figures(row.id),
        "title": row.title,
        "follows": row.follows_id,
        "held_reason": row.held_reason,
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
    columns = ["id", "kind", "state", "on", "recipients", "sent", "delivered", "read", "failed"]
    return Answer(rows, table(columns, [[row[c] for c in columns] for row in rows]))


def show(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        row = get(options.id)
        if options.follow:
            row = _follow(row)
        data = figures(row)
        data["failures"] = outbox.causes(row.id)
        data["was_unknown"] = outbox.settlements(row.id)
    lines = [f"{key}: {value}" for key, value in data.items() if value not in (None, {}, "")]
    return Answer(data, lines)


def _follow(row: Broadcast) -> Broadcast:
    """Draws a bar on standard error until nothing is open any more."""
    with tqdm(total=0, unit="msg", file=sys.stderr, desc=f"{row.kind} {row.id}") as bar:
        while True:
            row = get(row.id)
            now = outbox.figures(row.id)
            bar.total = now["recipients"]
            bar.n = now["recipients"] - now["queued"] - now["sending"] - now["unknown"]
            bar.set_postfix(failed=now["failed"], unknown=now["unknown"])
            bar.refresh()
            if row.state not in UNFINISHED:
                return row
            time.sleep(FOLLOW_EVERY)


def stop(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        row = get(options.id)
        if row.state not in UNFINISHED:
            raise Refused(f"broadcast {row.id} is {row.state} already")
        outbox.stop(row.id)
        data = figures(get(row.id))
    line = f"Stopped. {data['cancelled']} never leave; {data['sending']} were just on the wire."
    return Answer(data, [line])


def resume(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        row = get(options.id)
        if not broadcasts.resume(row.id):
            raise Refused(f"broadcast {row.id} is not held, but {row.state}")
        data = figures(get(row.id))
    return Answer(data, [f"Broadcast {row.id} goes on."])
