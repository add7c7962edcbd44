"""Who is writing: one person, however the provider names them."""

import pytest

from broadcasts import clock
from broadcasts.channels.base import Address, Text
from broadcasts.delivery import joining, outbox
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.people import consent, inbox, links, selections, subscribers
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import rights
from tests.delivery.makers import ACCOUNT, DAY, broadcast, on_second

pytestmark = pytest.mark.usefixtures("database")
PHONE, BSUID = "4917604069001", "DE.x1"


def recognise(wa_id: str | None, bsuid: str | None = None) -> Subscriber:
    return joining.recognise(
        "whatsapp", ACCOUNT, Address(wa_id, bsuid), language="de", at=clock.now()
    )


def test_it_finds_a_person_by_either_id() -> None:
    row = recognise(PHONE, BSUID)
    assert recognise(PHONE).id == recognise(None, BSUID).id == row.id


def test_it_learns_the_other_id() -> None:
    recognise(PHONE)
    recognise(PHONE, BSUID)
    assert recognise(None, BSUID).wa_id == PHONE
    assert Subscriber.select().count() == 1


def test_it_joins_everything_of_two_rows() -> None:
    older, newer = recognise(PHONE), recognise(None, BSUID)
    subscribers.opt_in(newer, Wants.ALERTS_ONLY, clock.now(), "nl")
    consent.record(newer, consent.Deed.ALERTS_ONLY, at=clock.now(), message_id="wamid.x")
    inbox.receive(newer, kind="text", text="Hallo", media=None, at=clock.now())
    outbox.answer(newer, Text("Guten Tag"))
    joined = recognise(PHONE, BSUID)
    assert joined.id == older.id
    assert (joined.wants, joined.language) == (Wants.ALERTS_ONLY, "nl")
    for table in (consent.Consent, inbox.Message, Delivery):
        assert table.get().subscriber_id == older.id


def test_it_gives_a_joined_person_one_message_of_a_broadcast() -> None:
    for row in (recognise(PHONE), recognise(None, BSUID)):
        subscribers.opt_in(row, Wants.EVERYTHING, clock.now(), "de")
    digest = broadcast()
    joined = recognise(PHONE, BSUID)
    hers = Delivery.select().where(Delivery.subscriber == joined)
    assert hers.count() == 1
    nobody = Delivery.get(Delivery.subscriber.is_null(), Delivery.broadcast == digest.id)
    assert nobody.id


def test_it_lets_the_later_word_count() -> None:
    first, second = recognise(PHONE), recognise(None, BSUID)
    subscribers.opt_in(first, Wants.EVERYTHING, clock.now(), "de")
    subscribers.opt_out(second, clock.now())
    assert recognise(PHONE, BSUID).wants == Wants.STOPPED


def test_it_leaves_a_linked_person_one_choice() -> None:
    """Two rows of WhatsApp turn out to be one, of which one is linked."""
    first, second, elsewhere = recognise(PHONE), recognise(None, BSUID), on_second(1)
    links.prefer(elsewhere, [elsewhere, second])
    culture = selections.keep(Scope(("culture",)))
    for row in (second, elsewhere):
        subscribers.select(row, culture)
    subscribers.opt_in(first, Wants.EVERYTHING, clock.now(), "de")
    joined = recognise(PHONE, BSUID)
    assert joined.prefers == elsewhere.id
    assert joined.selection_id == culture


def test_it_moves_an_address_only_for_somebody_known() -> None:
    joining.move("whatsapp", Address(PHONE), Address("4917604069002"))
    assert Subscriber.select().count() == 0


def test_it_joins_the_row_at_the_new_address() -> None:
    old, new = recognise(PHONE), recognise("4917604069002")
    subscribers.opt_in(old, Wants.EVERYTHING, clock.now(), "de")
    joining.move("whatsapp", Address(PHONE), Address("4917604069002"))
    row = Subscriber.get()
    assert (row.id, row.wa_id, row.wants) == (old.id, "4917604069002", Wants.EVERYTHING)
    assert new.id != row.id


@pytest.mark.parametrize("restricted", ["older", "newer"])
def test_it_keeps_a_restriction_of_either_row(restricted: str) -> None:
    older, newer = recognise(PHONE), recognise(None, BSUID)
    one, other = (older, newer) if restricted == "older" else (newer, older)
    for row, wants in ((one, Wants.EVERYTHING), (other, Wants.ALERTS_ONLY)):
        subscribers.opt_in(row, wants, clock.now(), "de")
    made = broadcast(BroadcastKind.ALERT)
    rights.restrict(one, clock.now())
    joined = recognise(PHONE, BSUID)
    assert (joined.wants, joined.wants_before) == (Wants.RESTRICTED, Wants.ALERTS_ONLY)
    assert joined.restricted_at == one.restricted_at
    hers = Delivery.get(Delivery.broadcast == made.id, Delivery.subscriber == joined)
    assert hers.state == "skipped"


def test_it_carries_over_what_stands_beside_either_row() -> None:
    older, newer = recognise(PHONE), recognise(None, BSUID)
    now = clock.now()
    rights.rectify(older, note="Eins", language="de")
    rights.rectify(newer, note="Zwei", language="de")
    rights.object_to_reading(newer, now)
    subscribers.note_asked(newer, now)
    Subscriber.update(in_touch_on=DAY).where(Subscriber.id == newer.id).execute()
    recognise(PHONE, BSUID)
    row = Subscriber.get()
    assert (row.id, row.note) == (older.id, "Eins\nZwei")
    assert (row.objected_at, row.asked_at, row.in_touch_on) == (now, now, DAY)


@pytest.mark.parametrize("newer_is_linked", [False, True])
def test_it_takes_a_link_along(newer_is_linked: bool) -> None:
    older, newer = recognise(PHONE), recognise(None, BSUID)
    other = on_second(1)
    row = newer if newer_is_linked else older
    links.prefer(other, [other, row])
    joined = recognise(PHONE, BSUID)
    assert joined.prefers == other.id
    links.prefer(joined, [other, joined])
    assert [one.id for one in links.others(recognise(PHONE))] == [other.id]
