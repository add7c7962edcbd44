"""What the log says of a running broadcast."""

import logging

import pytest

from broadcasts.channels.base import Outcome, Result
from broadcasts.delivery.progress import Progress
from tests.delivery.makers import broadcast, reader

pytestmark = pytest.mark.usefixtures("database")


def test_it_tells_rate_rest_and_causes_every_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for number in range(30):
        reader(number)
    digest = broadcast()
    progress = Progress()
    progress.say(digest.id, 100.0)
    for _ in range(50):
        progress.note(digest.id, Result(Outcome.ACCEPTED, "wamid.x"))
    progress.note(digest.id, Result(Outcome.UNREACHABLE, code="131026"))
    progress.note(None, Result(Outcome.ACCEPTED, "wamid.x"))
    progress.say(digest.id, 105.0)
    assert caplog.messages == []
    progress.say(digest.id, 110.0)
    assert caplog.messages == [
        f"progress broadcast={digest.id} per_second=5 left=30 seconds_left=6"
        " refused=unreachable 131026: 1"
    ]
    progress.forget(set())
    progress.say(digest.id, 120.0)
    assert len(caplog.messages) == 1
