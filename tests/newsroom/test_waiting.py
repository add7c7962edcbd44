"""Who is on a channel where nothing reaches a closed window gets the news when they write."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Text
from broadcasts.delivery import audience, broadcasts, once, wire
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import GIVEN, WAITING, BroadcastKind, DeliveryState
from broadcasts.newsroom import (
    alerts,
    digests,
    notice_words,
    posts,
    readiness,
    service_notices,
)
from broadcasts.newsroom.alerts import Draft
from broadcasts.newsroom.posts import Written
from broadcasts.people import inbox, links
from broadcasts.people.inbox import Message
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber
from broadcasts.settings import WEEKDAYS, BusinessHours
from tests.bot.test_choosing import DISTRICTS, TOPICS, settle
from tests.delivery.makers import deliveries
from tests.newsroom.makers import local
from tests.two import ONE, OTHER, Two, opened


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    """The second channel lets nothing through to a closed window."""
    with opened(database_url) as made:
        made.close_windows()
        yield made


def joined(two: Two, number: int = 1, *, hours_ago: int = 30) -> Subscriber:
    """A reader who has not written since."""
    two.write(OTHER, "Start", number=number, at=clock.now() - timedelta(hours=hours_ago))
    Delivery.delete().where(Delivery.broadcast.is_null()).execute()
    return two.row(OTHER, number)


def sent_digest(two: Two, title: str = "Markt", *, days_ago: int = 0) -> Broadcast:
    """A digest of which every row has been looked at."""
    room, at = two.city.newsroom, clock.now() - timedelta(days=days_ago)
    with clock.travel(at):
        posts.add(room, Written(title, on=clock.today(room.zone)))
        started = digests.send(room, now=clock.now(), allow_quiet=True)
        audience.write_all_waiting(two.city.channels)
        look(two)
    return started


def look(two: Two) -> None:
    channel = two.city.channels[OTHER]
    rows = Delivery.select(Delivery.id).where(
        Delivery.broadcast.is_null(False), Delivery.state == DeliveryState.QUEUED
    )
    ids = [row.id for row in list(rows)]
    Delivery.update(leased_by="w").where(Delivery.id.in_(ids)).execute()
    wire.take(
        ids,
        worker="w",
        renditions=Renditions("de"),
        terms=wire.terms(channel),
        now=clock.now(),
    )


@pytest.mark.parametrize("word", ["Start", "Nur Notfälle"])
def test_it_tells_who_joins_what_to_expect(two: Two, word: str) -> None:
    assert "nur 24 Stunden" in two.said(OTHER, word)
    assert "nur 24 Stunden" not in two.said(OTHER, word)
    assert "nur 24 Stunden" not in two.said(ONE, word, number=5)


def test_it_says_before_sending_how_many_wait(two: Two) -> None:
    joined(two, 1)
    joined(two, 2, hours_ago=1)
    room = two.city.newsroom
    posts.add(room, Written("Markt", on=clock.today(room.zone)))
    seen = digests.preview(room, clock.today(room.zone), clock.now())
    assert (seen.recipients, seen.in_window, seen.waiting, seen.unreachable) == (2, 1, 1, 0)
    outlook = alerts.outlook(room, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    assert (outlook.recipients, outlook.unreachable, outlook.waiting) == (2, 1, 1)
    (channel,) = (c for c in readiness.look(room, clock.now()).channels if c.channel == OTHER)
    assert (channel.window_open, channel.not_reachable) == (1, 1)
    assert any("until they write" in str(said) for said in channel.obstacles)


def test_it_gives_the_digest_once_when_they_write(two: Two) -> None:
    person = joined(two)
    digest = sent_digest(two)
    assert [(row.state, row.code) for row in deliveries(digest)] == [("skipped", WAITING)]
    said = two.said(OTHER, "Guten Tag, eine Frage")
    assert "Markt" in said
    assert deliveries(digest)[0].code == GIVEN
    assert "Markt" not in two.said(OTHER, "Noch eine Frage")
    assert Subscriber.get_by_id(person.id).window_closes_at > clock.now()


def test_it_gives_the_newest_only_and_no_backlog(two: Two) -> None:
    joined(two, hours_ago=80)
    older = sent_digest(two, "Gestern", days_ago=1)
    sent_digest(two, "Heute")
    said = two.said(OTHER, "Hallo")
    assert "Heute" in said
    assert "Gestern" not in said
    assert deliveries(older)[0].code == WAITING


def test_it_gives_nothing_to_who_leaves_by_that_message(two: Two) -> None:
    joined(two)
    sent_digest(two)
    assert "Markt" not in two.said(OTHER, "Stopp")


def test_it_gives_it_once_to_who_asks_for_it(two: Two) -> None:
    joined(two)
    sent_digest(two)
    assert two.said(OTHER, "Aktuell").count("Markt") == 1


def test_it_gives_nothing_for_a_message_that_comes_days_late(two: Two) -> None:
    joined(two, hours_ago=80)
    sent_digest(two)
    assert "Markt" not in two.said(OTHER, "Hallo", at=clock.now() - timedelta(hours=40))


def test_it_offers_a_tap_that_opens_the_window_for_the_next_one(two: Two) -> None:
    joined(two, hours_ago=1)
    room = two.city.newsroom
    posts.add(room, Written("Markt", on=clock.today(room.zone)))
    seen = digests.preview(room, clock.today(room.zone), clock.now())
    buttons = {
        row.channel: [one.label for one in row.content.buttons]
        for row, _, _ in seen.renditions
        if isinstance(row.content, Text)
    }
    assert buttons == {"whatsapp": [], OTHER: ["Morgen wieder"]}
    assert "jeden Tag" in two.said(OTHER, "Morgen wieder")


def test_it_tries_to_the_last_minute_of_a_window(two: Two) -> None:
    """Who tapped when the digest came has a window that ends just when the next one leaves."""
    person = joined(two, hours_ago=1)
    closes = clock.now() + timedelta(minutes=1)
    Subscriber.update(window_closes_at=closes).where(Subscriber.id == person.id).execute()
    assert [str(row.state) for row in deliveries(sent_digest(two))] == ["sending"]


def test_it_tells_of_an_alert_in_force_once_and_of_its_end(two: Two) -> None:
    joined(two)
    room = two.city.newsroom
    seen = alerts.outlook(room, Draft(BroadcastKind.ALERT, "Sturm ab 18 Uhr"), clock.now())
    started = broadcasts.start(seen.plan)
    audience.write_all_waiting(two.city.channels)
    look(two)
    assert "Sturm" in two.said(OTHER, "Hallo")
    assert "Sturm" not in two.said(OTHER, "Hallo noch einmal")
    clear = alerts.follow_up(BroadcastKind.CLEAR, started.id, "Vorbei")
    outlook = alerts.outlook(room, clear, clock.now())
    assert outlook.recipients == 1


def test_it_tells_of_an_alert_that_waits_whatever_they_choose_now(two: Two) -> None:
    """It was for them when it began, and so is its all-clear."""
    settle(two, topics=TOPICS, districts=DISTRICTS)
    joined(two)
    two.write(OTHER, "Nur Nordstadt", at=clock.now() - timedelta(hours=29))
    scope, room = Scope((), ("north",)), two.city.newsroom
    draft = Draft(BroadcastKind.ALERT, "Sturm ab 18 Uhr", scope=scope)
    broadcasts.start(alerts.outlook(room, draft, clock.now()).plan)
    audience.write_all_waiting(two.city.channels)
    look(two)
    told = two.said(OTHER, "Nur Südstadt")
    assert told.count("Sturm") == 1
    assert "Sturm" not in two.said(OTHER, "Hallo")


@pytest.fixture
def linked(two: Two) -> Subscriber:
    """A reader on both, reached where things wait, whose window is closed."""
    joined(two)
    two.write("whatsapp", "Start", at=clock.now() - timedelta(hours=30))
    person = two.row(OTHER)
    links.prefer(person, [person, two.row("whatsapp")])
    Delivery.delete().where(Delivery.broadcast.is_null()).execute()
    return person


def test_it_tells_of_no_alert_that_went_by_the_other_channel(two: Two, linked: Subscriber) -> None:
    seen = alerts.outlook(two.city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    broadcasts.start(seen.plan)
    audience.write_all_waiting(two.city.channels)
    look(two)
    assert once.fall_back(two.city.channels, clock.now()) == 1
    assert "Sturm" not in two.said(OTHER, "Hallo")


def test_it_gives_no_digest_that_went_by_the_other_channel(two: Two, linked: Subscriber) -> None:
    digest = sent_digest(two)
    Delivery.create(
        broadcast=digest.id,
        subscriber=two.row("whatsapp"),
        channel="whatsapp",
        account="1",
        state=DeliveryState.SENT,
        changed_at=clock.now(),
    )
    assert "Markt" not in two.said(OTHER, "Hallo")


def test_it_forgets_what_a_person_takes_back(two: Two) -> None:
    joined(two)
    two.write(OTHER, "Ein Geheimnis")
    (kept,) = list(Message.select())
    assert kept.text == "Ein Geheimnis"
    assert inbox.unanswered().number == 1
    two.take_back(OTHER)
    assert not Message.select().exists()
    assert inbox.unanswered().number == 0
    two.take_back(OTHER)


@pytest.mark.parametrize("known", [True, False])
def test_it_keeps_nothing_that_comes_after_it_was_taken_back(two: Two, known: bool) -> None:
    if known:
        joined(two)
    two.take_back_next(OTHER)
    assert two.said(OTHER, "Ein Geheimnis") == ""
    assert not Message.select().exists()
    assert "angekommen" in two.said(OTHER, "Eine Frage")


def test_it_still_waits_for_an_answer_to_what_is_left(two: Two) -> None:
    joined(two)
    first = clock.now() - timedelta(minutes=5)
    two.write(OTHER, "Frage", at=first)
    two.write(OTHER, "Noch eine")
    two.take_back(OTHER)
    assert inbox.unanswered() == inbox.Unanswered(1, first)


NOTICE_AT = local("2026-11-24", "10:00")


@pytest.fixture
def noticed(two: Two) -> Iterator[tuple[Two, Subscriber, Broadcast]]:
    """A service notice whose hours are open met a closed window."""
    room = two.city.newsroom
    settings = replace(room.settings, business_hours=BusinessHours(weekdays=WEEKDAYS))
    with clock.travel(NOTICE_AT):
        person = joined(two)
        draft = notice_words.Draft("Am Dienstag", "Wasser abgestellt")
        made = replace(room, settings=settings)
        sent = service_notices.send(made, draft, clock.now())
        audience.write_all_waiting(two.city.channels)
        look(two)
        yield two, person, sent


def test_it_gives_a_service_notice_once_to_who_missed_only_the_window(
    noticed: tuple[Two, Subscriber, Broadcast],
) -> None:
    two, _, sent = noticed
    assert [row.code for row in deliveries(sent)] == [WAITING]
    two.write(OTHER, "Wann ist das?")
    said = [row.content["body"] for row in answers()]
    assert sum("Wasser abgestellt" in body for body in said) == 1
    assert [row.code for row in deliveries(sent)] == [GIVEN]
    two.write(OTHER, "Danke")
    assert sum("Wasser abgestellt" in row.content["body"] for row in answers()) == 1


def test_it_gives_no_service_notice_that_has_run_out_or_was_stopped(
    noticed: tuple[Two, Subscriber, Broadcast],
) -> None:
    two, person, sent = noticed
    room = two.city.newsroom
    assert service_notices.missed(room, person, sent.expires_at) is None
    broadcasts.mark_stopped(sent.id, clock.now())
    assert service_notices.missed(room, person, clock.now()) is None


def answers() -> list[Delivery]:
    return list(Delivery.select().where(Delivery.broadcast.is_null()).order_by(Delivery.id))
