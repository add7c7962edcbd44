"""What the stories have in common: writing, reading, posting as Meta does."""

import hashlib
import hmac
import itertools
import json
from typing import Any

import httpx

from broadcasts import clock, db
from broadcasts.delivery import audience, broadcasts
from broadcasts.newsroom import digests, posts
from broadcasts.newsroom.posts import Written
from broadcasts.people.subscribers import Subscriber
from tests.channels.whatsapp import samples
from tests.system import APP_SECRET, System

COUNT = itertools.count()


def person() -> Subscriber:
    return Subscriber.select().order_by(Subscriber.id.desc()).get()


def said(system: System, *texts: str, last: int = 1) -> list[str]:
    """Writes one after the other, waiting for each answer; gives what was answered."""
    phone = system.phone(last)
    before = len(phone.messages)
    for number, text in enumerate(texts, start=1):
        phone.text(text)
        phone.wait_for(before + number)
    return phone.bodies[before:]


def fresh(**parts: Any) -> dict[str, Any]:
    """A "Start" of this second by somebody who was never erased."""
    now = str(int(clock.now().timestamp()))
    written = {
        "id": f"wamid.{next(COUNT)}",
        "from": "4917604069042",
        "from_user_id": "DE.x42",
        "timestamp": now,
    }
    return samples.message(**{"contacts": None, **written, **parts})


def post(system: System, payload: Any, **headers: str) -> httpx.Response:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    digest = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    sent = {"X-Hub-Signature-256": f"sha256={digest}", **headers}
    return httpx.post(f"{system.url}/webhooks/whatsapp", content=raw, headers=sent)


def digest(system: System) -> int:
    """A digest of a day that has had none."""
    broadcasts.Broadcast.update(digest_on=None).execute()
    posts.add(system.city.newsroom, Written("Markt", on=clock.today(system.city.zone)))
    started = digests.send(system.city.newsroom, now=clock.now(), allow_quiet=True)
    audience.write_all_waiting(system.city.channels)
    return started.id


def everything_stored(system: System) -> bytes:
    """SQLite: every byte of its files. PostgreSQL: every row of every table (its files are its
    own; what a vacuum has to do there is said in docs/scaling.md)."""
    if db.is_sqlite():
        files = system.config.parent.glob("*.db*")
        return b"".join(path.read_bytes() for path in files)
    tables = [f'"{table}"' for table in db.database.get_tables()]
    tables += [f'erasures."{table}"' for table in db.database.get_tables("erasures")]
    rows = (row for table in tables for row in _rows(table))
    return "\n".join(map(str, rows)).encode()


def _rows(table: str) -> list[tuple[object, ...]]:
    return list(db.database.execute_sql(f"SELECT * FROM {table}").fetchall())
