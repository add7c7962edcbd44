""" "Pause bis 3.9." and "Weiter", as they are said and answered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot import jobs
from broadcasts import clock
from broadcasts.delivery import audience
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import digests, posts
from broadcasts.newsroom.posts import Written
from broadcasts.people import consent
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.settings import QuietHours
from tests.newsroom.makers import local
from tests.newsroom.test_archive import digest as archived
from tests.two import ONE, OTHER, Two, opened

FRIDAY = local("2027-08-20", "12:00")
DAY = timedelta(days=1)
LAST = date(2027, 9, 3)


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    """A reader on the second channel, who has signed up an hour ago."""
    with opened(database_url) as made, clock.travel(FRIDAY):
        made.write(OTHER, "Start", at=clock.now() - timedelta(hours=1))
        Delivery.delete().execute()
        yield made


def row(two: Two, kind: str = OTHER) -> Subscriber:
    return two.row(kind)


def buttons() -> list[str]:
    last = Delivery.select().order_by(Delivery.id.desc()).get()
    return [one["id"] for one in last.content["buttons"]]


def deeds(person: Subscriber) -> list[Deed]:
    query = Consent.select().where(Consent.subscriber == person).order_by(Consent.id)
    return [one.deed for one in query]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Pause bis 3.9.",
            (
                "Bis einschließlich *Freitag, 03.09.2027*",
                "Ab *Samstag, 04.09.2027*",
                "Warnungen kommen auch",
                "*Stopp*",
                "*Weiter*",
                "/archiv/?von=2027-08-20&bis=2027-09-03",
            ),
        ),
        (
            "pause until 3 September",
            (
                "up to and including *Friday, 03.09.2027*",
                "From *Saturday, 04.09.2027*",
                "Alerts come",
                "*Stop*",
                "*Resume*",
                "/archiv/en?von=2027-08-20&bis=2027-09-03",
            ),
        ),
        (
            "pauze tot 3 september",
            (
                "tot en met *vrijdag, 03.09.2027*",
                "Vanaf *zaterdag, 04.09.2027*",
                "Waarschuwingen komen ook",
                "*Verder*",
                "/archiv/nl?von=2027-08-20&bis=2027-09-03",
            ),
        ),
    ],
)
def test_it_says_exactly_until_when_and_what_still_comes(
    two: Two, text: str, said: tuple[str, ...]
) -> None:
    answer = two.said(OTHER, text)
    assert [part for part in said if part not in answer] == []
    assert (row(two).paused_from, row(two).paused_until) == (FRIDAY.date(), LAST)
    assert row(two).wants == Wants.EVERYTHING
    assert deeds(row(two)) == [Deed.OPT_IN, Deed.PAUSED]


def test_it_asks_for_how_long_and_takes_each_kind_of_answer(two: Two) -> None:
    assert "Wie lange" in two.said(OTHER, "Pause")
    assert buttons() == ["pause:7", "pause:14", "pause:28"]
    assert row(two).paused_until is None
    for answer, last in (
        ("2 Wochen", date(2027, 9, 2)),
        ("bis 3.9.", LAST),
        ("bis Montag", date(2027, 8, 23)),
    ):
        two.write(OTHER, "Pause")
        Delivery.update(state="sent", sending_at=clock.now(), due_at=None).execute()
        assert "Pause:" in two.said(OTHER, answer)
        assert row(two).paused_until == last


def test_it_takes_no_answer_to_a_question_that_was_not_asked(two: Two) -> None:
    assert "Pause" not in two.said(OTHER, "bis 3.9.")
    assert row(two).paused_until is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Pause bis 31.2.", "gibt es im Kalender nicht"),
        ("Pause bis 99999 Wochen", "höchstens ein Jahr"),
        ("Pause bis 1.8.", "01.08.2027 ist schon vorbei"),
        ("Pause bis auf Weiteres", "Bis wann soll"),
        ("Pause bis " + "7" * 4000, "gibt es im Kalender nicht"),
        ("Pause bis <script>alert(1)</script>", "Bis wann soll"),
        ("Pause bis ' OR 1=1 --", "Bis wann soll"),
        ("Pause bis \u202e.9.3", "09.03.2027 ist schon vorbei"),
    ],
)
def test_it_answers_nonsense_kindly_and_stops_nothing(two: Two, text: str, said: str) -> None:
    answer = two.said(OTHER, text)
    assert said in answer
    assert "Pause bis 10.9." in answer
    assert buttons() == ["pause:7", "pause:14", "pause:28"]
    assert (row(two).wants, row(two).paused_until) == (Wants.EVERYTHING, None)


def test_it_keeps_for_people_only_what_may_be_a_question(two: Two) -> None:
    two.write(OTHER, "Pause für den Flohmarkt im Oktober?")
    two.write(OTHER, "Pause bis 31.2.")
    assert [one.text for one in Message.select()] == ["Pause für den Flohmarkt im Oktober?"]


@pytest.mark.parametrize("text", ["Pause bis 3.9., ach nein, stopp", "Pause, stopp"])
def test_it_asks_back_where_somebody_may_want_to_leave(two: Two, text: str) -> None:
    assert "Möchten Sie sich abmelden?" in two.said(OTHER, text)
    assert row(two).paused_until is None


@pytest.mark.parametrize("word", ["Weiter", "Pause beenden", "Resume", "Verder", "Start"])
def test_it_ends_at_once_and_says_what_was_missed(two: Two, word: str) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    archived("Markt", on=FRIDAY.date() + DAY)
    with clock.travel(FRIDAY + 2 * DAY):
        answer = two.said(OTHER, word)
        assert "?von=2027-08-20&bis=2027-08-22" in answer
        assert row(two).paused_until is None
        assert deeds(row(two))[-1] == Deed.RESUMED
        assert "von=" not in two.said(OTHER, word)


def test_it_names_no_link_where_nothing_was_missed(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    answer = two.said(OTHER, "Weiter")
    assert "Ihre Pause ist beendet" in answer
    assert "von=" not in answer


def test_it_changes_nothing_where_there_is_no_pause(two: Two) -> None:
    assert "alles bleibt" in two.said(OTHER, "Weiter")
    assert deeds(row(two)) == [Deed.OPT_IN]


def test_it_ends_with_stopp_and_comes_back_without(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    assert "abgemeldet" in two.said(OTHER, "Stopp")
    assert (row(two).wants, row(two).paused_until) == (Wants.STOPPED, None)
    two.write(OTHER, "Start")
    assert (row(two).wants, row(two).paused_until) == (Wants.EVERYTHING, None)


def test_it_has_nothing_to_pause_for_who_gets_alerts_only(two: Two) -> None:
    two.write(OTHER, "Nur Notfälle")
    for text in ("Pause", "Pause bis 3.9.", "Pause bis 31.2."):
        assert "nichts zu pausieren" in two.said(OTHER, text)
    assert row(two).paused_until is None


def test_it_is_no_way_in_for_a_stranger(two: Two) -> None:
    for text in ("Pause", "Pause bis 3.9.", "Weiter"):
        assert "nicht angemeldet" in two.said(ONE, text, number=7)
    assert two.row(ONE, 7).wants == Wants.NOTHING
    assert two.row(ONE, 7).paused_until is None


def test_it_gives_up_a_pause_for_alerts_only(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    two.write(OTHER, "Nur Notfälle")
    assert (row(two).wants, row(two).paused_until) == (Wants.ALERTS_ONLY, None)


def test_it_hears_no_older_word(two: Two) -> None:
    early = clock.now() - timedelta(minutes=10)
    two.write(OTHER, "Pause bis 3.9.")
    for text in ("Weiter", "Start", "Pause bis Montag"):
        two.write(OTHER, text, at=early)
    assert row(two).paused_until == LAST
    two.write(OTHER, "Weiter")
    two.write(OTHER, "Pause bis 3.9.", at=early)
    assert row(two).paused_until is None


def test_it_counts_for_both_messengers_of_a_person(two: Two) -> None:
    code = two.said(OTHER, "Verbinden").split("*")[1]
    two.write(ONE, f"Verbinden {code}")
    two.write(ONE, "Pause bis 3.9.")
    assert [row(two, kind).paused_until for kind in (ONE, OTHER)] == [LAST, LAST]
    assert Consent.select().where(Consent.deed == Deed.PAUSED).count() == 2
    two.write(OTHER, "Weiter")
    assert [row(two, kind).paused_until for kind in (ONE, OTHER)] == [None, None]


def test_it_still_answers_who_asks_for_the_news(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    room = two.city.newsroom
    posts.add(room, Written("Markt", on=FRIDAY.date()))
    started = digests.send(room, now=clock.now(), allow_quiet=True)
    audience.write_all_waiting(two.city.channels)
    assert not Delivery.select().where(Delivery.broadcast == started.id).exists()
    assert "Markt" in two.said(OTHER, "Aktuell")
    assert row(two).paused_until == LAST


def test_it_reminds_who_asks_for_the_next_one_and_pauses(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    assert "Sie haben Pause bis einschließlich" in two.said(OTHER, "Morgen wieder")
    assert row(two).paused_until == LAST


def test_it_tells_who_could_not_be_told_when_they_write_and_once(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    archived("Markt", on=FRIDAY.date() + DAY)
    with clock.travel(FRIDAY + 20 * DAY):
        answer = two.said(OTHER, "Guten Tag, eine Frage")
        assert "Willkommen zurück" in answer
        assert "?von=2027-08-20&bis=2027-09-03" in answer
        assert "Willkommen" not in two.said(OTHER, "Noch eine Frage")


def test_it_does_not_welcome_who_leaves_by_that_message(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    archived("Markt", on=FRIDAY.date() + DAY)
    with clock.travel(FRIDAY + 20 * DAY):
        assert "Willkommen" not in two.said(OTHER, "Stopp")


def test_it_gives_no_waiting_digest_to_who_begins_a_pause(two: Two) -> None:
    two.close_windows()
    Subscriber.update(window_closes_at=None).execute()
    room = two.city.newsroom
    posts.add(room, Written("Markt", on=FRIDAY.date()))
    started = digests.send(room, now=clock.now(), allow_quiet=True)
    audience.write_all_waiting(two.city.channels)
    Delivery.update(state="skipped", code="waiting", due_at=None).where(
        Delivery.broadcast == started.id
    ).execute()
    assert "Markt" not in two.said(OTHER, "Pause bis 3.9.")


def test_it_tells_nothing_of_whether_somebody_reads(two: Two) -> None:
    two.write(OTHER, "Pause bis 3.9.")
    Subscriber.update(wants=Wants.RETIRED).execute()
    consent.bring_back(row(two))
    assert row(two).wants == Wants.EVERYTHING


def test_it_names_pause_in_help_and_welcome(two: Two) -> None:
    assert "*Pause*" in two.said(OTHER, "Hilfe")
    assert "*Pause*" in two.said(ONE, "Start", number=8)


@pytest.mark.parametrize(
    ("hour", "due"), [(0, False), (7, False), (9, False), (10, True), (19, True), (20, False)]
)
def test_it_welcomes_by_day_and_outside_quiet_hours(two: Two, hour: int, due: bool) -> None:
    quiet = QuietHours(start=time(21), end=time(10))
    config = two.city.config
    settings = replace(config.settings, quiet_hours=quiet)
    city = replace(two.city, config=replace(config, settings=settings))
    two.write(OTHER, "Pause bis 3.9.")
    archived("Markt", on=FRIDAY.date())
    with clock.travel(local("2027-09-04", f"{hour:02}:30")):
        assert jobs.welcome_back(city) == ("1 back" if due else "not due")
