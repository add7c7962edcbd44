"""Alerts on the desk: what waits, the second person's word, broken glass."""

import threading
from datetime import timedelta

import pytest

from broadcasts import clock, db, figures
from broadcasts.delivery import broadcasts, heartbeats, holds
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, releases
from broadcasts.newsroom.alerts import Draft, Severity
from broadcasts.newsroom.releases import AlertRequest, RequestState
from broadcasts.people import subscribers
from broadcasts.people.attempts import Attempt
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor, heading
from tests.newsroom.makers import approve, local
from tests.system import System

REASON = "Die Kollegin ist nicht erreichbar"


@pytest.fixture(autouse=True)
def one_reader(service: System) -> None:
    reader(1)


@pytest.fixture
def lage(desk: Open) -> Visitor:
    """Of the emergency staff, named emergency-de."""
    return desk(Role.EMERGENCY)


def written(service: System, by: str = "a.anders", **more: object) -> AlertRequest:
    values = {"title": "Unwetter", "severity": Severity.DANGER, **more}
    draft = Draft(BroadcastKind.ALERT, "Sturm ab 16 Uhr", **values)
    return releases.ask(service.city.newsroom, draft, by=by)


def state(asked: AlertRequest) -> RequestState:
    return RequestState(releases.get(asked.id).state)


# ------------------------------------------------------------------ the first page


def test_it_shows_what_waits_what_is_open_and_how_ready_it_is(
    service: System, lage: Visitor
) -> None:
    asked = written(service)
    alerts.send(
        service.city.newsroom, Draft(BroadcastKind.ALERT, "Hochwasser", is_drill=True), clock.now()
    )
    assert "wird gerade gezählt" in lage.get("/alerts/").text
    figures.finish()
    page = lage.get("/alerts/").text
    assert f"/desk/alerts/requests/{asked.id}" in page
    assert "Hochwasser" in page
    assert "PROBEALARM" in page
    assert "alle Leserinnen und Leser erreichen (1)" in page
    assert "Zurzeit sendet kein Prozess" in page
    heartbeats.beat("1", "sender")
    part = lage.get("/alerts/live").text
    assert "Zurzeit sendet kein Prozess" not in part
    assert f"/desk/alerts/requests/{asked.id}" in part
    assert "<html" not in part


