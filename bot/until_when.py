"""Pure: "Pause bis 3.9.", "pause for two weeks", "pauze tot maandag" → the last day of the pause.

Owns: how a day and a length of time are read. Never: guesses between two days (it says why not, and
people are asked); touches anything. The words stand in pausing_words. Called by bot/pausing.
"""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.keywords import LONGEST_RAW, is_mistyped, simplify
from bot.pausing_words import CLOCK, CLOSING, ORDINALS, TONGUES, Tongue, Unit, word_set
from bot.words import LEAVING, NEGATIONS, POLITE, REAL_WORDS, WORDS
from broadcasts.people.pauses import LONGEST

Value = TypeVar("Value")

SOON = timedelta(days=183)
"""A day that is past this year means next year's only if that is no further off: in December
"6.1.", but not in September "30.8."."""

MANY = 10_000
"""A number that is longer than a year in every unit."""


class Problem(StrEnum):
    """Why there is no day; each has an answer of its own."""

    UNCLEAR = "unclear"
    NO_SUCH_DAY = "no_such_day"
    PAST = "past"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Wish:
    until: date | None = None
    """The last day without digests; None: `problem` says why."""
    problem: Problem | None = None
    past: date | None = None
    """The day that is over."""
    language: str = ""
    """Of the words used; empty when they are the same in several."""


@dataclass(frozen=True)
class Days:
    """What a text may count from."""

    today: date
    first: date
    """The first day whose digest has not left yet: a length of time counts from it."""


_POLITE = word_set(" ".join(POLITE)) - {"dag", "morgen"}
_REAL_WORDS = word_set(REAL_WORDS)
_NEGATIONS = word_set(NEGATIONS)
_LEAVING = frozenset(
    simplify(phrase)
    for intent in LEAVING
    for phrases in WORDS[intent].values()
    for phrase in phrases
)
_GLUED = re.compile(r"(\d+)(\D+)")


# ------------------------------------------------------------------ the whole text


def read(text: str, days: Days) -> Wish | None:
    """What a text says of a pause; None: it speaks of something else, or says only "Pause" (see
    keywords). Never raises."""
    if len(text) > LONGEST_RAW:
        return None
    asks = "?" in text
    words = _parted(simplify(text))
    if not _NEGATIONS.isdisjoint(words):
        return None
    found = {
        name: wish for name, row in TONGUES.items() if (wish := _read(words, row, days, asks=asks))
    }
    best = {name: wish for name, wish in found.items() if wish.until} or found
    if not best:
        return None
    wish = next(iter(best.values()))
    same = [name for name, other in best.items() if other == wish]
    return replace(wish, language=same[0] if len(same) == 1 else "")


def _parted(simple: str) -> list[str]:
    """ "14tage" → 14, tage; "3rd" → 3; "18 uhr" → nothing."""
    words: list[str] = []
    for word in simple.split():
        glued = _GLUED.fullmatch(word)
        if glued is None:
            words.append(word)
        else:
            words += [glued[1]] if glued[2] in ORDINALS else [glued[1], glued[2]]
    hours = {place for place, word in enumerate(words) if word in CLOCK}
    return [word for place, word in enumerate(words) if not hours & {place, place + 1}]


def _read(words: Sequence[str], tongue: Tongue, days: Days, *, asks: bool) -> Wish | None:
    rest = _behind_the_word(words, tongue)
    if rest is not None:
        return _wish(rest, tongue, days, asks=asks)
    # "2 Wochen Pause", "bis Montag Pause": only if nothing about it is in doubt.
    while words and words[-1] in _POLITE:
        words = words[:-1]
    if words and words[-1] in tongue.pause and not asks:
        rest = [word for word in words[:-1] if word not in _POLITE]
        wish = _wish(rest, tongue, days, asks=asks)
        return wish if wish and wish.until else None
    return None


