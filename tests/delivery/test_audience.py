"""From the audience row to one row per recipient: fixed, resumable, nobody twice."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import audience, broadcasts, endings, holds
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Wants
from tests.delivery.makers import ACCOUNT, CHANNELS, broadcast, deliveries, plan, reader

pytestmark = pytest.mark.usefixtures("database")


def start() -> Broadcast:
    return broadcasts.start(plan())


def test_it_writes_a_row_for_each_reader_and_nobody_else() -> None:
    wanted = [reader(1), reader(2)]
    for number, wants in enumerate((Wants.NOTHING, Wants.STOPPED, Wants.RETIRED), start=3):
        reader(number, wants)
    reader(7, Wants.ALERTS_ONLY)
    assert {row.subscriber_id for row in deliveries(broadcast())} == {p.id for p in wanted}


def test_it_leaves_out_who_came_after_the_cut_off() -> None:
    reader(1)
    returned = reader(3, Wants.STOPPED)
    digest = start()
    reader(2)
    subscribers.opt_in(returned, Wants.EVERYTHING, clock.now() + timedelta(seconds=1), "de")
    audience.write_all_waiting(CHANNELS)
    assert len(deliveries(digest)) == 1


def test_it_keeps_a_reader_who_changes_what_they_want_meanwhile() -> None:
    person = reader(1, Wants.ALERTS_ONLY)
    alert = broadcasts.start(plan(BroadcastKind.ALERT))
    subscribers.opt_in(person, Wants.EVERYTHING, clock.now() + timedelta(seconds=1), "de")
    audience.write_all_waiting(CHANNELS)
    assert len(deliveries(alert)) == 1


def test_it_goes_on_where_a_crash_has_left_it() -> None:
    for number in range(10):
        reader(number)
    digest = start()
    audience.write_some(broadcasts.get(digest.id), CHANNELS, chunk=4)
    assert len(deliveries(digest)) == 4
    assert broadcasts.get(digest.id).state == BroadcastState.WRITING
    audience.write_all_waiting(CHANNELS)  # a new process
    assert len(deliveries(digest)) == 10
    assert broadcasts.get(digest.id).state == BroadcastState.RUNNING


def test_it_writes_nobody_twice_when_two_write_at_once() -> None:
    for number in range(6):
        reader(number)
    digest = start()
    one, other = broadcasts.get(digest.id), broadcasts.get(digest.id)
    audience.write_some(one, CHANNELS, chunk=4)
    audience.write_some(other, CHANNELS, chunk=4)
    audience.write_all_waiting(CHANNELS)
    assert len(deliveries(digest)) == 6


def test_it_writes_nothing_more_after_a_panic_stop() -> None:
    for number in range(6):
        reader(number)
    digest = start()
    held = broadcasts.get(digest.id)
    audience.write_some(held, CHANNELS, chunk=2)
    endings.stop(digest.id)
    assert audience.write_some(held, CHANNELS, chunk=2) == 0
    assert {str(row.state) for row in deliveries(digest)} == {"cancelled"}


def test_it_sends_through_the_first_number_when_a_persons_is_gone() -> None:
    person = reader(1)
    person.account = "abgeschafft"
    person.save()
    assert deliveries(broadcast())[0].account == ACCOUNT


def test_it_writes_an_alert_first_then_the_oldest() -> None:
    reader(1)
    digest = start()
    older, alert = (broadcasts.start(plan(BroadcastKind.ALERT)) for _ in range(2))
    order = []
    while waiting := audience._next_unwritten():
        audience.write_some(waiting, CHANNELS)
        order.append(waiting.id)
    assert order == [older.id, alert.id, digest.id]


def test_it_holds_and_resumes() -> None:
    reader(1)
    digest = broadcast()
    assert holds.hold(digest.id, "template_paused")
    assert not holds.hold(digest.id, "again")
    assert broadcasts.get(digest.id).held_reason == "template_paused"
    assert holds.resume(digest.id)
    assert not holds.resume(digest.id)
    audience.write_all_waiting(CHANNELS)
    assert broadcasts.get(digest.id).state == BroadcastState.RUNNING
    assert len(deliveries(digest)) == 1
