"""Answers of staff: whom they reach, and one way into thread and outbox at once."""

from datetime import timedelta
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.channels.base import Outcome
from broadcasts.delivery import accounts
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import answers
from broadcasts.newsroom.answers import CannedError, CannedOutdatedError, Shut
from broadcasts.people import conversations
from broadcasts.people.inbox import Direction, InboxError, Message, OutdatedError
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import ACCOUNT, CHANNELS, reader
from tests.fakes import FakeChannel
from tests.people.test_inbox import get, write

pytestmark = pytest.mark.usefixtures("database")


def answer(number: int, text: str = "Um acht.", *, version: int | None = None) -> None:
    seen = get(number).version if version is None else version
    answers.answer(CHANNELS, number, text, version=seen, by="presse")


def with_window(closes: timedelta | None) -> Subscriber:
    person = reader(1)
    person.window_closes_at = None if closes is None else clock.now() + closes
    person.save()
    return person


def test_it_stands_in_thread_and_outbox_and_expires_with_the_window() -> None:
    person = reader(1)
    number = write(person)
    answer(number)
    message = Message.get(Message.direction == Direction.OUT)
    delivery = Delivery.get_by_id(message.delivery_id)
    assert (message.text, message.staff) == ("Um acht.", "presse")
    assert (delivery.state, delivery.broadcast_id) == ("queued", None)
    assert delivery.content["body"] == "Um acht."
    assert delivery.expires_at == Subscriber.get().window_closes_at
    assert get(number).waiting_since is None


def test_it_leaves_nothing_behind_when_somebody_was_quicker() -> None:
    number = write(reader(1))
    answer(number)
    with pytest.raises(OutdatedError):
        answer(number, "Um neun.", version=1)
    assert Delivery.select().count() == 1
    assert Message.select().where(Message.direction == Direction.OUT).count() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [(" \n", "missing"), ("x" * 4097, "4,097 signs, at most 4,096"), ("a\x07b", "cannot be shown")],
)
def test_it_refuses_what_cannot_be_sent(text: str, said: str) -> None:
    number = write(reader(1))
    with pytest.raises(InboxError, match=said):
        answer(number, text)
    answer(number, "x" * 4096)


@pytest.mark.parametrize(
    ("closes", "shut"),
    [
        (timedelta(minutes=1), None),
        (timedelta(seconds=-1), Shut.OVER),
        (None, Shut.BY_PROVIDER),
    ],
)
def test_it_knows_who_can_be_written_to(closes: timedelta | None, shut: Shut | None) -> None:
    assert answers.way_to(CHANNELS, with_window(closes), clock.now()).shut is shut


def test_it_writes_to_nobody_whose_window_is_closed() -> None:
    number = write(reader(1))
    Subscriber.update(window_closes_at=clock.now()).execute()
    with pytest.raises(InboxError, match="cannot be written to"):
        answer(number)
    assert Delivery.select().count() == 0


def test_it_needs_no_window_where_the_channel_has_none() -> None:
    open_always: Any = {"whatsapp": FakeChannel(window=None)}
    way = answers.way_to(open_always, with_window(None), clock.now())
    assert (way.shut, way.closes_at) == (None, None)
    assert answers.way_to({}, with_window_of_another(), clock.now()).shut is Shut.NO_CHANNEL


def with_window_of_another() -> Subscriber:
    return reader(2)


def test_it_says_when_the_number_stands_still() -> None:
    accounts.ensure(CHANNELS["whatsapp"].accounts)
    accounts.stop(ACCOUNT, Outcome.ACCOUNT, "131031")
    way = answers.way_to(CHANNELS, reader(1), clock.now())
    assert way.is_stopped
    assert way.shut is None


def test_it_opens_a_closed_conversation() -> None:
    number = write(reader(1))
    conversations.close(number, by="presse")
    answer(number)
    assert get(number).is_open


class TestCanned:
    def keep(self, **values: Any) -> answers.CannedAnswer:
        given = {"title": "Termine", "text": "Online.", "language": "", "by": "presse", **values}
        return answers.keep_canned(given.pop("title"), given.pop("text"), **given)

    def test_it_keeps_changes_and_drops(self) -> None:
        row = self.keep()
        self.keep(title="Termin", canned_id=row.id, version=row.version, by="lage")
        (kept,) = answers.canned()
        assert (kept.title, kept.changed_by) == ("Termin", "lage")
        assert answers.drop_canned(row.id)
        assert not answers.drop_canned(row.id)
        with pytest.raises(CannedError, match="deleted"):
            self.keep(canned_id=row.id)

    def test_it_tells_the_second_and_overwrites_nothing(self) -> None:
        row = self.keep()
        self.keep(text="Am Telefon.", canned_id=row.id, version=row.version, by="lage")
        with pytest.raises(CannedOutdatedError, match="lage"):
            self.keep(text="Im Rathaus.", canned_id=row.id, version=row.version)
        assert answers.canned()[0].text == "Am Telefon."

    def test_it_shows_first_what_fits_the_person(self) -> None:
        for title, language in (("A", "nl"), ("B", ""), ("C", "de"), ("D", "en")):
            self.keep(title=title, language=language)
        assert [row.title for row in answers.canned()] == ["A", "B", "C", "D"]
        assert [row.title for row in answers.canned("de")] == ["B", "C", "A", "D"]

    @pytest.mark.parametrize(
        "wrong", [{"title": ""}, {"title": "x" * 81}, {"text": " "}, {"language": "fr"}]
    )
    def test_it_refuses_what_cannot_be_kept(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(CannedError):
            self.keep(**wrong)
