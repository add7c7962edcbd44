"""How many an alert would reach now."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Outcome
from broadcasts.delivery import accounts
from broadcasts.delivery.accounts import NumberState
from broadcasts.delivery.broadcasts import Form, Rendition
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import reach, readiness
from broadcasts.newsroom.readiness import Readiness
from broadcasts.people.subscribers import Wants
from tests.delivery.makers import ACCOUNT, broadcast, reader
from tests.newsroom.makers import approve, newsroom

ROOM = newsroom()

pytestmark = pytest.mark.usefixtures("database")


def look() -> Readiness:
    return readiness.look(ROOM, clock.now())


def number(**change: object) -> None:
    accounts.ensure(a for channel in ROOM.channels.values() for a in channel.accounts)
    if change:
        NumberState.update(**change).where(NumberState.account == ACCOUNT).execute()


def test_it_has_nobody_to_reach() -> None:
    approve(ROOM)
    assert "no readers yet" in look().verdict


def test_it_tells_open_windows_from_templates() -> None:
    approve(ROOM)
    reader(1)
    reader(2, window=False)
    reader(3, Wants.ALERTS_ONLY, window=False)
    reader(4, Wants.STOPPED)
    found = look()
    (channel,) = found.channels
    assert (channel.readers, channel.window_open, channel.by_template) == (3, 1, 2)
    assert found.is_ready
    assert found.verdict == "The alert would reach all readers (3), within a few seconds."


def test_it_reaches_only_open_windows_without_a_template() -> None:
    reader(1)
    reader(2, window=False)
    found = look()
    (channel,) = found.channels
    assert (channel.window_open, channel.by_template, channel.not_reachable) == (1, 0, 1)
    assert "1 of 2 readers today: get template alert_2h (de)" in found.verdict


def test_it_says_when_the_limit_is_too_small() -> None:
    approve(ROOM)
    for index in range(8):
        reader(index, window=False)
    number(daily_limit=5)
    found = look()
    (channel,) = found.channels
    assert (channel.day_limit, channel.day_left, channel.not_reachable) == (5, 5, 3)
    assert found.verdict == "The alert would reach 5 of 8 readers today: raise the messaging limit."


def test_it_counts_each_person_once_in_a_day() -> None:
    approve(ROOM)
    people = [reader(index, window=False) for index in range(8)]
    digest = broadcast()
    template = Rendition.get(Rendition.broadcast == digest.id, Rendition.form == Form.TEMPLATE)
    for person, hours in zip(people, (1, 2, 30), strict=False):
        Delivery.update(
            state="read",
            due_at=None,
            rendition=template,
            sending_at=clock.now() - timedelta(hours=hours),
        ).where(Delivery.subscriber == person).execute()
    number(daily_limit=5)
    (channel,) = look().channels
    # Two have had one today: they use nothing up; three more are left.
    assert (channel.day_used, channel.day_left, channel.by_template) == (2, 3, 5)


def test_it_says_that_a_number_is_stopped_with_its_limit_used_up() -> None:
    approve(ROOM)
    people = [reader(index, window=False) for index in range(2)]
    digest = broadcast()
    template = Rendition.get(Rendition.broadcast == digest.id, Rendition.form == Form.TEMPLATE)
    Delivery.update(state="sent", due_at=None, rendition=template, sending_at=clock.now()).where(
        Delivery.subscriber == people[0]
    ).execute()
    number(daily_limit=1)
    accounts.stop(ACCOUNT, Outcome.ACCOUNT, "131048")
    verdict = look().verdict
    assert "(code 131048)" in verdict
    assert "raise the messaging limit" in verdict


def test_it_reaches_nobody_by_a_stopped_number() -> None:
    approve(ROOM)
    reader(1)
    number()
    accounts.stop(ACCOUNT, Outcome.CREDENTIALS, "190")
    found = look()
    assert found.channels[0].not_reachable == 1
    assert f"number {ACCOUNT} is stopped (code 190)" in found.verdict


def test_it_knows_when_a_share_is_reached() -> None:
    assert reach.seconds_until(1.0, []) == 0
    assert reach.seconds_until(0.5, [(100, 10)]) == pytest.approx(5)
    # The small number is through after 1 s; the large one goes on alone.
    queues = [(10, 10), (90, 10)]
    assert reach.seconds_until(0.2, queues) == pytest.approx(1)
    assert reach.seconds_until(0.5, queues) == pytest.approx(4)
    assert reach.seconds_until(1.0, queues) == pytest.approx(9)
