"""What citizens write, and what they get."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import broadcasts, outbox
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import alerts
from broadcasts.newsroom.alerts import Draft
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from tests.patience import wait_until
from tests.stories.telling import digest, person, said
from tests.system import System


def test_it_records_consent_with_wording_time_and_message(system: System) -> None:
    said(system, "Start")
    (row,) = list(Consent.select())
    assert (row.deed, row.wording) == (Deed.OPT_IN, "de-2026-11")
    assert row.message_id.startswith("wamid.")


def test_it_is_friendly_when_started_twice(system: System) -> None:
    answers = said(system, "Start", "Start")
    assert "schon angemeldet" in answers[1]
    assert Consent.select().count() == 1


def test_it_welcomes_back_after_a_stop(system: System) -> None:
    answers = said(system, "Start", "Stopp", "Start")
    assert "wieder dabei" in answers[2]
    assert person().wants == Wants.EVERYTHING


def test_it_answers_in_the_language_of_the_word(system: System) -> None:
    assert "Welcome" in said(system, "Subscribe")[0]
    assert person().language == "en"


def test_it_moves_between_everything_and_alerts_only(system: System) -> None:
    answers = said(system, "Start", "Nur Notfälle", "Nur Notfälle", "Start")
    assert "nur noch Warnungen" in answers[1]
    assert "schon nur Warnungen" in answers[2]
    assert person().wants == Wants.EVERYTHING


def test_it_says_farewell_once(system: System) -> None:
    answers = said(system, "Start", "Stopp", "Stopp")
    assert "abgemeldet" in answers[1]
    assert "nicht angemeldet" in answers[2]


def test_it_takes_what_is_queued_back_at_once(system: System) -> None:
    said(system, "Start")
    started = digest(system)
    system.phone(1).wait_for(2)
    Delivery.update(state="queued", due_at=clock.now() + timedelta(hours=1)).where(
        Delivery.broadcast == started
    ).execute()
    said(system, "Stopp")
    assert Delivery.get(Delivery.broadcast == started).state == "skipped"


def test_it_warns_of_a_missing_all_clear_while_an_alert_is_open(system: System) -> None:
    said(system, "Start")
    draft = Draft(BroadcastKind.ALERT, "Sturm")
    started = alerts.send(system.city.newsroom, draft, clock.now())
    system.phone(1).wait_for(2)
    assert "Entwarnung erreicht Sie" in said(system, "Stopp")[0]
    wait_until(lambda: broadcasts.get(started.id).state == BroadcastState.FINISHED)
    broadcasts.Broadcast.update(expires_at=clock.now()).execute()


def test_it_tells_who_joins_or_asks_of_an_open_alert(system: System) -> None:
    said(system, "Start")
    draft = Draft(BroadcastKind.ALERT, "Sturm")
    started = alerts.send(system.city.newsroom, draft, clock.now())
    system.phone(1).wait_for(2)
    late, stranger = system.phone(2), system.phone(3)
    late.text("Nur Notfälle")
    assert any("Sturm" in bubble.body for bubble in late.wait_for(2))
    late.text("Start")  # a reader already
    stranger.text("Aktuell")
    told = [bubble.body for bubble in stranger.wait_for(2)]
    assert any("Entwarnung bekommen Sie nur" in text for text in told)
    late.wait_for(3)
    system.settle()
    assert outbox.figures(started.id)["recipients"] == 1
    clear = alerts.follow_up(BroadcastKind.CLEAR, started.id, "Vorbei")
    alerts.send(system.city.newsroom, clear, clock.now())
    assert "Vorbei" in late.wait_for(4)[3].body
    system.settle()
    assert len(stranger.messages) == 2


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Hilfe", "Messenger-Dienst"),
        ("Datenschutz", "Meta"),
        ("Info", "selbst"),
        ("Aktuell", "noch keine Nachricht"),
    ],
)
def test_it_answers_questions(system: System, text: str, answer: str) -> None:
    assert answer in said(system, text)[0]


def test_it_asks_back_before_leaving_in_doubt(system: System) -> None:
    said(system, "Start", "Ich möchte mich abmelden")
    phone = system.phone(1)
    phone.tap("Nein, bleiben")
    assert "bleibt" in phone.wait_for(3)[2].body
    assert person().wants == Wants.EVERYTHING
    phone.text("Wie kann ich mich abmelden?")
    phone.wait_for(4)
    phone.tap("stop:yes")
    assert "abgemeldet" in phone.wait_for(5)[4].body


def test_it_understands_an_answer_that_is_typed(system: System) -> None:
    said(system, "Start", "Wie kann ich mich abmelden?")
    assert "bleibt" in said(system, "Nein danke")[0]
    assert person().wants == Wants.EVERYTHING
    said(system, "Löschen")
    assert "Quittung" in said(system, "ja bitte")[0]
    assert not Subscriber.select().exists()


def test_it_takes_a_yes_to_nothing_for_free_text(system: System) -> None:
    said(system, "Start", "Wie kann ich mich abmelden?", "Hilfe")
    assert "112" in said(system, "Ja")[0]
    assert person().wants == Wants.EVERYTHING


def test_it_asks_whether_a_mistyped_word_was_meant(system: System) -> None:
    asked = said(system, "Start", "Nur Notfäle")[1]
    assert asked.startswith("Meinten Sie *Nur Notfälle*?")
    system.phone(1).tap("Nein, etwas anderes")
    assert "gelesen" in system.phone(1).wait_for(3)[2].body
    said(system, "Nur Notfäle", "Ja")
    assert person().wants == Wants.ALERTS_ONLY
    said(system, "Stoppt")
    system.phone(1).tap("Ja, abmelden")
    wait_until(lambda: person().wants == Wants.STOPPED)


def test_it_acknowledges_again_after_some_hours(system: System) -> None:
    said(system, "Die Ampel am Markt ist kaputt")
    before = clock.now() - timedelta(hours=4, minutes=1)
    Subscriber.update(acknowledged_at=before).execute()
    assert "112" in said(system, "Es brennt")[0]


def test_it_puts_free_text_into_the_inbox_and_acknowledges_once(system: System) -> None:
    phone = system.phone(1)
    phone.text("Die Ampel am Markt ist kaputt")
    assert "112" in phone.wait_for(1)[0].body
    phone.text("Und die Bank auch")
    phone.image("So sieht es aus")
    system.settle()
    wait_until(lambda: Message.select().count() == 3)
    assert len(phone.messages) == 1


def test_it_takes_a_reaction_for_no_question(system: System) -> None:
    said(system, "Start")
    phone = system.phone(1)
    phone.react("👍")
    system.settle()
    assert len(phone.messages) == 1
    assert Message.select().count() == 0


def test_it_obeys_the_platforms_own_switch(system: System) -> None:
    said(system, "Start")
    phone = system.phone(1)
    phone.stop_marketing()
    system.settle()
    wait_until(lambda: person().wants == Wants.ALERTS_ONLY)
    phone.stop_marketing(resume=True)
    system.settle()
    wait_until(lambda: person().wants == Wants.EVERYTHING)


def test_it_does_not_let_the_platform_undo_a_persons_own_word(system: System) -> None:
    said(system, "Nur Notfälle")
    system.phone(1).stop_marketing(resume=True)
    system.settle()
    assert person().wants == Wants.ALERTS_ONLY


@pytest.mark.parametrize("shape", ["phone", "bsuid", "both"])
def test_it_serves_every_kind_of_identity(system: System, shape: str) -> None:
    phone = system.phone(1, shape=shape)
    phone.text("Start")
    phone.wait_for(1)
    assert (person().wa_id is not None, person().bsuid is not None) == (
        shape != "bsuid",
        shape != "phone",
    )
    phone.text("Alle Daten löschen")
    assert "Quittung" in phone.wait_for(2)[1].body


def test_it_joins_two_rows_of_one_person(system: System) -> None:
    phone = system.phone(1, shape="phone")
    phone.text("Start")
    phone.wait_for(1)
    phone.person.shape = "bsuid"
    phone.text("Hilfe")
    phone.wait_for(2)
    assert Subscriber.select().count() == 2
    phone.person.shape = "both"
    phone.text("Hilfe")
    phone.wait_for(3)
    row = Subscriber.get()
    assert row.wants == Wants.EVERYTHING
    assert row.wa_id
    assert row.bsuid


def test_it_follows_a_changed_number(system: System) -> None:
    said(system, "Start")
    phone = system.phone(1)
    phone.person.shape = "phone"
    phone.change_number("+49 176 04069088")
    system.settle()
    wait_until(lambda: person().wa_id == "4917604069088")
    assert person().wants == Wants.EVERYTHING


def test_it_gives_a_recycled_number_to_its_new_owner_without_the_subscription(
    system: System,
) -> None:
    said(system, "Start")
    old = person()
    known = system.phone(1).person
    known.bsuid = "DE.somebodyelse"
    said(system, "Hilfe")
    assert Subscriber.get_by_id(old.id).wa_id is None
    assert person().wants == Wants.NOTHING
