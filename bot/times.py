"""Whether a text is a day, and whether times of day fit together.

Owns: the rules. Never: which setting must obey which (config). Pure.
"""

import datetime as dt

from broadcasts.settings import QuietHours


def is_day(text: str) -> bool:
    """Empty: there is none."""
    try:
        return not text or dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_outside(time: dt.time, start: dt.time, end: dt.time) -> bool:
    return not QuietHours(start=start, end=end).contains(time)


def are_clear(start: dt.time, end: dt.time, quiet: dt.time, loud: dt.time) -> bool:
    """Of quiet hours from `quiet` to `loud`; the same time twice: there are none."""
    return quiet == loud or (is_outside(start, quiet, loud) and not start < quiet < end)
