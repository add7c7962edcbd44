"""No line of any logger names a person (invariant 9): the whole flow with every logger open."""

import base64
import logging
from pathlib import Path

import pytest

from bot.app import quiet_libraries
from broadcasts import clock
from broadcasts.delivery.states import BroadcastKind
from broadcasts.faults import where
from broadcasts.newsroom import alerts
from broadcasts.newsroom.alerts import Draft
from broadcasts.people.subscribers import Subscriber
from tests.patience import wait_until
from tests.system import APP_SECRET, TOKEN, running

SECRET_WORDS = "Zypressenweg 17"


def test_it_names_nobody_in_any_line(
    tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    quiet_libraries()
    with running(tmp_path, database_url, time='"23:57"') as system:
        phone = system.phone(1)
        for number, text in enumerate(("Start", SECRET_WORDS, "Stopp", "Start"), start=1):
            phone.text(text)
            phone.wait_for(number)
        alerts.send(system.city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
        phone.wait_for(5)
        system.sandbox.faults.plan("code", 1, 131026)
        phone.text("Hilfe")
        system.sandbox.tell("1234567890", "messages", {"id": "wamid.x", "type": "text"})
        phone.text("Alle Daten löschen")
        wait_until(lambda: Subscriber.select().count() == 0)
        system.settle()
    ours = [r for r in caplog.records if not r.name.startswith(("asyncio", "bot.sandbox"))]
    lines = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours)
    assert lines
    number = "4917604069001"
    encoded = base64.b64encode(f"\x1d\x0b{number}".encode()).decode()[4:16]
    for value in (number, encoded, "wamid.", phone.person.bsuid, SECRET_WORDS, TOKEN, APP_SECRET):
        assert value not in lines, value


def test_it_says_where_something_failed_without_what_was_in_it() -> None:
    try:
        int("+49 176 04069001")
    except ValueError as error:
        said = where(error)
    assert said.startswith("ValueError at test_silence.py:")
    assert "04069001" not in said
