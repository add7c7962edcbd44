"""The first page: one look says whether all is well."""

import gc
from datetime import timedelta

import pytest

from bot import health
from broadcasts import clock, db, figures
from broadcasts.channels.base import Outcome, Text
from broadcasts.delivery import accounts, templates
from broadcasts.delivery.accounts import NumberState
from broadcasts.delivery.broadcasts import Form, Wording
from broadcasts.delivery.heartbeats import Heartbeat
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.newsroom import alerts, posts, releases
from broadcasts.newsroom.posts import Written
from broadcasts.people import inbox
from broadcasts.people.staff import Role
from tests.delivery.makers import broadcast, reader, sent
from tests.desk.conftest import Open
from tests.system import NUMBER, System, beat_everywhere

WELL = "Alles in Ordnung."
GRAVE = "nicht warten."
TO_LOOK_AT = "sollte sich jemand ansehen."


@pytest.fixture(autouse=True)
def well(service: System) -> None:
    """Everything runs, and the provider has been asked."""
    beat_everywhere()
    health.ask(service.city)


def test_it_says_that_all_is_well(desk: Open) -> None:
    page = desk(Role.PRESS).get("/").text
    assert WELL in page
    assert GRAVE not in page
    assert TO_LOOK_AT not in page


def test_it_says_first_what_must_not_wait_and_what_to_do(service: System, desk: Open) -> None:
    service.sandbox.set_template("alert_2h", "de", "PAUSED")
    health.ask(service.city)
    visitor = desk(Role.PRIVACY)
    page = visitor.get("/").text
    assert f"1 Sache {TO_LOOK_AT}" in page
    assert "alert_2h (de) vom Anbieter angehalten, gebraucht für die Warnung" in page
    accounts.stop(NUMBER, Outcome.CREDENTIALS, "190")
    page = visitor.get("/live/state").text
    assert f"1 Sache darf {GRAVE}" in page
    assert "<html" not in page
    assert page.index("Code 190") < page.index("alert_2h")
    assert "neues Zugangstoken in .env" in page


def test_it_says_when_nobody_sends(desk: Open) -> None:
    Heartbeat.delete().where(Heartbeat.part.startswith("sender")).execute()
    page = desk(Role.PRESS).get("/").text
    assert "läuft nicht: sender" in page
    assert GRAVE in page


def test_it_says_when_the_token_ends(service: System, desk: Open) -> None:
    ends = clock.now() + timedelta(days=3)
    service.sandbox.world.token_until = int(ends.timestamp())
    health.ask(service.city)
    page = desk(Role.PRESS).get("/").text
    assert f"endet am {ends.astimezone(service.city.zone):%d.%m.%Y}" in page
    assert TO_LOOK_AT in page


def test_it_says_when_the_messaging_limit_is_too_small(desk: Open) -> None:
    for number in range(3):
        reader(number, window=False)
    NumberState.update(daily_limit=2).execute()
    visitor = desk(Role.PRESS)
    visitor.get("/")
    figures.finish()
    assert "Bereitschaft für eine Warnung" in visitor.get("/").text


def test_it_asks_the_provider_when_nobody_has_for_long(service: System, desk: Open) -> None:
    with db.session():
        figures.forget(health.ASKED)
    service.sandbox.replace_token("another")
    visitor = desk(Role.PRESS)
    visitor.get("/")
    figures.finish()
    assert "Zugang zum Anbieter" in visitor.get("/").text


# ------------------------------------------------------------------ alerts


def test_it_calls_emergency_staff_to_an_alert_that_waits(service: System, desk: Open) -> None:
    draft = alerts.Draft(BroadcastKind.ALERT, "Hochwasser")
    reader(1)
    asked = releases.ask(service.city.newsroom, draft, by="lage")
    link = f'href="/desk/alerts/requests/{asked.id}"'
    page = desk(Role.EMERGENCY).get("/").text
    assert "wartet auf eine zweite Person" in page
    assert link in page
    page = desk(Role.PRESS).get("/").text
    assert "wartet auf eine zweite Person" in page
    assert link not in page.partition("<h1>")[2]


def test_it_names_open_alerts_and_those_that_ran_out_uncleared(desk: Open) -> None:
    now = clock.now()
    sent(
        {DeliveryState.READ: 1},
        kind=BroadcastKind.ALERT,
        state=BroadcastState.FINISHED,
        text="Rauch im Hafen",
    )
    old = sent(
        {DeliveryState.READ: 1},
        kind=BroadcastKind.ALERT,
        state=BroadcastState.FINISHED,
        expires_at=now - timedelta(hours=1),
    )
    page = desk(Role.PRESS).get("/").text
    assert "Rauch im Hafen" in page
    assert f"Warnung {old.id} ist am" in page
    assert GRAVE in page


