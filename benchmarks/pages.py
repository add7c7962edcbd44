"""How long the desk's pages take on the server, with few rows and with ten million.

Owns: filling the tables and asking for each page. Never: asserts a time. The baseline of each page
is the same page over a hundred readers, in the same run.
"""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.ground import Ground, add_readers, ground
from benchmarks.report import Row
from bot import jobs
from bot.city import City
from bot.desk import areas
from bot.desk.app import create_desk
from broadcasts import clock, db, figures
from broadcasts.channels.base import TemplateMessage, pack
from broadcasts.delivery.broadcasts import Audience, Broadcast, Form, Rendition
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.people import staff
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber

JOBS = {
    "count_growth": jobs.count_growth,
    "count_broadcasts": jobs.count_broadcasts,
}

READERS = 1_000_000
BROADCASTS = 10
ASKED = 15
"""Times for each page; the median counts."""

MOUNT = "http://localhost/desk"
WITHOUT_NUMBERS = re.compile(r"<int:\w+>")

_FILL = """
INSERT INTO delivery (broadcast_id, rendition_id, subscriber_id, channel, account, state, attempt,
    refusals, unknowns, settled_by_silence, outcome, sending_at, changed_at)
SELECT ?, ?, id, channel, account, CASE WHEN id % 50 = 0 THEN 'failed'
    WHEN id % 3 = 0 THEN 'delivered' ELSE 'read' END, 1, 0, 0, 0, 'accepted', ?, ? FROM subscriber
"""

_CONSENT = """
INSERT INTO consent (subscriber_id, deed, channel, wording, evidence, at)
SELECT id, 'opt_in', channel, 'de-1', 'benchmark', created_at FROM subscriber
WHERE id NOT IN (SELECT subscriber_id FROM consent)
"""

_ASK = """
INSERT INTO message (subscriber_id, direction, kind, text, staff, at)
SELECT id, 'in', 'text', '?', '', created_at FROM subscriber WHERE id % 10 = 0
"""

LOOK_UP = "/subscribers/person (somebody found)"


def run(rounds: int) -> Iterator[Row]:
    """Median milliseconds of each page that has no form to send."""
    with ground(100, rate=1000, public_url='"http://localhost"') as here:
        fill(here)
        few = measure(here)
        add_readers(READERS - 100)
        fill(here)
        db.database.execute_sql("ANALYZE")
        counted = warm(here)
        many = [measure(here) for _ in range(rounds)]
        figures.finish()
    for name, seconds in counted.items():
        yield Row("pages", f"s for the job {name}", "with 1,000,000 readers", seconds)
    for page, value in few.items():
        yield Row("pages", f"ms for {page}", "with 100 readers", value)
        for found in many:
            yield Row("pages", f"ms for {page}", "with 1,000,000 readers", found[page], "≤ 50")


def fill(here: Ground) -> None:
    """Ten finished digests to everybody, with their consent and some questions."""
    now = clock.now()
    with db.transaction():
        db.database.execute_sql(_CONSENT)
        db.database.execute_sql(_ASK)
    for days in range(BROADCASTS):
        broadcast = Broadcast.create(
            kind=BroadcastKind.DIGEST,
            state=BroadcastState.FINISHED,
            on=clock.today(here.city.zone) - timedelta(days=days),
            audience=Audience.DIGEST_READERS,
            audience_at=now,
            cut_off=READERS,
            created_at=now,
            started_at=now,
            finished_at=now,
            expires_at=now,
        )
        rendition = Rendition.create(
            broadcast=broadcast,
            channel="whatsapp",
            language="de",
            form=Form.TEMPLATE,
            content=pack(TemplateMessage("digest_1", "de", ())),
            price_category="marketing",
        )
        at = db.moment(now)
        with db.transaction():
            db.database.execute_sql(
                _FILL.replace("?", db.database.param), (broadcast.id, rendition.id, at, at)
            )


def measure(here: Ground) -> dict[str, float]:
    desk = create_desk(here.city)
    with sign_in(desk) as client:
        found = {page: _ask(client, path) for page, path in paths(desk).items()}
        return {**found, LOOK_UP: _look_up(desk, client)}


def warm(here: Ground) -> dict[str, float]:
    """What is dear is counted once, as after a night. Seconds of each job that counts."""
    counted = {name: _seconds(here, job) for name, job in JOBS.items()}
    measure(here)
    figures.finish()
    return counted


def _seconds(here: Ground, job: Callable[[City], str]) -> float:
    began = time.perf_counter()
    job(here.city)
    return time.perf_counter() - began


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


def paths(desk: Flask) -> dict[str, str]:
    """Every page that staff read; where one wants a number, the newest broadcast's. Page → path."""
    newest = Broadcast.select().order_by(Broadcast.id.desc()).get().id
    rules = areas.rules()
    return {
        rule.rule: WITHOUT_NUMBERS.sub(str(newest), rule.rule)
        for rule in desk.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rules[rule.endpoint] and "<path" not in rule.rule
    }


def _look_up(desk: Flask, client: FlaskClient) -> float:
    """One person of a million, whose form is sent."""
    desk.config["WTF_CSRF_ENABLED"] = False
    # The numbers made up for a million readers are too long to be any.
    Subscriber.update(bsuid="US.benchmark").where(Subscriber.id == 42).execute()
    values = {"channel": "whatsapp", "address": "US.benchmark"}
    return _ask(client, "/subscribers/person", data=values, method="POST")


def _ask(client: FlaskClient, path: str, **more: Any) -> float:
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        answer = client.open(path, base_url=MOUNT, **more)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code in (200, 302, 404), f"{path}: {answer.status_code}"
        answer.close()
    return median(taken)
