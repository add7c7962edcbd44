"""German and English: sentences, dates, numbers.

Owns: which words a page shows. Sentences stand in English in code and pages; `translations/de/`
holds a file per area. Never: citizens' texts (newsroom/texts). Used by every page.
"""

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, Translations
from flask import Flask, has_request_context

from bot import markup
from bot.desk import here
from broadcasts import clock
from broadcasts.newsroom.pricing import Money
from broadcasts.newsroom.reach import SOON
from broadcasts.saying import Said

FOLDER = Path(__file__).parent / "translations"
RATES_LAST = timedelta(days=365)
"""Providers change theirs more often."""

SOURCE = "en"
"""What the sentences in the code are written in."""


@cache
def translations(language: str) -> Translations:
    """All files of a language as one; read once."""
    whole = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole[message.id] = message
                else:
                    whole.mime_headers = [("Content-Type", "text/plain; charset=utf-8")]
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


def _words() -> Translations:
    return translations(here.language() if has_request_context() else SOURCE)


def gettext(text: str, **values: Any) -> str:
    found: str = _words().gettext(text)
    return found % values if values else found


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    found: str = _words().ngettext(one, many, number)
    return found % {"num": number, **values}


def lazy(text: str) -> LazyProxy:
    """For what is written once and shown in either language: labels of forms, of the menu."""
    return LazyProxy(gettext, text, enable_cache=False)


def said(what: str) -> str:
    """What the newsroom or another room refuses, in the reader's language."""
    if not isinstance(what, Said):
        return str(what)  # a provider's own words, or an administrator's
    found = gettext(what.text)
    if not what.values:
        return found
    return found % {name: _value(value) for name, value in what.values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Said):
        return said(value)
    if isinstance(value, list | tuple):
        return "; ".join(str(_value(one)) for one in value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Money):
        return money(value.amount, value.currency)
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return day(value) if isinstance(value, date) else value


# ------------------------------------------------------------------ dates and numbers


def moment(at: datetime | None) -> str:
    """Date and time in the city's zone."""
    if at is None:
        return "–"
    zone = here.city().zone
    return dates.format_datetime(at, "dd.MM.yyyy HH:mm", tzinfo=zone, locale=here.language())


def when(at: datetime) -> str:
    """The same as people say it, of a moment to come."""
    pattern = "EEEE, d. MMMM, HH:mm" if here.language() == "de" else "EEEE, d MMMM, HH:mm"
    return dates.format_datetime(at, pattern, tzinfo=here.city().zone, locale=here.language())


def clock_time(at: datetime) -> str:
    return dates.format_datetime(at, "HH:mm:ss", tzinfo=here.city().zone, locale=here.language())


def wall(at: datetime) -> str:
    """Hours and minutes in the city's zone."""
    return dates.format_datetime(at, "HH:mm", tzinfo=here.city().zone, locale=here.language())


def day(on: date) -> str:
    return dates.format_date(
        on, "EEEE, d. MMMM yyyy" if here.language() == "de" else "full", locale=here.language()
    )


def short_day(on: date) -> str:
    return dates.format_date(on, "EEE dd.MM.", locale=here.language())


def day_of_year(on: date) -> str:
    """Short, as beside a picture."""
    pattern = "d.M." if here.language() == "de" else "d MMM"
    return dates.format_date(on, pattern, locale=here.language())


def day_and_time(at: datetime) -> str:
    """Of a moment in the city's zone already; short, as beside a picture."""
    return f"{day_of_year(at.date())} {at:%H:%M}"


def month(on: date) -> str:
    return dates.format_date(on, "LLLL yyyy", locale=here.language())


def short_month(on: date) -> str:
    return dates.format_date(on, "LLL yy", locale=here.language())


def date_only(on: date) -> str:
    return f"{on:%d.%m.%Y}"  # the same in both languages, like the dates of moments


def rates(priced_on: date) -> str:
    """Of which day the prices are; old ones are to be looked at."""
    day = dates.format_date(
        priced_on,
        "d. MMMM yyyy" if here.language() == "de" else "d MMMM yyyy",
        locale=here.language(),
    )
    if clock.today(here.city().zone) - priced_on > RATES_LAST:
        return gettext("rates of %(day)s; please check them", day=day)
    return gettext("rates of %(day)s", day=day)


def span(of: timedelta) -> str:
    """As people say it: 5 minutes, 2 hours."""
    return dates.format_timedelta(of, threshold=1.5, locale=here.language())


def soon(of: timedelta) -> str:
    """How long something is likely to take."""
    return gettext("a few seconds") if of < SOON else span(of)


def seconds(number: float) -> str:
    return span(timedelta(seconds=number))


@cache
def _group_symbol(locale: str) -> str:
    return numbers.get_group_symbol(locale)


def number(value: int | Decimal | float) -> str:
    if isinstance(value, int):
        # A table has hundreds of them; Babel takes 40 µs for each.
        return f"{value:,}".replace(",", _group_symbol(here.language()))
    return numbers.format_decimal(value, locale=here.language())


def exact(value: Decimal) -> str:
    """With all its digits: a rate for one message has four."""
    return numbers.format_decimal(value, locale=here.language(), decimal_quantization=False)


def percent(value: float) -> str:
    return numbers.format_percent(value, "#,##0.0 %", locale=here.language())


def money(amount: Decimal, currency: str) -> str:
    return numbers.format_currency(amount, currency, locale=here.language())


ROLES: Mapping[str, LazyProxy] = {
    "press": lazy("Press office"),
    "emergency": lazy("Emergency staff"),
    "privacy": lazy("Data protection"),
    "admin": lazy("Administration"),
}


def role(name: str) -> str:
    return str(ROLES[name])


def prepare(app: Flask) -> None:
    """Makes all of it known to the pages."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's own
        lambda text: _words().gettext(text),
        lambda one, many, n: _words().ngettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.filters.update(
        moment=moment,
        when=when,
        clock_time=clock_time,
        wall=wall,
        day=day,
        short_day=short_day,
        date_only=date_only,
        month=month,
        span=span,
        soon=soon,
        rates=rates,
        minutes=lambda number: timedelta(minutes=number),
        number=number,
        exact=exact,
        seconds=seconds,
        percent=percent,
        said=said,
        role=role,
        phone=markup.phone,
        decimal=Decimal,
    )
    app.jinja_env.globals.update(money=money, language=here.language)
