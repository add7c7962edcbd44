"""A pause: whom it keeps a digest from, for how long, and that its end is told once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest

from broadcasts import clock, db
from broadcasts.channels.base import Address
from broadcasts.channels.content import unpack
from broadcasts.delivery import audience, joining, wire
from broadcasts.delivery.broadcasts import Audience
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import PAUSED, BroadcastKind, DeliveryState
from broadcasts.delivery.templates import Template
from broadcasts.newsroom import digests, drafts, pausing, posts, reach, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import Written
from broadcasts.people import links, pauses, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import rights
from tests.delivery.makers import BOTH, CHANNELS, broadcast, deliveries, linked, on_second, reader
from tests.newsroom.makers import BERLIN, approve, newsroom
from tests.newsroom.test_archive import digest as archived

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
ONE = ["whatsapp"]
ALL = [*ONE, "second"]


def today() -> date:
    return clock.today(BERLIN)


def again(row: Subscriber) -> Subscriber:
    found: Subscriber = Subscriber.get_by_id(row.id)
    return found


def paused(row: Subscriber, days: int = 9) -> Subscriber:
    pausing.begin(row, today() + days * DAY, today())
    return again(row)


def meant(on: date, channels: list[str] = ONE) -> set[int]:
    query = audience.meant(Audience.DIGEST_READERS, channels, on=on)
    return {row.id for row in query}


def answers() -> list[Delivery]:
    query = Delivery.select().where(Delivery.broadcast.is_null())
    return list(query.order_by(Delivery.id))


@pytest.fixture
def room(database: str) -> Newsroom:
    made = newsroom()
    approve(made, drafts.PAUSE_OVER)
    return made


def returned(room: Newsroom, days: int = 10) -> int:
    """So many days later."""
    with clock.travel(clock.now() + days * DAY):
        return pausing.tell_returned(room, clock.now())


# ------------------------------------------------------------------ whom it keeps a digest from


def test_it_means_nobody_who_pauses_up_to_the_last_day_and_everybody_after_it() -> None:
    one, other = paused(reader(1), 3), reader(2)
    assert meant(today()) == meant(today() + 3 * DAY) == {other.id}
    assert meant(today() + 4 * DAY) == {one.id, other.id}
    assert pauses.count(today()) == 1
    assert pauses.count(today() + 4 * DAY) == 0


def test_it_writes_a_digest_for_the_others_by_its_own_day() -> None:
    paused(reader(1), 3)
    other = reader(2)
    assert [row.subscriber_id for row in deliveries(broadcast(on=today()))] == [other.id]
    assert len(deliveries(broadcast(on=today() + 4 * DAY))) == 2


def test_it_lets_alerts_and_their_end_through() -> None:
    one = paused(reader(1))
    alert = broadcast(BroadcastKind.ALERT)
    assert [row.subscriber_id for row in deliveries(alert)] == [one.id]
    query = audience.meant(Audience.FOLLOWERS, ONE, follows=alert.id, on=today())
    assert [row.id for row in query] == [one.id]


def test_it_means_a_linked_person_on_neither_channel() -> None:
    one, other = linked(1)
    paused(one)
    assert again(other).paused_until == again(one).paused_until
    assert meant(today(), ALL) == set()
    assert meant(today() + 10 * DAY, ALL) == {other.id}
    assert pauses.count(today()) == 1


def test_it_takes_a_queued_digest_back_and_leaves_an_alert() -> None:
    one = reader(1)
    news, alert = broadcast(on=today()), broadcast(BroadcastKind.ALERT)
    since = pausing.begin(one, today() + DAY, today())
    assert since == today()
    assert [str(row.state) for row in deliveries(news)] == ["skipped"]
    assert [str(row.state) for row in deliveries(alert)] == ["queued"]


def test_it_begins_tomorrow_for_who_has_got_todays_digest() -> None:
    one = reader(1)
    broadcast(on=today())
    Delivery.update(state=DeliveryState.SENT, due_at=None).execute()
    assert pausing.begin(one, today() + DAY, today()) == today() + DAY
    assert pausing.begin(one, today(), today()) == today()


def test_it_looks_once_more_before_a_digest_leaves() -> None:
    one, other = reader(1), reader(2)
    news = broadcast(on=today())
    # As if the writer had been just quicker than the pause.
    Subscriber.update(paused_from=today(), paused_until=today()).where(
        Subscriber.id == one.id
    ).execute()
    Delivery.update(leased_by="w").execute()
    gone = wire.take(
        [row.id for row in deliveries(news)],
        worker="w",
        renditions=Renditions("de"),
        terms=wire.terms(CHANNELS["whatsapp"]),
        now=clock.now(),
    )
    found = {row.subscriber_id: (str(row.state), row.code) for row in deliveries(news)}
    assert found == {one.id: ("skipped", PAUSED), other.id: ("sending", None)}
    assert len(gone) == 1


def test_it_lets_an_alert_of_that_moment_leave() -> None:
    paused(reader(1))
    alert = broadcast(BroadcastKind.ALERT, on=today())
    Delivery.update(leased_by="w").execute()
    ids = [row.id for row in deliveries(alert)]
    terms = wire.terms(CHANNELS["whatsapp"])
    taken = wire.take(ids, worker="w", renditions=Renditions("de"), terms=terms, now=clock.now())
    assert len(taken) == 1


def test_it_says_before_sending_how_many_are_left_out(room: Newsroom) -> None:
    paused(reader(1))
    reader(2)
    posts.add(room, Written("Markt", on=today()))
    seen = digests.preview(room, today(), clock.now())
    assert (seen.recipients, seen.paused, seen.as_json()["paused"]) == (1, 1, 1)
    found = reach.groups(room, Audience.ALERT_READERS, clock.now())
    assert reach.total(found) == 2


# ------------------------------------------------------------------ what ends or carries it


@pytest.mark.parametrize("wants", [Wants.EVERYTHING, Wants.ALERTS_ONLY])
def test_it_ends_with_every_word_on_what_somebody_wants(wants: Wants) -> None:
    one = paused(reader(1))
    subscribers.opt_in(one, wants, clock.now(), "de")
    assert (again(one).paused_from, again(one).paused_until) == (None, None)


def test_it_ends_with_stopp() -> None:
    one = paused(reader(1))
    subscribers.opt_out(one, clock.now())
    assert again(one).paused_until is None


def test_it_outlasts_a_restriction() -> None:
    one = paused(reader(1))
    rights.restrict(one, clock.now())
    assert pauses.count(today()) == 0
    rights.lift(again(one), clock.now())
    assert again(one).paused_until == today() + 9 * DAY


def test_it_goes_on_with_a_new_end() -> None:
    one = paused(reader(1), 9)
    with clock.travel(clock.now() + 2 * DAY):
        since = pausing.begin(one, today() + 30 * DAY, today())
    assert since == today()
    assert again(one).paused_until == today() + 32 * DAY


@pytest.mark.parametrize("move", [False, True])
@pytest.mark.parametrize("who", ["source", "target"])
def test_it_holds_for_rows_that_become_one_person(who: str, move: bool) -> None:
    source, target = reader(1), on_second(1)
    paused(source if who == "source" else target)
    word = links.Word(
        at=clock.now(), message_id="m-9", keyword="Verbinden", wording="de-1", language="de"
    )
    links.connect(again(source), again(target), word, move=move)
    assert again(target).paused_until == today() + 9 * DAY
    assert again(target).paused_from == today()
    assert again(source).paused_until == (None if move else today() + 9 * DAY)


def test_it_is_carried_into_a_new_row_by_a_move() -> None:
    source, target = paused(reader(1)), on_second(1, Wants.NOTHING)
    word = links.Word(
        at=clock.now(), message_id="m-9", keyword="Umziehen", wording="de-1", language="de"
    )
    links.connect(source, target, word, move=True)
    assert (again(target).wants, again(target).paused_until) == ("everything", today() + 9 * DAY)


@pytest.mark.parametrize("which", [0, 1])
def test_it_stays_when_two_rows_turn_out_to_be_one(which: int) -> None:
    rows = (
        reader(1),
        subscribers.create(
            "whatsapp", "4711", Address(bsuid="DE.1"), language="de", at=clock.now()
        ),
    )
    subscribers.opt_in(rows[1], Wants.EVERYTHING, clock.now(), "de")
    paused(rows[which])
    joining.join(again(rows[0]), again(rows[1]))
    assert again(rows[0]).paused_until == today() + 9 * DAY
    assert again(rows[0]).paused_from == today()


# ------------------------------------------------------------------ back


def test_it_tells_of_the_end_with_one_link_to_just_that_time(room: Newsroom) -> None:
    one = paused(reader(1))
    archived("Markt", on=today() + DAY)
    assert returned(room, 9) == 0, "the last day is a day of the pause"
    assert returned(room, 10) == 1
    assert returned(room, 11) == 0
    (said,) = answers()
    assert (said.subscriber_id, said.content["name"]) == (one.id, drafts.PAUSE_OVER)
    until = today() + 9 * DAY
    address = f"https://bote.example/archiv/?von={today()}&bis={until}"
    assert said.content["values"] == [["link", address]]
    assert again(one).paused_until is None


def test_it_is_free_text_where_that_reaches_them(room: Newsroom) -> None:
    paused(on_second(1), 1)
    archived("Markt", on=today())
    both = Newsroom(room.settings, room.texts, BOTH, room.media)
    assert returned(both, 2) == 1
    (said,) = answers()
    assert "Willkommen zurück" in said.content["body"]
    assert f"?von={today()}&bis={today() + DAY}\n" in said.content["body"]


def test_it_says_nothing_to_who_has_missed_nothing(room: Newsroom) -> None:
    one = paused(reader(1))
    archived("Vorher", on=today() - DAY)
    archived("Nachher", on=today() + 10 * DAY)
    assert returned(room) == 0
    assert again(one).paused_until is None


def test_it_tells_a_linked_person_once_where_they_are_reached(room: Newsroom) -> None:
    one, other = linked(1)
    paused(one)
    archived("Markt", on=today())
    both = Newsroom(room.settings, room.texts, BOTH, room.media)
    assert returned(both) == 1
    assert returned(both, 11) == 0
    assert [row.subscriber_id for row in answers()] == [other.id]


def test_it_speaks_their_language_else_the_citys(room: Newsroom) -> None:
    paused(reader(1, language="nl"))
    archived("Markt", on=today())
    assert returned(room) == 1
    assert answers()[0].content["language"] == "de"
    approve(room, drafts.PAUSE_OVER, language="nl")
    paused(reader(2, language="nl"))
    assert returned(room) == 1
    (link,) = answers()[1].content["values"]
    assert "/archiv/nl?von=" in link[1]


def test_it_waits_where_nothing_reaches_them_and_forgets_it_after_a_month(room: Newsroom) -> None:
    plain = newsroom()
    one = paused(reader(1, window=False))
    archived("Markt", on=today())
    bare = Newsroom(plain.settings, plain.texts, BOTH, plain.media)
    Template.delete().execute()
    assert returned(bare) == 0
    assert again(one).paused_until is not None
    assert returned(bare, 39) == 0
    assert again(one).paused_until is not None
    assert returned(bare, 41) == 0
    assert again(one).paused_until is None


def test_it_leaves_in_peace_whose_data_is_restricted(room: Newsroom) -> None:
    one = paused(reader(1))
    archived("Markt", on=today())
    rights.restrict(one, clock.now())
    assert returned(room, 60) == 0
    assert again(one).paused_until is not None


def test_it_tells_some_hundred_at_a_time_and_nobody_twice(room: Newsroom) -> None:
    for number in range(1, 6):
        paused(reader(number))
    archived("Markt", on=today())
    with clock.travel(clock.now() + 10 * DAY):
        told = [pausing.tell_returned(room, clock.now(), limit=2) for _ in range(4)]
    assert told == [2, 2, 1, 0]
    assert len({row.subscriber_id for row in answers()}) == 5


def test_it_loses_and_doubles_nothing_when_it_is_killed(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        paused(reader(number))
    archived("Markt", on=today())
    really, calls = pausing.outbox.answer, []

    def dies(*given: Any, **more: Any) -> int:
        calls.append(given)
        if len(calls) in (2, 3):
            really(*given, **more)
            raise KeyboardInterrupt  # before the commit
        return really(*given, **more)

    monkeypatch.setattr(pausing.outbox, "answer", dies)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            returned(room)
    assert len(answers()) == 1
    assert returned(room) == 2
    assert sorted(row.subscriber_id or 0 for row in answers()) == [1, 2, 3]


def test_it_tells_once_when_several_machines_try_at_the_same_time(
    room: Newsroom, database: str
) -> None:
    for number in range(1, 9):
        paused(reader(number))
    archived("Markt", on=today())
    together = threading.Barrier(3)

    def run() -> None:
        with db.session():
            together.wait()
            pausing.tell_returned(room, clock.now())

    with clock.travel(clock.now() + 10 * DAY):
        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(row.subscriber_id or 0 for row in answers()) == list(range(1, 9))


def test_it_is_not_told_again_by_who_held_the_row_meanwhile(room: Newsroom) -> None:
    """Somebody writes just when the job runs: their row, read before it, is saved after it."""
    one = paused(reader(1))
    archived("Markt", on=today())
    with clock.travel(clock.now() + 10 * DAY):
        held = again(one)
        assert pausing.tell_returned(room, clock.now()) == 1
        subscribers.heard_from(held, held.account, clock.now(), DAY)
        assert not pausing.tell_when_written(room, held, clock.now())
        assert pausing.tell_returned(room, clock.now()) == 0
    assert again(one).paused_until is None


def test_it_shows_the_welcome_as_the_phone_does(room: Newsroom) -> None:
    paused(reader(1))
    archived("Markt", on=today())
    returned(room)
    shown = wording.content_as_shown(room, unpack(answers()[0].content))
    assert "Willkommen zurück bei Stadt Musterstadt" in shown
    assert "?von=" in shown
    assert "{" not in shown


def test_it_may_not_ring_at_night(room: Newsroom) -> None:
    paused(reader(1))
    archived("Markt", on=today())
    returned(room)
    (said,) = answers()
    assert said.expires_at is not None
    assert said.expires_at.astimezone(BERLIN).hour == room.settings.quiet_hours.start.hour
