"""The silent: asked once, then erased; never without having been asked."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Outcome
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import drafts
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import leaving, retention
from broadcasts.privacy.ageing import Ground
from tests.delivery.makers import broadcast, linked, reader
from tests.newsroom.makers import approve, newsroom
from tests.privacy.test_retention import AUDIT_KEY, KEY, later, night

pytestmark = pytest.mark.usefixtures("database")

YEAR_AND_MONTH = 400
"""Days; a little more than thirteen months."""


@pytest.fixture
def room(database: None) -> Newsroom:
    made = newsroom()
    approve(made, drafts.STILL_THERE)
    return made


def ask(room: Newsroom) -> int:
    return leaving.ask(Ground(room, KEY, AUDIT_KEY, clock.now()))


def questions() -> list[Delivery]:
    return list(Delivery.select().where(Delivery.broadcast.is_null()))


def arrived() -> None:
    Delivery.update(state="sent", due_at=None).execute()


def test_it_asks_after_thirteen_months_and_once(room: Newsroom) -> None:
    reader(1)
    with later(390):
        assert ask(room) == 0
    with later(YEAR_AND_MONTH):
        assert ask(room) == 1
        assert ask(room) == 0
    (question,) = questions()
    assert question.content["name"] == drafts.STILL_THERE


def test_it_erases_who_does_not_answer_a_month_later(room: Newsroom) -> None:
    reader(1)
    with later(YEAR_AND_MONTH):
        ask(room)
        arrived()
    with later(YEAR_AND_MONTH + 29):
        assert "silent" not in night()
    with later(YEAR_AND_MONTH + 31):
        assert night()["silent"] == 1
    assert Subscriber.select().count() == 0


def test_it_erases_nobody_who_was_not_asked(room: Newsroom) -> None:
    reader(1)
    with later(2000):
        assert night() == {}
    assert Subscriber.select().count() == 1


def test_it_keeps_who_has_answered(room: Newsroom) -> None:
    person = reader(1)
    with later(YEAR_AND_MONTH):
        ask(room)
        arrived()
    with later(YEAR_AND_MONTH + 3):
        person = Subscriber.get_by_id(person.id)
        subscribers.note_asked(person, None)
        subscribers.heard_from(person, person.account, clock.now(), timedelta(days=1))
    with later(YEAR_AND_MONTH + 60):
        assert "silent" not in night()
        assert ask(room) == 0


@pytest.mark.parametrize("how", ["wrote", "got", "in touch"])
def test_it_takes_every_sign_of_life(room: Newsroom, how: str) -> None:
    person = reader(1)
    with later(300):
        person, on = Subscriber.get_by_id(person.id), clock.now().date()
        if how == "wrote":
            subscribers.heard_from(person, person.account, clock.now(), None)
        elif how == "got":
            broadcast(on=on)
            Delivery.update(state="delivered", due_at=None).execute()
        else:
            Subscriber.update(in_touch_on=on).execute()
    with later(YEAR_AND_MONTH):
        assert ask(room) == 0


def test_it_asks_nobody_while_the_template_is_not_approved() -> None:
    reader(1)
    with later(YEAR_AND_MONTH):
        assert ask(newsroom()) == 0
        assert leaving.waiting_for_template() == 1
    with later(YEAR_AND_MONTH + 100):
        assert night() == {}


@pytest.mark.parametrize(
    ("state", "outcome", "is_asked"),
    [
        ("expired", None, False),
        ("skipped", None, False),
        ("failed", Outcome.WRONG_TEMPLATE, False),
        ("failed", Outcome.CREDENTIALS, False),
        ("failed", Outcome.UNREACHABLE, True),
        ("sent", None, True),
    ],
)
def test_it_counts_only_what_the_person_could_get_as_asked(
    room: Newsroom, state: str, outcome: Outcome | None, is_asked: bool
) -> None:
    reader(1)
    with later(YEAR_AND_MONTH):
        ask(room)
        Delivery.update(state=state, outcome=outcome, due_at=None).execute()
    with later(YEAR_AND_MONTH + 2):
        night()
    assert (Subscriber.get().asked_at is not None) == is_asked


def test_it_regards_only_the_newest_question(room: Newsroom) -> None:
    reader(1)
    with later(YEAR_AND_MONTH):
        ask(room)
        Delivery.update(state="expired", due_at=None).execute()
    with later(YEAR_AND_MONTH + 1):
        night()
        assert ask(room) == 1
        Delivery.update(state="sent", due_at=None).where(Delivery.state == "queued").execute()
    with later(YEAR_AND_MONTH + 2):
        night()
        assert ask(room) == 0


def test_it_asks_nobody_who_is_restricted_or_gone(room: Newsroom) -> None:
    reader(1)
    Subscriber.update(restricted_at=clock.now()).execute()
    reader(2, wants=Wants.STOPPED)
    with later(YEAR_AND_MONTH):
        assert ask(room) == 0


def test_it_asks_some_hundred_a_day(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "MOST_A_DAY", 2)
    for number in range(1, 4):
        reader(number)
    with later(YEAR_AND_MONTH):
        assert ask(room) == 2
    with later(YEAR_AND_MONTH + 1):
        assert ask(room) == 1
    assert len(questions()) == 3


def test_it_knows_a_clock_for_every_rule() -> None:
    kept = newsroom().settings.retention
    assert all(hasattr(kept, rule.clock) for rule in retention.RULES if rule.clock)


@pytest.mark.parametrize("which", [0, 1])
def test_it_leaves_in_peace_who_is_in_touch_on_another_channel(room: Newsroom, which: int) -> None:
    rows = linked(1)
    with later(YEAR_AND_MONTH - 30):
        subscribers.heard_from(rows[which], rows[which].account, clock.now(), None)
    with later(YEAR_AND_MONTH):
        assert ask(room) == 0
    with later(2 * YEAR_AND_MONTH):
        assert ask(room) == 1  # of the two only the one whose channel has templates


def test_it_erases_by_age_only_the_channel_that_was_left(room: Newsroom) -> None:
    one, other = linked(1)
    subscribers.opt_out(one, clock.now())
    with later(100):
        subscribers.heard_from(other, other.account, clock.now(), None)
        assert night()["stopped"] == 1
    assert [row.id for row in Subscriber.select()] == [other.id]
