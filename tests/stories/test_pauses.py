"""A pause from the telephone: no digest, every alert, and back by itself with one link."""

from datetime import time, timedelta

import httpx
import pytest

from bot import jobs
from broadcasts import clock
from broadcasts.delivery import audience
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, drafts
from broadcasts.newsroom.alerts import Draft
from broadcasts.newsroom.posts import Post
from broadcasts.people.subscribers import Wants
from tests.patience import wait_until
from tests.stories.telling import digest, person, said
from tests.system import System

DAY = timedelta(days=1)


def warn(system: System) -> None:
    draft = Draft(BroadcastKind.ALERT, "Alle ins Haus", title="Sturm")
    alerts.send(system.city.newsroom, draft, clock.now())
    audience.write_all_waiting(system.city.channels)


def morning(system: System, days: int) -> None:
    """So many days later, at nine, the job that looks every minute."""
    zone = system.city.zone
    at = clock.at(clock.today(zone) + days * DAY, time(9), zone)
    with clock.travel(at):
        jobs.welcome_back(system.city)
        jobs.welcome_back(system.city)
        system.settle()
        wait_until(lambda: not Delivery.select().where(Delivery.due_at.is_null(False)).exists())


@pytest.mark.usefixtures("pages_made_anew")
def test_it_pauses_and_is_back_by_itself(system: System) -> None:
    Post.delete().execute()
    today = clock.today(system.city.zone)
    last = today + 9 * DAY
    anna, ben = system.phone(1), system.phone(2)
    said(system, "Start", last=2)
    said(system, "Start")
    (answer,) = said(system, f"Pause bis {last.day}.{last.month}.")
    assert f"{last:%d.%m.%Y}" in answer
    assert f"{last + DAY:%d.%m.%Y}" in answer
    assert "Warnungen" in answer
    address = f"/archiv/?von={today}&bis={last}"
    assert f"https://bote.musterstadt.example{address}" in answer

    # A digest goes out without her, an alert reaches both.
    digest(system)
    ben.wait_for(2)
    assert "Markt" in ben.bodies[-1]
    warn(system)
    ben.wait_for(3)
    anna.wait_for(3)
    assert "Alle ins Haus" in anna.bodies[-1]
    assert not any("Markt" in body for body in anna.bodies)

    # The morning of the last day: nothing. The morning after it: one message, one link.
    morning(system, 9)
    assert len(anna.messages) == 3
    morning(system, 10)
    anna.wait_for(4)
    morning(system, 11)
    assert len(anna.messages) == 4
    welcome = anna.messages[-1]
    assert welcome.template == drafts.PAUSE_OVER
    assert "Willkommen zurück" in welcome.body
    assert address in welcome.body
    assert len(ben.messages) == 3

    # What the link shows in the browser.
    page = httpx.get(f"{system.url}{address}")
    assert page.status_code == 200
    assert "Markt" in page.text
    assert "Sturm" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert person().paused_until is None

    # The next digest is hers again.
    digest(system)
    anna.wait_for(5)
    assert "Markt" in anna.bodies[-1]


def test_it_pauses_by_a_tap_and_ends_by_a_word(system: System) -> None:
    phone = system.phone(1)
    said(system, "Start", "Pause")
    phone.tap("2 Wochen")
    phone.wait_for(3)
    assert "Bis einschließlich" in phone.bodies[-1]
    assert person().paused_until is not None
    (answer,) = said(system, "Weiter")
    assert "Ihre Pause ist beendet" in answer
    assert person().paused_until is None


@pytest.mark.parametrize(
    "text", ["Pause bis 31.2.", "Pause bis " + "9" * 4000, "Pause bis '; DROP TABLE subscriber; --"]
)
def test_it_answers_hostile_words_and_stops_nobody(system: System, text: str) -> None:
    answers = said(system, "Start", text)
    assert "Bis wann soll die Pause dauern?" in answers[-1]
    assert (person().wants, person().paused_until) == (Wants.EVERYTHING, None)


def test_it_does_not_ring_at_night_nor_twice(system: System) -> None:
    said(system, "Start", "Pause 1 Woche")
    zone = system.city.zone
    for hour in (3, 7, 21):
        with clock.travel(clock.at(clock.today(zone) + 8 * DAY, time(hour), zone)):
            assert jobs.welcome_back(system.city) == "not due"
