"""Receipts late, twice, reversed or contradictory: each has its line here."""

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts import clock, db
from broadcasts.channels.base import Address, Outcome, Receipt, Result, StatusIn, Text
from broadcasts.delivery import accounts, broadcasts, results, statuses
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.results import Answered
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.delivery.wire import Outgoing
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import ACCOUNT, CHANNELS, broadcast, deliveries, plan, reader, states

pytestmark = pytest.mark.usefixtures("database")
BERLIN = ZoneInfo("Europe/Berlin")
SENT, DELIVERED, READ, FAILED = Receipt.SENT, Receipt.DELIVERED, Receipt.READ, Receipt.FAILED


def status(
    row: Delivery, receipt: Receipt, *, attempt: int = 1, outcome: Outcome | None = None
) -> StatusIn:
    return StatusIn(
        ACCOUNT,
        f"wamid.{row.id}",
        statuses.tracker(row.id, attempt),
        receipt,
        clock.now(),
        outcome=outcome,
        code="131026" if outcome else None,
    )


def on_the_wire(kind: BroadcastKind = BroadcastKind.DIGEST) -> tuple[Broadcast, Delivery]:
    """A broadcast of today to one reader whose first try is on the wire."""
    reader(1)
    sent = broadcast(kind, clock.today(BERLIN))
    Delivery.update(
        state=DeliveryState.SENDING, attempt=1, sending_at=clock.now(), due_at=clock.now()
    ).execute()
    return sent, deliveries(sent)[0]


def apply(*items: StatusIn) -> list[StatusIn]:
    return statuses.apply(items, BERLIN)


@pytest.mark.parametrize("order", list(itertools.permutations((SENT, DELIVERED, READ))))
def test_it_ends_at_read_in_any_order(order: tuple[Receipt, ...]) -> None:
    digest, row = on_the_wire()
    for receipt in order:
        apply(status(row, receipt))
    assert states(digest) == ["read"]


def test_it_stores_no_reading_where_the_city_wants_none() -> None:
    digest, row = on_the_wire()
    statuses.apply([status(row, SENT), status(row, READ)], BERLIN, reads=False)
    assert states(digest) == ["delivered"]
    assert {str(event.receipt) for event in DeliveryEvent.select()} == {"sent", "delivered"}


def test_it_records_each_status_once() -> None:
    _, row = on_the_wire()
    apply(status(row, SENT), status(row, SENT))
    apply(status(row, SENT), status(row, READ))
    assert DeliveryEvent.select().count() == 2


def test_it_does_not_undo_a_delivery_by_a_late_failure() -> None:
    digest, row = on_the_wire()
    apply(status(row, DELIVERED), status(row, FAILED, outcome=Outcome.UNREACHABLE))
    assert states(digest) == ["delivered"]


def test_it_records_but_ignores_an_older_attempts_status() -> None:
    digest, row = on_the_wire()
    Delivery.update(attempt=2).execute()
    apply(status(row, FAILED, attempt=1, outcome=Outcome.UNREACHABLE))
    assert states(digest) == ["sending"]
    assert DeliveryEvent.select().count() == 1


@pytest.mark.parametrize("receipt", [SENT, DELIVERED, READ])
def test_it_lets_no_older_attempt_move_the_newest(receipt: Receipt) -> None:
    digest, row = on_the_wire()
    Delivery.update(attempt=2).execute()
    apply(status(row, receipt, attempt=1))
    assert states(digest) == ["sending"]


def test_it_settles_an_unknown_outcome() -> None:
    digest, row = on_the_wire()
    Delivery.update(state=DeliveryState.UNKNOWN).execute()
    apply(status(row, SENT))
    assert states(digest) == ["sent"]
    assert deliveries(digest)[0].due_at is None


def test_it_fails_the_unreachable() -> None:
    digest, row = on_the_wire()
    apply(status(row, FAILED, outcome=Outcome.UNREACHABLE))
    assert states(digest) == ["failed"]


