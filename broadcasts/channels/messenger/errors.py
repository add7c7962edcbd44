"""Messenger's (code, subcode) → outcome, beside what both of Meta's messengers share.

Owns: the table. Source: developers.facebook.com/documentation/business-messaging/
messenger-platform/error-codes
"""

from collections.abc import Mapping

from broadcasts.channels.base import Outcome
from broadcasts.channels.meta import errors
from broadcasts.channels.meta.errors import Key

OUTCOMES: Mapping[Key, Outcome] = {
    **errors.SHARED,
    **dict.fromkeys(
        ((10, subcode) for subcode in (2018065, 2018278, 1545041)), Outcome.WINDOW_CLOSED
    ),
    # "Page restricted": nothing may be sent until somebody has looked.
    (10, 1893063): Outcome.ACCOUNT,
    # The app is not approved or not live: only its own testers get anything.
    (200, 2018028): Outcome.ACCOUNT,
    # Has blocked us, switched our messages off, or is gone.
    **dict.fromkeys(
        ((551, None), (100, 2018001), (200, 2018108), (200, 1545041)), Outcome.UNREACHABLE
    ),
    # An attachment that is not known (any more).
    **dict.fromkeys(((100, 2018074), (100, 2018008)), Outcome.MEDIA),
}


def outcome(code: int, subcode: int | None = None, status: int = 400) -> Outcome:
    return errors.outcome(OUTCOMES, code, subcode, status)
