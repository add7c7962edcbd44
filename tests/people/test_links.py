"""One person on several channels: who belongs together, and with which evidence."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.people import consent, links, subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.links import Word
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import linked, on_second, reader

pytestmark = pytest.mark.usefixtures("database")


def word() -> Word:
    return Word(
        at=clock.now(), message_id="m-9", keyword="Verbinden", wording="de-1", language="de"
    )


def consented(number: int, wants: Wants = Wants.EVERYTHING) -> Subscriber:
    person = reader(number, wants)
    deed = Deed.OPT_IN if wants == Wants.EVERYTHING else Deed.ALERTS_ONLY
    at = clock.now() - timedelta(days=3)
    consent.record(person, deed, at=at, wording="de-1", message_id="secret", keyword="Start")
    return person


def again(person: Subscriber) -> Subscriber:
    found: Subscriber = Subscriber.get_by_id(person.id)
    return found


def deeds(person: Subscriber) -> list[Deed]:
    query = Consent.select().where(Consent.subscriber == person).order_by(Consent.id)
    return [row.deed for row in query]


def third(number: int) -> Subscriber:
    person = on_second(number)
    person.channel = "third"
    person.save()
    return person


@pytest.mark.parametrize("wants", [Wants.EVERYTHING, Wants.ALERTS_ONLY])
def test_it_takes_over_what_was_wanted_with_its_evidence(wants: Wants) -> None:
    one, other = consented(1, wants), on_second(1, Wants.NOTHING)
    subscribers.volunteer(one, drills=True)
    links.connect(one, other, word())
    now = again(other)
    assert (now.wants, now.prefers, now.drills) == (wants, None, True)
    assert again(one).prefers == other.id
    row = Consent.get(Consent.subscriber == other, Consent.deed != Deed.CONNECTED)
    assert (row.message_id, row.channel, row.wording) == ("m-9", "second", "de-1")
    assert row.evidence.startswith("connected from whatsapp; ")
    assert 'de-1 "Start"' in row.evidence
    assert "secret" not in row.evidence  # a provider's id holds the number
    assert deeds(one)[-1] == Deed.CONNECTED
    assert consent.latest(one) != Deed.CONNECTED


def test_it_leaves_a_reader_there_as_they_are() -> None:
    one, other = consented(1), on_second(1, Wants.ALERTS_ONLY)
    links.connect(one, other, word())
    assert again(other).wants == Wants.ALERTS_ONLY
    assert deeds(other) == [Deed.CONNECTED]


def test_it_takes_the_later_word_of_two_readers() -> None:
    one, other = consented(1), on_second(1, Wants.ALERTS_ONLY)
    subscribers.opt_in(one, Wants.EVERYTHING, clock.now(), "de")
    links.connect(one, other, word())
    assert again(other).wants == Wants.EVERYTHING


def test_it_moves_and_carries_all_evidence_along() -> None:
    one, other = consented(1), on_second(1, Wants.NOTHING)
    links.connect(one, other, word(), move=True)
    assert (again(one).wants, again(one).prefers) == (Wants.STOPPED, other.id)
    assert deeds(one) == [Deed.OPT_IN, Deed.CONNECTED, Deed.MOVED]
    evidence = Consent.get(Consent.subscriber == other, Consent.deed == Deed.OPT_IN).evidence
    assert evidence.startswith("moved from whatsapp; ")
    assert "opt_in de-1" in evidence


def test_it_brings_everybody_along_who_belongs_together() -> None:
    one, other = linked(1)
    new = third(2)
    links.connect(one, new, word())
    assert [again(row).prefers for row in (one, other, new)] == [new.id, new.id, None]
    assert {row.id for row in links.family(again(other))} == {one.id, other.id, new.id}
    links.connect(again(new), again(one), word())  # back again
    assert [again(row).prefers for row in (one, other, new)] == [None, one.id, one.id]


def test_it_has_one_row_on_each_channel() -> None:
    one, other = linked(1)
    assert not links.may_connect(one, one)
    assert not links.may_connect(one, reader(2))
    assert not links.may_connect(again(other), reader(3))
    assert not links.may_connect(reader(4), again(other))
    assert links.may_connect(again(one), again(other))
    assert links.may_connect(reader(5), on_second(5))


def test_it_carries_an_objection_over() -> None:
    one, other = consented(1), on_second(1)
    one.objected_at = clock.now()
    one.save()
    links.connect(one, other, word())
    assert again(other).objected_at is not None


def test_it_parts_and_leaves_the_others_together() -> None:
    one, other = linked(1)
    new = third(2)
    links.connect(one, new, word())
    links.part_by(again(new), word())
    assert again(new).prefers is None
    assert {again(one).prefers, again(other).prefers} in ({None, one.id}, {None, other.id})
    assert links.others(again(new)) == []
    assert deeds(new)[-1] == deeds(one)[-1] == Deed.PARTED


def test_it_knows_where_somebody_is_reached_instead() -> None:
    one, other = linked(1)
    assert links.preferred(one) == other
    assert links.preferred(other) is None
    subscribers.opt_out(other, clock.now())
    assert links.preferred(one) is None


@pytest.mark.parametrize("which", ["prefers", "is preferred"])
def test_it_keeps_a_link_when_two_rows_of_one_channel_are_joined(which: str) -> None:
    one, other = linked(1)
    newer = reader(2)
    if which == "is preferred":
        links.prefer(one, [one, other])
    links.merge(newer, again(one))
    newer.save()
    again(one).delete_instance()
    assert [row.id for row in links.others(again(newer))] == [other.id]


def test_it_lets_the_keepers_own_link_stand() -> None:
    (one, other), (two, second) = linked(1), linked(2)
    links.merge(again(one), again(two))
    assert [row.id for row in links.others(again(one))] == [other.id]
    assert links.others(again(second)) == []
