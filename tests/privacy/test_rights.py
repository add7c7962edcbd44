"""Rectification, restriction, objection: what each changes, and that it can be undone."""

import pytest

from broadcasts import clock
from broadcasts.delivery import effects
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import consent, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import rights
from broadcasts.privacy.export import export
from tests.delivery.makers import broadcast, deliveries, linked, reader
from tests.privacy.test_retention import later, night, through

pytestmark = pytest.mark.usefixtures("database")


def again(person: Subscriber) -> Subscriber:
    found: Subscriber = Subscriber.get_by_id(person.id)
    return found


def test_it_sets_a_note_beside_the_data() -> None:
    person = reader(1)
    rights.rectify(person, note=" Das war mein Sohn ", language="en")
    assert (again(person).note, again(person).language) == ("Das war mein Sohn", "en")
    assert export(again(person))["note"] == "Das war mein Sohn"
    rights.rectify(person, note="", language="en")
    assert again(person).note is None
    with pytest.raises(rights.RightsError):
        rights.rectify(person, note="x" * 501, language="en")


def test_it_sends_nothing_to_somebody_restricted() -> None:
    person, other = reader(1), reader(2)
    made = broadcast()
    rights.restrict(person, clock.now())
    assert {row.subscriber_id: str(row.state) for row in deliveries(made)} == {
        person.id: "skipped",
        other.id: "queued",
    }
    Broadcast.update(digest_on=None).execute()
    assert [row.subscriber_id for row in deliveries(broadcast())] == [other.id]


def test_it_gives_back_what_they_got() -> None:
    person = reader(1, wants=Wants.ALERTS_ONLY)
    rights.restrict(person, clock.now())
    rights.restrict(person, clock.now())
    rights.lift(again(person), clock.now())
    found = again(person)
    assert (found.wants, found.restricted_at, found.wants_before) == (
        Wants.ALERTS_ONLY,
        None,
        None,
    )


def test_it_gives_nothing_back_to_somebody_who_has_stopped_since() -> None:
    person = reader(1)
    rights.restrict(person, clock.now())
    subscribers.opt_out(person, clock.now())
    rights.lift(again(person), clock.now())
    assert again(person).wants == Wants.STOPPED


def test_it_forgets_on_lifting_what_is_past_its_time() -> None:
    through(2)
    person = Subscriber.get()
    rights.restrict(person, clock.now())
    with later(31):
        assert night() == {"deliveries": 1}
        assert Delivery.select().where(Delivery.subscriber == person).count() == 1
        rights.lift(again(person), clock.now())
    assert Delivery.select().where(Delivery.subscriber == person).count() == 0


def test_it_remembers_the_platforms_opt_out_until_it_is_lifted() -> None:
    person = reader(1)
    rights.restrict(person, clock.now())
    effects.refuse_digests(person, "wamid.x", clock.now())
    assert consent.latest(person) == consent.Deed.PLATFORM_OPT_OUT
    assert again(person).wants == Wants.RESTRICTED
    rights.lift(again(person), clock.now())
    assert again(person).wants == Wants.ALERTS_ONLY
    assert again(person).reader_since == person.reader_since


def test_it_remembers_that_the_platforms_switch_was_turned_back() -> None:
    person = reader(1)
    effects.refuse_digests(person, "wamid.x", clock.now())
    rights.restrict(again(person), clock.now())
    effects.allow_digests(again(person), "wamid.y", clock.now())
    assert again(person).wants == Wants.RESTRICTED
    rights.lift(again(person), clock.now())
    assert again(person).wants == Wants.EVERYTHING


def test_it_counts_for_all_channels_of_a_linked_person() -> None:
    one, other = linked(1)
    rights.restrict(again(one), clock.now())
    assert {row.wants for row in Subscriber.select()} == {Wants.RESTRICTED}
    rights.object_to_reading(again(other), clock.now())
    assert all(row.objected_at for row in Subscriber.select())
    rights.take_objection_back(again(one), clock.now())
    assert not any(row.objected_at for row in Subscriber.select())
    rights.lift(again(other), clock.now())
    assert {row.wants for row in Subscriber.select()} == {Wants.EVERYTHING}
    assert not any(row.restricted_at for row in Subscriber.select())


def test_it_tells_in_the_copy_on_which_channels_they_are() -> None:
    one, other = linked(1)
    copy = export(one)
    assert (copy["linked_on"], copy["prefers"]) == (["second"], "second")
    assert str(other.bsuid) not in str(copy)
    assert export(other)["prefers"] is None