def test_it_does_not_call_it_well_while_an_alert_hangs_half_sent(desk: Open) -> None:
    counts = {DeliveryState.READ: 2, DeliveryState.CANCELLED: 1}
    row = sent(counts, kind=BroadcastKind.ALERT, state=BroadcastState.STOPPED)
    page = desk(Role.PRESS).get("/").text
    assert f"Warnung {row.id} wurde unterwegs angehalten" in page
    assert GRAVE in page
    assert "Wir senden bis" not in page


# ------------------------------------------------------------------ broadcasts, digest, inbox


def test_it_shows_what_is_going_out(desk: Open) -> None:
    row = sent({DeliveryState.READ: 3, DeliveryState.QUEUED: 1})
    visitor = desk(Role.PRIVACY)
    assert "3 von 4" in visitor.get("/").text
    part = visitor.get("/live/running").text
    assert f'href="/desk/broadcasts/{row.id}"' in part
    assert '<progress value="3" max="4"' in part
    assert "<html" not in part


def test_it_says_what_goes_out_today_to_how_many_at_what_cost(service: System, desk: Open) -> None:
    reader(1)
    reader(2, window=False)
    posts.add(service.city.newsroom, Written("Markt", on=clock.today(service.city.zone)))
    page = desk(Role.PRESS).get("/live/digest").text
    assert "Markt" in page
    assert "in den nächsten Sekunden" in page
    assert "€" in page
    assert "Preise vom" in page
    assert "Stand" in page


def test_it_says_why_nothing_goes_out(desk: Open) -> None:
    page = desk(Role.PRESS).get("/").text
    assert "Heute geht nichts von selbst hinaus: für" in page
    assert "/desk/posts/new" in page
    assert "/desk/posts/new" not in desk(Role.PRIVACY).get("/").text


def test_it_says_that_todays_digest_is_used(service: System, desk: Open) -> None:
    reader(1)
    row = broadcast(on=clock.today(service.city.zone))
    page = desk(Role.PRESS).get("/live/digest").text
    assert "gesendet" in page
    assert f'href="/desk/broadcasts/{row.id}"' in page


def test_it_counts_who_waits_for_an_answer(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    visitor.get("/")
    figures.finish()
    assert "Niemand wartet auf eine Antwort" in visitor.get("/").text
    for number in (1, 2):
        for text in ("Guten Tag", "Hallo?"):
            inbox.receive(reader_of(number), kind="text", text=text, media=None, at=clock.now())
    assert "2 Menschen warten" in visitor.get("/").text
    asked = inbox.Conversation.get(inbox.Conversation.subscriber == reader_of(1))
    inbox.take_answer(asked.id, version=asked.version, by="presse")
    assert "1 Mensch wartet" in visitor.get("/").text


def reader_of(number: int) -> inbox.Subscriber:
    found: inbox.Subscriber | None = inbox.Subscriber.get_or_none(
        inbox.Subscriber.wa_id == f"49176040690{number:02}"
    )
    return found or reader(number)


def test_it_has_no_other_parts(desk: Open) -> None:
    assert desk(Role.PRESS).get("/live/page").status_code == 404


def test_it_shows_an_alert_where_a_repeat_is_free_text(service: System, desk: Open) -> None:
    """As on every channel that tells nobody what has arrived."""
    visitor = desk(Role.PRESS)
    words = tuple(
        Wording("telegram", "de", form, Text("Sturm"), "") for form in (Form.WINDOW, Form.REPEAT)
    )
    broadcast(BroadcastKind.ALERT, wordings=words)
    assert visitor.get("/").status_code == 200


@pytest.mark.sqlite
def test_a_page_that_fails_keeps_nobody_from_writing(
    service: System, desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cursor that was not read to its end, in a failure that garbage collection has not met."""
    visitor = desk(Role.PRESS)
    reader(1)
    broadcast(BroadcastKind.ALERT)

    def fail(broadcast_id: int) -> None:
        cursor = db.database.execute_sql("SELECT 1 FROM broadcast UNION SELECT 2")
        cursor.fetchone()
        error = KeyError("name")
        raise error  # its frame holds it, and it holds its frame

    monkeypatch.setattr(templates, "used_by", fail)
    gc.disable()
    try:
        assert visitor.get("/").status_code == 500
        assert db.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    finally:
        gc.enable()
