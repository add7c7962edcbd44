"""What became of each broadcast, counted while it is young."""

from collections import Counter
from datetime import date, timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import tallies
from broadcasts.delivery.broadcasts import Broadcast, Form, Rendition
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.delivery.tallies import Tally
from tests.delivery.makers import DAY, broadcast, sent
from tests.delivery.makers import reader as reader

pytestmark = pytest.mark.usefixtures("database")

S = DeliveryState
DIGESTS = (BroadcastKind.DIGEST,)


def test_it_counts_what_arrived_and_what_did_not() -> None:
    row = sent({S.READ: 3, S.DELIVERED: 2, S.SENT: 1, S.FAILED: 1, S.SKIPPED: 1})
    assert tallies.catch_up(clock.now()) == 1
    (found,) = tallies.recent(DIGESTS, 10)
    figures = {name: found[name] for name in ("recipients", "reached", "delivered", "read")}
    assert figures == {"recipients": 8, "reached": 6, "delivered": 5, "read": 3}
    assert (found["on"], found["failed"], found["kind"]) == (DAY, 1, row.kind)


def test_it_counts_a_young_one_again_and_an_old_one_never() -> None:
    row = sent({S.SENT: 1})
    began = row.created_at
    minutes = ((0, 1), (1, 0), (3, 1), (60, 1), (65, 0), (67, 1), (43_000, 1), (46_000, 0))
    for later, counted in (*minutes, (48_000, 1), (60_000, 0)):
        assert tallies.catch_up(began + timedelta(minutes=later)) == counted, later


def test_it_keeps_the_figures_when_old_deliveries_are_cleared_away() -> None:
    row = sent({S.READ: 2})
    tallies.catch_up(row.created_at)
    Delivery.delete().execute()
    assert tallies.catch_up(row.created_at + timedelta(days=31)) == 1
    assert (Tally.get().recipients, Tally.get().read) == (2, 2)


def test_it_counts_what_was_there_before_the_first_run() -> None:
    sent({S.READ: 1}, created_at=clock.now() - timedelta(days=400))
    assert tallies.catch_up(clock.now()) == 1


def test_it_tells_a_drill_from_the_rest() -> None:
    sent({S.READ: 1}, kind=BroadcastKind.ALERT, is_drill=True)
    tallies.catch_up(clock.now())
    assert tallies.recent((BroadcastKind.ALERT,), 10) == []


def test_it_knows_what_reached_somebody_at_which_line_of_the_price_table() -> None:
    for number in (1, 2, 3):
        reader(number)
    row = broadcast()
    template = Rendition.get(Rendition.broadcast == row, Rendition.form == Form.TEMPLATE)
    window = Rendition.get(Rendition.broadcast == row, Rendition.form == Form.WINDOW)
    ids = [one.id for one in Delivery.select().order_by(Delivery.id)]
    Delivery.update(state=S.SENT, rendition=template).where(Delivery.id.in_(ids[:2])).execute()
    Delivery.update(state=S.FAILED, rendition=window).where(Delivery.id == ids[2]).execute()
    tallies.catch_up(clock.now())
    assert tallies.messages(DAY, DAY) == {DAY: Counter({("whatsapp", "marketing"): 2})}
    assert tallies.messages(date(2026, 1, 1), date(2026, 1, 31)) == {}


def test_it_counts_at_once_what_the_budget_must_know() -> None:
    row = sent({S.SENT: 1})
    tallies.count_missing(DAY, DAY)
    Delivery.create(
        broadcast=row, channel="whatsapp", account="1", state=S.SENT, changed_at=clock.now()
    )
    tallies.count_missing(DAY, DAY)
    assert Tally.get().recipients == 2
    Broadcast.update(state=BroadcastState.FINISHED, finished_at=row.created_at).execute()
    counted = Tally.get().counted_at
    tallies.count_missing(DAY, DAY)
    assert Tally.get().counted_at == counted
