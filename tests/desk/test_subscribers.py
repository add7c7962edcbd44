"""Counts for all staff; one person for data protection only."""

import csv
import io
import json
import re
import time
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from bot import conversation, jobs
from broadcasts import clock, journal
from broadcasts.channels.base import MessageIn
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import consent, growth, subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import audit, erasure, erasure_log, rights
from tests.delivery.makers import ACCOUNT, linked, reader
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor, fields, heading
from tests.system import NUMBER, System

pytestmark = pytest.mark.usefixtures("service")

FIND = "/subscribers/person"


def joined(number: int, **more: Any) -> Subscriber:
    person = reader(number, **more)
    deed = Deed.ALERTS_ONLY if person.wants == Wants.ALERTS_ONLY else Deed.OPT_IN
    consent.record(person, deed, at=clock.now(), message_id=f"wamid.{number}", wording="de-1")
    return person


def look_up(visitor: Visitor, typed: str = "0176 / 040 690 01") -> str:
    answer = visitor.send(FIND, {"channel": "whatsapp", "address": typed})
    assert isinstance(answer.text, str)
    return str(answer.text)


def slip_of(page: str) -> str:
    return fields(page)["slip"]


# ------------------------------------------------------------------ counts


def test_it_counts_by_class_channel_and_language(desk: Open) -> None:
    joined(1)
    joined(2, wants=Wants.ALERTS_ONLY, language="en")
    page = desk(Role.PRESS).get("/subscribers/").text
    figures = dict(re.findall(r"<dt>(.*?)</dt><dd>(\d+)", page))
    assert figures == {
        "Leser": "2",
        "Mit Tagesnachricht": "1",
        "Nur Warnungen": "1",
        "Abgemeldet": "0",
    }
    assert "WhatsApp" in page
    assert "Englisch" in page


def test_it_draws_growth_with_the_table_behind_it(service: System, desk: Open) -> None:
    joined(1)
    jobs.count_growth(service.city)
    visitor = desk(Role.EMERGENCY)
    for by in ("day", "week"):
        page = visitor.get(f"/subscribers/?by={by}").text
        assert page.count('class="chart wide"') == 2
        assert 'aria-label="Leser im Lauf der Zeit"' in page
        assert "Dasselbe als Tabelle" in page


def test_it_says_when_nothing_has_been_counted_yet(desk: Open) -> None:
    assert "wird gerade gezählt" in desk(Role.ADMIN).get("/subscribers/").text


def test_it_gives_all_days_as_a_file(service: System, desk: Open) -> None:
    joined(1)
    growth.note_imported("whatsapp", 3, clock.today(service.city.zone))
    jobs.count_growth(service.city)
    text = desk(Role.PRESS).get("/subscribers/growth.csv").text
    assert text.startswith("\ufeffday;channel;joined;imported;")
    (row,) = csv.DictReader(text.lstrip("\ufeff").splitlines(), delimiter=";")
    assert (row["joined"], row["imported"], row["with_digests"]) == ("1", "3", "1")


def test_it_names_nobody_to_whoever_counts(service: System, desk: Open) -> None:
    joined(1)
    jobs.count_growth(service.city)
    visitor = desk(Role.PRESS)
    for path in ("/subscribers/", "/subscribers/growth.csv"):
        assert "04069001" not in visitor.get(path).text
    assert "nachschlagen" not in visitor.get("/subscribers/").text
    assert "nachschlagen" in desk(Role.PRIVACY).get("/subscribers/").text


# ------------------------------------------------------------------ one person


@pytest.mark.parametrize("typed", ["+49 176 04069001", "0176/04069001", "4917604069001"])
def test_it_finds_one_by_any_spelling_and_says_what_is_held(desk: Open, typed: str) -> None:
    joined(1)
    page = look_up(desk(Role.PRIVACY), typed)
    assert heading(page).startswith("Eine Person")
    assert "+4917604069001" in page
    assert "Tagesnachrichten und Warnungen" in page
    assert "eigene Nachricht" in page
    assert "offen bis" in page


def test_it_finds_one_by_the_messengers_own_id(desk: Open) -> None:
    subscribers.learn(joined(1), subscribers.Address(None, "DE.geheim1"))
    assert "DE.geheim1" in look_up(desk(Role.PRIVACY), "DE.geheim1")


def test_it_says_so_where_nobody_is_known(desk: Open) -> None:
    page = look_up(desk(Role.PRIVACY))
    assert heading(page) == "Mit dieser Adresse ist niemand bekannt"
    assert "Kopie speichern" not in page


