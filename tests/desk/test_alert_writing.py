"""Writing alerts, follow-ups and drills on the desk; prepared texts; notices."""

import threading
from typing import Any

import pytest

from broadcasts import clock, figures
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, prepared, releases
from broadcasts.newsroom.alerts import Draft, Severity
from broadcasts.newsroom.releases import AlertRequest
from broadcasts.people import notices, subscribers
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from broadcasts.saying import say
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor, fields, heading
from tests.system import System

TYPED = {"severity": "danger", "title": "Unwetter", "text": "Sturm ab 16 Uhr", "minutes": "90"}


@pytest.fixture
def lage(service: System, desk: Open) -> Visitor:
    reader(1)
    return desk(Role.EMERGENCY)


def write(lage: Visitor, path: str = "/alerts/new", **more: str) -> Any:
    return lage.send(path, {**TYPED, **more})


def sent(service: System, **more: Any) -> Broadcast:
    draft = Draft(BroadcastKind.ALERT, "Sturm", title="Unwetter", **more)
    started = alerts.send(service.city.newsroom, draft, clock.now())
    Delivery.update(state="sent", due_at=None).execute()
    return started


def test_it_puts_what_is_written_before_a_second_person(lage: Visitor) -> None:
    answer = write(lage)
    asked = AlertRequest.get()
    assert str(answer.url).endswith(f"/alerts/requests/{asked.id}")
    assert (asked.draft.text, asked.draft.severity) == ("Sturm ab 16 Uhr", Severity.DANGER)
    assert (asked.expires_in, asked.written_by) == (90 * 60, "emergency-de")
    assert "Bis dahin ist nichts gesendet" in answer.text
    assert not Broadcast.select().exists()
    assert len(audit.newest(act="alert written")) == 1


def test_it_shows_beforehand_what_would_happen_with_and_without_script(lage: Visitor) -> None:
    lage.get("/alerts/new")
    figures.finish()
    for answer in (
        write(lage, preview="1"),
        lage.post("/alerts/preview", {**TYPED, "kind": "alert"}),
    ):
        assert answer.status_code == 200
        assert "🟠 Gefahr · Unwetter" in answer.text
        assert "Alle erreicht in" in answer.text
    assert not AlertRequest.select().exists()


def test_it_does_not_let_the_page_wait_for_the_count_of_followers(
    service: System, lage: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert, counted, may_go_on = sent(service), alerts.counted, threading.Event()
    times: list[int] = []

    def slow(*given: Any) -> Any:
        times.append(1)
        assert may_go_on.wait(20)
        return counted(*given)

    monkeypatch.setattr(alerts, "counted", slow)
    path = f"/alerts/{alert.id}/update"
    try:
        for _ in range(2):
            page = write(lage, path, preview="1").text
            assert "data-pending" in page
    finally:
        may_go_on.set()
    figures.finish()
    assert times == [1]
    assert "Alle erreicht in" in write(lage, path, preview="1").text


@pytest.mark.parametrize("minutes", ["", "0", "zwei", "-5", str(10**15)])
def test_it_previews_whatever_is_typed_so_far(lage: Visitor, minutes: str) -> None:
    typed = {**TYPED, "kind": "alert", "minutes": minutes, "severity": "nichts", "follows": "²"}
    assert lage.post("/alerts/preview", typed).status_code == 200
    assert lage.post("/alerts/preview", {**typed, "kind": "clear"}).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"text": " "}, {"minutes": "0"}, {"minutes": "x"}, {"text": "x" * 1100}, {"title": "x" * 101}],
)
def test_it_says_beside_the_field_what_is_wrong_and_keeps_what_was_typed(
    lage: Visitor, wrong: dict[str, str]
) -> None:
    answer = write(lage, **wrong)
    assert answer.status_code == 422
    assert 'class="field wrong"' in answer.text
    typed = fields(answer.text)
    assert typed["title"] == {**TYPED, **wrong}["title"]
    assert not AlertRequest.select().exists()


