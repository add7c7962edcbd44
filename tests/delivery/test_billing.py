"""Each billed message once, by the month in which it arrived."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from broadcasts.channels.base import Receipt, StatusIn
from broadcasts.delivery import billing, statuses
from broadcasts.delivery.billing import Billed
from broadcasts.delivery.outbox import Delivery
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure
from tests.delivery.makers import ACCOUNT, broadcast, deliveries, reader
from tests.newsroom.makers import BERLIN, local
from tests.privacy.test_erasure import KEY

pytestmark = pytest.mark.usefixtures("database")

AT = local("2026-11-24", "17:00")
NOVEMBER = date(2026, 11, 1)


def told(
    row: Delivery,
    receipt: Receipt,
    *,
    at: datetime = AT,
    billable: bool | None = True,
    attempt: int = 1,
) -> StatusIn:
    tracker = statuses.tracker(row.id, attempt)
    category = None if billable is None else "marketing"
    return StatusIn(ACCOUNT, "", tracker, receipt, at, billable=billable, category=category)


def one() -> Delivery:
    reader(1)
    Delivery.update(state="sent", attempt=1).where(Delivery.broadcast == broadcast().id).execute()
    return Delivery.get()


def billed() -> Counter[tuple[str, str]]:
    found = billing.messages(date(2026, 1, 1), date(2026, 12, 31))
    return sum(found.values(), Counter())


@pytest.mark.parametrize(
    "receipts",
    [
        [Receipt.DELIVERED],
        [Receipt.SENT, Receipt.DELIVERED, Receipt.READ],
        [Receipt.READ, Receipt.DELIVERED],
        [Receipt.READ],
        [Receipt.DELIVERED, Receipt.DELIVERED],
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_it_counts_a_message_once_in_whatever_order_it_is_told(
    receipts: list[Receipt], at_once: bool
) -> None:
    row = one()
    batch = [told(row, receipt) for receipt in receipts]
    for part in [batch] if at_once else [[status] for status in batch]:
        statuses.apply(part, BERLIN)
    assert billed() == {("whatsapp", "marketing"): 1}


@pytest.mark.parametrize(
    ("receipt", "billable"),
    [(Receipt.SENT, True), (Receipt.DELIVERED, False), (Receipt.DELIVERED, None)],
)
def test_it_counts_only_what_arrived_and_is_billed(receipt: Receipt, billable: bool | None) -> None:
    statuses.apply([told(one(), receipt, billable=billable)], BERLIN)
    assert billed() == {}


def test_it_counts_by_the_month_of_the_citys_calendar() -> None:
    at = local("2026-12-01", "00:00")
    row = one()
    statuses.apply([told(row, Receipt.DELIVERED, at=at)], BERLIN)
    assert list(billing.messages(NOVEMBER, date(2026, 12, 31))) == [date(2026, 12, 1)]


def test_it_counts_a_second_try_that_is_billed_too() -> None:
    row = one()
    statuses.apply([told(row, Receipt.DELIVERED)], BERLIN)
    statuses.apply([told(row, Receipt.DELIVERED, attempt=2)], BERLIN)
    assert billed() == {("whatsapp", "marketing"): 2}


def test_it_keeps_the_count_of_somebody_erased_and_adds_nothing_afterwards() -> None:
    row = one()
    statuses.apply([told(row, Receipt.DELIVERED)], BERLIN)
    erasure.erase(Subscriber.get(), key=KEY, before=AT, media=Path("/nonexistent"))
    statuses.apply([told(row, Receipt.READ)], BERLIN)
    assert billed() == {("whatsapp", "marketing"): 1}


def test_it_makes_one_row_of_many() -> None:
    for number in (1, 2, 3):
        billing.add({(NOVEMBER, "whatsapp", "utility"): number})
    assert billing.fold() == 1
    assert billing.fold() == 1
    assert Billed.select().count() == 1
    assert billed() == {("whatsapp", "utility"): 6}


def test_it_asks_twice_for_a_batch_however_large() -> None:
    for number in range(1, 30):
        reader(number)
    rows = deliveries(broadcast())
    Delivery.update(state="sent", attempt=1).execute()
    statuses.apply([told(row, Receipt.DELIVERED) for row in rows], BERLIN)
    assert Billed.select().count() == 1
    assert billed() == {("whatsapp", "marketing"): 29}
