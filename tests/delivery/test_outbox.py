"""The outbox: one row per recipient, claimed once, moved by condition only."""

import threading
from datetime import timedelta

import peewee
import pytest

from broadcasts import clock, db
from broadcasts.channels.base import Address, Text
from broadcasts.delivery import broadcasts, endings, outbox, upkeep
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.delivery.wire import MARGIN, Terms, take
from tests.delivery.makers import ACCOUNT, broadcast, deliveries, reader, states

pytestmark = pytest.mark.usefixtures("database")


def claim(of: int | None, worker: str = "w1", limit: int = 100, later: float = 0.1) -> list[int]:
    now = clock.now() + timedelta(seconds=later)
    return outbox.claim(ACCOUNT, of, worker=worker, limit=limit, now=now)


def test_it_refuses_a_second_row_for_one_recipient() -> None:
    person = reader(1)
    digest = broadcast()
    with pytest.raises(peewee.IntegrityError):
        Delivery.create(
            broadcast=digest,
            subscriber=person,
            channel="whatsapp",
            account=ACCOUNT,
            changed_at=clock.now(),
        )


def test_it_gives_a_row_to_one_worker_only() -> None:
    for number in range(3):
        reader(number)
    digest = broadcast()
    first = claim(digest.id, "w1", limit=2)
    second = claim(digest.id, "w2")
    assert len(first) == 2
    assert len(second) == 1
    assert not set(first) & set(second)


def test_it_gives_each_row_once_to_two_who_claim_at_once() -> None:
    for number in range(100):
        reader(number)
    digest, won = broadcast(), list[int]()

    def work(worker: str) -> None:
        with db.session():
            while ids := claim(digest.id, worker, limit=3):
                won.extend(ids)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(row.id for row in deliveries(digest))


def test_it_puts_nothing_on_the_wire_that_another_has_leased() -> None:
    reader(1)
    digest = broadcast()
    ids = claim(digest.id, "w1")
    look = {"renditions": Renditions("de"), "terms": Terms(MARGIN), "now": clock.now()}
    assert take(ids, worker="w2", **look) == []
    assert len(take(ids, worker="w1", **look)) == 1
    assert take(ids, worker="w1", **look) == []


def test_it_keeps_leased_rows_queued() -> None:
    reader(1)
    digest = broadcast()
    claim(digest.id)
    assert states(digest) == ["queued"]


def test_it_frees_a_dead_workers_rows_when_the_lease_ends() -> None:
    reader(1)
    digest = broadcast()
    assert claim(digest.id, "dead")
    assert not claim(digest.id, "w2", later=29)
    assert claim(digest.id, "w2", later=31)


def test_it_cancels_what_is_leased_too_on_a_panic_stop() -> None:
    for number in range(3):
        reader(number)
    digest = broadcast()
    claim(digest.id, limit=1)
    endings.stop(digest.id)
    assert states(digest) == ["cancelled"] * 3
    assert broadcasts.get(digest.id).state == BroadcastState.STOPPED


def test_it_does_not_call_back_what_is_on_the_wire() -> None:
    reader(1)
    digest = broadcast()
    Delivery.update(state=DeliveryState.SENDING).execute()
    endings.stop(digest.id)
    assert states(digest) == ["sending"]


def test_it_skips_only_the_persons_own_broadcasts() -> None:
    first, _ = reader(1), reader(2)
    digest = broadcast()
    outbox.answer(first, Text("Tschüss"))
    assert endings.skip_broadcasts(first.id) == 1
    assert states(digest) == ["skipped", "queued"]
    assert claim(None)  # the farewell still goes


def test_it_leaves_alerts_when_only_digests_are_refused() -> None:
    person = reader(1)
    digest, alert = broadcast(), broadcast(BroadcastKind.ALERT)
    endings.skip_broadcasts(person.id, [BroadcastKind.DIGEST])
    assert states(digest) == ["skipped"]
    assert states(alert) == ["queued"]


def test_it_counts_each_delivery_in_exactly_one_state() -> None:
    for number in range(4):
        reader(number)
    digest = broadcast()
    rows = deliveries(digest)
    for row, state in zip(rows, ("sent", "read", "failed", "queued"), strict=True):
        Delivery.update(state=state).where(Delivery.id == row.id).execute()
    figures = outbox.figures(digest.id)
    assert figures["recipients"] == 4
    assert (figures["sent"], figures["read"], figures["failed"], figures["queued"]) == (1, 1, 1, 1)


def test_it_expires_an_answer_after_its_window() -> None:
    person = reader(1)
    outbox.answer(person, Text("Hallo"), expires_at=clock.now() - timedelta(seconds=1))
    assert endings.expire_answers(clock.now()) == 1
    assert Delivery.get().state == DeliveryState.EXPIRED


def test_it_drops_a_receipt_with_its_address_after_its_time() -> None:
    over = clock.now() - timedelta(seconds=1)
    outbox.receipt("whatsapp", ACCOUNT, Address("4917604069001"), Text("Weg"), expires_at=over)
    endings.expire_answers(clock.now())
    assert Delivery.select().count() == 0


def test_it_never_gives_a_number_twice() -> None:
    person = reader(1)
    first = outbox.answer(person, Text("a"))
    Delivery.delete().execute()
    assert outbox.answer(person, Text("b")) > first


@pytest.mark.parametrize("stopped", [False, True])
def test_it_shows_life_while_many_rows_expire_or_are_cancelled(stopped: bool) -> None:
    reader(1)
    sent = broadcast(expires_at=clock.now())
    if stopped:
        broadcasts.mark_stopped(sent.id, clock.now())
    beats: list[str] = []
    upkeep.run_once(
        clock.now(), settle_after=timedelta(seconds=60), beat=lambda: beats.append("upkeep")
    )
    assert beats == ["upkeep"]
