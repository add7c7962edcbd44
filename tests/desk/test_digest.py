"""The digest on the desk: preview, sending it now, a test to oneself."""

from dataclasses import replace
from datetime import time

import pytest

from bot.desk import here
from broadcasts import clock
from broadcasts.delivery import broadcasts, heartbeats
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import posts
from broadcasts.newsroom.posts import Written
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from broadcasts.settings import QuietHours
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.visitor import heading
from tests.system import System


@pytest.fixture
def queued(service: System) -> None:
    posts.add(service.city.newsroom, Written("Markt", on=clock.today(service.city.zone)))


@pytest.mark.usefixtures("queued")
def test_it_shows_what_goes_out_to_how_many_and_at_what_cost(desk: Open) -> None:
    reader(1)
    reader(2, window=False)
    page = desk(Role.PRESS).get("/digest/").text
    assert page.count("Markt") >= 2
    assert "Im Fenster" in page
    assert "€" in page
    assert "Preise vom" in page


@pytest.mark.usefixtures("queued")
def test_it_says_when_nobody_is_sending(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    assert "Zurzeit sendet kein Prozess" in visitor.get("/digest/").text
    heartbeats.beat("1", "sender")
    assert "Zurzeit sendet kein Prozess" not in visitor.get("/digest/").text


@pytest.mark.usefixtures("queued")
def test_it_sends_once_and_then_says_why_not(desk: Open) -> None:
    reader(1)
    visitor = desk(Role.PRESS)
    assert heading(visitor.get("/digest/send").text) == "Die Tagesnachricht jetzt senden?"
    page = visitor.send("/digest/send", {})
    assert heading(page.text).startswith("Tagesnachricht")
    assert Delivery.select().count() == 1
    again = visitor.post("/digest/send")
    assert again.status_code == 422
    assert "schon eine Tagesnachricht" in again.text
    assert Broadcast.select().count() == 1
    assert len(audit.newest(act="digest sent by hand")) == 1


def test_it_does_not_use_up_a_day_without_a_post(service: System, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    assert "liegt kein Beitrag bereit" in visitor.get("/digest/").text
    assert visitor.post("/digest/send").status_code == 422
    assert broadcasts.digest_of(clock.today(service.city.zone)) is None


@pytest.mark.usefixtures("queued")
def test_it_asks_twice_in_the_quiet_hours(
    service: System, desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = replace(
        service.city.settings, quiet_hours=QuietHours(start=time(0), end=time(23, 59, 59))
    )
    room = replace(service.city.newsroom, settings=quiet)
    monkeypatch.setattr(here, "newsroom", lambda: room)
    visitor = desk(Role.PRESS)
    page = visitor.send("/digest/send", {})
    assert page.status_code == 422
    assert "Es sind Ruhezeiten" in page.text
    assert visitor.send("/digest/send", {"allow_quiet": "y"}).status_code == 200
    assert Broadcast.select().count() == 1


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "ist keine Nummer oder Adresse"),
        ("Rathaus", "ist keine Nummer oder Adresse"),
        ("+49 176 04069009", "noch niemand geschrieben"),
        ("+49 176 04069002", "öffnet Ihr 24-Stunden-Fenster"),
    ],
)
def test_it_says_why_a_test_cannot_go(desk: Open, number: str, said: str) -> None:
    reader(2, window=False)
    page = desk(Role.PRESS).post("/digest/test", {"number": number})
    assert page.status_code == 422
    assert said in page.text


@pytest.mark.usefixtures("queued")
def test_it_sends_a_test_to_one_telephone_and_to_no_other(desk: Open) -> None:
    person = reader(1)
    reader(2)
    page = desk(Role.PRESS).post("/digest/test", {"number": "0176 04069001"})
    assert "Unterwegs zu Ihrem Telefon" in page.text
    row = Delivery.get()
    assert (row.subscriber_id, row.broadcast_id) == (person.id, None)
    assert row.content["body"].startswith("🧪 Probe")
    assert not Broadcast.select().exists()