def test_it_lets_no_gap_of_a_prepared_text_pass_unsaid(lage: Visitor) -> None:
    text = "Ab [Uhrzeit] wird [schwerer Sturm / Starkregen] erwartet"
    answer = write(lage, text=text)
    assert answer.status_code == 422
    assert "Noch nicht ausgefüllt: [Uhrzeit], [schwerer Sturm / Starkregen]" in answer.text
    assert "So senden, mit den eckigen Klammern" in answer.text
    assert not AlertRequest.select().exists()
    assert "eckigen Klammern" not in lage.get("/alerts/new").text
    write(lage, text=text, brackets="y")
    assert AlertRequest.get().text == text


def test_it_starts_from_a_prepared_text(lage: Visitor) -> None:
    row = prepared.keep(
        title="Trinkwasser", text="Abkochen", severity=Severity.CAUTION, minutes=720, by="a.anders"
    )
    typed = fields(lage.get(f"/alerts/new?prepared={row.id}").text)
    assert (typed["title"], typed["text"].strip(), typed["minutes"]) == (
        "Trinkwasser",
        "Abkochen",
        "720",
    )


def test_it_says_when_another_alert_is_open(service: System, lage: Visitor) -> None:
    assert "Eine andere Warnung" not in lage.get("/alerts/new").text
    sent(service)
    assert "Eine andere Warnung" in lage.get("/alerts/new").text


def test_it_writes_update_and_all_clear_in_one_thread(service: System, lage: Visitor) -> None:
    alert = sent(service, severity=Severity.DANGER)
    page = lage.get(f"/alerts/{alert.id}/clear").text
    assert "Unwetter" in page
    assert 'name="severity"' not in page
    assert fields(page)["minutes"] == "720"
    for kind in ("update", "clear"):
        write(lage, f"/alerts/{alert.id}/{kind}")
    drafts = [row.draft for row in AlertRequest.select().order_by(AlertRequest.id)]
    assert [(d.kind, d.follows) for d in drafts] == [("update", alert.id), ("clear", alert.id)]
    assert [d.severity for d in drafts] == [Severity.DANGER, Severity.NONE]


def test_it_follows_nothing_that_is_over(service: System, lage: Visitor) -> None:
    alert = sent(service)
    clear = alerts.follow_up(BroadcastKind.CLEAR, alert.id, "Vorbei")
    form = {**fields(lage.get(f"/alerts/{alert.id}/update").text), **TYPED}
    alerts.send(service.city.newsroom, clear, clock.now())
    assert "schon die Entwarnung" in heading(lage.get(f"/alerts/{alert.id}/update").text)
    answer = lage.http.post(f"/alerts/{alert.id}/update", data=form)
    assert answer.status_code == 422
    assert "gab es schon die Entwarnung" in answer.text


@pytest.mark.parametrize("path", ["/alerts/99/update", "/alerts/1/nichts", "/alerts/requests/99"])
def test_it_knows_no_other_page(lage: Visitor, path: str) -> None:
    assert lage.get(path).status_code == 404


def test_it_marks_a_drill_from_writing_to_the_list_of_broadcasts(
    service: System, lage: Visitor
) -> None:
    subscribers.volunteer(reader(2), drills=True)
    assert "PROBEALARM" in lage.get("/alerts/new?drill=1").text
    answer = write(lage, "/alerts/new?drill=1")
    assert heading(answer.text).startswith("PROBEALARM")
    asked = AlertRequest.get()
    assert asked.is_drill
    drill = releases.release(service.city.newsroom, asked, by="b.berg")
    assert Delivery.select().count() == 1
    for path in ("/broadcasts/", f"/broadcasts/{drill.id}", f"/broadcasts/{drill.id}/stop"):
        assert "PROBEALARM" in lage.get(path).text, path
    assert "PROBEALARM" in lage.get(f"/alerts/{drill.id}/clear").text


