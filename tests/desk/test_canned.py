"""Canned answers on the desk: written once, inserted with two clicks, changed by one at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import answers, satisfaction
from broadcasts.newsroom.satisfaction import RatingCount
from broadcasts.people.staff import Role
from tests.desk.conftest import Open
from tests.desk.test_inbox import asked, reply, typed
from tests.desk.visitor import fields


def test_it_inserts_a_canned_answer_without_a_script(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    visitor.send("/canned/new", {"title": "Zeiten", "text": "Mo-Fr 8 bis 12 Uhr.", "language": ""})
    (row,) = answers.canned()
    page = reply(visitor, number, "Guten Tag,", canned=str(row.id), insert="1")
    assert typed(page) == "Guten Tag,\n\nMo-Fr 8 bis 12 Uhr."
    assert not Delivery.select().exists()
    page = reply(visitor, number, "Guten Tag,", canned="99", insert="1")
    assert typed(page) == "Guten Tag,"


def test_it_keeps_changes_and_drops_canned_answers(desk: Open) -> None:
    visitor = desk(Role.EMERGENCY)
    wrong = visitor.send("/canned/new", {"title": "", "text": "Ja.", "language": ""})
    assert wrong.status_code == 422
    assert "fehlt" in wrong.text
    assert typed(wrong.text) == "Ja."
    visitor.send("/canned/new", {"title": "Ja", "text": "Ja.", "language": "de"})
    (row,) = answers.canned()
    visitor.send(f"/canned/{row.id}", {"text": "Ja, gern.", "language": "de"})
    assert "Ja, gern." in visitor.get("/canned/").text
    visitor.post(f"/canned/{row.id}/drop")
    assert answers.canned() == []
    assert visitor.get(f"/canned/{row.id}").status_code == 404


def test_it_tells_the_second_of_two_who_change_a_canned_answer(desk: Open) -> None:
    first, second = desk(Role.PRESS), desk(Role.EMERGENCY)
    row = answers.keep_canned("Zeiten", "Montag", language="", by="presse")
    opened = {**fields(first.get(f"/canned/{row.id}").text), "language": "", "text": "Freitag"}
    second.send(f"/canned/{row.id}", {"text": "Dienstag", "language": ""})
    page = first.http.post(f"/canned/{row.id}", data=opened)
    assert page.status_code == 409
    assert "emergency-de hat diesen Baustein geändert" in page.text
    assert "Dienstag" in page.text
    assert typed(page.text) == "Freitag"
    assert answers.canned()[0].text == "Dienstag"
    first.http.post(f"/canned/{row.id}", data={**fields(page.text), "language": ""})
    assert answers.canned()[0].text == "Freitag"


def test_it_keeps_what_was_typed_into_a_canned_answer_deleted_meanwhile(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    row = answers.keep_canned("Zeiten", "Montag", language="", by="presse")
    opened = {**fields(visitor.get(f"/canned/{row.id}").text), "language": "", "text": "Freitag"}
    answers.drop_canned(row.id)
    page = visitor.http.post(f"/canned/{row.id}", data=opened)
    assert (page.status_code, typed(page.text)) == (422, "Freitag")
    assert 'action="/desk/canned/new"' in page.text


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ("Stopp", "ein Wort des Dienstes selbst"),
        ("Hilfe bitte", "ein Wort des Dienstes selbst"),
        ("!!!", "kein Stichwort"),
        ("x" * 61, "kein Stichwort"),
        ("müll", "beantwortet schon"),
    ],
)
def test_it_refuses_keywords_that_would_never_be_answered(
    desk: Open, keywords: str, said: str
) -> None:
    visitor = desk(Role.PRESS)
    first = {"title": "Müll", "text": "Dienstags.", "language": "", "keywords": "Müll, Abfall"}
    assert "Müll, Abfall" in visitor.send("/canned/new", first).text
    second = {"title": "Zweite", "text": "Ja.", "language": "", "keywords": keywords}
    page = visitor.send("/canned/new", second)
    assert page.status_code == 422
    assert said in page.text
    # Its own keywords stay its own.
    (row,) = answers.canned()
    kept = visitor.send(f"/canned/{row.id}", {**first, "text": "Mittwochs."})
    assert kept.status_code == 200
    assert answers.canned()[0].text == "Mittwochs."


def test_closing_asks_whether_it_helped_and_the_statistics_count(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    office = replace(visitor.city.settings.office, satisfaction=True)
    settings = replace(visitor.city.settings, office=office)
    object.__setattr__(visitor.city.newsroom, "settings", settings)
    reply(visitor, number, "Gern geschehen.", close="1")
    assert "geholfen" in str(Delivery.select().order_by(Delivery.id.desc()).first().content)
    this_week = satisfaction.monday(clock.today(visitor.city.zone))
    RatingCount.insert(week=this_week, rating="good", number=7).execute()
    RatingCount.insert(week=this_week - timedelta(weeks=1), rating="good", number=4).execute()
    page = visitor.get("/statistics/").text
    assert "Wurde geholfen?" in page
    assert ">7<" in page
    assert "zu wenige" in page
