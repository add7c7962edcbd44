"""What somebody asked for after the backup that is put back: leaving, and an erased proof."""

from datetime import datetime, timedelta

from bot.city import City
from broadcasts import clock
from broadcasts.people import consent, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure_log, opt_outs, proofs, repeating
from broadcasts.privacy.erasure_log import Erasure
from tests.delivery.makers import reader
from tests.privacy.makers import erase, made, put_back


def opt_out(city: City, person: Subscriber, at: datetime | None = None) -> None:
    subscribers.opt_out(person, at or clock.now())
    opt_outs.note(person, city.key)


def test_it_repeats_the_opt_outs_since(city: City) -> None:
    reader(1)
    reader(2)
    backup = made(city)
    opt_out(city, Subscriber.get(Subscriber.wa_id == "4917604069001"))
    done = put_back(city, backup)
    assert done.opted_out_again == 1
    wants = {row.wa_id: row.wants for row in Subscriber.select()}
    assert wants == {"4917604069001": Wants.STOPPED, "4917604069002": Wants.EVERYTHING}
    assert consent.Consent.get(deed=consent.Deed.OPT_OUT).evidence == repeating.EVIDENCE
    # Once more, as after a crash: nothing is left to do.
    assert repeating.repeat_opt_outs(backup.made_at, key=city.key) == 0


def test_it_repeats_an_opt_out_that_came_in_late(city: City) -> None:
    """Written before the backup, and brought by the provider only after it."""
    person = reader(1)
    Subscriber.update(opted_in_at=clock.now() - timedelta(days=9)).execute()
    backup = made(city)
    opt_out(city, person, clock.now() - timedelta(days=2))
    assert put_back(city, backup).opted_out_again == 1
    assert Subscriber.get().wants == Wants.STOPPED


def test_it_leaves_who_has_started_again(city: City) -> None:
    person = reader(1)
    backup = made(city)
    opt_out(city, person)
    opt_outs.take_back(person, city.key)  # what "Start" does
    assert put_back(city, backup).opted_out_again == 0
    assert Subscriber.get().wants == Wants.EVERYTHING


def test_it_leaves_an_opt_out_that_the_backup_knows_was_taken_back(city: City) -> None:
    person = reader(1)
    opt_out(city, person, clock.now() - timedelta(seconds=30))
    subscribers.opt_in(person, Wants.EVERYTHING, clock.now(), "de")
    assert put_back(city, made(city)).opted_out_again == 0
    assert Subscriber.get().wants == Wants.EVERYTHING


def test_it_drops_a_proof_again_that_was_erased_since(city: City) -> None:
    person = reader(1)
    consent.record(person, consent.Deed.OPT_IN, at=clock.now(), message_id="wamid.1")
    proof = proofs.of(person, clock.now(), key=city.key, years=3)
    assert proof is not None
    proof.save(force_insert=True)
    backup = made(city)
    erase(city, person)
    assert not proofs.EndedConsent.select().exists()
    put_back(city, backup)
    assert not proofs.EndedConsent.select().exists()
    with clock.travel(clock.now() + timedelta(days=91)):
        erasure_log.forget_old(clock.now())
    assert Erasure.get().proof_hashes == ""
