"""Meta's (code, subcode) → our closed list of outcomes: what Messenger and Instagram share.

Owns: the table and its reading. Never: decides on a message (they change), or what follows
(delivery/policy). Source: developers.facebook.com/documentation/business-messaging/
messenger-platform/error-codes
"""

from collections.abc import Mapping

from broadcasts.channels.base import Outcome

Key = tuple[int, int | None]
"""(code, subcode); None: whatever the subcode."""

SHARED: Mapping[Key, Outcome] = {
    (1, None): Outcome.TRANSIENT,
    # "May have been sent": nobody knows, and it must not simply be sent again.
    (1, 1357046): Outcome.UNKNOWN,
    # Also of somebody who has blocked us: whoever tries again some times learns which.
    (2, None): Outcome.TRANSIENT,
    **dict.fromkeys(((code, None) for code in (4, 17, 32, 613)), Outcome.SLOW_DOWN),
    # The app may not do this (any more): token and permissions belong together.
    **dict.fromkeys(((code, None) for code in (3, 10, 102, 190)), Outcome.CREDENTIALS),
    **dict.fromkeys(((code, None) for code in range(200, 300)), Outcome.CREDENTIALS),
    (100, None): Outcome.OUR_MISTAKE,
    (368, None): Outcome.ACCOUNT,
}


def outcome(
    table: Mapping[Key, Outcome], code: int, subcode: int | None = None, status: int = 400
) -> Outcome:
    """Of an error that Meta itself has given; the HTTP status only where the code says nothing."""
    for key in ((code, subcode), (code, None)):
        if key in table:
            return table[key]
    return Outcome.TRANSIENT if status >= 500 else Outcome.OUR_MISTAKE


def of_stranger(status: int) -> Outcome:
    """Of an HTTP answer without an error of Meta's: a proxy's page says nothing of the person or
    the token. 502 and 504 come after Meta was asked; so may a 200 that nobody can read."""
    if status < 400 or status in (502, 504):
        return Outcome.UNKNOWN
    return Outcome.TRANSIENT if status >= 500 else Outcome.NETWORK
