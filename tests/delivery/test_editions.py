"""A digest in several editions: each reader gets the parts that fit their choice."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Text
from broadcasts.delivery import audience, broadcasts, editions, wire
from broadcasts.delivery.broadcasts import Broadcast, Form, Wording
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastKind
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import EVERYTHING, Scope
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import CHANNELS, broadcast, deliveries, linked, reader, states

pytestmark = pytest.mark.usefixtures("database")

ROADS, CULTURE, NORTH = Scope(("roads",)), Scope(("culture",)), Scope((), ("north",))
PARTS = (ROADS, CULTURE, EVERYTHING)


def choosing(number: int, *names: Scope) -> Subscriber:
    person = reader(number)
    for scope in names:
        choose(person, scope)
    return person


def choose(person: Subscriber, scope: Scope) -> None:
    subscribers.select(person, selections.keep(scope))


def words(*kinds: str) -> tuple[Wording, ...]:
    return tuple(
        Wording("whatsapp", "de", Form.WINDOW, Text(f"Teile {one or 'alle'}"), "", one)
        for one in kinds
    )


def digest(*kinds: str, scopes: tuple[Scope, ...] = PARTS) -> Broadcast:
    return broadcast(scopes=scopes, wordings=words(*kinds))


def taken(row: Broadcast) -> list[str]:
    """What goes on the wire, by order of the rows."""
    ids = [one.id for one in deliveries(row)]
    Delivery.update(leased_by="w", due_at=clock.now() + timedelta(seconds=30)).execute()
    outgoing = wire.take(
        ids,
        worker="w",
        renditions=Renditions("de"),
        terms=wire.Terms(None),
        now=clock.now(),
    )
    return [one.content.body for one in outgoing if isinstance(one.content, Text)]


@pytest.mark.parametrize(
    ("choice", "edition"),
    [
        (EVERYTHING, editions.WHOLE),
        (ROADS, "0.2"),
        (CULTURE, "1.2"),
        (Scope(("culture", "roads")), editions.WHOLE),
        (NORTH, editions.WHOLE),
        (Scope(("sport",)), "2"),
    ],
)
def test_it_says_which_parts_fit(choice: Scope, edition: str) -> None:
    assert editions.edition(choice, PARTS) == edition


def test_it_names_the_places_of_an_edition() -> None:
    assert editions.places("0.2", 3) == [0, 2]
    assert editions.places(editions.WHOLE, 3) == [0, 1, 2]


def test_it_knows_when_no_part_fits() -> None:
    assert editions.edition(CULTURE, [ROADS]) is None
    assert editions.edition(CULTURE, []) == editions.WHOLE


def test_it_writes_no_row_for_whom_nothing_fits() -> None:
    reader(1)
    choosing(2, ROADS)
    choosing(3, CULTURE)
    sent = digest("", scopes=(ROADS,))
    reached = {row.subscriber.wa_id[-2:] for row in deliveries(sent)}
    assert reached == {"01", "02"}


def test_it_sends_each_their_edition() -> None:
    reader(1)
    choosing(2, ROADS)
    choosing(3, CULTURE)
    assert taken(digest("", "0.2", "1.2")) == ["Teile alle", "Teile 0.2", "Teile 1.2"]


def test_it_counts_what_somebody_has_chosen_last() -> None:
    person = choosing(1, ROADS)
    sent = digest("", "0.2", "1.2")
    choose(person, CULTURE)
    assert taken(sent) == ["Teile 1.2"]


def test_it_sends_the_whole_where_nobody_had_chosen_so_before() -> None:
    person = choosing(1, ROADS)
    sent = digest("", "0.2")
    choose(person, CULTURE)
    assert taken(sent) == ["Teile alle"]


def test_it_skips_whoever_wants_none_of_it_by_now() -> None:
    person = choosing(1, ROADS)
    sent = digest("", scopes=(ROADS,))
    choose(person, CULTURE)
    assert taken(sent) == []
    assert states(sent) == ["skipped"]
    assert deliveries(sent)[0].code == "not_chosen"


def test_it_still_sends_an_alert_to_whom_it_was_for_when_it_began() -> None:
    person = choosing(1, NORTH)
    choosing(2, Scope((), ("south",)))
    alert = broadcast(BroadcastKind.ALERT, scopes=(NORTH,), wordings=words(""))
    choose(person, Scope((), ("south",)))
    assert taken(alert) == ["Teile alle"]


def test_it_reaches_a_linked_person_by_one_edition() -> None:
    one, other = linked(1)
    for row in (one, other):
        choose(row, CULTURE)
    assert deliveries(digest("", scopes=(ROADS,))) == []


def test_a_follow_up_goes_to_all_who_got_the_alert() -> None:
    person = choosing(1, NORTH)
    alert = broadcast(BroadcastKind.ALERT, scopes=(NORTH,), wordings=words(""))
    choose(person, Scope((), ("south",)))
    rule = broadcasts.Audience.FOLLOWERS
    assert audience.meant(rule, list(CHANNELS), follows=alert.id).count() == 1
