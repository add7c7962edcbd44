"""Alerts without all-clear: in force, open, run out."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import uncleared
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from tests.delivery.makers import sent

pytestmark = pytest.mark.usefixtures("database")
LATER = timedelta(hours=5)


def stopped(**more: object) -> Broadcast:
    counts = {DeliveryState.READ: 2, DeliveryState.CANCELLED: 1}
    return sent(counts, kind=BroadcastKind.ALERT, state=BroadcastState.STOPPED, **more)


def test_it_keeps_an_alert_open_that_was_stopped_on_its_way() -> None:
    alert, now = stopped(), clock.now()
    assert uncleared.open_alerts(now) == [alert]
    assert uncleared.expired(now + LATER, since=now) == [alert]
    assert uncleared.alerts_in_force(now) == []  # nobody who comes later is told of it


def test_it_takes_one_for_over_of_which_nothing_left() -> None:
    stopped(started_at=None)
    now = clock.now()
    assert uncleared.open_alerts(now) == []
    assert uncleared.expired(now + LATER, since=now) == []


def test_it_closes_it_with_its_all_clear() -> None:
    alert, now = stopped(), clock.now()
    sent({}, kind=BroadcastKind.CLEAR, follows=alert)
    assert uncleared.open_alerts(now) == []
    assert uncleared.expired(now + LATER, since=now) == []
