"""The same story on Telegram, beside WhatsApp: over real HTTP, both ways of receiving."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import checks, polling
from bot.app import quiet_libraries
from broadcasts import clock, journal
from broadcasts.channels.base import Address
from broadcasts.delivery import broadcasts
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import alerts, digests, posts, readiness
from broadcasts.newsroom.alerts import Draft
from broadcasts.newsroom.posts import Written
from broadcasts.people import subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import search
from broadcasts.privacy.search import Places
from tests.patience import wait_until
from tests.stories.telling import everything_stored
from tests.system import TELEGRAM_SECRET, TELEGRAM_TOKEN, System, running

SECRET_WORDS = "Zypressenweg 17"


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, telegram="webhook", time='"23:57"') as made:
        yield made


def find(id: int) -> Subscriber:
    person = subscribers.find("telegram", Address(bsuid=str(id)))
    assert person is not None
    return person


def finished(broadcast_id: int) -> bool:
    return broadcasts.get(broadcast_id).state == BroadcastState.FINISHED


def test_it_tells_one_story_on_two_channels(system: System) -> None:
    anna, ben = system.telegram(1), system.phone(2)
    anna.text("/start rathaus")
    assert "automatischer Dienst" in anna.wait_for(1)[0].body
    ben.text("Start")
    ben.wait_for(1)
    (evidence,) = Consent.select().where(Consent.channel == "telegram")
    assert (evidence.deed, evidence.keyword) == (Deed.OPT_IN, "Start (rathaus)")
    assert subscribers.count()["by_channel"] == {"telegram": 1, "whatsapp": 1}

    # The same digest: silent there, by template or window here; sent is all that is ever known.
    newsroom = system.city.newsroom
    posts.add(newsroom, Written("Markt & Musik", "Am Samstag", on=clock.today(system.city.zone)))
    digest = digests.send(newsroom, now=clock.now(), allow_quiet=True)
    (_, shown) = anna.wait_for(2)
    assert "*Markt & Musik*" in shown.body
    assert shown.silent
    ben.wait_for(2)
    wait_until(lambda: finished(digest.id))
    assert Delivery.get(Delivery.broadcast == digest.id, Delivery.channel == "telegram").state == (
        "sent"
    )

    # The same alert: loud, and marked in words.
    ready = {row.channel: row for row in readiness.look(newsroom, clock.now()).channels}
    assert (ready["telegram"].window_open, ready["telegram"].not_reachable) == (1, 0)
    alert = alerts.send(newsroom, Draft(BroadcastKind.ALERT, "Sturm ab 16 Uhr"), clock.now())
    warning = anna.wait_for(3)[2]
    assert "Sturm ab 16 Uhr" in warning.body
    assert not warning.silent
    assert ben.wait_for(3)[2].template == "alert_2h"
    wait_until(lambda: finished(alert.id))

    # A question, a button, Stopp.
    anna.text(SECRET_WORDS)
    anna.wait_for(4)
    assert Message.get().text == SECRET_WORDS
    anna.text("bitte abmelden oder so")
    anna.text("/stop")
    wait_until(lambda: find(anna.person.id).wants == Wants.STOPPED)
    assert system.sandbox.telegram.refused[429] == 0


def test_it_answers_a_tap_with_a_word_to_its_provider(system: System) -> None:
    anna = system.telegram(1)
    anna.text("Start")
    anna.wait_for(1)
    anna.text("löschen")
    (_, question) = anna.wait_for(2)
    assert len(question.buttons) == 2
    query = anna.tap("erase:yes")
    assert "Quittung" in anna.wait_for(3)[2].body
    wait_until(lambda: system.sandbox.telegram.queries[query])


def test_it_forgets_a_person_without_a_trace(
    system: System, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    quiet_libraries()
    anna = system.telegram(1)
    for number, text in enumerate(("Start", SECRET_WORDS), start=1):
        anna.text(text)
        anna.wait_for(number)
    system.sandbox.telegram_faults.plan("code", 1, 400)
    anna.text("Hilfe")
    wait_until(lambda: system.sandbox.telegram.refused[400])
    system.sandbox.call(
        lambda: system.sandbox.updates.tell("message", {"from": anna.person.as_user(), "x": 1})
    )
    wait_until(lambda: journal.count_strange())
    anna.text("Alle Daten löschen")
    wait_until(lambda: Subscriber.select().count() == 0)
    wait_until(lambda: "Quittung" in anna.bodies[-1])
    system.settle()
    wait_until(lambda: not Delivery.select().where(Delivery.address.is_null(False)).exists())
    values = str(anna.person.id), SECRET_WORDS, anna.person.name, f"person_{anna.person.id}"
    wait_until(lambda: not any(v.encode() in everything_stored(system) for v in values), 5.0)
    lines = "\n".join(
        f"{r.getMessage()} {r.exc_text or ''}"
        for r in caplog.records
        if not r.name.startswith(("asyncio", "bot.sandbox"))
    )
    for value in (*values, TELEGRAM_TOKEN, TELEGRAM_SECRET):
        assert value not in lines, value
    places = Places(folder=tmp_path, media=tmp_path / "media", logs=tmp_path / "logs")
    who = search.meant(system.city.channels, str(anna.person.id))
    assert [find for find in search.everywhere(places, who, ()) if find.rows] == []


def test_it_takes_blocking_for_a_silent_goodbye(system: System) -> None:
    anna, ben = system.telegram(1), system.telegram(2)
    for phone in (anna, ben):
        phone.text("Start")
        phone.wait_for(1)
    anna.block()
    wait_until(lambda: find(anna.person.id).wants == Wants.STOPPED)
    assert Consent.select().where(Consent.deed == Deed.BLOCKED).count() == 1
    # Having it taken back subscribes nobody.
    anna.block(False)
    system.settle()
    assert find(anna.person.id).wants == Wants.STOPPED
    # Who has blocked us and was not told of: the refusal of a message says so.
    ben.person.blocked = True
    alert = alerts.send(system.city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    wait_until(lambda: finished(alert.id))
    assert find(ben.person.id).wants == Wants.STOPPED
    assert len(anna.messages) == 1


def test_it_fetches_what_came_in(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url, telegram="polling", time='"23:57"') as system:
        anna = system.telegram(1)
        anna.text("Start")
        assert "automatischer Dienst" in anna.wait_for(1)[0].body
        anna.text("Hilfe")
        anna.wait_for(2)
        system.settle()
        assert len(anna.messages) == 2
        assert Consent.select().count() == 1


def test_it_says_that_nothing_can_be_fetched(tmp_path: Path, database_url: str) -> None:
    with running(tmp_path, database_url, telegram="polling", time='"23:57"') as system:
        system.sandbox.telegram_faults.down = True
        # Ends the question that is waiting; the next one is refused.
        system.telegram(1).text("Start")
        wait_until(lambda: polling.trouble("telegram") is not None)
        (check,) = (c for c in checks.warn(system.city) if c.id == "fetching.telegram")
        assert not check.ok
        assert check.level == "bad"
        system.sandbox.telegram_faults.down = False
        wait_until(lambda: polling.trouble("telegram") is None)
        assert not [c for c in checks.warn(system.city) if c.id == "fetching.telegram"]


def test_it_moves_a_reader_from_one_channel_to_the_other(system: System) -> None:
    anna, ben = system.telegram(1), system.phone(2)
    ben.text("Start")
    ben.wait_for(1)
    ben.text("Umziehen")
    said = ben.wait_for(2)[-1].body
    (link,) = re.findall(r"https://t\.me/MusterstadtBot\?start=([A-Z0-9]{7})", said)
    anna.text(f"/start {link}")
    anna.wait_for(1)
    assert find(555000101).wants == Wants.EVERYTHING
    assert Subscriber.get(Subscriber.channel == "whatsapp").wants == Wants.STOPPED
    assert link not in "".join(str(row.keyword) for row in Consent.select())
