"""What somebody writes to be one person on two messengers, and what then counts for both."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import audience, broadcasts, once
from broadcasts.delivery.broadcasts import Audience
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.people import links
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure_log, opt_outs, rights
from broadcasts.privacy.erasure_log import Erasure
from broadcasts.privacy.link_codes import LinkCode
from tests.delivery.makers import plan
from tests.two import ONE, OTHER, Two, opened

CODE = re.compile(r"\*([A-HJ-NP-Z2-9]{7})\*")


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    with opened(database_url) as made:
        yield made


def code(two: Two, word: str = "Verbinden", kind: str = ONE) -> str:
    found = CODE.search(two.said(kind, word))
    assert found
    return found[1]


def connected(two: Two, word: str = "Verbinden") -> tuple[Subscriber, Subscriber]:
    two.write(ONE, "Start")
    two.write(OTHER, f"{word} {code(two, word)}")
    return two.row(ONE), two.row(OTHER)


def wants(two: Two) -> tuple[Wants, Wants]:
    return two.row(ONE).wants, two.row(OTHER).wants


def alert(two: Two, kind: BroadcastKind = BroadcastKind.ALERT, **more: object) -> list[int]:
    started = broadcasts.start(plan(kind, **more))
    audience.write_all_waiting(two.city.channels)
    query = Delivery.select().where(Delivery.broadcast == started.id)
    return [row.subscriber_id for row in query.order_by(Delivery.id)]


def test_it_gives_a_code_and_the_way(two: Two) -> None:
    two.write(ONE, "Start")
    told = two.said(ONE, "Verbinden")
    found = CODE.search(told)
    assert found
    assert f"*Verbinden {found[1]}*" in told
    assert f"https://second.example/?text={found[1]}" in told


@pytest.mark.parametrize(
    ("word", "answer"),
    [("Connect", "*Connect "), ("Koppelen", "*Koppelen "), ("Move", "*Move "), ("verhuizen", "*V")],
)
def test_it_answers_in_the_language_of_the_word(two: Two, word: str, answer: str) -> None:
    two.write(ONE, "Start")
    assert answer in two.said(ONE, word)


@pytest.mark.parametrize(
    "form", ["{}", "Verbinden {}", "verbinden {}", "/start {}", "Umziehen *{}*", "Code: {}."]
)
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_it_connects_by_whatever_stands_before_the_code(two: Two, form: str, case: object) -> None:
    two.write(ONE, "Start")
    typed = case(code(two))
    assert "Verbunden!" in two.said(OTHER, form.format(typed))
    one, other = two.row(ONE), two.row(OTHER)
    assert (one.prefers, other.prefers) == (other.id, None)
    assert (one.wants, other.wants) == (Wants.EVERYTHING, Wants.EVERYTHING)
    row = Consent.get(Consent.subscriber == other, Consent.deed == Deed.OPT_IN)
    assert row.message_id.startswith("second-")
    assert typed.lower() not in (row.keyword or "").lower()
    assert LinkCode.select().count() == 0
    assert Message.select().count() == 0


def test_it_reaches_the_person_once(two: Two) -> None:
    _, other = connected(two)
    with clock.travel(clock.now() + timedelta(minutes=1)):
        assert alert(two, BroadcastKind.DIGEST) == [other.id]


def test_it_speaks_to_a_newcomer_as_before(two: Two) -> None:
    two.write(ONE, "Subscribe")
    assert "Connected!" in two.said(OTHER, code(two, "Connect"))
    assert two.row(OTHER).language == "en"


def test_it_uses_each_code_once(two: Two) -> None:
    two.write(ONE, "Start")
    typed = code(two)
    two.write(OTHER, typed)
    assert "gilt nicht" in two.said(OTHER, f"Verbinden {typed}", number=2)
    assert two.row(OTHER, 2).wants == Wants.NOTHING


def test_it_is_over_after_a_quarter_of_an_hour(two: Two) -> None:
    two.write(ONE, "Start")
    typed = code(two)
    with clock.travel(clock.now() + timedelta(minutes=16)):
        assert "gilt nicht" in two.said(OTHER, f"Verbinden {typed}")
    assert two.row(ONE).prefers is None


@pytest.mark.parametrize("text", ["ABCDEF2", "Kita ABCDEF2", "Verbinden Sie mich", "Stopp ABCDEF2"])
def test_it_leaves_to_people_what_is_no_code(two: Two, text: str) -> None:
    assert "angekommen" in two.said(ONE, text)
    assert Message.select().count() == 1


def test_it_never_connects_at_a_stop(two: Two) -> None:
    two.write(ONE, "Start")
    two.write(OTHER, f"Stopp {code(two)}")
    assert two.row(ONE).prefers is None


@pytest.mark.parametrize("number", [1, 2])
def test_it_refuses_a_code_on_its_own_channel(two: Two, number: int) -> None:
    two.write(ONE, "Start")
    typed = code(two)
    assert "anderen Messenger" in two.said(ONE, typed, number=number)
    assert "Verbunden!" in two.said(OTHER, typed)  # it was not used up


def test_it_gives_no_code_to_a_stranger(two: Two) -> None:
    assert "nicht angemeldet" in two.said(ONE, "Verbinden")
    assert LinkCode.select().count() == 0


def test_it_takes_a_code_back_with_a_stop(two: Two) -> None:
    two.write(ONE, "Start")
    typed = code(two)
    two.write(ONE, "Stopp")
    two.write(OTHER, typed)
    assert two.row(OTHER).wants == Wants.NOTHING


def test_it_says_where_there_is_only_one_messenger(two: Two) -> None:
    two.write(ONE, "Start")
    channels = dict(two.city.channels)
    del two.city.channels[OTHER]
    assert "nur auf diesem Messenger" in two.said(ONE, "Verbinden")
    two.city.channels.update(channels)


def test_it_does_not_undo_a_later_stop(two: Two) -> None:
    two.write(ONE, "Start")
    typed, at = code(two), clock.now()
    two.write(OTHER, "Start")
    two.write(OTHER, "Stopp")
    two.write(OTHER, typed, at=at)
    assert two.row(OTHER).wants == Wants.STOPPED


def test_it_connects_nobody_whose_data_is_restricted(two: Two) -> None:
    two.write(ONE, "Start")
    two.write(OTHER, "Start")
    rights.restrict(two.row(OTHER), clock.now())
    assert "eingeschränkt" in two.said(OTHER, code(two))
    assert two.row(ONE).prefers is None


# ------------------------------------------------------------------ moving, parting


def test_it_moves_and_says_so_on_both(two: Two) -> None:
    two.write(ONE, "Start")
    typed = code(two, "Umziehen")
    assert "Willkommen!" in two.said(OTHER, typed)
    assert "Sie sind umgezogen" in two.answers(ONE)[-1]
    assert wants(two) == (Wants.STOPPED, Wants.EVERYTHING)
    evidence = Consent.get(Consent.subscriber == two.row(OTHER), Consent.deed == Deed.OPT_IN)
    assert "moved from whatsapp; " in evidence.evidence
    assert "opt_in" in evidence.evidence
    assert opt_outs.OptOut.select().count() == 0  # a restore must not leave them with nothing


def test_it_tells_who_moves_of_an_alert_in_force_and_that_it_is_over(two: Two) -> None:
    two.write(ONE, "Start")
    with clock.travel(clock.now() + timedelta(minutes=1)):
        assert alert(two) == [two.row(ONE).id]
        root = broadcasts.recent(1)[0].id
        two.write(OTHER, code(two, "Umziehen"))
        told = Delivery.get(Delivery.tells_of == root)
        assert told.subscriber_id == two.row(OTHER).id
        Delivery.update(state="sent", due_at=None).execute()
        clear = {"audience": Audience.FOLLOWERS, "follows": root}
        assert alert(two, BroadcastKind.CLEAR, **clear) == [two.row(OTHER).id]


def test_it_parts(two: Two) -> None:
    _one, _other = connected(two)
    assert "Getrennt" in two.said(ONE, "Trennen")
    assert links.others(two.row(ONE)) == []
    assert "kein anderer" in two.said(ONE, "Trennen")
    two.write(ONE, "Stopp")
    assert wants(two) == (Wants.STOPPED, Wants.EVERYTHING)


def test_it_changes_the_preferred_one_by_a_new_code(two: Two) -> None:
    connected(two)
    two.write(ONE, code(two, kind=OTHER))
    one, other = two.row(ONE), two.row(OTHER)
    assert (one.prefers, other.prefers) == (None, one.id)


# ------------------------------------------------------------------ what counts for both


@pytest.mark.parametrize("kind", [ONE, OTHER])
def test_it_stops_on_both(two: Two, kind: str) -> None:
    connected(two)
    farewell = two.said(kind, "Stopp")
    assert "abgemeldet" in farewell
    assert "alle Messenger" in farewell
    assert wants(two) == (Wants.STOPPED, Wants.STOPPED)
    assert Consent.select().where(Consent.deed == Deed.OPT_OUT).count() == 2
    assert opt_outs.OptOut.select().count() == 2
    assert alert(two) == []


def test_it_stops_the_other_where_this_one_has_left_already(two: Two) -> None:
    connected(two, "Umziehen")
    assert "abgemeldet" in two.said(ONE, "Stopp")
    assert wants(two) == (Wants.STOPPED, Wants.STOPPED)
    assert "nicht angemeldet" in two.said(ONE, "Stopp")


def test_it_does_not_stop_what_was_started_after_it(two: Two) -> None:
    connected(two)
    two.write(ONE, "Stopp", at=clock.now() - timedelta(minutes=5))
    assert wants(two) == (Wants.EVERYTHING, Wants.EVERYTHING)


@pytest.mark.parametrize("kind", [ONE, OTHER])
def test_it_sends_alerts_only_on_both(two: Two, kind: str) -> None:
    connected(two)
    assert "alle Messenger" in two.said(kind, "Nur Notfälle")
    assert wants(two) == (Wants.ALERTS_ONLY, Wants.ALERTS_ONLY)
    assert Consent.select().where(Consent.deed == Deed.ALERTS_ONLY).count() == 2


def test_it_sends_no_drill_to_either_any_more(two: Two) -> None:
    two.write(ONE, "Start")
    two.write(ONE, "Probealarm")
    two.write(OTHER, code(two))
    two.write(OTHER, "Probealarm aus")
    assert not (two.row(ONE).drills)
    assert not (two.row(OTHER).drills)


def test_it_starts_only_where_it_was_written(two: Two) -> None:
    connected(two)
    two.write(OTHER, "Stopp")
    two.write(ONE, "Start")
    assert wants(two) == (Wants.EVERYTHING, Wants.STOPPED)


def test_it_sends_no_second_digest_to_who_starts_while_it_is_written(two: Two) -> None:
    one, _ = connected(two)
    two.write(OTHER, "Nur Notfälle")
    two.write(ONE, "Start")
    with clock.travel(clock.now() + timedelta(minutes=1)):
        digest = broadcasts.start(plan())
        audience.write_some(digest, two.city.channels, chunk=one.id)
        two.write(OTHER, "Start")
        audience.write_all_waiting(two.city.channels)
    query = Delivery.select().where(Delivery.broadcast == digest.id)
    assert [(row.subscriber_id, row.code) for row in query if not row.code] == [(one.id, None)]
    assert query.count() == 2


def test_it_says_where_the_news_go_to_who_starts_beside_it(two: Two) -> None:
    connected(two, "Umziehen")
    assert "auf Ihrem anderen Messenger" in two.said(ONE, "Start")
    assert "auf Ihrem anderen Messenger" in two.said(ONE, "Start")


@pytest.mark.parametrize("kind", [ONE, OTHER])
def test_it_erases_both_with_one_receipt(two: Two, kind: str) -> None:
    connected(two)
    two.write(kind, "Alle Daten löschen")
    assert Subscriber.select().count() == 0
    assert Erasure.select().count() == 2
    receipts = list(Delivery.select().where(Delivery.address.is_null(False)))
    assert [row.channel for row in receipts] == [kind]
    told = receipts[0].content["body"]
    assert "alle Messenger" in told
    found = re.search(r"\*([A-Z2-9]{10})\*", told)
    assert found
    assert erasure_log.verify(found[1], two.city.key) is not None
    for channel in two.city.channels.values():
        assert channel.kind in {row.channel for row in Erasure.select()}


def test_it_helps_with_it_where_there_are_several(two: Two) -> None:
    two.write(ONE, "Start")
    assert "*Trennen*" in two.said(ONE, "Hilfe")


def test_it_falls_back_for_a_connected_person(two: Two) -> None:
    _one, other = connected(two)
    with clock.travel(clock.now() + timedelta(minutes=1)):
        assert alert(two) == [other.id]
        Delivery.update(state="failed", due_at=None).where(
            Delivery.subscriber == other, Delivery.broadcast.is_null(False)
        ).execute()
        assert once.fall_back(two.city.channels, clock.now()) == 1
    assert Delivery.select().where(Delivery.broadcast.is_null(False)).count() == 2