def test_it_keeps_what_was_typed_where_it_is_no_address(desk: Open) -> None:
    answer = desk(Role.PRIVACY).send(FIND, {"channel": "whatsapp", "address": "Frau Muster"})
    assert answer.status_code == 422
    assert "Geben Sie eine Telefonnummer" in answer.text
    assert fields(answer.text)["address"] == "Frau Muster"


def test_it_never_puts_a_person_into_an_address(desk: Open) -> None:
    person = joined(1)
    page = look_up(desk(Role.PRIVACY))
    slip = slip_of(page)
    for place in re.findall(r'(?:href|action)="([^"]*)"', page):
        assert "04069001" not in place
        assert slip not in place
        assert not place.endswith(f"/{person.id}")
    assert "04069001" not in slip


def test_it_gives_the_whole_copy_as_a_file(desk: Open) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    answer = visitor.post(f"{FIND}/export", {"slip": slip_of(look_up(visitor))})
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert json.loads(packed.read("daten.json"))["wa_id"] == "4917604069001"
    assert "Was Sie bekommen" in packed.read("lesbar.txt").decode()
    assert "04069001" not in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"


def test_it_opts_out_by_hand_with_the_reason_as_evidence(desk: Open) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    values = {"slip": slip_of(look_up(visitor)), "reason": "Brief vom 3.11.", "farewell": "y"}
    page = visitor.post(f"{FIND}/opt-out", values).text
    assert "Abgemeldet. Was noch nicht hinaus ist" in page
    assert Subscriber.get().wants == Wants.STOPPED
    row = Consent.select().order_by(Consent.id.desc()).get()
    assert (row.deed, row.evidence) == (Deed.BY_STAFF, "privacy-de: Brief vom 3.11.")
    assert Delivery.select().where(Delivery.broadcast.is_null()).count() == 1
    assert "Von Hand abgemeldet" in page


def test_it_asks_for_the_reason_and_keeps_the_person(desk: Open) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    values = {"slip": slip_of(look_up(visitor)), "reason": " "}
    answer = visitor.post(f"{FIND}/opt-out", values)
    assert answer.status_code == 422
    assert "schreiben Sie, wie die Person" in answer.text
    assert "+4917604069001" in answer.text
    assert Subscriber.get().wants == Wants.EVERYTHING


def test_it_asks_once_more_before_it_erases_and_shows_the_receipt(
    service: System, desk: Open
) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    values = {"slip": slip_of(look_up(visitor))}
    asked = visitor.post(f"{FIND}/ask-erasure", values).text
    assert heading(asked) == "Alles von dieser Person löschen?"
    assert Subscriber.select().count() == 1
    page = visitor.post(f"{FIND}/erase", {"slip": slip_of(asked)}).text
    code = re.search(r"<strong>([A-Z2-9]{8,})</strong>", page)
    assert code
    assert erasure_log.verify(code[1], service.city.key) is not None
    assert Subscriber.select().count() == Consent.select().count() == 0
    assert "04069001" not in page
    assert audit.newest(act="person erased")[0].about == f"receipt {code[1]}"


def test_it_sends_the_receipt_to_the_person_or_says_that_it_cannot(desk: Open) -> None:
    visitor = desk(Role.PRIVACY)
    for is_open in (True, False):
        Delivery.delete().execute()
        reader(1, window=is_open)
        slip = slip_of(look_up(visitor))
        asked = visitor.post(f"{FIND}/ask-erasure", {"slip": slip}).text
        page = visitor.post(f"{FIND}/erase", {"slip": slip}).text
        assert ("als hätte sie selbst im Chat" in asked) is is_open
        assert ("wird auch der Person gesendet" in page) is is_open
        assert ("Geben Sie ihr die Quittung auf anderem Weg" in page) is not is_open
        assert Delivery.select().count() == is_open


def test_it_erases_what_is_left_of_somebody_without_a_row(desk: Open) -> None:
    visitor = desk(Role.PRIVACY)
    slip = slip_of(look_up(visitor))
    assert heading(visitor.post(f"{FIND}/erase", {"slip": slip}).text) != "Gelöscht"
    journal.keep_strange("whatsapp", "unreadable", '{"from": "4917604069001"}')
    assert heading(visitor.post(f"{FIND}/erase", {"slip": slip}).text) == "Gelöscht"


def test_it_writes_down_each_act_without_the_person(desk: Open) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    slip = slip_of(look_up(visitor))
    visitor.post(f"{FIND}/export", {"slip": slip})
    visitor.post(f"{FIND}/opt-out", {"slip": slip, "reason": "Frau Muster rief an"})
    visitor.post(f"{FIND}/erase", {"slip": slip})
    entries = audit.newest()[:4]
    assert [entry.act for entry in entries[::-1]] == [
        *("person looked up", "person exported", "person opted out by hand", "person erased")
    ]
    said = json.dumps([[entry.about, entry.detail, entry.staff] for entry in entries])
    assert "04069001" not in said
    assert "Muster" not in said


