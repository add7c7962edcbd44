"""The budget: what a month has cost so far, and whether a digest would pass what it may cost.

Owns: cost per month, estimated and billed apart. Never: a rate (settings), a count (delivery's
tallies and billing), or an alert's business: alerts always go. Used by digests, service notices and
the desk.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from broadcasts.delivery import billing, tallies
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import pricing
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.pricing import Cost, Money
from broadcasts.saying import Said, say


@dataclass(frozen=True)
class Month:
    first: date
    estimated: Cost
    """Of digests and alerts that reached somebody, by the category we expect."""
    estimated_messages: int
    billed: Cost
    """Of everything that the provider bills, answers too, by the category it says."""
    billed_messages: int
    by_category: list[tuple[str, str, int, int]]
    """(channel, category, messages estimated, messages billed)"""

    @property
    def spent(self) -> Decimal:
        """The larger of the two: bills come later than messages, answers are in no estimate."""
        return max(self.estimated.amount, self.billed.amount)


def first_of(on: date) -> date:
    return on.replace(day=1)


def end_of(month: date) -> date:
    return first_of(month + timedelta(days=31)) - timedelta(days=1)


def months(newsroom: Newsroom, last: date, number: int) -> list[Month]:
    """So many months up to that of `last`, oldest first."""
    firsts = [first_of(last)]
    while len(firsts) < number:
        firsts.append(first_of(firsts[-1] - timedelta(days=1)))
    firsts.reverse()
    reached = tallies.messages(firsts[0], end_of(last))
    billed = billing.messages(firsts[0], end_of(last))
    return [_month(newsroom, first, reached, billed.get(first, Counter())) for first in firsts]


def _month(
    newsroom: Newsroom,
    first: date,
    reached: Mapping[date, Counter[tuple[str, str]]],
    billed: Counter[tuple[str, str]],
) -> Month:
    prices = newsroom.settings.prices
    days = {on: lines for on, lines in reached.items() if first_of(on) == first}
    estimates = [pricing.estimate(prices, lines, on) for on, lines in sorted(days.items())]
    estimated: Counter[tuple[str, str]] = sum(days.values(), Counter())
    lines = sorted({*estimated, *billed})
    return Month(
        first=first,
        estimated=pricing.total(prices, estimates),
        estimated_messages=estimated.total(),
        # A bill names no day: the rate is the one at the month's end.
        billed=pricing.estimate(prices, billed, end_of(first)),
        billed_messages=billed.total(),
        by_category=[(*line, estimated[line], billed[line]) for line in lines],
    )


def over(
    newsroom: Newsroom, on: date, cost: Cost, kind: BroadcastKind = BroadcastKind.DIGEST
) -> Said | None:
    """Why a digest (or service notice) of that day would pass the month's budget; None: it would
    not, or there is none. Counts nothing."""
    limit = newsroom.settings.budget.per_month
    if not limit:
        return None
    spent = months(newsroom, on, 1)[0].spent
    if spent + cost.amount <= limit:
        return None
    said = (
        _STOPPED[kind]
        if newsroom.settings.budget.hard_cap
        else say("the month's budget is passed by it (only a warning: hard_cap is off)")
    )
    return say(
        _SPENT[kind].text,
        spent=Money(spent, cost.currency),
        limit=Money(limit, cost.currency),
        cost=Money(cost.amount, cost.currency),
        so=said,
    )


_SPENT: Mapping[BroadcastKind, Said] = {
    BroadcastKind.DIGEST: say(
        "%(spent)s of the month's %(limit)s are spent, this digest costs about %(cost)s: %(so)s"
    ),
    BroadcastKind.NOTICE: say(
        "%(spent)s of the month's %(limit)s are spent, this service notice costs about %(cost)s:"
        " %(so)s"
    ),
}

_STOPPED: Mapping[BroadcastKind, Said] = {
    BroadcastKind.DIGEST: say(
        "it does not go; its posts wait for the next month, alerts go all the same"
    ),
    BroadcastKind.NOTICE: say("it does not go; alerts go all the same"),
}


def bring_up_to_date(on: date) -> None:
    """Counts what went out in the month of `on` since the last count: before the cap decides."""
    tallies.count_missing(first_of(on), end_of(on))
