"""What a broadcast is likely to cost, from a dated table in the configuration.

Owns: adding up. Never: a rate of its own. Every figure carries the date of the rates it uses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from broadcasts.settings import Price


@dataclass(frozen=True)
class Money:
    """An amount as a sentence holds it; pages write it in their own language."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"


FREE = "free"
"""Price category of a channel that bills nothing: it needs no rate."""


@dataclass(frozen=True)
class Cost:
    currency: str
    amount: Decimal
    priced_on: date | None
    """Since when the oldest rate used has been valid; None: no rate was needed or known."""
    unpriced: int = 0
    """Messages for which the table has no rate: the amount is without them."""

    def as_json(self) -> dict[str, Any]:
        return {
            "currency": self.currency,
            "amount": str(self.amount),
            "priced_on": self.priced_on.isoformat() if self.priced_on else None,
            "unpriced": self.unpriced,
        }


def estimate(prices: Sequence[Price], counts: Mapping[tuple[str, str], int], on: date) -> Cost:
    """`counts`: (channel, category) → messages."""
    amount, unpriced, dates = Decimal(0), 0, []
    currency = prices[0].currency if prices else "EUR"
    for (channel, category), number in counts.items():
        if category == FREE:
            continue
        price = _rate(prices, channel, category, on)
        if price is None or price.currency != currency:
            unpriced += number
        elif number:
            amount += price.amount * number
            dates.append(price.since)
    return Cost(currency, amount.quantize(Decimal("0.01")), min(dates, default=None), unpriced)


def total(prices: Sequence[Price], costs: Sequence[Cost]) -> Cost:
    """Several estimates as one."""
    dates = [cost.priced_on for cost in costs if cost.priced_on is not None]
    return Cost(
        prices[0].currency if prices else "EUR",
        sum((cost.amount for cost in costs), Decimal("0.00")),
        min(dates, default=None),
        sum(cost.unpriced for cost in costs),
    )


def _rate(prices: Sequence[Price], channel: str, category: str, on: date) -> Price | None:
    known = [
        price
        for price in prices
        if price.channel == channel and price.category == category and price.since <= on
    ]
    return max(known, key=lambda price: price.since, default=None)
