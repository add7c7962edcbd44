"""Unknown outcomes: settled by a status or by a silence that means something."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from broadcasts import clock, journal
from broadcasts.channels.base import Text
from broadcasts.delivery import (
    accounts,
    broadcasts,
    endings,
    heartbeats,
    holds,
    outbox,
    settlements,
    settling,
    upkeep,
)
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import ACCOUNT, CHANNELS, broadcast, reader, states

pytestmark = pytest.mark.usefixtures("database")
AFTER = timedelta(seconds=60)
START = clock.now()


def later(seconds: float) -> AbstractContextManager[None]:
    return clock.travel(START + timedelta(seconds=seconds))


def open_door(upto: int) -> None:
    """The door is open from START until `upto` seconds later."""
    for second in range(0, upto + 1, 3):
        with later(second):
            heartbeats.beat("1", heartbeats.DOOR)


@pytest.fixture
def unknown() -> broadcasts.Broadcast:
    """One delivery whose outcome is unknown since START."""
    accounts.ensure(CHANNELS["whatsapp"].accounts)
    reader(1)
    digest = broadcast()
    Delivery.update(
        state=DeliveryState.UNKNOWN, attempt=1, sending_at=START, due_at=START
    ).execute()
    return digest


def settle(seconds: float) -> int:
    return settling.settle(START + timedelta(seconds=seconds), AFTER)


def test_it_waits_for_twice_the_time_without_any_later_status(
    unknown: broadcasts.Broadcast,
) -> None:
    open_door(130)
    assert settle(61) == 0
    assert settle(119) == 0
    assert settle(121) == 1
    assert states(unknown) == ["queued"]
    assert Delivery.get().settled_by_silence == 1


def test_it_needs_half_the_time_once_later_statuses_are_in(
    unknown: broadcasts.Broadcast,
) -> None:
    open_door(70)
    accounts.note_statuses(ACCOUNT, START + timedelta(seconds=5))
    assert settle(59) == 0
    assert settle(61) == 1


def test_it_takes_no_earlier_messages_status_for_a_later_one(
    unknown: broadcasts.Broadcast,
) -> None:
    open_door(70)
    accounts.note_statuses(ACCOUNT, START - timedelta(seconds=5))
    assert settle(61) == 0


def test_it_settles_nothing_while_the_door_is_closed(unknown: broadcasts.Broadcast) -> None:
    assert settle(10_000) == 0
    open_door(3)
    assert settle(10_000) == 0


def test_it_counts_from_when_the_door_was_open_again(unknown: broadcasts.Broadcast) -> None:
    accounts.note_statuses(ACCOUNT, START + timedelta(seconds=5))
    for second in (0, 3, 6, 300, 303, 306):
        with later(second):
            heartbeats.beat("1", heartbeats.DOOR)
    assert settle(310) == 0
    for second in range(306, 370, 3):
        with later(second):
            heartbeats.beat("1", heartbeats.DOOR)
    assert settle(365) == 1


def test_it_takes_no_killed_door_for_an_open_one(unknown: broadcasts.Broadcast) -> None:
    """Looked for after seed 102: the next process had started before its door gave a sign."""
    accounts.note_statuses(ACCOUNT, START + timedelta(seconds=5))
    open_door(54)
    assert settle(61) == 0
    open_door(63)
    assert settle(64) == 1


def test_it_lets_a_status_win_that_comes_in_this_moment(
    unknown: broadcasts.Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_door(70)
    accounts.note_statuses(ACCOUNT, START + timedelta(seconds=5))
    looks = iter([True, False])
    monkeypatch.setattr(journal, "is_drained", lambda: next(looks))
    assert settle(61) == 0
    assert states(unknown) == ["unknown"]


def test_it_settles_nothing_while_the_journal_holds_something(
    unknown: broadcasts.Broadcast,
) -> None:
    open_door(130)
    journal.append([journal.Arrival("whatsapp", b"{}", [])])
    assert settle(125) == 0


def test_it_finds_what_a_dead_worker_had_in_its_hands() -> None:
    accounts.ensure(CHANNELS["whatsapp"].accounts)
    reader(1)
    digest = broadcast()
    now = clock.now()
    Delivery.update(state=DeliveryState.SENDING, due_at=now + timedelta(seconds=5)).execute()
    assert settling.find_orphans(now) == 0
    assert settling.find_orphans(now + timedelta(seconds=6)) == 1
    assert states(digest) == ["unknown"]


def test_it_finds_orphaned_answers_too() -> None:
    outbox.answer(reader(1), Text("Hallo"))
    Delivery.update(state=DeliveryState.SENDING).execute()
    assert settling.find_orphans(clock.now() + timedelta(seconds=1)) == 1


def test_it_takes_over_what_another_held_of_the_number() -> None:
    for number in range(4):
        reader(number)
    digest = broadcast()
    now = clock.now()
    ids = [row.id for row in Delivery.select().order_by(Delivery.id)]
    lease = {"due_at": now + timedelta(seconds=30)}
    rows = [("sending", "dead"), ("queued", "dead"), ("sending", "me"), ("queued", "me")]
    for row, (state, owner) in zip(ids, rows, strict=True):
        Delivery.update(state=state, leased_by=owner, **lease).where(Delivery.id == row).execute()
    assert settling.take_over("another number", "me", now) == 0
    assert settling.take_over(ACCOUNT, "me", now) == 2
    assert states(digest) == ["unknown", "queued", "sending", "queued"]
    assert outbox.claim(ACCOUNT, digest.id, worker="me", limit=9, now=now) == [ids[1]]


def run(seconds: float = 0.0) -> None:
    upkeep.run_once(clock.now() + timedelta(seconds=seconds), settle_after=AFTER)


def test_it_finishes_what_is_through() -> None:
    reader(1)
    digest = broadcast()
    run()
    assert broadcasts.get(digest.id).state == BroadcastState.RUNNING
    Delivery.update(state=DeliveryState.SENT, due_at=None).execute()
    run()
    assert broadcasts.get(digest.id).state == BroadcastState.FINISHED
    assert broadcasts.get(digest.id).finished_at


def test_it_expires_what_has_not_left_in_time() -> None:
    reader(1)
    reader(2)
    digest = broadcast(expires_at=clock.now() + timedelta(seconds=5))
    Delivery.update(state=DeliveryState.SENT, due_at=None).where(Delivery.id == 1).execute()
    run(6)
    assert states(digest) == ["sent", "expired"]
    run(7)
    assert broadcasts.get(digest.id).state == BroadcastState.FINISHED


def test_it_expires_what_was_held_for_too_long() -> None:
    reader(1)
    digest = broadcast(expires_at=clock.now() + timedelta(seconds=5))
    holds.hold(digest.id, "template_paused")
    run(6)
    run(7)
    assert states(digest) == ["expired"]
    assert broadcasts.get(digest.id).state == BroadcastState.FINISHED


def test_it_cancels_what_comes_back_to_a_stopped_broadcast() -> None:
    reader(1)
    digest = broadcast()
    endings.stop(digest.id)
    Delivery.update(state=DeliveryState.QUEUED, due_at=clock.now()).execute()
    run()
    assert states(digest) == ["cancelled"]


def unreachable_digest(number: int, of: int, days_ago: int) -> None:
    """A digest some days ago that could not reach `number` of its `of` readers."""
    on = (clock.now() - timedelta(days=days_ago)).date()
    digest = broadcast(on=on)
    Delivery.update(state=DeliveryState.SENT, due_at=None).where(
        Delivery.broadcast == digest.id
    ).execute()
    people = Subscriber.select(Subscriber.id).order_by(Subscriber.id).limit(number)
    Delivery.update(state="failed", outcome="unreachable").where(
        Delivery.broadcast == digest.id, Delivery.subscriber.in_(people)
    ).execute()
    upkeep.retire_unreachable(on)
    upkeep.retire_unreachable(on)  # safe to repeat


def silent_readers(number: int) -> None:
    for index in range(number):
        reader(index)
    Subscriber.update(last_inbound_at=clock.now() - timedelta(days=30)).execute()


def test_it_retires_who_cannot_be_reached_on_three_days() -> None:
    silent_readers(10)
    for day in (3, 2):
        unreachable_digest(1, 10, day)
    assert Subscriber.get_by_id(1).wants == "everything"
    unreachable_digest(1, 10, 1)
    assert Subscriber.get_by_id(1).wants == "retired"
    assert Subscriber.select().where(Subscriber.wants == "everything").count() == 9


def test_it_retires_nobody_in_an_outage() -> None:
    silent_readers(10)
    for day in (3, 2, 1):
        unreachable_digest(6, 10, day)
    assert Subscriber.select().where(Subscriber.wants == "retired").count() == 0


def test_it_has_nothing_to_retire_without_a_digest() -> None:
    assert upkeep.retire_unreachable(START.date()) == 0


def test_it_knows_who_is_alive() -> None:
    heartbeats.beat("1", "sender")
    assert heartbeats.alive("sender", clock.now())
    assert not heartbeats.alive("sender", clock.now() + timedelta(seconds=16))
    assert not heartbeats.alive("receiver", clock.now())
    heartbeats.forget_old(clock.now() + timedelta(days=2))
    assert heartbeats.Heartbeat.select().count() == 0


def test_it_waits_for_the_youngest_of_two_doors() -> None:
    with later(0):
        heartbeats.beat("1", heartbeats.DOOR)
    with later(9):
        heartbeats.beat("1", heartbeats.DOOR)
        heartbeats.beat("2", heartbeats.DOOR)
    door = heartbeats.door(START + timedelta(seconds=10))
    assert door is not None
    assert door.since - START > timedelta(seconds=8)


# ------------------------------------------------------------------ where no status comes


def untold(seconds: float) -> int:
    return settling.settle_untold(START + timedelta(seconds=seconds), AFTER, ["whatsapp"])


def test_it_repeats_no_digest_where_silence_says_nothing(unknown: broadcasts.Broadcast) -> None:
    Delivery.update(unknowns=1).execute()
    assert untold(59) == 0
    assert untold(61) == 1
    row = Delivery.get()
    assert (row.state, row.outcome, row.code) == ("failed", "unknown", "no_answer")
    assert settlements.of(unknown.id)["given_up"] == 1


def test_it_repeats_an_alert_and_an_answer_there_twice_at_most() -> None:
    person = reader(1)
    alert = broadcast(BroadcastKind.ALERT)
    outbox.answer(person, Text("Hallo"))
    for repeat in (True, True, False):
        Delivery.update(state=DeliveryState.UNKNOWN, attempt=1, due_at=START).execute()
        assert untold(61) == 2
        assert {row.state for row in Delivery.select()} == {"queued" if repeat else "failed"}
    assert Delivery.get(Delivery.broadcast == alert.id).settled_by_silence == 2


def test_it_leaves_such_channels_to_themselves(unknown: broadcasts.Broadcast) -> None:
    open_door(130)
    assert settling.settle(START + timedelta(seconds=121), AFTER, ["whatsapp"]) == 0
    assert settling.settle_untold(START + timedelta(seconds=121), AFTER, []) == 0
    assert states(unknown) == ["unknown"]
