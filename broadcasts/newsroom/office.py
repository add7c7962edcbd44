"""The office's hours: whether somebody reads now, and on which day they will.

Owns: hours, weekends, public holidays. Never: says anything (bot/answering does).
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from broadcasts.settings import WEEKDAYS, OfficeSettings

LONGEST_BREAK = 30
"""Days: longer than any row of holidays and weekends."""


def is_open(office: OfficeSettings, zone: ZoneInfo, now: datetime) -> bool:
    local = now.astimezone(zone)
    return is_working_day(office, local.date()) and (
        office.start <= local.time().replace(tzinfo=None) < office.end
    )


def next_day(office: OfficeSettings, zone: ZoneInfo, now: datetime) -> date:
    """The day on which somebody reads next; today before the office opens."""
    local = now.astimezone(zone)
    first = local.date()
    if local.time().replace(tzinfo=None) >= office.start:
        first += timedelta(days=1)
    days = (first + timedelta(days=ahead) for ahead in range(LONGEST_BREAK))
    return next((day for day in days if is_working_day(office, day)), first)


def is_working_day(office: OfficeSettings, day: date) -> bool:
    return WEEKDAYS[day.weekday()] in office.weekdays and not is_holiday(office, day)


def is_holiday(office: OfficeSettings, day: date) -> bool:
    """A public holiday of the federal state; without one no day is."""
    if not office.state:
        return False
    # Here: a city without office hours never needs it.
    import holidays

    return day in holidays.country_holidays("DE", subdiv=office.state, years=day.year)
