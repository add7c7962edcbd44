"""The course of one broadcast."""

import datetime as dt

import pytest

from broadcasts import clock
from broadcasts.channels.base import Receipt
from broadcasts.delivery import course, outbox
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastState, DeliveryState
from tests.delivery.makers import sent

pytestmark = pytest.mark.usefixtures("database")


def test_it_says_how_fast_and_how_long_still() -> None:
    now = clock.now()
    row = sent({}, started_at=now - dt.timedelta(seconds=10))
    counts = {**outbox.figures(row.id), "recipients": 100, "queued": 60, "sent": 30, "read": 10}
    found = course.of(row, counts, now)
    assert (found.gone, found.reached, found.per_second) == (40, 40, 4.0)
    assert found.seconds_left == 15.0
    assert course.of(sent({}), outbox.figures(0), now).share == 0.0


def test_it_counts_what_was_held_back_as_not_gone() -> None:
    states = {DeliveryState.READ: 3, DeliveryState.CANCELLED: 2, DeliveryState.QUEUED: 1}
    row = sent(states, state=BroadcastState.STOPPED)
    found = course.of(row, outbox.figures(row.id), clock.now())
    assert (found.gone, found.cancelled, found.seconds_left) == (3, 3, None)


def test_it_draws_arrivals_as_they_add_up() -> None:
    row, now = sent({DeliveryState.READ: 4}), clock.now().replace(second=0)
    arrivals = ((1, "delivered"), (1, "delivered"), (3, "delivered"), (3, "read"))
    for made, (minute, receipt) in zip(Delivery.select(), arrivals, strict=True):
        at = now + dt.timedelta(minutes=minute)
        DeliveryEvent.create(delivery=made, attempt=1, receipt=Receipt(receipt), at=at)
    curve = course.curve(row.id)
    assert [number for _, number in curve["delivered"]] == [2, 3]
    assert [number for _, number in curve["read"]] == [1]
    first = dt.datetime.fromisoformat(curve["delivered"][0][0])
    assert first == (now + dt.timedelta(minutes=1)).replace(microsecond=0)


def test_it_thins_a_long_curve_and_keeps_its_end() -> None:
    points = [(str(i), i) for i in range(1000)]
    thin = course._thinned(points)
    assert len(thin) <= course.POINTS
    assert thin[-1] == points[-1]
