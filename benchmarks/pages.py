"""How long the desk's pages take on the server, with few rows and with ten million.

Owns: filling the tables and asking for each page. Never: asserts a time. The baseline of each page
is the same page over a hundred readers, in the same run.
"""

import re
import time
from collections.abc import Iterator
from statistics import median

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.ground import Ground, add_readers, ground
from benchmarks.report import Row
from bot.desk import areas
from bot.desk.app import create_desk
from broadcasts import clock, db, figures
from broadcasts.delivery.broadcasts import Audience, Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.people import staff
from broadcasts.people.staff import Role

READERS = 1_000_000
BROADCASTS = 10
ASKED = 15
"""Times for each page; the median counts."""

MOUNT = "http://localhost/desk"
WITHOUT_NUMBERS = re.compile(r"<int:\w+>")

_FILL = """
INSERT INTO delivery (broadcast_id, subscriber_id, channel, account, state, attempt, refusals,
    unknowns, settled_by_silence, outcome, sending_at, changed_at)
SELECT ?, id, channel, account, CASE WHEN id % 50 = 0 THEN 'failed' WHEN id % 3 = 0 THEN 'delivered'
    ELSE 'read' END, 1, 0, 0, 0, 'accepted', ?, ? FROM subscriber
"""


def run(rounds: int) -> Iterator[Row]:
    """Median milliseconds of each page that has no form to send."""
    with ground(100, rate=1000, public_url='"http://localhost"') as here:
        _fill(here)
        few = measure(here)
        add_readers(READERS - 100)
        _fill(here)
        db.database.execute_sql("ANALYZE")
        warm(here)
        many = [measure(here) for _ in range(rounds)]
    for page, value in few.items():
        yield Row("pages", f"ms for {page}", "with 100 readers", value)
        for found in many:
            yield Row("pages", f"ms for {page}", "with 1,000,000 readers", found[page], "≤ 50")


def _fill(here: Ground) -> None:
    """Ten finished digests to everybody."""
    now = clock.now()
    for _ in range(BROADCASTS):
        broadcast = Broadcast.create(
            kind=BroadcastKind.DIGEST,
            state=BroadcastState.FINISHED,
            on=clock.today(here.city.zone),
            audience=Audience.DIGEST_READERS,
            audience_at=now,
            cut_off=READERS,
            created_at=now,
            started_at=now,
            finished_at=now,
            expires_at=now,
        )
        with db.transaction():
            db.database.execute_sql(_FILL, (broadcast.id, db.moment(now), db.moment(now)))


def measure(here: Ground) -> dict[str, float]:
    desk = create_desk(here.city)
    with sign_in(desk) as client:
        return {path: _ask(client, path) for path in paths(desk)}


def warm(here: Ground) -> None:
    """What is dear is counted once, as after a night."""
    measure(here)
    figures.finish()


def sign_in(desk: Flask) -> FlaskClient:
    name = "messung"
    if (account := staff.find(name)) is None:
        account, _ = staff.add(name, list(Role))
        account.is_first_password, account.code_secret = False, "set"
        account.save()
    client = desk.test_client()
    with client.session_transaction(base_url=MOUNT) as session:
        session["_user_id"] = account.get_id()
        session["began"] = session["seen"] = int(time.time())
    return client


def paths(desk: Flask) -> list[str]:
    """Every page that staff read; where one wants a number, the newest broadcast's."""
    newest = Broadcast.select().order_by(Broadcast.id.desc()).get().id
    rules = areas.rules()
    return [
        WITHOUT_NUMBERS.sub(str(newest), rule.rule)
        for rule in desk.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rules[rule.endpoint] and "<path" not in rule.rule
    ]


def _ask(client: FlaskClient, path: str) -> float:
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        answer = client.get(path, base_url=MOUNT)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code in (200, 404), f"{path}: {answer.status_code}"
        answer.close()
    return median(taken)
