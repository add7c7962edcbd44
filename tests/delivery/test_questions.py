"""Which question of ours a short answer may be an answer to."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Button, Text
from broadcasts.delivery import outbox, questions
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState
from tests.delivery.makers import broadcast, reader

pytestmark = pytest.mark.usefixtures("database")

STOP = (Button("stop:yes", "Ja"), Button("stop:no", "Nein"))
ERASE = (Button("erase:yes", "Ja"), Button("erase:no", "Nein"))
NOW = clock.now()


def say(person: object, buttons: tuple[Button, ...], ago: int, state: str = "sent") -> None:
    row = outbox.answer(person, Text("Frage", buttons))
    sent = NOW - timedelta(seconds=ago)
    Delivery.update(state=DeliveryState(state), sending_at=sent).where(Delivery.id == row).execute()


def test_it_knows_the_question_just_asked() -> None:
    person = reader(1)
    say(person, STOP, 30)
    assert questions.open_to(person.id, NOW) == questions.Question(STOP, is_certain=True)
    assert questions.open_to(reader(2).id, NOW) is None


@pytest.mark.parametrize(
    ("ago", "state"), [(3700, "read"), (-5, "sent"), (30, "queued"), (30, "failed")]
)
def test_it_forgets_what_is_old_and_what_never_came(ago: int, state: str) -> None:
    person = reader(1)
    say(person, STOP, ago, state)
    assert questions.open_to(person.id, NOW) is None


def test_it_knows_only_the_last_thing_said() -> None:
    person = reader(1)
    say(person, STOP, 30)
    say(person, (), 20)
    assert questions.open_to(person.id, NOW) is None


def test_it_counts_a_broadcast_as_something_said() -> None:
    person = reader(1)
    say(person, STOP, 30)
    digest = broadcast()
    Delivery.update(state="sent", sending_at=NOW - timedelta(seconds=20)).where(
        Delivery.broadcast == digest.id
    ).execute()
    assert questions.open_to(person.id, NOW) is None


@pytest.mark.parametrize(("ago", "certain"), [(2, False), (20, True)])
def test_it_doubts_an_answer_right_after_a_second_question(ago: int, certain: bool) -> None:
    person = reader(1)
    say(person, STOP, 40)
    say(person, ERASE, ago)
    assert questions.open_to(person.id, NOW) == questions.Question(ERASE, is_certain=certain)


def test_it_is_sure_of_the_same_question_asked_twice() -> None:
    person = reader(1)
    say(person, ERASE, 40)
    say(person, ERASE, 2)
    assert questions.open_to(person.id, NOW) == questions.Question(ERASE, is_certain=True)
