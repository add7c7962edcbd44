"""Taps, of which Telegram does not say when they were: what is written after one counts."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_city
from bot.receiver import Receiver
from broadcasts import clock, db, journal
from broadcasts.delivery import audience, broadcasts
from broadcasts.delivery.outbox import Delivery
from broadcasts.people.subscribers import Subscriber, Wants
from tests.channels.telegram import samples
from tests.delivery.makers import plan
from tests.system import add_telegram, write_config

Feed = Callable[..., None]


@pytest.fixture
def feed(tmp_path: Path, database_url: str) -> Iterator[Feed]:
    """Takes updates in and applies them, in this order."""
    config = write_config(tmp_path, url=f'"{database_url}"')
    add_telegram(config, "http://127.0.0.1:9", "polling")
    city = open_city(config)
    with db.session():
        receiver = Receiver(city)

        def call(*payloads: Any) -> None:
            raw = [json.dumps(payload).encode() for payload in payloads]
            journal.append([journal.Arrival("telegram", body, ()) for body in raw])
            while receiver.drain():
                pass

        yield call
        receiver.release()
        receiver.close()
    db.close_database()


def seconds(ago: float) -> int:
    return int(clock.now().timestamp() - ago)


def write(text: str, ago: float) -> dict[str, Any]:
    return samples.message(number=seconds(ago), text=text, date=seconds(ago))


def tap(data: str, asked: float) -> dict[str, Any]:
    """On a question that was asked so many seconds ago; when, nobody knows."""
    update = samples.tap(data, data)
    update["callback_query"]["message"]["date"] = seconds(asked) if asked else 0
    update["callback_query"]["id"] = f"{data}{asked}"
    return update


def wants() -> Wants:
    return Subscriber.get().wants


@pytest.mark.parametrize("asked", [50, 0])
@pytest.mark.parametrize(
    ("word", "left"), [("Stopp", Wants.STOPPED), ("Nur Notfälle", Wants.ALERTS_ONLY)]
)
def test_it_counts_what_is_written_after_a_tap(
    feed: Feed, word: str, left: Wants, asked: float
) -> None:
    """All of it waited at Telegram while the machine stood still."""
    feed(write("Guten Tag", 60), tap("start:yes", asked), write(word, 20))
    assert wants() == left


def test_it_counts_a_block_after_a_tap(feed: Feed) -> None:
    feed(tap("start:yes", 50), samples.membership(date=seconds(20)))
    assert wants() == Wants.STOPPED


def test_it_counts_a_start_written_after_a_tap_that_left(feed: Feed) -> None:
    feed(write("Start", 60), tap("stop:yes", 40), write("Start", 20))
    assert wants() == Wants.EVERYTHING


def test_it_counts_a_word_on_drills_after_a_tap(feed: Feed) -> None:
    feed(write("Start", 60), tap("drills", 50), write("Probealarm aus", 20))
    assert not Subscriber.get().drills


def test_it_counts_a_tap_after_a_stop(feed: Feed) -> None:
    """On a question from before it: the chat still shows it."""
    feed(write("Start", 60), write("Stopp", 20), tap("start:yes", 50))
    assert wants() == Wants.EVERYTHING


def test_it_means_who_tapped_only_from_the_tap_on(feed: Feed) -> None:
    """Else they would get what they were just told of in an answer."""
    feed(write("Guten Tag", 60))
    digest = broadcasts.start(plan())
    feed(tap("start:yes", 50))
    audience.write_all_waiting(open_channels())
    assert not Delivery.select().where(Delivery.broadcast == digest.id).exists()


def open_channels() -> dict[str, Any]:
    return {"telegram": samples.channel()}
