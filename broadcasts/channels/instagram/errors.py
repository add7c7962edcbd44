"""Instagram's (code, subcode) → outcome, beside what both of Meta's messengers share.

Owns: the table. Source: developers.facebook.com/documentation/business-messaging/
instagram-messaging/error-codes
"""

from collections.abc import Mapping

from broadcasts.channels.base import Outcome
from broadcasts.channels.meta import errors
from broadcasts.channels.meta.errors import Key

OUTCOMES: Mapping[Key, Outcome] = {
    **errors.SHARED,
    (10, 2534022): Outcome.WINDOW_CLOSED,
    (613, 2534040): Outcome.SLOW_DOWN,
    # The city's own account has messages switched off for apps.
    (200, 2534041): Outcome.ACCOUNT,
    **dict.fromkeys(((100, 2534014), (551, None), (36103, None)), Outcome.UNREACHABLE),
}


def outcome(code: int, subcode: int | None = None, status: int = 400) -> Outcome:
    return errors.outcome(OUTCOMES, code, subcode, status)