def test_it_corrects_restricts_and_notes_an_objection(desk: Open) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    slip = slip_of(look_up(visitor))
    values = {"slip": slip, "note": "Das Handy gehört jetzt der Tochter", "language": "en"}
    page = visitor.post(f"{FIND}/correct", values).text
    assert "Das Handy gehört jetzt der Tochter" in page
    assert Subscriber.get().language == "en"
    assert "Eingeschränkt seit" in visitor.post(f"{FIND}/restrict", {"slip": slip}).text
    assert Subscriber.get().wants == Wants.RESTRICTED
    assert "Bitten Sie Pressestelle oder" in visitor.post(f"{FIND}/found", {"slip": slip}).text
    assert "Widersprochen am" in visitor.post(f"{FIND}/object", {"slip": slip}).text
    for act in ("lift", "objection-back"):
        page = visitor.post(f"{FIND}/{act}", {"slip": slip}).text
    assert "Eingeschränkt seit" not in page
    assert "Widersprochen am" not in page
    assert Subscriber.get().wants == Wants.EVERYTHING
    assert [entry.act for entry in audit.newest()[:5]] == [
        *("objection taken back", "restriction lifted", "objection noted", "person restricted"),
        "person corrected",
    ]


def test_it_says_that_who_wrote_start_gets_messages_although_restricted(
    service: System, desk: Open
) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    slip = slip_of(look_up(visitor))
    page = visitor.post(f"{FIND}/restrict", {"slip": slip}).text
    assert "werden gesendet, und nichts" in page
    person, now = Subscriber.get(), clock.now()
    message = MessageIn("wamid.again", ACCOUNT, person.address, now, "Start")
    conversation.react(service.city, person, message)
    page = visitor.post(f"{FIND}/found", {"slip": slip}).text
    assert "trotz Einschränkung selbst wieder angemeldet" in page
    assert "bekommt deshalb wieder Nachrichten" in page
    assert "werden gesendet, und nichts" not in page
    assert rights.has_come_back(Subscriber.get())
    rights.lift(Subscriber.get(), now)
    assert not rights.has_come_back(Subscriber.get())


def test_it_says_what_is_wrong_with_a_note_and_keeps_it(desk: Open) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    long = "Sohn " * 101
    values = {"slip": slip_of(look_up(visitor)), "note": long, "language": "de"}
    answer = visitor.post(f"{FIND}/correct", values)
    assert answer.status_code == 422
    assert "500" in answer.text
    assert long.strip() in answer.text


def test_it_believes_no_slip_but_its_own_fresh_one(
    desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(1)
    one = desk(Role.PRIVACY)
    slip = slip_of(look_up(one))
    other = desk(Role.PRIVACY, language="en")
    for visitor, sent in ((other, slip), (one, "x"), (one, ""), (one, slip[:-9] + "AAAAAAAA=")):
        page = visitor.post(f"{FIND}/erase", {"slip": sent}).text
        assert "Nothing was done" in page or "Es wurde nichts getan" in page
    late = time.time() + timedelta(minutes=16).total_seconds()
    monkeypatch.setattr(time, "time", lambda: late)
    assert "Es wurde nichts getan" in one.post(f"{FIND}/erase", {"slip": slip}).text
    assert Subscriber.select().count() == 1


def test_it_does_nothing_with_somebody_who_has_gone_meanwhile(service: System, desk: Open) -> None:
    person = joined(1)
    visitor = desk(Role.PRIVACY)
    slip = slip_of(look_up(visitor))
    erasure.erase(
        person,
        key=service.city.key,
        before=clock.now(),
        media=service.city.config.media_dir,
    )
    for act in ("export", "opt-out", "found", "correct", "restrict"):
        page = visitor.post(f"{FIND}/{act}", {"slip": slip, "reason": "x"}).text
        assert heading(page) == "Mit dieser Adresse ist niemand bekannt"
    assert NUMBER not in page


def test_it_says_on_which_other_messenger_somebody_is_and_opts_out_on_both(desk: Open) -> None:
    _, other = linked(1)
    visitor = desk(Role.PRIVACY)
    page = look_up(visitor)
    assert "Verbunden mit" in page
    assert "gehen an second" in page
    assert str(other.bsuid) not in page
    visitor.send(f"{FIND}/opt-out", {"slip": slip_of(page), "reason": "Brief"})
    assert {row.wants for row in Subscriber.select()} == {Wants.STOPPED}
