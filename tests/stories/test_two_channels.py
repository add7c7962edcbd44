"""Two channels that run: an alert goes to one of them, by the other where it fails, once."""

import itertools
from collections.abc import Iterator

import pytest

from bot.loops import Loops
from broadcasts import clock, db
from broadcasts.channels.base import Outcome, Result, Text
from broadcasts.delivery import audience, broadcasts, heartbeats
from broadcasts.delivery.broadcasts import Audience, Form, Wording
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from tests.delivery.makers import plan
from tests.fakes import FakeSender, Sent
from tests.patience import wait_until
from tests.two import ONE, OTHER, Two, opened


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    """A running city; each channel's sender remembers what it was to send."""
    with opened(database_url) as made:
        loops = Loops(made.city)
        made.write(ONE, "Start")
        with db.session():
            heartbeats.beat("test", heartbeats.DOOR)
            made.release()
            loops.start()
            try:
                yield made
            finally:
                loops.stop()


def sender(two: Two, kind: str) -> FakeSender:
    return two.city.channels[kind].outgoing


def heard(two: Two, kind: str) -> list[str]:
    return [sent.content.body for sent in sender(two, kind).sent]


def say(two: Two, kind: str, text: str) -> str:
    before = len(heard(two, kind))
    two.post(kind, text)
    wait_until(lambda: len(heard(two, kind)) > before)
    return heard(two, kind)[before]


def send(two: Two, kind: BroadcastKind, **more: object) -> int:
    words = [Wording(ch, "de", Form.TEMPLATE, Text(f"{kind}!"), "") for ch in (ONE, OTHER)]
    started = broadcasts.start(plan(kind, on=clock.today(two.city.zone), wordings=words, **more))
    audience.write_some(started, two.city.channels)
    return started.id


def test_it_warns_by_the_other_messenger_and_clears_there(two: Two) -> None:
    wait_until(lambda: len(heard(two, ONE)) == 1)  # the welcome
    typed = say(two, ONE, "Verbinden").split("*")[1]
    assert "Verbunden!" in say(two, OTHER, typed)
    numbers = itertools.count()

    def refuse(sent: Sent) -> Result:
        return Result(Outcome.UNREACHABLE, code=f"{next(numbers)}")

    sender(two, OTHER).answer = refuse
    alert = send(two, BroadcastKind.ALERT)
    wait_until(lambda: "alert!" in heard(two, ONE))
    assert heard(two, OTHER).count("alert!") == 1
    sender(two, OTHER).answer = FakeSender().answer
    clear = send(two, BroadcastKind.CLEAR, audience=Audience.FOLLOWERS, follows=alert)
    wait_until(lambda: "clear!" in heard(two, ONE))
    wait_until(lambda: broadcasts.get(clear).state == "finished")
    assert "clear!" not in heard(two, OTHER)
    assert Delivery.select().where(Delivery.broadcast == clear).count() == 1
