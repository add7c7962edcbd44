"""Prices: the newest rate that is valid, its date beside every figure."""

from datetime import date
from decimal import Decimal

from broadcasts.newsroom.pricing import estimate
from broadcasts.settings import Price


def price(category: str, amount: str, since: date, currency: str = "EUR") -> Price:
    return Price(category=category, amount=Decimal(amount), since=since, currency=currency)


PRICES = (
    price("marketing", "0.10", date(2026, 1, 1)),
    price("marketing", "0.12", date(2026, 10, 1)),
    price("service", "0.05", date(2026, 10, 1)),
)


def test_it_takes_the_newest_valid_rate() -> None:
    before = estimate(PRICES, {("whatsapp", "marketing"): 100}, date(2026, 9, 30))
    after = estimate(PRICES, {("whatsapp", "marketing"): 100}, date(2026, 10, 1))
    assert (before.amount, before.priced_on) == (Decimal("10.00"), date(2026, 1, 1))
    assert (after.amount, after.priced_on) == (Decimal("12.00"), date(2026, 10, 1))


def test_it_adds_up_categories() -> None:
    counts = {("whatsapp", "marketing"): 10, ("whatsapp", "service"): 10}
    assert estimate(PRICES, counts, date(2026, 11, 1)).amount == Decimal("1.70")


def test_it_says_what_it_has_no_rate_for() -> None:
    cost = estimate(PRICES, {("whatsapp", "utility"): 7}, date(2026, 11, 1))
    assert (cost.amount, cost.unpriced, cost.priced_on) == (Decimal("0.00"), 7, None)


def test_it_mixes_no_currencies() -> None:
    mixed = (*PRICES, price("utility", "1", date(2026, 1, 1), "USD"))
    assert estimate(mixed, {("whatsapp", "utility"): 1}, date(2026, 11, 1)).unpriced == 1


def test_it_prints_what_it_knows() -> None:
    cost = estimate(PRICES, {("whatsapp", "service"): 1}, date(2026, 11, 1))
    assert cost.as_json() == {
        "currency": "EUR",
        "amount": "0.05",
        "priced_on": "2026-10-01",
        "unpriced": 0,
    }
