"""One line by time: what was written, answered, sent and chosen, each once."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Text
from broadcasts.delivery import outbox
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import answers, threads
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import consent, conversations
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import CHANNELS, broadcast, reader
from tests.newsroom.makers import newsroom
from tests.people.test_inbox import get, write

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def room() -> Newsroom:
    return newsroom()


def lively(number: int = 1) -> tuple[Subscriber, int]:
    """Signed up, got a digest, asked twice, was answered by machine and staff."""
    person = reader(number)
    hour_ago = clock.now() - timedelta(hours=2)
    consent.record(person, consent.Deed.OPT_IN, at=hour_ago, message_id=f"m{number}")
    conversation = write(person, "Wann?", ago=60)
    write(person, "Und wo?", ago=60)
    outbox.answer(person, Text("Danke, ist angekommen."))
    version = get(conversation).version
    answers.answer(CHANNELS, conversation, "Um acht.", version=version, by="presse")
    return person, conversation


def seen(items: object) -> list[tuple[str, str]]:
    return [(str(item.voice), item.text) for item in items]


WHOLE = [
    ("deed", ""),
    ("person", "Wann?"),
    ("person", "Und wo?"),
    ("service", "Danke, ist angekommen."),
    ("staff", "Um acht."),
]


def test_it_puts_everything_into_one_line(room: Newsroom) -> None:
    person, _ = lively()
    lively(2)
    thread = threads.thread(room, person)
    assert seen(thread.items) == WHOLE
    assert thread.earlier == ""
    assert thread.items[-1].state == "queued"
    assert thread.items[-1].staff == "presse"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_it_loses_and_doubles_nothing_from_page_to_page(room: Newsroom, limit: int) -> None:
    person, _ = lively()
    for number in range(3):
        write(person, f"Noch {number}")
    moment = clock.now() - timedelta(minutes=30)
    consent.record(person, consent.Deed.OPT_OUT, at=moment, message_id="x")
    # All in the same second, as the provider's times are.
    for table in (Message, consent.Consent):
        table.update(at=moment).execute()
    Delivery.update(sending_at=moment).execute()
    found: list[tuple[str, str]] = []
    before = ""
    while True:
        page = threads.thread(room, person, before=before, limit=limit)
        found = seen(page.items) + found
        if not (before := page.earlier):
            break
    assert found == seen(threads.whole(room, person))
    assert len(found) == len(WHOLE) + 4


def test_it_shows_broadcasts_as_they_read(room: Newsroom) -> None:
    person = reader(1)
    sent = broadcast(title="Markt")
    rendition = sent.renditions.where(sent.renditions.model.form == "window").get()
    Delivery.update(rendition=rendition, state="read").execute()
    (item,) = threads.thread(room, person).items
    assert (item.voice, item.title, item.text) == ("broadcast", "Markt", "digest frei")
    assert (item.state, item.broadcast_id) == (
        "delivered",
        sent.id,
    )  # that it was read is nobody's affair


def test_it_begins_at_the_newest_for_rubbish(room: Newsroom) -> None:
    person, _ = lively()
    for before in ("x", "1.2", "1.2.x", "9" * 30 + ".1.1", "²", "-1.1.-" + "9" * 30):
        assert threads.thread(room, person, before=before).items is not None


def test_it_knows_whose_answer_did_not_arrive(room: Newsroom) -> None:
    person, number = lively()
    _, other = lively(2)
    rows = [conversations.get(number), conversations.get(other)]
    assert threads.undelivered(rows) == set()
    hers = Message.get(Message.subscriber == person, Message.staff == "presse")
    Delivery.update(state="expired").where(Delivery.id == hers.delivery_id).execute()
    assert threads.undelivered(rows) == {number}
    assert threads.thread(room, person).items[-1].state in threads.LOST
