"""What a short answer may be an answer to: our own last message, if it was a question.

Owns: how long a question may be answered. Never: asks, or reads an answer (bot/conversation does).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcasts.channels.base import Button, Text, unpack
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import MAYBE_REACHED

ANSWERED_WITHIN = timedelta(hours=1)
"""A "Ja" of the next morning is about something else."""

READ_WITHIN = timedelta(seconds=10)
"""Who answers sooner after a second question may not have seen it yet."""

PROVIDERS_CLOCK = timedelta(seconds=1)
"""The provider cuts moments off to the second."""


@dataclass(frozen=True)
class Question:
    buttons: tuple[Button, ...]
    is_certain: bool
    """False: another question left just before, and the answer may be to that."""
    options: tuple[Button, ...] = ()
    """What could be chosen from a list."""


def open_to(subscriber_id: int, at: datetime) -> Question | None:
    """The question that a message of theirs written at `at` may answer: the last thing that left
    for them before it, whatever it was, and no longer ago than ANSWERED_WITHIN."""
    last, before = _last_two(subscriber_id, at)
    if last is None or not any(_asked(last)):
        return None
    (buttons, options), earlier = _asked(last), _asked(before)[0] if before is not None else ()
    is_quick = at - last.sending_at < READ_WITHIN
    is_certain = not (is_quick and earlier and earlier != buttons)
    return Question(buttons, is_certain, options)


def _last_two(subscriber_id: int, at: datetime) -> Sequence[Delivery | None]:
    left = (
        Delivery.select(Delivery.content, Delivery.sending_at)
        .where(
            Delivery.subscriber == subscriber_id,
            Delivery.state.in_(tuple(MAYBE_REACHED)),
            Delivery.sending_at.between(at - ANSWERED_WITHIN, at + PROVIDERS_CLOCK),
        )
        .order_by(Delivery.sending_at.desc(), Delivery.id.desc())
        .limit(2)
    )
    return [*left, None, None][:2]


def _asked(row: Delivery) -> tuple[tuple[Button, ...], tuple[Button, ...]]:
    """Its buttons and options. None of a broadcast: it has no content of its own."""
    content = unpack(row.content) if row.content is not None else None
    return (content.buttons, content.options) if isinstance(content, Text) else ((), ())
