"""One number's lane: shares, pauses, probes, without a loop around it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.channels.base import Account, Outcome, Result, Text
from broadcasts.delivery import accounts, broadcasts, holds, hours, outbox
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.lane import Lane
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastKind
from broadcasts.delivery.wire import MARGIN, Outgoing, Terms
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import ACCOUNT, broadcast, reader

pytestmark = pytest.mark.usefixtures("database")


class Driver:
    """Asks the lane at each step and counts what leaves."""

    def __init__(self, account: Account | None = None) -> None:
        account = account or Account("whatsapp", ACCOUNT, "+49 176 04069000", 100)
        accounts.ensure([account])
        self.lane = Lane(account, terms=Terms(MARGIN), worker="w", renditions=Renditions("de"))
        self.at, self.begin = 1000.0, clock.now()

    @property
    def now(self) -> datetime:
        return self.begin + timedelta(seconds=self.at - 1000.0)

    def step(self, seconds: float = 0.02, room: int = 1000) -> list[Outgoing]:
        self.at += seconds
        live = broadcasts.unfinished()
        return self.lane.next(live, self.now, self.at, room)

    def steps(self, number: int, *, land: bool = True) -> list[Outgoing]:
        found = []
        for _ in range(number):
            gone = self.step()
            found += gone
            if land:
                self.answer(len(gone), Outcome.ACCEPTED)
        return found

    def answer(self, number: int, outcome: Outcome) -> None:
        for _ in range(number):
            self.lane.landed("", self.at)
            self.lane.learn(Result(outcome, code="1"), self.now, self.at)


def readers(number: int) -> None:
    for index in range(number):
        reader(index)


@pytest.mark.parametrize("outcome", [Outcome.TRANSIENT, Outcome.UNKNOWN])
def test_it_takes_many_failures_in_a_row_for_an_outage(outcome: Outcome) -> None:
    readers(60)
    broadcast()
    driver = Driver()
    gone = sum(len(driver.steps(1, land=False)) for _ in range(20))
    driver.answer(19, outcome)
    assert accounts.get(ACCOUNT).paused_since is None
    driver.answer(gone - 19, outcome)
    number = accounts.get(ACCOUNT)
    assert number.paused_since is not None
    assert number.pause_reason == f"{outcome} 1"
    assert number.paused_until is not None
    # All that was under way came back at once: that is one failure, not many.
    assert number.paused_until - driver.now < timedelta(seconds=2)
    assert len(driver.step(3.0)) == 1
    driver.answer(1, Outcome.ACCEPTED)
    assert accounts.get(ACCOUNT).paused_since is None
    assert len(driver.step(0.1)) > 1


def test_it_tries_one_at_a_time_after_the_network_was_away() -> None:
    readers(30)
    broadcast()
    driver = Driver()
    first = driver.step(0.1)
    driver.answer(len(first), Outcome.NETWORK)
    assert driver.step() == []  # paused
    again = driver.step(40.0)
    assert len(again) == 1
    assert driver.step() == []  # until that one is back
    driver.answer(1, Outcome.ACCEPTED)
    assert len(driver.step(0.1)) > 1


def test_it_pauses_longer_each_time() -> None:
    driver = Driver()
    waits = []
    for _ in range(8):
        driver.answer(1, Outcome.NETWORK)
        until = accounts.get(ACCOUNT).paused_until
        waits.append(round((until - driver.now).total_seconds()))
        driver.at += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_it_probes_a_stopped_number_every_ten_seconds() -> None:
    readers(30)
    broadcast()
    driver = Driver()
    driver.answer(len(driver.step(0.1)), Outcome.CREDENTIALS)
    tried = 0
    for _ in range(35):
        gone = len(driver.step(1.0))
        driver.answer(gone, Outcome.CREDENTIALS)
        tried += gone
    assert tried == 3


def test_it_keeps_a_tenth_for_answers_while_an_alert_runs() -> None:
    readers(100)
    alert = broadcast(BroadcastKind.ALERT)
    person = Subscriber.get()
    for _ in range(100):
        outbox.answer(person, Text("Antwort"), expires_at=clock.now() + timedelta(hours=1))
    gone = Driver().steps(50)  # one second at 100/s
    answers = [row for row in gone if row.broadcast_id is None]
    assert 8 <= len(answers) <= 13
    assert {row.broadcast_id for row in gone if row.broadcast_id} == {alert.id}


def test_it_gives_unused_room_to_whoever_has_work() -> None:
    readers(3)
    broadcast(BroadcastKind.ALERT)
    person = Subscriber.get()
    for _ in range(60):
        outbox.answer(person, Text("Antwort"), expires_at=clock.now() + timedelta(hours=1))
    assert len(Driver().steps(50)) == 63


def test_it_sends_no_digest_until_the_alert_is_through() -> None:
    readers(40)
    digest, alert = broadcast(), broadcast(BroadcastKind.ALERT)
    order = [row.broadcast_id for row in Driver().steps(80)]
    assert order == [alert.id] * 40 + [digest.id] * (len(order) - 40)
    assert len(order) > 60


def test_it_lets_an_alerts_retries_overtake_again() -> None:
    readers(10)
    digest, alert = broadcast(), broadcast(BroadcastKind.ALERT)
    driver = Driver()
    later = driver.begin + timedelta(seconds=2)
    Delivery.update(due_at=later).where(Delivery.broadcast == alert.id).execute()
    assert {row.broadcast_id for row in driver.steps(3)} == {digest.id}
    assert {row.broadcast_id for row in driver.step(2.5)} == {alert.id}


def test_it_keeps_to_the_room_there_is() -> None:
    readers(30)
    broadcast()
    assert len(Driver().step(0.1, room=2)) == 2


def test_it_drops_leases_that_have_ended() -> None:
    readers(30)
    digest = broadcast()
    driver = Driver(Account("whatsapp", ACCOUNT, "+49 176 04069000", 20))
    driver.step(0.1)
    gone = driver.step(40.0)
    assert len(gone) == len({row.id for row in gone})
    assert digest.id


def test_it_gives_back_at_once_what_was_held_after_the_look() -> None:
    readers(30)
    digest = broadcast()
    driver = Driver()
    live = broadcasts.unfinished()
    holds.hold(digest.id, "template_paused 132015")
    driver.at += 1.0
    assert driver.lane.next(live, driver.now, driver.at, 1000) == []
    holds.resume(digest.id)
    # Not only when the lease is over.
    assert len(driver.steps(100)) == 30


def test_it_lets_a_person_rest_between_two_messages() -> None:
    """Telegram: one message a second to one person, counted from when the last call came back."""
    person = reader(1)
    driver = Driver(Account("whatsapp", ACCOUNT, "@x", 100, person_rests=timedelta(seconds=1)))
    first, second, third = (outbox.answer(person, Text(text)) for text in "abc")
    (gone,) = driver.steps(5, land=False)
    assert gone.id == first
    driver.at += 0.4
    driver.lane.landed(gone.address.key, driver.at)
    assert driver.steps(40, land=False) == []
    later = driver.steps(20, land=False)
    assert [row.id for row in later] == [second]
    driver.at += 1.1
    assert [row.id for row in driver.steps(5)] == [third]


def test_it_counts_what_comes_in_only_where_the_provider_does() -> None:
    readers(200)
    broadcast()
    free = Driver(Account("whatsapp", ACCOUNT, "@x", 100, counts_received=False))
    accounts.note_received(ACCOUNT, 1000)
    free.lane.refresh(free.at)
    assert len(free.steps(10)) > 0


@pytest.mark.parametrize("rate", [100, 20])
def test_it_shares_its_pace_between_a_digest_and_a_service_notice(rate: int) -> None:
    """Also where only one message may leave at a time."""
    readers(30)
    digest, notice = broadcast(), broadcast(BroadcastKind.NOTICE)
    driver = Driver(Account("whatsapp", ACCOUNT, "+49 176 04069000", rate))
    gone: list[int | None] = []
    while len(gone) < 30:
        gone += [row.broadcast_id for row in driver.steps(1)]
    assert abs(gone.count(digest.id) - gone.count(notice.id)) <= 4
    gone += [row.broadcast_id for row in driver.steps(300)]
    assert [gone.count(digest.id), gone.count(notice.id)] == [30, 30]


def test_it_leaves_the_whole_pace_to_whoever_has_something_due() -> None:
    readers(60)
    notice = broadcast(BroadcastKind.NOTICE)
    alone = len(Driver().steps(10))
    digest = broadcast()
    Delivery.update(due_at=clock.now() + timedelta(hours=1)).where(
        Delivery.broadcast == digest.id
    ).execute()
    Delivery.update(due_at=clock.now(), leased_by=None, state="queued").where(
        Delivery.broadcast == notice.id
    ).execute()
    gone = [row.broadcast_id for row in Driver().steps(10)]
    assert set(gone) == {notice.id}
    assert abs(len(gone) - alone) <= 1


def test_it_lets_an_alert_overtake_a_service_notice() -> None:
    readers(30)
    notice = broadcast(BroadcastKind.NOTICE)
    driver = Driver()
    assert {row.broadcast_id for row in driver.steps(3)} == {notice.id}
    alert = broadcast(BroadcastKind.ALERT)
    driver.at += 60.0  # whatever writing its rows has taken
    gone = [row.broadcast_id for row in driver.steps(100)]
    assert gone[:30] == [alert.id] * 30
    assert set(gone[30:]) == {notice.id}


def test_it_leases_nothing_of_a_service_notice_outside_its_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would give it back, thirty times a second."""
    readers(3)
    notice = broadcast(BroadcastKind.NOTICE)
    past = hours.pack([(clock.now() - timedelta(hours=2), clock.now())])
    Broadcast.update(hours=past).where(Broadcast.id == notice.id).execute()
    asked: list[int | None] = []
    whole = outbox.claim

    def claim(account: str, broadcast_id: int | None, **more: Any) -> list[int]:
        asked.append(broadcast_id)
        return whole(account, broadcast_id, **more)

    monkeypatch.setattr(outbox, "claim", claim)
    assert Driver().steps(5) == []
    assert notice.id not in asked
