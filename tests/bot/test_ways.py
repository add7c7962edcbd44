"""A word that has come by a form or by a link: what it proves, and what it may not do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.receiver import Receiver
from broadcasts import clock, journal
from broadcasts.channels.base import Address, OnPage, Way
from broadcasts.channels.onpage import entry
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import pausing
from broadcasts.people import consent, subscribers
from broadcasts.people.consent import Deed
from broadcasts.people.subscribers import Subscriber, Wants
from tests.system import EMAIL_FROM, System, running

ANNA = Address(bsuid="anna@reader.example")


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False, email=9) as made:
        yield made


def say(system: System, way: Way, button: str, **more: Any) -> None:
    """Comes in and is applied."""
    said = OnPage(ANNA, way, clock.now(), button, "Ein Knopf", **more)
    journal.append([journal.Arrival("email", entry(said), [ANNA.key])])
    receiver = Receiver(system.city)
    while receiver.drain():
        pass
    receiver.release()
    receiver.close()


def reader(wants: Wants = Wants.EVERYTHING) -> Subscriber:
    person = subscribers.create("email", EMAIL_FROM, ANNA, language="de", at=clock.now())
    subscribers.opt_in(person, wants, clock.now(), "de")
    consent.record(person, Deed.OPT_IN, at=clock.now(), message_id="email.x")
    return person


def found() -> Subscriber | None:
    return subscribers.find("email", ANNA)


def answers() -> list[Any]:
    return [row.content for row in Delivery.select().order_by(Delivery.id)]


@pytest.mark.parametrize("button", ["stop", "start:yes", "erase:yes", "copy", ""])
def test_it_brings_nobody_back_by_an_old_link(system: System, button: str) -> None:
    say(system, Way.LINK, button, called="Frau Beispiel")
    assert found() is None
    assert answers() == []


@pytest.mark.parametrize(("button", "asked"), [("start", "start"), ("alerts_only", "alerts_only")])
def test_it_only_asks_whom_somebody_has_filled_in(system: System, button: str, asked: str) -> None:
    assert not system.city.settings.consent.asks
    say(system, Way.FORM, button)
    person = found()
    assert person is not None
    assert (person.wants, person.last_inbound_at) == (Wants.NOTHING, None)
    (question,) = answers()
    assert [one["id"] for one in question["buttons"]] == [f"{asked}:yes", "start:no"]
    say(system, Way.LINK, f"{asked}:yes")
    person = found()
    assert person is not None
    assert person.wants in subscribers.REACHED_BY_ALERTS
    assert person.last_inbound_at is not None


def test_it_takes_a_form_for_no_sign_of_life(system: System) -> None:
    """Somebody else may have filled it in: who has retired, or was asked, has not answered."""
    person = reader()
    Subscriber.update(wants=Wants.RETIRED, asked_at=clock.now(), unreachable_days=3).execute()
    say(system, Way.FORM, "start")
    person = Subscriber.get_by_id(person.id)
    assert (person.wants, person.unreachable_days) == (Wants.RETIRED, 3)
    assert person.asked_at is not None
    say(system, Way.LINK, "start:yes")
    person = Subscriber.get_by_id(person.id)
    assert (person.wants, person.unreachable_days, person.asked_at) == (Wants.EVERYTHING, 0, None)


def test_it_notes_a_name_in_silence(system: System) -> None:
    reader()
    say(system, Way.LINK, "", called="Frau Beispiel")
    person = found()
    assert person is not None
    assert person.called == "Frau Beispiel"
    assert answers() == []


def test_it_ends_nobodys_pause_by_a_form(system: System) -> None:
    """A link of their own does."""
    until = clock.today(system.city.zone) + timedelta(days=9)
    pausing.begin(reader(), until, clock.today(system.city.zone))
    say(system, Way.FORM, "start")
    person = found()
    assert person is not None
    assert person.paused_until == until
    say(system, Way.LINK, "start")
    person = found()
    assert person is not None
    assert (person.wants, person.paused_until) == (Wants.EVERYTHING, None)
