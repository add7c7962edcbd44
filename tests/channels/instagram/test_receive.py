"""What comes in from Instagram, where it differs from Messenger."""

from typing import Any

from broadcasts.channels.base import Address, MessageGone, Unit, waits
from tests.channels.instagram import samples

CHANNEL = samples.channel()


def read(payload: Any) -> Any:
    (event,) = CHANNEL.parse(payload)
    return event


def test_it_reads_a_message() -> None:
    event = read(samples.message())
    assert event.id == f"instagram.{samples.MID}"
    assert event.sender == Address(bsuid=samples.PERSON)


def test_it_reads_a_message_taken_back() -> None:
    event = read(samples.unsent())
    assert isinstance(event, MessageGone)
    assert event.message_id == read(samples.message()).id
    assert event.id != event.message_id


def test_it_ignores_echoes_of_its_own() -> None:
    assert list(CHANNEL.parse(samples.echo())) == []
    assert set(CHANNEL.writers(samples.echo())) == set()


def test_it_reads_a_story_answered_and_what_cannot_be_shown() -> None:
    story = {"story": {"url": "https://example.org/s", "id": "1"}}
    assert read(samples.message(text="Schön", reply_to=story)).text == "Schön"
    assert read(samples.event(message={"mid": "x", "is_unsupported": True})).kind == "other"


def test_it_remembers_where_a_picture_lies() -> None:
    assert read(samples.picture()).media == samples.FILE


def test_it_declares_what_its_readers_must_expect() -> None:
    assert waits(CHANNEL)
    assert (CHANNEL.text_limit, CHANNEL.text_unit) == (1000, Unit.BYTES)
    assert CHANNEL.staff_window is not None
    assert samples.channel(human_agent=False).staff_window is None
