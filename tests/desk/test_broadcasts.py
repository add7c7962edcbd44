"""Broadcasts on the desk."""

import csv
import re
from datetime import timedelta

import pytest

from broadcasts import clock, figures
from broadcasts.channels.base import Receipt
from broadcasts.delivery import broadcasts, holds, outbox
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.holds import RefusedTemplate
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.delivery.makers import sent
from tests.desk.conftest import Open
from tests.desk.visitor import heading
from tests.system import System

pytestmark = pytest.mark.usefixtures("service")


def test_it_lists_the_newest_first_with_what_they_reached(desk: Open) -> None:
    first = sent({DeliveryState.READ: 2}, state=BroadcastState.FINISHED)
    second = sent(
        {DeliveryState.FAILED: 1}, kind=BroadcastKind.ALERT, state=BroadcastState.FINISHED
    )
    visitor = desk(Role.PRIVACY)
    visitor.get("/broadcasts/")
    figures.finish()
    page = visitor.get("/broadcasts/").text
    assert page.index(f"/broadcasts/{second.id}") < page.index(f"/broadcasts/{first.id}")
    assert "Warnung" in page


def test_it_lists_by_when_it_began_also_page_by_page(
    desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.desk.broadcasts.ON_A_PAGE", 2)
    now = clock.now()
    rows = [
        sent({}, started_at=now - timedelta(days=days), kind=BroadcastKind.ALERT)
        for days in (1, 9, 2, 8, 3)
    ]
    visitor, found, path = desk(Role.PRIVACY), list[int](), "/broadcasts/"
    while path:
        page = visitor.get(path).text
        found += [int(id) for id in re.findall(r'href="/desk/broadcasts/(\d+)"', page)]
        older = re.search(r'href="/desk(/broadcasts/\?before=\d+)"', page)
        path = older[1] if older else ""
    assert found == [rows[n].id for n in (0, 2, 4, 3, 1)]


def test_it_says_of_a_stopped_one_what_was_not_sent(desk: Open) -> None:
    counts = {DeliveryState.READ: 6, DeliveryState.CANCELLED: 3, DeliveryState.QUEUED: 1}
    row = sent(counts, kind=BroadcastKind.ALERT, state=BroadcastState.STOPPED)
    page = desk(Role.PRESS).get(f"/broadcasts/{row.id}").text
    assert "6 von 10 hinaus, 4 nicht gesendet (angehalten)" in page
    assert '<progress value="6" max="10"' in page
    assert "noch etwa" not in page


def test_it_shows_bold_words_as_the_messenger_does(desk: Open) -> None:
    row = sent({}, kind=BroadcastKind.ALERT, title="*Sturm*", text="Im *Stadtpark* <b>")
    page = desk(Role.PRESS).get(f"/broadcasts/{row.id}").text
    assert "Im <b>Stadtpark</b> &lt;b&gt;" in page
    assert "*" not in page.split("<main")[1]


def test_it_offers_no_stop_once_it_is_over(desk: Open) -> None:
    row = sent({DeliveryState.QUEUED: 1})
    visitor = desk(Role.PRESS)
    assert (
        f'data-live="/desk/broadcasts/{row.id}/acts"' in visitor.get(f"/broadcasts/{row.id}").text
    )
    assert "Anhalten" in visitor.get(f"/broadcasts/{row.id}/acts").text
    Broadcast.update(state=BroadcastState.FINISHED, finished_at=clock.now()).execute()
    part = visitor.get(f"/broadcasts/{row.id}/acts").text
    assert "Anhalten" not in part
    assert "data-done" in part


@pytest.mark.parametrize(("minutes", "is_drawn"), [(1, False), (5, True)])
def test_it_loads_the_curve_by_itself_and_draws_none_of_one_dot(
    desk: Open, minutes: int, is_drawn: bool
) -> None:
    row = sent({DeliveryState.READ: minutes}, state=BroadcastState.FINISHED)
    for number, made in enumerate(Delivery.select()):
        at = row.created_at + timedelta(minutes=number)
        DeliveryEvent.create(delivery=made, attempt=1, receipt=Receipt.DELIVERED, at=at)
    visitor = desk(Role.PRESS)
    path = f"/broadcasts/{row.id}"
    assert f'data-live="/desk{path}/curve"' in visitor.get(path).text
    figures.finish()
    for answer in (visitor.get(f"{path}/curve").text, visitor.get(path).text):
        assert ("<svg" in answer) is is_drawn
        assert ("keine Kurve" in answer) is not is_drawn
    assert f"{path}/curve" not in visitor.get(path).text


def test_it_shows_how_far_it_is_and_why_some_did_not_arrive(desk: Open) -> None:
    row = sent({DeliveryState.READ: 3, DeliveryState.QUEUED: 1, DeliveryState.FAILED: 1})
    page = desk(Role.PRESS).get(f"/broadcasts/{row.id}").text
    assert "4 von 5" in page
    assert "nicht erreichbar: kein Messenger" in page
    assert f'data-live="/desk/broadcasts/{row.id}/live"' in page


def test_it_moves_by_itself_and_says_when_it_is_over(desk: Open) -> None:
    row = sent({DeliveryState.QUEUED: 2})
    visitor = desk(Role.PRESS)
    assert "data-done" not in visitor.get(f"/broadcasts/{row.id}/live").text
    Delivery.update(state=DeliveryState.SENT).execute()
    Broadcast.update(state=BroadcastState.FINISHED, finished_at=clock.now()).execute()
    part = visitor.get(f"/broadcasts/{row.id}/live").text
    assert "2 von 2" in part
    assert "data-done" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("kind", "role", "may"),
    [
        (BroadcastKind.DIGEST, Role.PRESS, True),
        (BroadcastKind.DIGEST, Role.EMERGENCY, False),
        (BroadcastKind.ALERT, Role.EMERGENCY, True),
        (BroadcastKind.ALERT, Role.PRESS, False),
    ],
)
def test_it_is_stopped_by_those_who_start_such_ones(
    desk: Open, kind: BroadcastKind, role: Role, may: bool
) -> None:
    row = sent({DeliveryState.QUEUED: 1}, kind=kind)
    answer = desk(role).post(f"/broadcasts/{row.id}/stop")
    assert answer.status_code == (200 if may else 403)
    assert (broadcasts.get(row.id).state == BroadcastState.STOPPED) == may


