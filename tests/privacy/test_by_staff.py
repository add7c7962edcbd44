"""Opting somebody out by hand: as if they had written Stopp, with evidence."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery.outbox import Delivery
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import by_staff
from broadcasts.privacy.by_staff import OptOutError
from broadcasts.privacy.opt_outs import OptOut
from tests.delivery.makers import broadcast, linked, reader, states
from tests.fakes import FakeChannel
from tests.newsroom.makers import newsroom

pytestmark = pytest.mark.usefixtures("database")


def opt_out(person: Subscriber, reason: str = "Brief vom 3.11.", *, farewell: bool = False) -> None:
    texts = newsroom().texts
    by_staff.opt_out(
        person,
        reason,
        staff="dana",
        texts=texts,
        channel=FakeChannel(),
        farewell=farewell,
        now=clock.now(),
        key=b"key",
    )


def answers() -> list[str]:
    rows = Delivery.select().where(Delivery.broadcast.is_null())
    return [row.content["body"] for row in rows]


def test_it_stops_what_has_not_left_and_keeps_the_evidence() -> None:
    person = reader(1)
    digest = broadcast()
    opt_out(person)
    assert Subscriber.get().wants == Wants.STOPPED
    assert states(digest) == ["skipped"]
    row = Consent.get()
    assert (row.deed, row.evidence) == (Deed.BY_STAFF, "dana: Brief vom 3.11.")
    assert answers() == []
    assert OptOut.select().count() == 1  # a restore would repeat it


@pytest.mark.parametrize(("open_window", "told"), [(True, 1), (False, 0)])
def test_it_says_farewell_where_that_can_arrive(open_window: bool, told: int) -> None:
    opt_out(reader(1, window=open_window), farewell=True)
    assert len(answers()) == told


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_it_asks_for_a_reason_that_can_be_kept(reason: str) -> None:
    with pytest.raises(OptOutError):
        opt_out(reader(1), reason)
    assert Subscriber.get().wants == Wants.EVERYTHING


@pytest.mark.parametrize(
    ("wants", "may"),
    [
        (Wants.EVERYTHING, True),
        (Wants.ALERTS_ONLY, True),
        (Wants.RETIRED, True),
        (Wants.STOPPED, False),
        (Wants.NOTHING, False),
    ],
)
def test_it_opts_out_only_who_gets_something(wants: Wants, may: bool) -> None:
    person = reader(1)
    person.wants = wants
    person.save()
    if may:
        opt_out(person)
    else:
        with pytest.raises(OptOutError):
            opt_out(person)


def test_it_brings_nobody_back_by_an_older_start() -> None:
    person = reader(1)
    opt_out(person)
    assert person.opted_out_at > clock.now() - timedelta(minutes=1)
    assert person.reader_since is None


def test_it_opts_a_linked_person_out_on_all_channels() -> None:
    one, other = linked(1)
    opt_out(one)
    assert {row.wants for row in Subscriber.select()} == {Wants.STOPPED}
    assert {row.subscriber_id for row in Consent.select()} == {one.id, other.id}
    assert OptOut.select().count() == 2
    assert not by_staff.may_opt_out(Subscriber.get_by_id(other.id))


def test_it_opts_out_on_the_other_channel_who_left_this_one() -> None:
    one, other = linked(1)
    Subscriber.update(wants=Wants.STOPPED).where(Subscriber.id == one.id).execute()
    opt_out(Subscriber.get_by_id(one.id))
    assert Subscriber.get_by_id(other.id).wants == Wants.STOPPED
