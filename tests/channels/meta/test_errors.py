"""Codes → outcomes, by code and subcode."""

import pytest

from broadcasts.channels.base import Outcome
from broadcasts.channels.instagram import errors as instagram
from broadcasts.channels.messenger import errors as messenger
from broadcasts.channels.meta import errors


@pytest.mark.parametrize(
    ("code", "subcode", "outcome"),
    [
        (10, 2018278, Outcome.WINDOW_CLOSED),
        (10, 1545041, Outcome.WINDOW_CLOSED),
        (10, 1893063, Outcome.ACCOUNT),
        (10, None, Outcome.CREDENTIALS),
        (551, None, Outcome.UNREACHABLE),
        # "This person isn't available right now": the code counts.
        (551, 1545041, Outcome.UNREACHABLE),
        (613, None, Outcome.SLOW_DOWN),
        (613, 1893016, Outcome.SLOW_DOWN),
        (4, None, Outcome.SLOW_DOWN),
        (17, None, Outcome.SLOW_DOWN),
        (190, 463, Outcome.CREDENTIALS),
        (200, 2018028, Outcome.ACCOUNT),
        (100, None, Outcome.OUR_MISTAKE),
        (100, 2018001, Outcome.UNREACHABLE),
        (100, 2018074, Outcome.MEDIA),
        (1, 1357046, Outcome.UNKNOWN),
        (1, 99, Outcome.TRANSIENT),
        (2, None, Outcome.TRANSIENT),
        (987654, None, Outcome.OUR_MISTAKE),
    ],
)
def test_it_reads_messengers(code: int, subcode: int | None, outcome: Outcome) -> None:
    assert messenger.outcome(code, subcode) is outcome


@pytest.mark.parametrize(
    ("code", "subcode", "outcome"),
    [
        (10, 2534022, Outcome.WINDOW_CLOSED),
        (613, 2534040, Outcome.SLOW_DOWN),
        (100, 2534014, Outcome.UNREACHABLE),
        (200, 2534041, Outcome.ACCOUNT),
        (36103, None, Outcome.UNREACHABLE),
        (190, None, Outcome.CREDENTIALS),
        (10, 2018278, Outcome.CREDENTIALS),
    ],
)
def test_it_reads_instagrams(code: int, subcode: int | None, outcome: Outcome) -> None:
    assert instagram.outcome(code, subcode) is outcome


def test_it_takes_the_status_only_where_the_code_says_nothing() -> None:
    assert messenger.outcome(987654, None, 500) is Outcome.TRANSIENT
    assert messenger.outcome(10, 2018278, 500) is Outcome.WINDOW_CLOSED
    pages = {status: errors.of_stranger(status) for status in (200, 401, 404, 500, 502, 503, 504)}
    assert pages == {
        200: Outcome.UNKNOWN,
        401: Outcome.NETWORK,
        404: Outcome.NETWORK,
        500: Outcome.TRANSIENT,
        502: Outcome.UNKNOWN,
        503: Outcome.TRANSIENT,
        504: Outcome.UNKNOWN,
    }
