"""Staff work with persons, and no log line, address, figure or entry of the trail tells of it."""

import base64
import json
import logging
from pathlib import Path

import httpx
import pytest

from bot.app import quiet_libraries
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.desk.test_subscribers import FIND, look_up, slip_of
from tests.desk.visitor import PASSWORD, account, signed_in
from tests.system import APP_SECRET, KEY, TOKEN, running

QUESTION = "Zypressenweg 17, DE02 1203 0000 0000 2020 51"
ANSWER = "Bitte kommen Sie mit Ihrem Ausweis"


def test_it_tells_nobody_of_whom_staff_work_with(
    tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    quiet_libraries()
    hosts = {"public_url": '"http://localhost"', "time": '"23:57"'}
    with running(tmp_path, database_url, **hosts) as system:
        phone = system.phone(1)
        phone.text("Start")
        phone.wait_for(1)
        phone.text(QUESTION)
        phone.wait_for(2)
        visitor = signed_in(system.city, system.url, Role.PRESS, Role.PRIVACY, Role.ADMIN)
        seen: list[str] = []
        visitor.http.event_hooks["response"] = [lambda answer: seen.append(str(answer.url))]
        inbox = "/inbox/1"
        assert "Zypressenweg" in visitor.get(inbox).text
        visitor.send(inbox, {"text": ANSWER}, to=f"{inbox}/answer")
        phone.wait_for(3)
        slip = slip_of(look_up(visitor))
        visitor.post(f"{FIND}/export", {"slip": slip})
        visitor.post(f"{FIND}/erase", {"slip": slip})
        wrong = account(system.city, "vergesslich", Role.PRESS)
        visitor.send("/sign-in", {"name": "vergesslich", "password": "Rotkehlchen-im-Turm"})
        system.settle()
        figures = httpx.get(f"{system.url}/metrics").text + httpx.get(f"{system.url}/healthz").text
        trail = [[row.staff, row.act, row.about, row.detail] for row in audit.newest()]
    ours = [r for r in caplog.records if not r.name.startswith(("asyncio", "bot.sandbox"))]
    lines = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours)
    number = "4917604069001"
    encoded = base64.b64encode(f"\x1d\x0b{number}".encode()).decode()[4:16]
    persons = (number, "04069001", encoded, "wamid.", phone.person.bsuid, "Zypressenweg", ANSWER)
    secrets = (PASSWORD, "Rotkehlchen", wrong, visitor.secret, TOKEN, APP_SECRET, KEY)
    everywhere = {"log": lines, "addresses": "\n".join(seen), "figures": figures}
    for place, text in (*everywhere.items(), ("trail", json.dumps(trail))):
        assert text, place
        for value in (*persons, *secrets):
            assert value not in text, f"{value} in {place}"