def test_it_asks_before_it_stops_and_writes_down_who_did(service: System, desk: Open) -> None:
    row = sent({DeliveryState.SENT: 1, DeliveryState.QUEUED: 1})
    visitor = desk(Role.PRESS)
    asked = visitor.get(f"/broadcasts/{row.id}/stop")
    assert heading(asked.text) == "Diese Sendung anhalten?"
    assert "1 von 2 sind hinaus" in asked.text
    visitor.send(f"/broadcasts/{row.id}/stop", {})
    entry = audit.newest(act="broadcast stopped")[0]
    assert (entry.staff, entry.about) == ("press-de", f"broadcast {row.id}")
    assert "schon zu Ende" in visitor.post(f"/broadcasts/{row.id}/stop").text
    assert len(audit.newest(act="broadcast stopped")) == 1


def test_it_lets_a_held_one_go_on(desk: Open) -> None:
    row = sent({DeliveryState.QUEUED: 1})
    holds.hold(row.id, "template_paused 132015")
    visitor = desk(Role.PRESS)
    page = visitor.get(f"/broadcasts/{row.id}").text
    assert "der Anbieter hat die Vorlage angehalten (132015)" in page
    assert "Sie geht weiter" in visitor.post(f"/broadcasts/{row.id}/resume").text
    assert "nicht angehalten" in visitor.post(f"/broadcasts/{row.id}/resume").text


def test_it_says_which_template_is_refused_and_tries_it_again_when_told(desk: Open) -> None:
    row = sent({DeliveryState.QUEUED: 1})
    refused = RefusedTemplate("whatsapp", "digest_1", "de", "template_paused 132015")
    holds.refuse(row.id, refused)
    visitor = desk(Role.PRESS)
    page = visitor.get(f"/broadcasts/{row.id}").text
    assert "digest_1 (de) wird hierfür nicht mehr verwendet" in page
    assert "Diese Vorlagen noch einmal versuchen" in page
    assert "Sie geht weiter" in visitor.post(f"/broadcasts/{row.id}/resume").text
    assert "nicht mehr verwendet" not in visitor.get(f"/broadcasts/{row.id}").text
    assert "Diese Vorlagen noch" not in visitor.get(f"/broadcasts/{row.id}/acts").text


def test_it_gives_counts_and_causes_as_a_file_without_a_person(desk: Open) -> None:
    row = sent({DeliveryState.FAILED: 2, DeliveryState.READ: 1})
    answer = desk(Role.PRESS).get(f"/broadcasts/{row.id}/export.csv")
    rows = dict(csv.reader(answer.text.lstrip("\ufeff").splitlines(), delimiter=";"))
    assert (rows["recipients"], rows["delivered"], rows["reached"]) == ("3", "1", "1")
    assert rows["failed unreachable 131026"] == "2"


@pytest.mark.parametrize(("number", "is_shown"), [(4, False), (5, True)])
def test_it_says_nothing_of_reading_where_too_few_were_reached(
    service: System, desk: Open, number: int, is_shown: bool
) -> None:
    row = sent({DeliveryState.READ: number, DeliveryState.FAILED: 3})
    DeliveryEvent.create(delivery=Delivery.get(), attempt=1, receipt=Receipt.READ, at=clock.now())
    today = clock.today(service.city.zone)
    Broadcast.update(on=today, digest_on=today).execute()
    visitor = desk(Role.PRESS)
    paths = ("/broadcasts/", f"/broadcasts/{row.id}")
    for path in paths:
        visitor.get(path)
    figures.finish()
    for path in (*paths, f"/broadcasts/{row.id}/live", "/live/digest"):
        assert ("zu wenige" in visitor.get(path).text) != is_shown, path
    assert ("<td>gelesen</td>" in visitor.get(paths[1]).text) == is_shown
    file = visitor.get(f"/broadcasts/{row.id}/export.csv").text
    rows = dict(csv.reader(file.lstrip("\ufeff").splitlines(), delimiter=";"))
    told = (str(number), "0") if is_shown else ("", str(number))
    assert (rows["read"], rows["delivered"]) == told


def test_it_lists_what_failed_page_by_page(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sent({DeliveryState.FAILED: 3})
    page = desk(Role.PRESS).get(f"/broadcasts/{row.id}/failures").text
    ids = [one.id for one in Delivery.select().where(Delivery.broadcast == row)]
    assert all(f">{id}</td>" in page for id in ids)
    later = desk(Role.PRIVACY).get(f"/broadcasts/{row.id}/failures?after={ids[1]}").text
    assert f">{ids[0]}</td>" not in later
    assert outbox.figures(row.id)["failed"] == 3


def test_it_knows_no_broadcast_that_there_is_not(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    for path in ("", "/live", "/failures", "/stop", "/export.csv"):
        assert visitor.get(f"/broadcasts/77{path}").status_code == 404
