"""Signs of life: written together, and only of those who have shown some."""

from datetime import timedelta

import pytest

from bot.loops import Pulses
from broadcasts import clock
from broadcasts.delivery import heartbeats
from broadcasts.delivery.heartbeats import Heartbeat

pytestmark = pytest.mark.usefixtures("database")


def parts() -> set[str]:
    return {row.part.partition("@")[0] for row in Heartbeat.select()}


def test_it_writes_the_signs_of_all_parts_together() -> None:
    pulses = Pulses()
    pulses.beat("sender")
    pulses.beat("receiver")
    pulses.write()
    assert parts() == {"sender", "receiver"}


def test_it_writes_nothing_of_a_part_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    pulses = Pulses()
    pulses.beat("sender")
    monkeypatch.setattr(heartbeats, "EVERY", timedelta(0))
    pulses.write()
    assert parts() == set()


def test_it_keeps_since_when_each_part_lives_without_a_gap() -> None:
    began = clock.now()
    with clock.travel(began):
        heartbeats.beat("1", "sender", "receiver")
    with clock.travel(began + timedelta(seconds=10)):
        heartbeats.beat("1", "sender")
    with clock.travel(began + timedelta(seconds=20)):
        heartbeats.beat("1", "sender", "receiver")
    since = {row.part: row.since for row in Heartbeat.select()}
    assert abs(since["sender@1"] - began) < timedelta(seconds=1)
    assert since["receiver@1"] - began > timedelta(seconds=19)
