"""Telegram's error codes → our closed list of outcomes.

Owns: the table. Never: decides on a description (they change), or what follows (delivery/policy).
Source: core.telegram.org/bots/api#making-requests
"""

from collections.abc import Mapping

from broadcasts.channels.base import Outcome

OUTCOMES: Mapping[int, Outcome] = {
    # Not this person any more, or something in the message: the sender asks which.
    400: Outcome.OUR_MISTAKE,
    401: Outcome.CREDENTIALS,
    403: Outcome.BLOCKED,
    404: Outcome.CREDENTIALS,
    # Another process fetches, or a webhook is set: nothing that concerns a message.
    409: Outcome.OUR_MISTAKE,
    413: Outcome.MEDIA,
    429: Outcome.PAUSE,
    502: Outcome.UNKNOWN,
    504: Outcome.UNKNOWN,
}


def outcome(code: int) -> Outcome:
    """Of an `error_code` that Telegram itself has given."""
    return OUTCOMES.get(code, Outcome.TRANSIENT if 500 <= code < 600 else Outcome.OUR_MISTAKE)


def of_stranger(status: int) -> Outcome:
    """Of an HTTP answer that is not Telegram's: a proxy's page says nothing of the person or the
    token. What it answers before it has asked Telegram has not left; 502 and 504 come after."""
    return Outcome.UNKNOWN if status in (502, 504) or status < 400 else Outcome.NETWORK
