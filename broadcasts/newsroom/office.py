"""Working hours: the office's, and those in which service notices leave.

Owns: hours, weekends, public holidays. Never: says anything (bot/answering, service_notices do).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from broadcasts import clock
from broadcasts.settings import WEEKDAYS, Settings

LONGEST_BREAK = 30
"""Days: longer than any row of holidays and weekends."""


class Hours(Protocol):
    """The same from working day to working day."""

    @property
    def weekdays(self) -> tuple[str, ...]: ...
    @property
    def start(self) -> time: ...
    @property
    def end(self) -> time: ...
    @property
    def state(self) -> str:
        """Whose public holidays are days off; empty: none are."""


@dataclass(frozen=True)
class BusinessDay:
    """The business hours as configured, with the office's holidays."""

    weekdays: tuple[str, ...]
    start: time
    end: time
    state: str


def business(settings: Settings) -> Hours | None:
    """When service notices may leave; None: the city has none."""
    given = settings.business_hours
    if given is None:
        return None
    return BusinessDay(given.weekdays, given.start, given.end, settings.office.state)


def is_open(hours: Hours, zone: ZoneInfo, now: datetime) -> bool:
    local = now.astimezone(zone)
    return is_working_day(hours, local.date()) and (
        hours.start <= local.time().replace(tzinfo=None) < hours.end
    )


def next_day(hours: Hours, zone: ZoneInfo, now: datetime) -> date:
    """The day on which somebody reads next; today before the office opens."""
    local = now.astimezone(zone)
    first = local.date()
    if local.time().replace(tzinfo=None) >= hours.start:
        first += timedelta(days=1)
    days = (first + timedelta(days=ahead) for ahead in range(LONGEST_BREAK))
    return next((day for day in days if is_working_day(hours, day)), first)


def spans(
    hours: Hours, zone: ZoneInfo, now: datetime, number: int
) -> list[tuple[datetime, datetime]]:
    """(from, to) of so many working days, as moments; today's while it is not over."""
    first = now.astimezone(zone).date()
    days = (first + timedelta(days=ahead) for ahead in range(LONGEST_BREAK))
    found = (
        (clock.at(day, hours.start, zone), clock.at(day, hours.end, zone))
        for day in days
        if is_working_day(hours, day)
    )
    # In the night of a clock change an end may come before its beginning.
    return list(islice((span for span in found if span[0] < span[1] and span[1] > now), number))


def is_working_day(hours: Hours, day: date) -> bool:
    return WEEKDAYS[day.weekday()] in hours.weekdays and not is_holiday(hours, day)


def is_holiday(hours: Hours, day: date) -> bool:
    """A public holiday of the federal state; without one no day is."""
    if not hours.state:
        return False
    # Here: a city without hours never needs it.
    import holidays

    return day in holidays.country_holidays("DE", subdiv=hours.state, years=day.year)
