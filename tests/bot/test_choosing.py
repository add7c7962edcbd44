"""Choosing topics and districts: what citizens write, and what they are told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import checks, choosing, conversation
from broadcasts import clock
from broadcasts.channels.base import MessageIn, Text, Way, unpack
from broadcasts.delivery import audience, broadcasts
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import subjects
from broadcasts.people import links, selections
from broadcasts.people.consent import Consent
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.settings import ConsentSettings, SubjectSettings
from tests.delivery.makers import broadcast
from tests.two import ONE, OTHER, Two, opened

TOPICS = {
    "roads": SubjectSettings(name="Baustellen", en="Roadworks"),
    "culture": SubjectSettings(name="Kultur"),
}
DISTRICTS = {"north": SubjectSettings(name="Nordstadt"), "south": SubjectSettings(name="Südstadt")}


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    with opened(database_url) as made:
        settle(made, topics=TOPICS, districts=DISTRICTS)
        yield made


def settle(two: Two, **sections: Any) -> None:
    room = two.city.newsroom
    settings = replace(room.settings, **sections)
    object.__setattr__(room, "settings", settings)
    object.__setattr__(two.city.config, "settings", settings)


def person(kind: str = ONE) -> Subscriber:
    return Subscriber.get(Subscriber.channel == kind)


def chosen(kind: str = ONE) -> Scope:
    return selections.read(person(kind).selection_id)


def last() -> Text:
    """What was answered last, as having left."""
    row = Delivery.select().order_by(Delivery.id.desc()).get()
    content = unpack(row.content)
    assert isinstance(content, Text)
    return content


def reading(two: Two) -> None:
    """The question is on the person's screen."""
    Delivery.update(state="delivered", sending_at=clock.now()).execute()


def test_it_signs_up_for_a_topic(two: Two) -> None:
    told = two.said(ONE, "Start Baustelen")
    assert "Willkommen" in told
    assert "Baustellen" in told
    assert person().wants == Wants.EVERYTHING
    assert chosen() == Scope(("roads",))
    assert Consent.get().keyword == "Start Baustelen"


def test_it_asks_back_where_the_city_does_and_remembers(two: Two) -> None:
    settle(two, consent=ConsentSettings(double_opt_in=True))
    two.said(ONE, "Start Baustellen")
    assert person().wants == Wants.NOTHING
    reading(two)
    assert "Baustellen" in two.said(ONE, "Ja")
    assert (person().wants, chosen()) == (Wants.EVERYTHING, Scope(("roads",)))


def test_it_adds_and_takes_away(two: Two) -> None:
    two.said(ONE, "Start Baustellen")
    assert "Kultur, Baustellen" in two.said(ONE, "Auch Kultur")
    assert chosen() == Scope(("culture", "roads"))
    two.said(ONE, "Stopp Baustellen")
    assert chosen() == Scope(("culture",))
    assert person().wants == Wants.EVERYTHING
    two.said(ONE, "Nur Nordstadt")
    assert chosen() == Scope((), ("north",))


@pytest.mark.parametrize("typed", ["Nur Nordstadt", "Only Nordstadt", "Nordstadt alleen"])
def test_who_wants_warnings_only_gets_no_news_by_choosing(two: Two, typed: str) -> None:
    """They have not asked for them."""
    two.said(ONE, "Nur Notfälle")
    assert "Nordstadt" in two.said(ONE, typed)
    assert (person().wants, chosen()) == (Wants.ALERTS_ONLY, Scope((), ("north",)))
    two.said(ONE, "Auch Südstadt")
    assert (person().wants, chosen()) == (Wants.ALERTS_ONLY, Scope((), ("north", "south")))


def test_who_gets_warnings_of_a_topic_keeps_them_with_the_news_of_another(two: Two) -> None:
    two.said(ONE, "Nur Notfälle")
    two.said(ONE, "Nur Kultur")
    two.said(ONE, "Start Baustellen")
    assert (person().wants, chosen()) == (Wants.EVERYTHING, Scope(("culture", "roads")))


def test_it_takes_nothing_away_from_whoever_gets_everything(two: Two) -> None:
    two.said(ONE, "Start")
    assert "schon alles" in two.said(ONE, "Start Baustellen")
    assert chosen() == Scope()
    two.said(ONE, "Baustellen abbestellen")
    assert chosen() == Scope(("culture",))


def test_it_asks_what_is_wanted_when_nothing_would_be_left(two: Two) -> None:
    two.said(ONE, "Start Baustellen")
    two.said(ONE, "Stopp Baustellen")
    assert [button.id for button in last().buttons] == ["all_topics", "stop:yes"]
    assert (person().wants, chosen()) == (Wants.EVERYTHING, Scope(("roads",)))
    reading(two)
    two.said(ONE, "Alles bekommen")
    assert chosen() == Scope()