def _behind_the_word(words: Sequence[str], tongue: Tongue) -> Sequence[str] | None:
    for number, word in enumerate(words):
        if word in tongue.pause or _is_nearly(word, tongue.pause):
            return words[number + 1 :]
        if word not in _POLITE and word not in tongue.lead:
            return None
    return None


def _is_nearly(word: str, known: frozenset[str]) -> bool:
    return word not in _REAL_WORDS and any(is_mistyped(word, one) for one in known)


def _wish(words: Sequence[str], tongue: Tongue, days: Days, *, asks: bool) -> Wish | None:
    """`words`: what stands behind the pause."""
    rest = [word for word in words if word not in tongue.fillers]
    is_meant = bool(rest) and (
        rest[0] in tongue.until | tongue.lasting | tongue.since or rest[0].isdecimal()
    )
    if asks and not is_meant:
        return None  # "Pause am Samstag?"
    if rest[:1] and rest[0] in tongue.since and rest[1:2] and rest[1] in tongue.at_once:
        rest = rest[2:]
    if rest[:1] and rest[0] in tongue.until | tongue.lasting:
        rest = rest[1:]
    wish, behind = _span(rest, tongue, days) or _day(rest, tongue, days)
    if not _is_courtesy(behind, tongue):
        wish = Wish(problem=Problem.UNCLEAR)
    if wish.until is None:
        return wish if is_meant else None
    if wish.until - days.today > LONGEST:
        return Wish(problem=Problem.TOO_LONG)
    return wish


def _is_courtesy(words: Sequence[str], tongue: Tongue) -> bool:
    """Nothing behind the day changes it; "Stopp" is never a courtesy, nor a name."""
    said = f" {' '.join(words)} "
    if any(f" {phrase} " in said for phrase in _LEAVING):
        return False
    for word in words:
        if word in CLOSING:
            return True
        if word not in _POLITE and word not in tongue.lead:
            return False
    return True


Found = tuple[Wish, Sequence[str]]
"""What is meant, and the words behind it."""

_UNCLEAR = Wish(problem=Problem.UNCLEAR)


# ------------------------------------------------------------------ a length of time


def _span(words: Sequence[str], tongue: Tongue, days: Days) -> Found | None:
    if len(words) < 2:
        return None
    number = _number(words[0]) or tongue.numbers.get(words[0])
    unit = _known(words[1], tongue.units)
    if unit is None or (number is None and not words[0].isdecimal()):
        return None
    if not number:
        return _UNCLEAR, words[2:]
    return _lasting(number, unit, days), words[2:]


def _number(word: str) -> int | None:
    if not word.isdecimal():
        return None
    return int(word) if len(word) < len(str(MANY)) else MANY


def _lasting(number: int, unit: Unit, days: Days) -> Wish:
    if number >= 400:
        return Wish(problem=Problem.TOO_LONG)
    if unit in (Unit.DAY, Unit.WEEK):
        length = timedelta(days=number * (7 if unit is Unit.WEEK else 1))
        return Wish(days.first + length - timedelta(days=1))
    months = number * (12 if unit is Unit.YEAR else 1)
    if months > 12:
        return Wish(problem=Problem.TOO_LONG)
    return Wish(_months_later(days.first, months) - timedelta(days=1))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


# ------------------------------------------------------------------ a day


def _day(words: Sequence[str], tongue: Tongue, days: Days) -> Found:
    if not words:
        return _UNCLEAR, ()
    first, behind = words[0], words[1:]
    if first in tongue.relative:
        return Wish(days.today + timedelta(days=tongue.relative[first])), behind
    if first in tongue.end:
        return _end_of(behind, tongue, days)
    weekday = _known(first, tongue.weekdays)
    if weekday is not None:
        return _on_weekday(weekday, behind, tongue, days)
    return _dated(words, tongue, days) or (_UNCLEAR, ())