def test_it_tries_again_with_the_template_when_the_window_was_closed() -> None:
    digest, row = on_the_wire()
    apply(status(row, SENT), status(row, FAILED, outcome=Outcome.WINDOW_CLOSED))
    assert states(digest) == ["queued"]
    assert Subscriber.get().window_closes_at is None


def test_it_tries_again_at_most_twice() -> None:
    digest, row = on_the_wire()
    for attempt in (1, 2, 3):
        Delivery.update(state=DeliveryState.SENT, attempt=attempt).execute()
        apply(status(row, FAILED, attempt=attempt, outcome=Outcome.WINDOW_CLOSED))
    assert states(digest) == ["failed"]


def test_it_tries_a_digest_again_only_on_its_day() -> None:
    digest, row = on_the_wire()
    Broadcast.update(on=clock.today(BERLIN) - timedelta(days=1)).execute()
    apply(status(row, FAILED, outcome=Outcome.WINDOW_CLOSED))
    assert states(digest) == ["failed"]


def test_it_reopens_a_finished_broadcast_for_a_retry() -> None:
    digest, row = on_the_wire()
    apply(status(row, SENT))
    broadcasts.mark_finished(digest.id, clock.now())
    apply(status(row, FAILED, outcome=Outcome.TRANSIENT))
    assert broadcasts.get(digest.id).state == BroadcastState.RUNNING


def test_it_never_brings_back_a_stopped_broadcast() -> None:
    digest, row = on_the_wire()
    broadcasts.mark_stopped(digest.id, clock.now())
    apply(status(row, FAILED, outcome=Outcome.TRANSIENT))
    assert states(digest) == ["failed"]


def test_it_takes_the_platforms_opt_out_as_stop_for_digests() -> None:
    _, row = on_the_wire()
    apply(status(row, FAILED, outcome=Outcome.OPTED_OUT))
    assert Subscriber.get().wants == Wants.ALERTS_ONLY


@pytest.mark.parametrize("outcome", [Outcome.CREDENTIALS, Outcome.ACCOUNT])
def test_it_never_stops_a_number_by_a_status(outcome: Outcome) -> None:
    accounts.ensure(CHANNELS["whatsapp"].accounts)
    _, row = on_the_wire()
    apply(status(row, FAILED, outcome=outcome))
    assert accounts.stopped() == []


def test_it_tries_later_what_the_account_was_refused_for() -> None:
    """A full day limit, say: the person is not to blame, nor is the next second any better."""
    digest, row = on_the_wire()
    apply(status(row, SENT), status(row, FAILED, outcome=Outcome.ACCOUNT))
    assert states(digest) == ["queued"]
    assert deliveries(digest)[0].due_at > clock.now() + timedelta(minutes=9)


def test_it_finds_a_message_by_the_providers_id_without_a_tracker() -> None:
    digest, row = on_the_wire()
    Delivery.update(provider_id="wamid.x", state=DeliveryState.SENT).execute()
    apply(StatusIn(ACCOUNT, "wamid.x", None, READ, clock.now()))
    assert states(digest) == ["read"]
    assert row.id == deliveries(digest)[0].id


def test_it_looks_for_it_only_as_long_as_statuses_come() -> None:
    on_the_wire()
    Delivery.update(provider_id="wamid.x", state=DeliveryState.SENT).execute()
    long_ago = clock.now() - statuses.STATUSES_COME_FOR - timedelta(days=1)
    Broadcast.update(created_at=long_ago).execute()
    late = StatusIn(ACCOUNT, "wamid.x", None, READ, clock.now())
    assert apply(late) == [late]
    Delivery.update(broadcast=None).execute()  # an answer is found however old it is
    assert apply(late) == []


def test_it_learns_the_providers_id_from_a_status_quicker_than_the_answer() -> None:
    _, row = on_the_wire()
    apply(status(row, SENT))
    assert Delivery.get().provider_id == f"wamid.{row.id}"


def test_it_leaves_the_id_of_the_newest_attempt() -> None:
    _, row = on_the_wire()
    Delivery.update(attempt=2, provider_id="wamid.second").execute()
    apply(status(row, DELIVERED, attempt=1))
    assert Delivery.get().provider_id == "wamid.second"


