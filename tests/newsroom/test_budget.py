"""The month's budget: digests keep to it where the cap is hard, alerts never wait."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.delivery import audience, billing, broadcasts, tallies
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, DeliveryState
from broadcasts.newsroom import alerts, budget, digests, posts
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.digests import OverBudgetError
from broadcasts.newsroom.posts import PostState, Written
from broadcasts.settings import BudgetSettings, Price
from tests.delivery.makers import reader
from tests.newsroom.makers import approve, hours, local, newsroom

pytestmark = pytest.mark.usefixtures("database")

DAY = "2026-11-24"
PRICES = tuple(
    Price(category=category, amount=Decimal(amount), since=date(2026, 1, 1))
    for category, amount in (("marketing", "1"), ("utility", "0.50"), ("service", "0.25"))
)


def room(limit: str = "5", *, hard_cap: bool = True, **more: Any) -> Newsroom:
    settings = BudgetSettings(per_month=Decimal(limit), hard_cap=hard_cap)
    made = newsroom(budget=settings, prices=PRICES, **hours(quiet=(0, 0)), **more)
    approve(made)
    return made


def readers(number: int) -> None:
    """Outside their window: each costs 1 by digest, 0.50 by alert."""
    with clock.travel(local("2026-11-01", "09:00")):
        for one in range(1, number + 1):
            reader(one, window=False)


def queue(made: Newsroom, day: str = DAY) -> None:
    with clock.travel(local(day, "09:00")):
        posts.add(made, Written("Markt", on=date.fromisoformat(day)))


def send(made: Newsroom, day: str = DAY) -> None:
    """Starts it, and lets it reach everybody."""
    with clock.travel(local(day, "17:00")):
        started = digests.send(made, now=clock.now())
        arrive(made, started)


def arrive(made: Newsroom, started: broadcasts.Broadcast) -> None:
    audience.write_all_waiting(made.channels)
    template = started.renditions.where(broadcasts.Rendition.form == broadcasts.Form.TEMPLATE).get()
    Delivery.update(state=DeliveryState.SENT, rendition=template, due_at=None).where(
        Delivery.broadcast == started
    ).execute()
    broadcasts.mark_finished(started.id, clock.now())


def spent(made: Newsroom, day: str = DAY) -> Decimal:
    budget.bring_up_to_date(date.fromisoformat(day))
    return budget.months(made, date.fromisoformat(day), 1)[0].spent


def test_it_refuses_the_digest_that_would_pass_the_cap_and_keeps_its_posts() -> None:
    made = room("5")
    readers(3)
    queue(made)
    send(made)
    queue(made, "2026-11-25")
    with pytest.raises(OverBudgetError, match=r"3.00 EUR of the month's 5.00 EUR are spent"):
        send(made, "2026-11-25")
    assert posts.queued(date(2026, 11, 25))[0].state == PostState.QUEUED
    assert broadcasts.digest_of(date(2026, 11, 25)) is None


def test_it_sends_what_the_budget_just_covers() -> None:
    made = room("6")
    readers(3)
    for day in (DAY, "2026-11-25"):
        queue(made, day)
        send(made, day)
    assert spent(made) == 6


def test_it_sends_alerts_whatever_they_cost_and_counts_them() -> None:
    made = room("5")
    readers(3)
    warning = alerts.Draft(BroadcastKind.ALERT, "Sturm")
    for _ in range(4):
        with clock.travel(local(DAY, "10:00")):
            arrive(made, alerts.send(made, warning, now=clock.now()))
    queue(made)
    with pytest.raises(OverBudgetError, match=r"6.00 EUR"):
        send(made)


def test_it_sends_what_waited_in_the_next_month() -> None:
    made = room("4")
    readers(3)
    queue(made, "2026-11-29")
    send(made, "2026-11-29")
    queue(made, "2026-11-30")
    with pytest.raises(OverBudgetError):
        send(made, "2026-11-30")
    send(made, "2026-12-01")
    held = posts.of_broadcast(broadcasts.digest_of(date(2026, 12, 1)).id)  # it has just gone
    assert [post.on for post in held] == [date(2026, 11, 30)]


def test_it_only_warns_without_a_hard_cap() -> None:
    made = room("2", hard_cap=False)
    readers(3)
    queue(made)
    found = digests.preview(made, date.fromisoformat(DAY), local(DAY, "12:00"))
    assert "only a warning" in str(found.over_budget)
    assert found.over_budget in found.warnings
    send(made)


def test_it_says_beforehand_that_a_digest_will_not_go() -> None:
    made = room("2")
    readers(3)
    queue(made)
    found = digests.preview(made, date.fromisoformat(DAY), local(DAY, "12:00"))
    assert "its posts wait for the next month" in found.as_json()["warnings"][-1]


def test_it_says_nothing_without_a_budget_or_below_it() -> None:
    readers(1)
    for limit in ("0", "1"):
        made = room(limit, hard_cap=False)
        queue(made)
        found = digests.preview(made, date.fromisoformat(DAY), local(DAY, "12:00"))
        assert found.over_budget is None


def test_it_believes_the_bill_where_that_is_more_than_the_estimate() -> None:
    made = room()
    readers(1)
    queue(made)
    send(made)
    tallies.catch_up(local(DAY, "18:00"))
    assert spent(made) == 1
    billing.add({(date(2026, 11, 1), "whatsapp", "service"): 7})
    month = budget.months(made, date.fromisoformat(DAY), 1)[0]
    assert (month.estimated.amount, month.billed.amount, month.spent) == (1, Decimal("1.75"), 1.75)
    assert month.by_category == [("whatsapp", "marketing", 1, 0), ("whatsapp", "service", 0, 7)]


def test_it_says_for_how_many_messages_there_is_no_price() -> None:
    made = room()
    billing.add({(date(2026, 11, 1), "whatsapp", "authentication"): 2})
    month = budget.months(made, date.fromisoformat(DAY), 1)[0]
    assert (month.billed.amount, month.billed.unpriced) == (0, 2)


def test_it_prices_each_month_at_its_own_rates() -> None:
    dearer = Price(category="marketing", amount=Decimal(2), since=date(2026, 12, 1))
    made = newsroom(prices=(*PRICES, dearer))
    for month in (11, 12):
        billing.add({(date(2026, month, 1), "whatsapp", "marketing"): 10})
    found = budget.months(made, date(2026, 12, 24), 3)
    assert [month.billed.amount for month in found] == [0, 10, 20]
    assert [month.billed.priced_on for month in found] == [
        *(None, date(2026, 1, 1), date(2026, 12, 1))
    ]


def test_it_names_months_across_the_turn_of_a_year() -> None:
    firsts = [month.first for month in budget.months(newsroom(), date(2026, 2, 28), 4)]
    assert firsts == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert [budget.end_of(first).day for first in firsts] == [30, 31, 31, 28]
    assert budget.months(newsroom(), date(2026, 2, 28), 1)[0].by_category == []
    assert Counter() == billing.messages(date(2026, 2, 1), date(2026, 2, 1))
