"""Statistics: pictures with their tables and files, and nobody's habits in any of them."""

import csv
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import jobs
from bot.desk import charts
from broadcasts import clock, figures
from broadcasts.delivery import billing
from broadcasts.delivery.states import BroadcastKind, DeliveryState
from broadcasts.people.inbox import Direction, Message
from broadcasts.people.staff import Role
from tests.delivery.makers import reader, sent
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor
from tests.system import System, running

S = DeliveryState


def rows(visitor: Visitor, name: str) -> list[Mapping[str, str]]:
    text = visitor.get(f"/statistics/{name}.csv").text
    assert text.startswith("\ufeff")
    return list(csv.DictReader(text.lstrip("\ufeff").splitlines(), delimiter=";"))


def test_it_shows_whom_each_digest_reached(service: System, desk: Open) -> None:
    row = sent({S.READ: 6, S.DELIVERED: 2, S.FAILED: 2})
    jobs.count_broadcasts(service.city)
    visitor = desk(Role.PRIVACY)
    page = visitor.get("/statistics/").text
    assert 'aria-label="Empfänger, zugestellt und gelesen"' in page
    assert f"Tagesnachricht {row.id}" in page
    assert "75,0" in page
    (found,) = rows(visitor, "reach")
    assert (found["recipients"], found["reached"], found["read"]) == ("10", "8", "6")
    assert (found["day"], found["read_share"]) == (row.on.isoformat(), "0,75")


@pytest.mark.parametrize(("recipients", "is_shown"), [(4, False), (5, True)])
def test_it_says_nothing_of_reading_among_a_few(
    service: System, desk: Open, recipients: int, is_shown: bool
) -> None:
    sent({S.READ: recipients})
    jobs.count_broadcasts(service.city)
    visitor = desk(Role.PRESS)
    page = visitor.get("/statistics/").text
    assert ("zu wenige" in page) != is_shown
    assert "Bei weniger als 5 Empfängern" in page
    assert bool(rows(visitor, "reach")[0]["read"]) == is_shown


def test_it_tells_alerts_apart(service: System, desk: Open) -> None:
    sent({S.READ: 6}, kind=BroadcastKind.ALERT)
    sent({S.READ: 6}, kind=BroadcastKind.ALERT, is_drill=True)
    jobs.count_broadcasts(service.city)
    visitor = desk(Role.EMERGENCY)
    assert "Reichweite der Warnungen" in visitor.get("/statistics/").text
    assert [row["kind"] for row in rows(visitor, "reach")] == ["alert"]


def test_it_shows_the_month_against_the_budget(tmp_path: Path, database_url: str) -> None:
    from tests.desk.visitor import signed_in

    lines = {"public_url": '"http://localhost"', "per_month": '"20"', "hard_cap": "true"}
    with running(tmp_path, database_url, loops=False, **lines) as system:
        month = clock.today(system.city.zone).replace(day=1)
        billing.add({(month, "whatsapp", "marketing"): 100, (month, "whatsapp", "odd"): 3})
        visitor = signed_in(system.city, system.url, Role.PRESS)
        page = visitor.get("/statistics/").text
        assert "11,31\u00a0€" in page
        assert "56,6" in page  # of a hundred
        assert "kein Preis bekannt: 3" in page
        assert "wartet auf den nächsten Monat" in page
        *lines_of, whole = [row for row in rows(visitor, "costs") if row["messages_billed"] != "0"]
        assert [row["category"] for row in lines_of] == ["marketing", "odd"]
        assert (whole["amount_billed"], whole["currency"]) == ("11,31", "EUR")
        figures.finish()


def test_it_says_how_soon_questions_are_answered(desk: Open) -> None:
    person, asked = reader(1), clock.now() - timedelta(days=1)
    for direction, at in ((Direction.IN, asked), (Direction.OUT, asked + timedelta(minutes=20))):
        Message.create(subscriber=person, direction=direction, kind="text", text="?", at=at)
    visitor = desk(Role.PRESS)
    assert "werden gerade gezählt" in visitor.get("/statistics/").text
    figures.finish()
    assert "20 Minuten" in visitor.get("/statistics/").text
    (row,) = rows(visitor, "answers")
    assert (row["questions"], row["answered"], row["median_minutes"]) == ("1", "1", "20,0")


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_has_a_page_before_anything_has_happened(desk: Open, language: str) -> None:
    answer = desk(Role.PRESS, language=language).get("/statistics/")
    assert answer.status_code == 200
    assert "<svg" not in answer.text


def test_it_draws_in_the_pages_language(service: System, desk: Open) -> None:
    for day in range(3):
        on = date(2026, 11, 20) + timedelta(days=day)
        sent({S.READ: 1200}, on=on, digest_on=on) if day == 0 else sent({S.READ: 5}, on=on)
    jobs.count_broadcasts(service.city)
    for language, number, on in (("de", "1.500", "22.11."), ("en", "1,500", "22 Nov")):
        visitor = desk(Role.PRESS, language=language)
        texts = re.findall(r"<text[^>]*>([^<]+)<", visitor.get("/statistics/").text)
        assert number in texts
        assert on in texts


def test_it_tells_lines_apart_without_colours(service: System, desk: Open) -> None:
    sent({S.READ: 6})
    sent({S.READ: 6}, on=date(2026, 11, 23))
    jobs.count_broadcasts(service.city)
    dashes = re.findall(r'stroke-dasharray="([^"]*)"', desk(Role.PRESS).get("/statistics/").text)
    assert len(set(dashes)) >= 3


def test_it_draws_one_point_and_no_point() -> None:
    assert charts.lines("Nichts", [("eins", [])]) == ""