@pytest.mark.parametrize("tracker", [None, "", "x", "1:", ":1", "1:1:1", "-1:1", "9" * 30 + ":1"])
def test_it_gives_back_what_names_no_message_of_ours(tracker: str | None) -> None:
    stray = StatusIn(ACCOUNT, "wamid.none", tracker, READ, clock.now())
    assert apply(stray) == [stray]


def test_it_keeps_nothing_of_somebody_erased() -> None:
    digest, row = on_the_wire()
    Delivery.update(subscriber=None).execute()
    apply(status(row, READ))
    assert states(digest) == ["read"]
    assert DeliveryEvent.select().count() == 0
    assert Delivery.get().provider_id is None


def test_it_notes_how_far_statuses_have_come() -> None:
    accounts.ensure(CHANNELS["whatsapp"].accounts)
    _, row = on_the_wire()
    apply(status(row, SENT))
    assert accounts.get(ACCOUNT).status_upto == Delivery.get().sending_at


ORDER = {"sending": 0, "unknown": 0, "sent": 1, "delivered": 2, "read": 3}


@settings(max_examples=40)
@given(st.lists(st.sampled_from([SENT, DELIVERED, READ]), min_size=1, max_size=12))
def test_it_only_ever_moves_forward(receipts: list[Receipt]) -> None:
    for table in (DeliveryEvent, Delivery):
        table.delete().execute()
    person = Subscriber.get_or_none() or reader(1)
    row = Delivery.create(
        subscriber=person,
        channel="whatsapp",
        account=ACCOUNT,
        state=DeliveryState.SENDING,
        attempt=1,
        changed_at=clock.now(),
    )
    furthest = 0
    for receipt in receipts:
        apply(status(row, receipt))
        now = ORDER[Delivery.get_by_id(row.id).state]
        furthest = max(furthest, ORDER[str(receipt)])
        assert now == furthest


def test_it_waits_for_answers_to_the_same_messages_in_one_order() -> None:
    """Two processes that take the same rows in opposite orders would lock each other out."""
    for number in range(90):
        reader(number)
    rows = deliveries(broadcast(on=clock.today(BERLIN)))
    Delivery.update(state="sending", attempt=1, sending_at=clock.now()).execute()
    answers = [
        Answered(
            Outgoing(row.id, 1, row.broadcast_id, ACCOUNT, Address("1"), Text("x")),
            Result(Outcome.ACCEPTED, f"wamid.{row.id}"),
        )
        for row in rows
    ]
    backwards = [status(row, receipt) for receipt in (READ, SENT) for row in reversed(rows)]
    failed: list[BaseException] = []

    def repeat(step: Callable[[], object]) -> None:
        try:
            with db.session():
                for _ in range(40):
                    step()
        except BaseException as error:
            failed.append(error)

    def apply_backwards() -> None:
        with db.transaction():
            statuses.apply(backwards, BERLIN)

    steps = (lambda: results.record(answers), apply_backwards)
    threads = [threading.Thread(target=repeat, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {str(row.state) for row in Delivery.select()} == {"read"}


def test_it_brings_no_warning_back_behind_an_all_clear_just_being_sent() -> None:
    alert, row = on_the_wire(BroadcastKind.ALERT)
    apply(status(row, SENT))
    broadcasts.mark_finished(alert.id, clock.now())

    def refuse() -> None:
        with db.session():
            apply(status(row, FAILED, outcome=Outcome.TRANSIENT))

    late = threading.Thread(target=refuse)
    with db.transaction():
        # As alerts.send does.
        broadcasts.lock(alert.id)
        broadcasts.start(plan(BroadcastKind.CLEAR, follows=alert.id))
        late.start()
        late.join(0.3)
        assert late.is_alive()  # it waits
    late.join()
    assert states(alert) == ["failed"]
    assert broadcasts.get(alert.id).state == BroadcastState.FINISHED