def test_it_lists_what_there_is_and_takes_numbers(two: Two) -> None:
    two.said(ONE, "Start")
    told = two.said(ONE, "Themen")
    assert "1 Baustellen\n2 Kultur\n_Stadtteile_\n3 Nordstadt\n4 Südstadt" in told
    assert [row.id for row in last().options][-1] == "choose:*"
    reading(two)
    assert "Baustellen (in Südstadt)" in two.said(ONE, "1, 4")
    assert chosen() == Scope(("roads",), ("south",))
    assert "1 Baustellen ✓" in two.said(ONE, "Themen")
    reading(two)
    two.said(ONE, "0")
    assert chosen() == Scope()


@pytest.mark.parametrize("typed", ["7", "1 99", "9" * 4000, "0 1 2 3 4 5 6"])
def test_it_says_what_it_did_not_understand(two: Two, typed: str) -> None:
    two.said(ONE, "Start")
    two.said(ONE, "Themen")
    reading(two)
    assert "von 1 bis 4" in two.said(ONE, typed)
    assert chosen() == Scope()


def test_a_number_means_nothing_without_the_list(two: Two) -> None:
    two.said(ONE, "Start")
    reading(two)
    two.said(ONE, "1")
    assert chosen() == Scope()
    two.said(ONE, "Themen")
    Delivery.update(state="delivered", sending_at=clock.now() - timedelta(hours=2)).execute()
    two.said(ONE, "1")
    assert chosen() == Scope()


def test_stop_is_stop_after_the_list_too(two: Two) -> None:
    two.said(ONE, "Start Baustellen")
    two.said(ONE, "Themen")
    reading(two)
    two.said(ONE, "Stopp")
    assert (person().wants, person().selection_id) == (Wants.STOPPED, None)


def test_it_keeps_what_a_stranger_chooses_and_says_that_they_are_none_yet(two: Two) -> None:
    two.said(ONE, "Themen")
    reading(two)
    assert "Noch sind Sie nicht angemeldet" in two.said(ONE, "2")
    assert person().wants == Wants.NOTHING
    assert "Kultur" in two.said(ONE, "Start")


def test_it_counts_on_every_messenger_of_a_person(two: Two) -> None:
    two.said(ONE, "Start")
    two.said(OTHER, "Start")
    one, other = person(ONE), person(OTHER)
    links.prefer(other, [one, other])
    two.said(ONE, "Nur Baustellen")
    assert chosen(ONE) == chosen(OTHER) == Scope(("roads",))


def test_it_takes_the_choice_along_when_messengers_are_linked(two: Two) -> None:
    two.said(ONE, "Start Baustellen")
    code = two.said(ONE, "Verbinden").split("*")[1]
    two.said(OTHER, code)
    assert chosen(OTHER) == Scope(("roads",))


def test_a_late_word_changes_nothing_after_stop(two: Two) -> None:
    early = clock.now() - timedelta(minutes=5)
    two.said(ONE, "Start")
    two.said(ONE, "Stopp")
    two.write(ONE, "Start Baustellen", at=early)
    assert (person().wants, person().selection_id) == (Wants.STOPPED, None)


def test_a_city_without_topics_says_so(two: Two) -> None:
    settle(two, topics={}, districts={})
    two.said(ONE, "Start")
    assert "keine Auswahl" in two.said(ONE, "Themen")
    assert "Themen" not in two.said(ONE, "Hilfe")


@pytest.mark.parametrize(
    ("name", "typed", "wants"),
    [("Steppen", "Stoppen", Wants.STOPPED), ("Stadt", "Start", Wants.EVERYTHING)],
)
def test_a_command_is_one_after_a_list_with_a_name_like_it(
    two: Two, name: str, typed: str, wants: Wants
) -> None:
    settle(two, topics={**TOPICS, "like": SubjectSettings(name=name)})
    two.said(ONE, "Start Baustellen")
    two.said(ONE, "Themen")
    reading(two)
    two.said(ONE, typed)
    assert person().wants == wants
    assert "like" not in chosen().topics


def test_who_is_linked_and_starts_where_they_left_has_the_same_choice(two: Two) -> None:
    """Or what fits it not would come there, because it does not come where they prefer it."""
    two.said(ONE, "Start Kultur")
    two.said(OTHER, two.said(ONE, "Umziehen").split("*")[1])
    assert "Kultur" in two.said(ONE, "Start")
    assert chosen(ONE) == chosen(OTHER) == Scope(("culture",))
    digest = broadcast(scopes=(Scope(("roads",)),))
    assert not Delivery.select().where(Delivery.broadcast == digest).exists()


def test_who_has_moved_takes_a_topic_away_where_they_were(two: Two) -> None:
    two.said(ONE, "Start Kultur und Baustellen")
    two.said(OTHER, two.said(ONE, "Umziehen").split("*")[1])
    assert "✓" in two.said(ONE, "Themen")
    told = two.said(ONE, "Stopp Baustellen")
    assert ("Gemerkt" in told, "nicht angemeldet" in told) == (True, False)
    assert chosen(ONE) == chosen(OTHER) == Scope(("culture",))


