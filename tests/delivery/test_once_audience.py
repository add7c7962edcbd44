"""Which row of a person on two channels a broadcast means, and whose word it waits for."""

from datetime import timedelta

import pytest

from broadcasts import clock, journal
from broadcasts.delivery import (
    audience,
    broadcasts,
    wire,
)
from broadcasts.delivery.broadcasts import Audience
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastKind, DeliveryState
from broadcasts.people import links, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import BOTH, deliveries, linked, on_second, plan, reader
from tests.delivery.test_once import became, sent, who
from tests.fakes import FakeChannel

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("kind", [BroadcastKind.DIGEST, BroadcastKind.ALERT])
def test_it_means_a_linked_person_once(kind: BroadcastKind) -> None:
    _one, other = linked(1)
    alone = reader(2)
    rule = Audience.DIGEST_READERS if kind is BroadcastKind.DIGEST else Audience.ALERT_READERS
    counted = audience.meant(rule, list(BOTH)).count()
    assert who(sent(kind)) == [other.id, alone.id]
    assert counted == 2


@pytest.mark.parametrize("why", ["stopped", "retired", "no such channel", "came later"])
def test_it_means_the_other_row_where_the_preferred_one_is_not(why: str) -> None:
    one, other = linked(1)
    channels = dict(BOTH)
    if why == "no such channel":
        del channels["second"]
    elif why == "came later":
        subscribers.opt_out(other, clock.now())
        subscribers.opt_in(other, Wants.EVERYTHING, clock.now() + timedelta(minutes=1), "de")
    else:
        Subscriber.update(wants=why).where(Subscriber.id == other.id).execute()
    started = broadcasts.start(plan())
    audience.write_all_waiting(channels)
    assert who(started) == [one.id]


@pytest.mark.parametrize("kind", [BroadcastKind.DIGEST, BroadcastKind.ALERT])
def test_it_means_a_person_of_three_channels_once_without_the_preferred_one(
    kind: BroadcastKind,
) -> None:
    one, other = linked(1)
    third = on_second(2)
    Subscriber.update(channel="third").where(Subscriber.id == third.id).execute()
    links.prefer(other, [one, other, third])
    subscribers.opt_out(other, clock.now())
    channels = {**BOTH, "third": FakeChannel("third", ())}
    started = broadcasts.start(plan(kind))
    audience.write_all_waiting(channels)
    assert who(started) == [one.id]
    assert subscribers.count()["active"] == 1


def test_it_sends_digests_where_they_are_wanted_and_alerts_where_preferred() -> None:
    one, other = linked(1)
    subscribers.opt_in(other, Wants.ALERTS_ONLY, clock.now() - timedelta(minutes=1), "de")
    assert who(sent(BroadcastKind.DIGEST)) == [one.id]
    assert who(sent(BroadcastKind.ALERT)) == [other.id]


def test_it_drills_on_the_row_that_volunteered() -> None:
    one, other = linked(1)
    subscribers.volunteer(one, drills=True)
    drill = {"audience": Audience.VOLUNTEERS, "is_drill": True}
    assert who(sent(BroadcastKind.ALERT, **drill)) == [one.id]
    subscribers.volunteer(other, drills=True)
    assert who(sent(BroadcastKind.ALERT, **drill)) == [other.id]


@pytest.mark.parametrize(
    ("alerts_only", "writer", "waits"),
    [
        (False, "4917604069001", True),
        (True, "second1", True),  # the digest goes to the row that is not preferred
        (False, "4917604069002", False),
    ],
)
def test_it_waits_for_what_they_have_just_written_on_the_other_channel(
    alerts_only: bool, writer: str, waits: bool
) -> None:
    """It may be a "Stopp" that was answered 200; what others write keeps nobody waiting."""
    _, other = linked(1)
    reader(2)
    if alerts_only:
        subscribers.opt_in(other, Wants.ALERTS_ONLY, clock.now(), "de")
    row = deliveries(sent(BroadcastKind.DIGEST))[0]
    assert (row.subscriber_id == other.id) != alerts_only
    journal.append([journal.Arrival("any", b"{}", (writer,))])
    became(row.subscriber, leased_by="w")
    content, terms = Renditions("de"), wire.Terms(None)
    wire.take([row.id], worker="w", renditions=content, terms=terms, now=clock.now())
    assert (Delivery.get_by_id(row.id).state == DeliveryState.QUEUED) == waits