def test_it_offers_follow_ups_on_the_broadcasts_page_to_emergency_staff(
    service: System, desk: Open
) -> None:
    reader(1)
    alert = sent(service, severity=Severity.EXTREME)
    lage, press = desk(Role.EMERGENCY), desk(Role.PRESS)
    link = f"/desk/alerts/{alert.id}/clear"
    assert link in lage.get(f"/broadcasts/{alert.id}").text
    page = press.get(f"/broadcasts/{alert.id}").text
    assert "Höchste Gefahr" in page
    assert link not in page
    clear = alerts.follow_up(BroadcastKind.CLEAR, alert.id, "Vorbei")
    alerts.send(service.city.newsroom, clear, clock.now())
    assert link not in lage.get(f"/broadcasts/{alert.id}").text


# ------------------------------------------------------------------ prepared texts


def test_it_keeps_changes_and_drops_prepared_texts(lage: Visitor) -> None:
    lage.send("/alerts/prepared/new", TYPED)
    (row,) = prepared.everything()
    changed = {**TYPED, "title": "Orkan", "version": "1"}
    lage.send(f"/alerts/prepared/{row.id}", changed)
    assert [one.title for one in prepared.everything()] == ["Orkan"]
    assert "Orkan" in lage.get("/alerts/prepared/").text
    lage.post(f"/alerts/prepared/{row.id}/drop")
    assert prepared.everything() == []
    assert lage.get(f"/alerts/prepared/{row.id}").status_code == 404


def test_it_lets_two_who_edit_one_text_overwrite_nothing(lage: Visitor) -> None:
    lage.send("/alerts/prepared/new", TYPED)
    (row,) = prepared.everything()
    prepared.keep(
        title="Orkan",
        text="Ab [Uhrzeit]",
        severity=Severity.DANGER,
        minutes=60,
        by="other",
        id=row.id,
        version=1,
    )
    mine = {**TYPED, "title": "Sturm", "version": "1"}
    answer = lage.send(f"/alerts/prepared/{row.id}", mine)
    assert answer.status_code == 409
    assert "other hat diesen Text geändert" in answer.text
    typed = fields(answer.text)
    assert (typed["title"], typed["version"]) == ("Sturm", "2")
    assert [one.title for one in prepared.everything()] == ["Orkan"]
    lage.send(f"/alerts/prepared/{row.id}", {**mine, "version": typed["version"]})
    assert [one.title for one in prepared.everything()] == ["Sturm"]


def test_it_says_what_is_wrong_with_a_prepared_text(lage: Visitor) -> None:
    wrong = {**TYPED, "title": "", "minutes": "x"}
    answer = lage.send("/alerts/prepared/new", wrong)
    assert answer.status_code == 422
    answer = lage.send("/alerts/prepared/new", {**TYPED, "title": " "})
    assert answer.status_code == 422
    assert "fehlt" in answer.text
    assert fields(answer.text)["text"].strip() == TYPED["text"]


# ------------------------------------------------------------------ notices


def test_it_shows_a_notice_on_every_page_until_it_was_seen(lage: Visitor) -> None:
    notices.tell(say("Alert %(id)s has run out without an all-clear. Its readers are still"
                     " waiting for one.", id="7"))  # fmt: skip
    page = lage.get("/broadcasts/").text
    assert "Warnung 7 ist ohne Entwarnung abgelaufen" in page
    number = notices.StaffNotice.get().id
    answer = lage.post(f"/notices/{number}/seen", {"back": "/broadcasts/"})
    assert str(answer.url).endswith("/desk/broadcasts/")
    assert "Warnung 7" not in answer.text
    lage.post(f"/notices/{number}/seen")
    assert len(audit.newest(act="notice seen")) == 1


@pytest.mark.parametrize("back", ["//boese.example", "https://boese.example", "/\\boese.example"])
def test_it_leads_nowhere_else(lage: Visitor, back: str) -> None:
    data = {"csrf_token": lage.token(), "back": back}
    answer = lage.http.post("/notices/1/seen", data=data, follow_redirects=False)
    assert answer.headers["location"] == "/desk/"
