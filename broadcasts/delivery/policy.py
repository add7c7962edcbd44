"""What follows from each outcome of a call: one table.

Owns: outcome → the delivery's next state and who else is concerned (invariant 7). Never: touches
a row. Used by the sender (answers to our calls) and by statuses (late refusals).
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from broadcasts.channels.base import Outcome
from broadcasts.delivery.states import DeliveryState


class Concerns(StrEnum):
    """Whom a refusal is a fact about."""

    DELIVERY = "delivery"
    PERSON_DIGESTS = "person_digests"
    """The person wants no digests any more."""
    PERSON_ALL = "person_all"
    """The person has blocked us."""
    PERSON_WINDOW = "person_window"
    """The person's window is closed, whatever we believed."""
    TEMPLATE = "template"
    """Its readers get another wording; where there is none the broadcast is held until it is
    approved again, or a person has looked."""
    MEDIA = "media"
    PACE = "pace"
    """Slow the whole number down."""
    NUMBER_PAUSE = "number_pause"
    NUMBER_STOP = "number_stop"


def _seconds(attempt: int, base: float, most: float) -> timedelta:
    # Jitter: rows refused together must not come back together.
    return timedelta(seconds=min(base**attempt, most) * random.uniform(0.8, 1.2))


def _at_once(attempt: int) -> timedelta:
    return timedelta(0)


def _backoff(attempt: int) -> timedelta:
    return _seconds(attempt, 2, 300)


def _person_pace(attempt: int) -> timedelta:
    """131056: 4^n seconds, as Meta's documentation of the pair rate asks for."""
    return _seconds(attempt, 4, 3600)


def _some_seconds(attempt: int) -> timedelta:
    return _seconds(1, 2, 2)


@dataclass(frozen=True)
class Consequence:
    state: DeliveryState
    concerns: Concerns = Concerns.DELIVERY
    wait: Callable[[int], timedelta] = _at_once
    """From the attempt's number to when the row is due again (only for QUEUED)."""


S = DeliveryState

CONSEQUENCES: Mapping[Outcome, Consequence] = {
    Outcome.ACCEPTED: Consequence(S.SENT),
    Outcome.UNKNOWN: Consequence(S.UNKNOWN),
    Outcome.TRANSIENT: Consequence(S.QUEUED, wait=_backoff),
    Outcome.SLOW_DOWN: Consequence(S.QUEUED, Concerns.PACE, _some_seconds),
    Outcome.PERSON_TOO_FAST: Consequence(S.QUEUED, wait=_person_pace),
    Outcome.PAUSE: Consequence(S.QUEUED, Concerns.NUMBER_PAUSE),
    Outcome.NETWORK: Consequence(S.QUEUED, Concerns.NUMBER_PAUSE),
    Outcome.NOT_TODAY: Consequence(S.FAILED),
    Outcome.OPTED_OUT: Consequence(S.FAILED, Concerns.PERSON_DIGESTS),
    Outcome.UNREACHABLE: Consequence(S.FAILED),
    Outcome.BLOCKED: Consequence(S.FAILED, Concerns.PERSON_ALL),
    Outcome.WINDOW_CLOSED: Consequence(S.QUEUED, Concerns.PERSON_WINDOW),
    Outcome.NEEDS_PHONE_NUMBER: Consequence(S.FAILED),
    Outcome.WRONG_TEMPLATE: Consequence(S.QUEUED, Concerns.TEMPLATE),
    Outcome.TEMPLATE_PAUSED: Consequence(S.QUEUED, Concerns.TEMPLATE),
    Outcome.TEMPLATE_DISABLED: Consequence(S.QUEUED, Concerns.TEMPLATE),
    Outcome.MEDIA: Consequence(S.QUEUED, Concerns.MEDIA, _backoff),
    Outcome.ACCOUNT: Consequence(S.QUEUED, Concerns.NUMBER_STOP),
    Outcome.CREDENTIALS: Consequence(S.QUEUED, Concerns.NUMBER_STOP),
    Outcome.OUR_MISTAKE: Consequence(S.FAILED),
}

LATE_RETRY = frozenset(
    {
        Outcome.WINDOW_CLOSED,
        Outcome.TRANSIENT,
        Outcome.SLOW_DOWN,
        Outcome.PERSON_TOO_FAST,
        Outcome.PAUSE,
        Outcome.MEDIA,
        Outcome.ACCOUNT,
        Outcome.WRONG_TEMPLATE,
        Outcome.TEMPLATE_PAUSED,
        Outcome.TEMPLATE_DISABLED,
    }
)
"""A refusal that comes as a status proves that it did not arrive: these may be tried again."""

LATE_WAITS: Mapping[Outcome, timedelta] = {
    # Of the account, a full day limit for one: not mended by the next second, and the number
    # itself goes on (invariant 7).
    Outcome.ACCOUNT: timedelta(minutes=10),
}

MOST_LATE_RETRIES = 2
MOST_MEDIA_TRIES = 3

PAUSES: Mapping[Outcome, tuple[timedelta, timedelta]] = {
    # From the first to the longest pause; each further refusal in a row doubles it.
    Outcome.PAUSE: (timedelta(minutes=1), timedelta(minutes=5)),
    Outcome.NETWORK: (timedelta(seconds=1), timedelta(seconds=30)),
}

PROBE_EVERY = timedelta(seconds=10)
"""A stopped number tries one message this often (invariant 7)."""
