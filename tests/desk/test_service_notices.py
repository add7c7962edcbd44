"""Service notices on the desk: writing one, seeing when it leaves, sending it, stopping it."""

from pathlib import Path

import httpx
import pytest

from broadcasts import clock
from broadcasts.delivery import broadcasts, tallies, upkeep
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastState, DeliveryState
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.delivery.makers import reader, sent
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor, fields, heading, signed_in
from tests.newsroom.makers import local
from tests.system import System, running

SATURDAY, MONDAY = "2026-11-28", "2026-11-30"
WATER = {"title": "Wasser abgestellt", "text": "Am Dienstag.", "link": "www.stadt.example"}
UNTIL = "Montag, 30. November, 08:30"


def write(visitor: Visitor, **values: str) -> httpx.Response:
    """Fills in the form and looks at what would happen."""
    answer: httpx.Response = visitor.send("/service-notices/", {**WATER, **values})
    return answer


def confirm(visitor: Visitor, page: str) -> httpx.Response:
    return visitor.http.post("/service-notices/send", data=fields(page))


def test_it_shows_everything_before_it_goes_and_then_that_it_is_held(desk: Open) -> None:
    reader(1)
    with clock.travel(local(SATURDAY, "12:00")):
        visitor = desk(Role.PRESS)
        form = visitor.get("/service-notices/").text
        assert UNTIL in form
        assert "nur Montag bis Freitag von 08:30 bis 17:00 Uhr" in form
        page = write(visitor).text
        assert heading(page) == "Den Service-Hinweis senden?"
        for said in (UNTIL, "Wasser abgestellt", "https://www.stadt.example", "€", "Preise vom"):
            assert said in page
        assert not Broadcast.select().exists()
        own = confirm(visitor, page).text
        assert f"zurückgehalten bis {UNTIL} Uhr" in own
        assert "Mittwoch, 2. Dezember, 17:00" in own, "until when it may leave"
        assert 'id="stop"' in own
        assert 'id="resume"' not in own, "the clock lets it go on"
        for path in ("/", "/broadcasts/"):
            assert f"zurückgehalten bis {UNTIL} Uhr" in visitor.get(path).text, path
        assert "outside_business_hours" not in own
        assert "0 von 0" not in own
        assert "wird gezählt, wenn er hinausgeht" in own
    assert len(audit.newest(act="service notice sent")) == 1


def test_it_goes_at_once_in_business_hours(desk: Open) -> None:
    reader(1)
    with clock.travel(local(MONDAY, "09:00")):
        visitor = desk(Role.PRESS)
        page = write(visitor).text
        assert "Er geht sofort hinaus." in page
        assert "zurückgehalten" not in confirm(visitor, page).text
    assert Delivery.select().count() == 1


def test_it_takes_back_what_was_typed_to_be_changed(desk: Open) -> None:
    with clock.travel(local(MONDAY, "09:00")):
        visitor = desk(Role.PRESS)
        page = write(visitor, text='Zwei\nZeilen & "Zeichen"').text
        back = visitor.http.post("/service-notices/", data={**fields(page), "change": "1"}).text
        typed = fields(back)
    assert typed["text"].strip() == 'Zwei\nZeilen & "Zeichen"'
    assert typed["title"] == WATER["title"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": "x" * 10_000}, "höchstens"),
        ({"text": "Wasser\x00weg"}, "Zeichen, die sich nicht zeigen lassen"),
        ({"text": ""}, ""),
        ({"link": "javascript:alert(1)"}, "Adresse"),
        ({"title": "x" * 200}, "höchstens"),
    ],
)
def test_it_takes_no_nonsense_by_either_door(
    desk: Open, values: dict[str, str], words: str
) -> None:
    reader(1)
    with clock.travel(local(MONDAY, "09:00")):
        visitor = desk(Role.PRESS)
        for answer in (
            write(visitor, **values),
            visitor.send("/service-notices/", {**WATER, **values}, to="/service-notices/send"),
        ):
            assert answer.status_code == 422
            assert words in answer.text
            assert 'class="error"' in answer.text
    assert not Broadcast.select().exists()


def test_it_shows_tags_as_what_they_are(desk: Open) -> None:
    with clock.travel(local(MONDAY, "09:00")):
        visitor = desk(Role.PRESS)
        page = write(visitor, text="<script>alert(1)</script>").text
        assert "<script>alert(1)" not in page
        assert "<script>alert(1)" not in confirm(visitor, page).text


def test_it_sends_one_by_a_double_click_and_refuses_another(desk: Open) -> None:
    reader(1)
    with clock.travel(local(SATURDAY, "12:00")):
        visitor = desk(Role.PRESS)
        page = write(visitor).text
        first, again = confirm(visitor, page), confirm(visitor, page)
        assert str(first.url) == str(again.url)
        refused = write(visitor, text="Noch etwas")
        assert "höchstens einer am Tag" in refused.text
        assert "Dann senden lassen" not in refused.text
        by_force = confirm(visitor, refused.text)
        assert by_force.status_code == 422
        assert "höchstens einer am Tag" in by_force.text
    assert Broadcast.select().count() == 1


def test_it_stops_a_held_one_for_good(desk: Open) -> None:
    reader(1)
    with clock.travel(local(SATURDAY, "12:00")):
        visitor = desk(Role.PRESS)
        confirm(visitor, write(visitor).text)
        row = Broadcast.get()
        visitor.post(f"/broadcasts/{row.id}/resume")
        assert broadcasts.get(row.id).state == BroadcastState.HELD
        assert "Angehalten" in visitor.post(f"/broadcasts/{row.id}/stop").text
    upkeep.look_after(broadcasts.get(row.id), local(MONDAY, "08:30"))
    assert broadcasts.get(row.id).state == BroadcastState.STOPPED


def test_it_is_the_press_offices(desk: Open) -> None:
    row = sent({DeliveryState.QUEUED: 1}, kind="notice")
    assert "/desk/service-notices/" not in desk(Role.EMERGENCY).get("/").text
    visitor = desk(Role.PRESS)
    assert "/desk/service-notices/" in visitor.get("/").text
    assert visitor.get(f"/broadcasts/{row.id}/stop").status_code == 200


def test_it_stands_among_the_figures(desk: Open) -> None:
    row = sent({DeliveryState.READ: 6}, kind="notice", state=BroadcastState.FINISHED)
    tallies.count(row.id, clock.now())
    visitor = desk(Role.PRESS)
    assert "Reichweite der Service-Hinweise" in visitor.get("/statistics/").text
    assert f"{row.id},notice," in visitor.get("/statistics/reach.csv").text.replace(";", ",")
    assert visitor.get(f"/alerts/{row.id}/clear").status_code in (403, 404)


def test_it_is_not_there_without_its_section(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url, loops=False, public_url='"http://localhost"') as system:
        visitor = signed_in(system.city, system.url, Role.PRESS)
        assert "service-notices" not in visitor.get("/").text
        assert visitor.get("/service-notices/").status_code == 404
        assert visitor.post("/service-notices/send", WATER).status_code == 404


def test_it_says_in_the_settings_when_they_leave(service: System, desk: Open) -> None:
    page = desk(Role.ADMIN).get("/settings/").text
    assert "business_hours" in page
    assert "an diesen Tagen gehen sie hinaus" in page