def _on_weekday(weekday: int, behind: Sequence[str], tongue: Tongue, days: Days) -> Found:
    """With a date behind it, the date says more: "Montag, 3.9."."""
    dated = _dated(behind, tongue, days)
    if dated is not None:
        return dated
    ahead = (weekday - days.today.weekday() - 1) % 7 + 1
    return Wish(days.today + timedelta(days=ahead)), behind


def _end_of(words: Sequence[str], tongue: Tongue, days: Days) -> Found:
    """ "Ende August", "Ende des Monats", "Ende der Woche"."""
    if not words:
        return _UNCLEAR, ()
    today, behind = days.today, words[1:]
    month, unit = _known(words[0], tongue.months), _known(words[0], tongue.units)
    if month is not None:
        year = today.year + (month < today.month)
        return Wish(date(year, month, calendar.monthrange(year, month)[1])), behind
    if unit is Unit.MONTH:
        last = calendar.monthrange(today.year, today.month)[1]
        return Wish(today.replace(day=last)), behind
    if unit is Unit.WEEK:
        return Wish(today + timedelta(days=6 - today.weekday())), behind
    if unit is Unit.YEAR:
        return Wish(date(today.year, 12, 31)), behind
    return _UNCLEAR, ()


def _dated(words: Sequence[str], tongue: Tongue, days: Days) -> Found | None:
    """3 9, 3 september, september 3, 3 9 27, 2027 9 3, or only 15; None: nothing like a date."""
    numbers = [number for word in words[:3] if (number := _number(word)) is not None]
    if not words or (not numbers and _known(words[0], tongue.months) is None):
        return None
    if len(numbers) == 3 and len(words[0]) == 4:
        year, month, day = numbers
        return _whole(day, month, year, days=days), words[3:]
    found = _day_and_month(words, tongue)
    if found is None:
        number = _number(words[0])
        return None if number is None else (_next(number, days), words[1:])
    written = _year(words[2]) if len(words) > 2 else None
    if written is not None:
        return _whole(*found, written, days=days), words[3:]
    return _this_or_next_year(*found, days), words[2:]


def _day_and_month(words: Sequence[str], tongue: Tongue) -> tuple[int, int] | None:
    if len(words) < 2:
        return None
    first, second = (_number(word) for word in words[:2])
    by_name, after = (_known(word, tongue.months) for word in words[:2])
    if by_name is not None and second is not None:
        return second, by_name
    month = after if after is not None else second
    return None if first is None or month is None else (first, month)


def _year(word: str) -> int | None:
    if not word.isdecimal() or len(word) not in (2, 4):
        return None
    return int(word) + (2000 if len(word) == 2 else 0)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _whole(day: int, month: int, year: int, *, days: Days) -> Wish:
    found = _valid(year, month, day)
    if found is None:
        return Wish(problem=Problem.NO_SUCH_DAY)
    return Wish(found) if found >= days.today else Wish(problem=Problem.PAST, past=found)


def _this_or_next_year(day: int, month: int, days: Days) -> Wish:
    this, then = (_valid(days.today.year + ahead, month, day) for ahead in (0, 1))
    if this is not None and this >= days.today:
        return Wish(this)
    if then is not None and (this is None or then - days.today <= SOON):
        return Wish(then)
    if this is None:
        return Wish(problem=Problem.NO_SUCH_DAY)
    return Wish(problem=Problem.PAST, past=this)


def _next(day: int, days: Days) -> Wish:
    """ "Bis zum 15.": of this month or the next."""
    this = _valid(days.today.year, days.today.month, day)
    if this is not None and this >= days.today:
        return Wish(this)
    ahead = _months_later(days.today.replace(day=1), 1)
    then = _valid(ahead.year, ahead.month, day)
    return Wish(then) if then is not None else Wish(problem=Problem.NO_SUCH_DAY)


def _known(word: str, table: Mapping[str, Value]) -> Value | None:
    """Also with a slip of the finger, where only one thing can be meant."""
    if word in table:
        return table[word]
    near = {value for written, value in table.items() if is_mistyped(word, written)}
    return near.pop() if len(near) == 1 else None
