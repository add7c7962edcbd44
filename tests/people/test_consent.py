"""Evidence: refused without a proof, by the code and by the database itself."""

import peewee
import pytest

from broadcasts import clock, db
from broadcasts.people import consent
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import reader

pytestmark = pytest.mark.usefixtures("database")


def row(**proof: object) -> None:
    person = Subscriber.get_or_none() or reader(1)
    with db.transaction():
        values = {"channel": "whatsapp", "wording": "", "at": clock.now(), **proof}
        Consent.insert(subscriber=person, deed=Deed.OPT_IN, **values).execute()


def test_it_keeps_the_word_the_message_and_the_wording() -> None:
    person = reader(1)
    consent.record(
        person, Deed.OPT_IN, at=clock.now(), wording="de-1", message_id="m", keyword="Start" * 50
    )
    found = Consent.get()
    assert (found.wording, found.message_id, len(found.keyword)) == ("de-1", "m", 60)


@pytest.mark.parametrize("proof", [{}, {"message_id": ""}, {"message_id": None, "evidence": ""}])
def test_it_is_refused_by_the_database_without_a_proof(proof: dict[str, str | None]) -> None:
    with pytest.raises(peewee.IntegrityError, match=r"consent.(proven|without)"):
        row(**proof)
    row(message_id="m")
    row(evidence="Formular")
    with pytest.raises(peewee.IntegrityError), db.transaction():
        Consent.update(message_id=None, evidence=None).execute()


def test_it_is_no_reader_to_the_database_who_never_opted_in() -> None:
    person = reader(1)
    with pytest.raises(peewee.IntegrityError), db.transaction():
        Subscriber.update(opted_in_at=None).execute()
    Subscriber.update(opted_in_at=None, wants=Wants.NOTHING).execute()
    with pytest.raises(peewee.IntegrityError), db.transaction():
        Subscriber.update(wants=Wants.ALERTS_ONLY).where(Subscriber.id == person.id).execute()


def test_it_counts_no_request_that_is_to_be_confirmed() -> None:
    person = reader(1)
    consent.record(person, Deed.OPT_OUT, at=clock.now(), message_id="m")
    consent.record(person, Deed.REQUESTED, at=clock.now(), message_id="n")
    assert consent.latest(person) == Deed.OPT_OUT