def test_it_says_that_an_alert_stands_still(service: System, lage: Visitor) -> None:
    alert = alerts.send(service.city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    assert "Sie steht still" not in lage.get("/alerts/").text
    holds.hold(alert.id, "template_paused 132015")
    for path in ("/alerts/", "/alerts/live", "/"):
        page = lage.get(path).text
        assert "Sie steht still: der Anbieter hat die Vorlage angehalten (132015)" in page


def test_it_reminds_of_a_missing_all_clear(service: System, lage: Visitor) -> None:
    with clock.travel(clock.now() - timedelta(hours=3)):
        alert = alerts.send(service.city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    page = lage.get("/alerts/").text
    assert "ohne Entwarnung abgelaufen" in page
    assert f"/desk/alerts/{alert.id}/clear" in page


def test_it_calls_the_second_person_on_every_page(service: System, desk: Open) -> None:
    second, press = desk(Role.EMERGENCY), desk(Role.PRESS)
    asked = written(service)
    assert f"/desk/alerts/requests/{asked.id}" in second.get("/").text
    assert f"/desk/alerts/requests/{asked.id}" not in press.get("/").text


# ------------------------------------------------------------------ two persons


def test_it_goes_when_the_second_person_says_so(service: System, lage: Visitor) -> None:
    asked = written(service)
    path = f"/alerts/requests/{asked.id}"
    shown = lage.get(path).text
    assert f'data-live="/desk{path}/outlook"' in shown
    figures.finish()
    assert "data-done" in lage.get(f"{path}/outlook").text
    shown = lage.get(path).text
    assert "/outlook" not in shown
    assert "Sturm ab 16 Uhr" in shown
    assert "🟠 Gefahr · Unwetter" in shown
    answer = lage.post(f"/alerts/requests/{asked.id}/release")
    assert heading(answer.text).startswith("Warnung: Unwetter")
    assert "🟠 Gefahr" in answer.text
    assert Delivery.select().count() == 1
    (entry,) = audit.newest(act="alert released")
    assert (entry.staff, entry.detail) == ("emergency-de", {"request": asked.id})


def test_it_lets_no_writer_release_their_own(service: System, lage: Visitor) -> None:
    asked = written(service, by="emergency-de")
    assert "Freigeben und jetzt senden" not in lage.get(f"/alerts/requests/{asked.id}").text
    answer = lage.post(f"/alerts/requests/{asked.id}/release")
    assert answer.status_code == 422
    assert "gibt sie nicht selbst frei" in answer.text
    assert not Broadcast.select().exists()


def test_it_takes_a_double_click_for_one(service: System, lage: Visitor) -> None:
    asked, token = written(service), lage.token()
    lage.get(f"/alerts/requests/{asked.id}")  # counted once
    answers: list[str] = []

    def click() -> None:
        answer = lage.http.post(f"/alerts/requests/{asked.id}/release", data={"csrf_token": token})
        answers.append(heading(answer.text))

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert [answer.startswith("Warnung: Unwetter") for answer in answers] == [True, True]
    assert Broadcast.select().count() == 1


def test_it_says_on_a_stale_page_who_has_decided(service: System, lage: Visitor) -> None:
    asked = written(service)
    releases.refuse(asked, by="b.berg", reason="Der Sturm zieht vorbei")
    for act in ("release", "refuse"):
        answer = lage.post(f"/alerts/requests/{asked.id}/{act}")
        assert answer.status_code == 409
        assert "Darüber hat b.berg schon entschieden" in answer.text
        assert "Der Sturm zieht vorbei" in answer.text
    assert not Broadcast.select().exists()


def test_it_refuses_with_a_reason_and_lets_it_be_written_anew(
    service: System, lage: Visitor
) -> None:
    asked = written(service)
    lage.post(f"/alerts/requests/{asked.id}/refuse", {"reason": "Uhrzeit fehlt"})
    assert state(asked) is RequestState.REFUSED
    assert "Uhrzeit fehlt" in lage.get(f"/alerts/requests/{asked.id}").text
    assert "Sturm ab 16 Uhr" in lage.get(f"/alerts/new?again={asked.id}").text


def test_it_lets_the_writer_take_it_back(service: System, lage: Visitor) -> None:
    asked = written(service, by="emergency-de")
    lage.post(f"/alerts/requests/{asked.id}/refuse")
    assert state(asked) is RequestState.WITHDRAWN


def test_it_offers_no_release_of_what_is_too_old(service: System, lage: Visitor) -> None:
    with clock.travel(clock.now() - releases.WAITS):
        asked = written(service)
    page = lage.get(f"/alerts/requests/{asked.id}").text
    assert "niemand rechtzeitig entschieden" in page
    assert "/release" not in page
    assert "zu alt, nie entschieden" in lage.get("/alerts/").text
    assert lage.post(f"/alerts/requests/{asked.id}/release").status_code == 422
    assert not Broadcast.select().exists()


def test_it_counts_nobody_between_the_click_and_the_first_message(
    service: System, lage: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from broadcasts.newsroom import reach

    asked = written(service)
    monkeypatch.setattr(figures, "CHEAP", -1.0)  # as with a million readers
    lage.get(f"/alerts/requests/{asked.id}")
    figures.finish()
    monkeypatch.setattr(reach, "groups", lambda *_, **__: pytest.fail("counted"))
    lage.post(f"/alerts/requests/{asked.id}/release")
    assert state(asked) is RequestState.RELEASED


def test_it_tells_the_writers_page_what_was_decided(service: System, lage: Visitor) -> None:
    asked = written(service, by="emergency-de")
    path = f"/alerts/requests/{asked.id}"
    page = lage.get(path).text
    assert f'data-live="/desk{path}/fate"' in page
    assert "Seite neu laden" in page  # without a script
    assert "data-decided" not in lage.get(f"{path}/fate").text
    releases.release(service.city.newsroom, releases.get(asked.id), by="b.berg")
    part = lage.get(f"{path}/fate").text
    assert "data-done data-decided" in part
    assert "freigegeben, von b.berg" in part
    assert "fate" not in lage.get(path).text


def test_it_shows_the_text_before_the_button_and_warns_of_gaps(
    service: System, lage: Visitor
) -> None:
    draft = Draft(BroadcastKind.ALERT, "Ab [Uhrzeit] Sturm")
    asked = releases.ask(service.city.newsroom, draft, by="a.anders")
    path = f"/alerts/requests/{asked.id}"
    for counted in (False, True):
        page = lage.get(path).text
        button = page.index("Freigeben und jetzt senden")
        assert page.index("Ab [Uhrzeit] Sturm") < button, counted
        assert page.index("Im Text stehen noch eckige Klammern: [Uhrzeit]") < button
        figures.finish()


def test_it_wants_a_reason_for_a_refusal(service: System, lage: Visitor) -> None:
    asked = written(service)
    for reason in ("", " "):
        answer = lage.post(f"/alerts/requests/{asked.id}/refuse", {"reason": reason})
        assert answer.status_code == 422
        assert 'class="field wrong"' in answer.text
    assert state(asked) is RequestState.WAITING


def test_it_gives_of_a_drill_one_verdict_about_its_group(service: System, lage: Visitor) -> None:
    path = f"/alerts/requests/{written(service, is_drill=True).id}"
    verdict = "Eine Warnung würde alle Leserinnen"
    lage.get("/alerts/")
    lage.get(path)
    figures.finish()
    page = lage.get(path).text
    assert verdict not in page
    assert "Niemand würde" in page
    assert verdict in lage.get(f"/alerts/requests/{written(service).id}").text
    subscribers.volunteer(reader(2), drills=True)
    figures.Figure.delete().execute()
    lage.get(path)
    figures.finish()
    page = lage.get(path).text
    assert "Der Probealarm würde 1 von 1 erreichen" in page
    assert "Probealarm von a.anders wartet" in lage.get("/").text


def test_it_says_until_when_it_is_sent_and_delivered(service: System, lage: Visitor) -> None:
    approve(service.city.newsroom)
    with clock.travel(local("2026-11-24", "03:36")):
        draft = Draft(BroadcastKind.ALERT, "Sturm", expires_in=timedelta(hours=3))
        seen = alerts.outlook(service.city.newsroom, draft, clock.now())
        row = alerts.send(service.city.newsroom, draft, clock.now(), seen=seen)
        Broadcast.update(state="finished", finished_at=clock.now()).execute()
        times = alerts.times(broadcasts.get(row.id))
        Broadcast.update(state="stopped").execute()
        assert alerts.times(broadcasts.get(row.id)).sent_until is None
        Broadcast.update(state="finished").execute()
    assert times.carriers == seen.times.carriers == ("whatsapp",)
    Broadcast.update(expires_at=clock.now() + timedelta(hours=3)).execute()
    until = broadcasts.get(row.id).expires_at.astimezone(service.city.zone)
    for path in ("/", "/alerts/"):
        page = lage.get(path).text
        assert f"Wir senden bis {until:%d.%m.%Y %H:%M}." in page
        assert "WhatsApp stellt spätestens bis 24.11.2026 15:36 noch zu." in page


# ------------------------------------------------------------------ broken glass


def alone(lage: Visitor, asked: AlertRequest, code: str, reason: str = REASON) -> str:
    data = {"reason": reason, "code": code}
    return lage.post(f"/alerts/requests/{asked.id}/alone", data).text


def next_code(lage: Visitor) -> str:
    """The one of the present half minute was used to sign in."""
    import pyotp

    return pyotp.TOTP(lage.secret).at(clock.now() + timedelta(seconds=30))


def test_it_goes_alone_with_a_sentence_and_a_code_and_all_are_told(
    service: System, desk: Open
) -> None:
    lage, press = desk(Role.EMERGENCY), desk(Role.PRESS)
    asked = written(service, by="emergency-de")
    page = alone(lage, asked, next_code(lage))
    assert heading(page).startswith("Warnung: Unwetter")
    assert state(asked) is RequestState.ALONE
    told = press.get("/").text
    assert "emergency-de hat allein freigegeben, ohne eine zweite Person: Warnung 1" in told
    assert REASON in told
    (entry,) = audit.newest(act="alert released alone")
    assert entry.detail["reason"] == REASON


@pytest.mark.parametrize(("code", "reason"), [("000000", REASON), ("", REASON), (None, "eilig")])
def test_it_keeps_the_glass_whole_without_both(
    service: System, lage: Visitor, code: str | None, reason: str
) -> None:
    asked = written(service, by="emergency-de")
    right = next_code(lage)
    page = alone(lage, asked, right if code is None else code, reason)
    assert 'class="field wrong"' in page
    assert reason in page
    assert not Broadcast.select().exists()
    if code is None:
        alone(lage, asked, right)  # the code was not used up by it
        assert state(asked) is RequestState.ALONE


def test_it_cannot_be_broken_by_trying_codes(service: System, lage: Visitor) -> None:
    asked = written(service, by="emergency-de")
    for number in range(5):
        alone(lage, asked, f"00000{number}")
    assert "Zu viele Versuche" in alone(lage, asked, next_code(lage))
    assert not Broadcast.select().exists()
    assert Attempt.select().count() == 5


def test_it_is_for_the_writer_only(service: System, lage: Visitor) -> None:
    asked = written(service)
    alone(lage, asked, next_code(lage))
    assert state(asked) is RequestState.WAITING


def test_it_has_everything_in_english_too(service: System, desk: Open) -> None:
    asked = written(service, is_drill=True)
    page = desk(Role.EMERGENCY, language="en").get(f"/alerts/requests/{asked.id}").text
    assert "DRILL" in page
    assert "Release and send now" in page
    with db.transaction():
        releases.refuse(asked, by="b.berg", reason="Too early")
