"""Alle Daten löschen: nothing is left, nothing comes back."""

from datetime import timedelta

from broadcasts import clock
from broadcasts.delivery import accounts
from broadcasts.delivery.outbox import Delivery
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from tests.patience import wait_until
from tests.stories.telling import digest, everything_stored, person, said
from tests.system import NUMBER, System


def test_it_erases_everything_and_takes_no_old_message_back(system: System) -> None:
    phone = system.phone(31)
    early = clock.now().timestamp() - 600
    phone.text("Start", at=early)
    phone.wait_for(1)
    phone.text("Meine Adresse ist geheim", at=early + 60)
    phone.wait_for(2)
    phone.text("Alle Daten löschen")
    phone.wait_for(3)
    phone.text("Start", at=early + 120)  # written earlier, brought later
    system.settle()
    assert Subscriber.select().count() == 0
    assert Message.select().count() == 0
    assert len(phone.messages) == 3


def test_it_leaves_no_trace_in_any_file(system: System) -> None:
    other = system.phone(2)
    other.text("Start")
    other.wait_for(1)
    phone = system.phone(1)
    said(system, "Start", "Die Ampel am Zypressenweg ist kaputt")
    digest(system)
    phone.wait_for(3)
    system.settle()
    person_bsuid = phone.person.bsuid
    said(system, "Alle Daten löschen")
    words = [word.encode() for word in ("4917604069001", person_bsuid, "Zypressenweg")]

    def is_gone() -> bool:
        stored = everything_stored(system)
        assert b"4917604069002" in stored
        return not any(word in stored for word in words)

    # Within 5 s and by itself, whatever statuses of the last messages still come (invariant 8).
    wait_until(is_gone)


def test_it_lets_an_erased_person_start_anew(system: System) -> None:
    said(system, "Start", "Alle Daten löschen", "Start")
    assert person().wants == Wants.EVERYTHING
    assert person().opted_out_at is None


def test_it_forgets_a_receipt_that_cannot_be_sent(system: System) -> None:
    said(system, "Start")
    system.sandbox.faults.down = True
    system.phone(1).text("Alle Daten löschen")
    system.settle()
    wait_until(lambda: Subscriber.select().count() == 0)
    row = Delivery.get(Delivery.address.is_null(False))
    assert row.expires_at - clock.now() <= timedelta(seconds=60)
    Delivery.update(expires_at=clock.now()).execute()
    wait_until(lambda: Delivery.select().count() == 0)
    system.sandbox.faults.clear()
    accounts.pause(NUMBER, clock.now())