def by_form(who: Subscriber, *names: str) -> MessageIn:
    """A form that anybody may have filled in with their address."""
    return MessageIn(
        id="form.1",
        account=who.account,
        sender=who.address,
        at=clock.now(),
        text="Anmelden",
        button="start",
        kind="button",
        origin="Formular",
        way=Way.FORM,
        chosen=names,
    )


def test_a_form_of_anybodys_changes_nothing_for_who_reads_on_another_messenger(two: Two) -> None:
    two.said(ONE, "Start Kultur")
    code = two.said(ONE, "Umziehen").split("*")[1]
    two.said(OTHER, code)
    assert (person(ONE).wants, person(OTHER).wants) == (Wants.STOPPED, Wants.EVERYTHING)
    conversation.react(two.city, person(ONE), by_form(person(ONE), "roads"))
    assert chosen(OTHER) == Scope(("culture",))


@pytest.mark.parametrize("wants", [Wants.RETIRED, Wants.RESTRICTED])
def test_a_form_of_anybodys_changes_nothing_for_who_may_come_back(two: Two, wants: Wants) -> None:
    two.said(ONE, "Start Kultur")
    Subscriber.update(wants=wants).execute()
    conversation.react(two.city, person(), by_form(person(), "roads"))
    assert chosen() == Scope(("culture",))


def test_a_form_says_all_of_what_is_chosen(two: Two) -> None:
    """Somebody has filled it in before for fun: nothing ticked is everything."""
    two.said(ONE, "Hallo")
    conversation.react(two.city, person(), by_form(person(), "roads"))
    assert chosen() == Scope(("roads",))
    conversation.react(two.city, person(), by_form(person()))
    assert chosen() == Scope()


def test_it_begins_with_a_topic_by_the_button_of_its_link(two: Two) -> None:
    """Instagram's and Messenger's "Get started": which link it was stands beside it."""
    two.said(ONE, "Hallo")
    tapped = replace(by_form(person()), way=Way.CHAT, origin="roads", chosen=None, text="Start")
    conversation.react(two.city, person(), tapped)
    assert (person().wants, chosen()) == (Wants.EVERYTHING, Scope(("roads",)))


def warned(*districts: str) -> Broadcast:
    scope = Scope((), districts)
    return broadcast(BroadcastKind.ALERT, scopes=(scope,), text="Bitte Fenster schließen")


def test_who_chooses_more_is_told_of_the_warning_that_is_in_force_for_it(two: Two) -> None:
    """They were not meant when it began, and would hear neither of it nor that it is over."""
    two.said(ONE, "Start Südstadt")
    alert = warned("north")
    assert "Fenster" in two.said(ONE, "Auch Nordstadt")
    meant = audience.meant(broadcasts.Audience.FOLLOWERS, [ONE], follows=alert.id)
    assert meant.count() == 1


def test_who_chooses_more_is_not_told_again(two: Two) -> None:
    two.said(ONE, "Start Nordstadt")
    warned("north")
    assert "Fenster" not in two.said(ONE, "Auch Südstadt")
    assert "Fenster" not in two.said(ONE, "Nur Südstadt")


def test_a_stranger_who_chooses_is_told_of_no_warning_unasked(two: Two) -> None:
    two.said(ONE, "Themen")
    reading(two)
    warned("north")
    assert "Fenster" not in two.said(ONE, "3")


def test_it_warns_of_what_is_chosen_and_configured_no_longer(two: Two) -> None:
    two.said(ONE, "Start Baustellen")
    assert not [one for one in checks.warn(two.city) if one.id == "topics"]
    settle(two, topics={"culture": TOPICS["culture"]})
    (found,) = [one for one in checks.warn(two.city) if one.id == "topics"]
    assert "roads" in str(found.detail)
    assert not found.ok


def test_it_lists_what_there_is_to_whoever_asks_for_something_else(two: Two) -> None:
    told = two.said(ONE, "Start Fußball")
    assert told.startswith("Dieses Thema gibt es hier nicht.")
    assert "1 Baustellen" in told
    assert told.endswith("Schreiben Sie *Start*.")
    assert person().wants == Wants.NOTHING


def test_it_says_again_what_they_have_chosen_already(two: Two) -> None:
    two.said(ONE, "Start Baustellen")
    told = two.said(ONE, "Start Baustellen")
    assert "Sie bekommen: Baustellen," in told
    assert "alles" not in told.split(".")[1]


def test_a_tap_on_a_list_of_long_ago_shows_what_there_is(two: Two) -> None:
    two.said(ONE, "Start")
    choosing._tapped(two.city, person(), "choose:gone", subjects.there_are(two.city.settings))
    assert last().body.startswith("Dieses Thema gibt es hier nicht.")
    assert chosen() == Scope()
