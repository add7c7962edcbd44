"""Retention: what is past its clock goes, the rest is untouched, and the figures stay."""

import itertools
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcasts import clock, figures, journal
from broadcasts.channels.base import Text
from broadcasts.delivery import outbox, tallies
from broadcasts.delivery.broadcasts import Audience, Broadcast
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.locks import Lock
from broadcasts.people import answering, consent, conversations, inbox, subscribers
from broadcasts.people.inbox import Conversation, Message
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import audit, erasure, erasure_log, proofs, retention
from broadcasts.privacy.ageing import Ground
from broadcasts.privacy.proofs import EndedConsent
from tests.delivery.makers import broadcast, deliveries, reader
from tests.newsroom.makers import BERLIN, newsroom
from tests.privacy.test_erasure import KEY, delivered, wamid

pytestmark = pytest.mark.usefixtures("database")

AUDIT_KEY = b"a" * 32
DAY = timedelta(days=1)


_NIGHTS = (date(2026, 1, 1) + timedelta(days=number) for number in itertools.count())
"""Each another one: what the clock of the machine shows must not matter."""


def night(*, media: Path | None = None, on: date | None = None, **more: Any) -> dict[str, int]:
    """What one night deletes, as the clock now stands."""
    now = clock.now()
    ground = Ground(newsroom(media, **more), KEY, AUDIT_KEY, now)
    counts = retention.run(ground, on or next(_NIGHTS), pause=0)
    return {rule: number for rule, number in counts.items() if number}


def later(days: float) -> Any:
    return clock.travel(clock.now() + timedelta(days=days))


def asks(number: int, text: str = "Wann öffnet das Bad?", *, kind: str = "text") -> Subscriber:
    """Somebody whose question waits in the inbox."""
    person = reader(number)
    media = f"file{number}" if kind == "image" else None
    inbox.receive(person, kind=kind, text=text, media=media, at=clock.now())
    return person


def close(person: Subscriber) -> None:
    conversation = conversations.of(person)
    assert conversation is not None
    conversations.close(conversation.id, by="m.muster")


# ------------------------------------------------------------------ conversations


def test_it_drops_a_conversation_a_week_after_it_was_closed() -> None:
    close(asks(1))
    asks(2)
    # Two nights, whatever the time of day is now.
    with later(6.9):
        assert night(on=date(2026, 11, 3)) == {}
    with later(7.1):
        assert night(on=date(2026, 11, 4)) == {"closed": 1}
    assert [row.subscriber_id for row in Message.select()] == [Subscriber.get_by_id(2).id]
    assert Conversation.select().count() == 1


def test_it_keeps_how_many_were_answered_and_how_soon() -> None:
    for number in range(1, 4):
        person = asks(number)
        if number < 3:
            at = clock.now() + timedelta(minutes=10 * number)
            Message.create(subscriber=person, direction="out", kind="text", text="Um acht.", at=at)
        close(person)
    since = clock.now() - timedelta(days=20)
    before = answering.weeks(BERLIN, since)
    assert [(week["questions"], week["answered"], week["minutes"]) for week in before] == [
        (3, 2, 15.0)
    ]
    with later(8):
        night()
    assert not Message.select().exists()
    assert answering.weeks(BERLIN, since) == before


def test_it_keeps_what_was_opened_again() -> None:
    person = asks(1)
    close(person)
    with later(5):
        inbox.receive(person, kind="text", text="Noch etwas", media=None, at=clock.now())
    with later(8):
        assert night() == {}


def test_it_drops_what_nobody_closed_after_three_months() -> None:
    asks(1)
    with later(89):
        person = Subscriber.get()
        inbox.receive(person, kind="text", text="Immer noch zu", media=None, at=clock.now())
    with later(91):
        assert night() == {"open": 1}
        assert [row.text for row in Message.select()] == ["Immer noch zu"]
        assert Conversation.select().count() == 1
    with later(200):
        night()
    assert Message.select().count() == Conversation.select().count() == 0


def test_it_takes_pictures_and_staffs_answers_along(tmp_path: Path) -> None:
    person = asks(1, kind="image")
    (name,) = inbox.files_of(person)
    path = inbox.path_of(tmp_path, name)
    path.parent.mkdir()
    path.write_bytes(b"picture")
    answer = outbox.answer(person, Text("Das Bad öffnet um 8"))
    Delivery.update(state="read", due_at=None).execute()
    inbox.keep_answer(person.id, "Das Bad öffnet um 8", by="m.muster", delivery_id=answer)
    with later(10):
        assert night(media=tmp_path) == {}  # open: the answer is no bot message
        close(person)
    with later(18):
        assert night(media=tmp_path) == {"closed": 2}
    assert not path.exists()
    assert Delivery.select().count() == 0


def test_it_drops_many_in_batches() -> None:
    person = asks(1)
    for number in range(450):
        inbox.receive(person, kind="text", text=str(number), media=None, at=clock.now())
    close(person)
    with later(8):
        assert night() == {"closed": 451}


# ------------------------------------------------------------------ answers, deliveries


def test_it_drops_what_the_service_answered_but_nothing_open() -> None:
    for number in (1, 2):
        outbox.answer(reader(number), Text(f"Willkommen {number}"))
    Delivery.update(state="read", due_at=None).where(Delivery.id == 1).execute()
    with later(8):
        assert night() == {"answers": 1}
    assert [row.id for row in Delivery.select()] == [2]


def test_it_keeps_an_answer_that_tells_of_an_alert_as_long_as_its_deliveries() -> None:
    outbox.answer(reader(1), Text("Zurzeit gilt"), tells_of=7)
    Delivery.update(state="read", due_at=None).execute()
    with later(8):
        assert night() == {}
    with later(31):
        assert night() == {"answers": 1}


def through(number: int = 3) -> Broadcast:
    """A digest that so many have read."""
    people = [reader(n) for n in range(1, number + 1)]
    made = broadcast()
    for person in people:
        delivered(person)
    Broadcast.update(state="finished", finished_at=clock.now()).execute()
    tallies.count(made.id, clock.now())
    return made


def test_it_forgets_who_got_it_and_keeps_every_count() -> None:
    made = through()
    before = outbox.figures(made.id), outbox.causes(made.id)
    with later(29):
        assert night() == {}
    with later(31):
        assert night() == {"deliveries": 3}
        assert night() == {}
    row = Delivery.select().first()
    assert (row.subscriber_id, row.provider_id) == (None, None)
    assert DeliveryEvent.select().count() == 0
    assert (outbox.figures(made.id), outbox.causes(made.id)) == before
    curve = figures.kept(f"curve {made.id}")
    assert curve is not None
    assert curve.data["read"][-1][1] == 3


def test_it_goes_on_where_a_crash_stopped_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = through(5)
    monkeypatch.setattr("broadcasts.privacy.ageing.LINKS", 2)
    with later(31):
        ground = Ground(newsroom(), KEY, AUDIT_KEY, clock.now())
        step = next(rule for rule in retention.RULES if rule.name == "deliveries").step(ground)
        assert next(step) == 2
        step.close()
        assert night() == {"deliveries": 3}
    curve = figures.kept(f"curve {made.id}")
    assert curve is not None
    assert curve.data["read"][-1][1] == 5


def test_it_waits_until_a_broadcast_is_counted_and_through() -> None:
    made = through()
    tallies.Tally.delete().execute()
    with later(31):
        assert night() == {}
        tallies.count(made.id, clock.now())
        Delivery.update(due_at=clock.now()).where(Delivery.id == 1).execute()
        assert night(on=date(2030, 1, 1)) == {}


def test_it_remembers_that_something_reached_them() -> None:
    made = through(1)
    with later(31):
        night()
    assert Subscriber.get().in_touch_on == made.on


def alert(kind: BroadcastKind = BroadcastKind.ALERT, **more: Any) -> Broadcast:
    """One that is through and counted."""
    made = broadcast(kind, **more)
    Delivery.update(state="read", due_at=None).execute()
    Broadcast.update(state="finished").where(Broadcast.id == made.id).execute()
    tallies.count(made.id, clock.now())
    return made


@pytest.mark.parametrize("lasts", ["itself", "update"])
def test_it_keeps_the_readers_of_an_alert_that_wait_for_its_all_clear(lasts: str) -> None:
    person = reader(1)
    far = {"expires_at": clock.now() + timedelta(days=20)}
    root = alert(**(far if lasts == "itself" else {}))
    follows = {"audience": Audience.FOLLOWERS, "follows": root.id}
    if lasts == "update":
        alert(BroadcastKind.UPDATE, **follows, **far)
    outbox.answer(person, Text("Zurzeit gilt"), tells_of=root.id)
    Delivery.update(state="read", due_at=None).execute()
    with later(31):
        assert night() == {}
    with later(32):
        clear = broadcast(BroadcastKind.CLEAR, **follows)
        assert [row.subscriber_id for row in deliveries(clear)] == [person.id]
        assert night() == {}  # still going out
        Broadcast.update(state="finished").execute()
    with later(33):
        assert night() == {"answers": 1, "deliveries": 1 if lasts == "itself" else 2}


def test_it_does_what_may_take_nights_last() -> None:
    assert retention.RULES[-1].name == "deliveries"


# ------------------------------------------------------------------ who goes


def left(number: int) -> Subscriber:
    person = reader(number)
    message_id = wamid(str(person.wa_id))
    at = clock.now()
    consent.record(
        person, consent.Deed.OPT_IN, at=at, wording="de-1", message_id=message_id, keyword="Start"
    )
    subscribers.opt_out(person, at)
    consent.record(person, consent.Deed.OPT_OUT, at=at, message_id="m")
    return person


def test_it_erases_who_stopped_and_keeps_a_proof_that_names_nobody() -> None:
    person, other = left(1), reader(2)
    address, at = person.address, person.opted_out_at
    with later(29):
        assert night() == {}
    with later(31):
        assert night() == {"stopped": 1}
    assert [row.id for row in Subscriber.select()] == [other.id]
    (proof,) = proofs.find("whatsapp", address, KEY)
    assert (proof.wording, proof.ended_at) == ("de-1", at)
    assert str(address.wa_id) not in str(proof.__data__)
    assert proofs.find("whatsapp", address, b"another key") == []
    assert erasure_log.erased_after("whatsapp", address, at - timedelta(seconds=1), KEY)
    with later(3 * 365 + 60):
        assert night()["proofs"] == 1


def test_it_keeps_who_has_written_since_they_stopped() -> None:
    person = left(1)
    with later(20):
        subscribers.heard_from(person, person.account, clock.now(), timedelta(days=1))
        inbox.receive(person, kind="text", text="Noch etwas", media=None, at=clock.now())
    with later(31):
        assert night() == {}
    with later(51):
        assert night() == {}  # nobody has answered yet
        close(person)
        assert night() == {"stopped": 1}


def test_it_removes_the_proof_when_the_person_asks_for_it(tmp_path: Path) -> None:
    address = left(1).address
    with later(31):
        night()
    receipt = erasure.erase_address(
        "whatsapp", address, key=KEY, before=clock.now(), media=tmp_path
    )
    assert receipt.counts["ended_consent"] == 1
    assert EndedConsent.select().count() == 0


def test_it_erases_nobody_whose_message_is_still_to_be_applied() -> None:
    person = left(1)
    journal.append([journal.Arrival("whatsapp", b"{}", [str(person.wa_id)])])
    with later(31):
        assert night() == {}


def test_it_erases_a_stranger_of_whom_nothing_is_left() -> None:
    person = asks(1)
    Subscriber.update(wants=Wants.NOTHING).execute()
    with later(60):
        assert night() == {}  # what they wrote waits still
        close(person)
    with later(68):
        assert night() == {"closed": 1, "strangers": 1}


def test_it_touches_nothing_of_somebody_restricted() -> None:
    made = through(1)
    person = Subscriber.get()
    inbox.receive(person, kind="text", text="Frage", media=None, at=clock.now())
    outbox.answer(person, Text("Antwort"))
    Delivery.update(state="read", due_at=None).execute()
    subscribers.opt_out(person, clock.now())
    Subscriber.update(restricted_at=clock.now()).execute()
    close(person)
    with later(800):
        assert night() == {}
    assert Delivery.select().where(Delivery.broadcast == made.id).get().subscriber_id == person.id


# ------------------------------------------------------------------ the rest


def test_it_forgets_who_looked_and_the_chain_stays_whole() -> None:
    for act in ("sign-in", "staff added", "person looked up", "sign-out"):
        audit.record(AUDIT_KEY, "m.muster", act)
    with later(89):
        assert night() == {}
    with later(91):
        audit.record(AUDIT_KEY, "m.muster", "sign-in")
        assert night() == {"access_log": 3}
    assert audit.verify(AUDIT_KEY) == audit.Verdict(5)
    assert [entry.act for entry in audit.newest()] == ["sign-in", "staff added"]
    assert (audit.known("act"), audit.known("staff")) == (["sign-in", "staff added"], ["m.muster"])


def test_it_lets_nobody_else_empty_an_entry_of_the_trail() -> None:
    audit.record(AUDIT_KEY, "m.muster", "staff added")
    audit.record(AUDIT_KEY, "m.muster", "sign-in")
    with later(91):
        night()
    seal = audit.AuditEntry.get_by_id(2).detail
    audit.AuditEntry.update(staff="", act=audit.FORGOTTEN, about="", detail=seal).execute()
    assert audit.verify(AUDIT_KEY).broken_at == 1


def test_it_drops_what_nobody_understood() -> None:
    journal.keep_strange("whatsapp", "unreadable", "x")
    with later(8):
        assert night() == {"strange": 1}


def test_it_reports_each_night_and_does_it_once() -> None:
    close(asks(1))
    with later(8):
        on = clock.now().date()
        assert not retention.is_done(on)
        night(on=on)
        assert retention.is_done(on)
        ((day, counts),) = retention.nights()
    assert (day, counts["closed"], counts["open"]) == (on, 1, 0)


@pytest.mark.sqlite
def test_it_leaves_it_to_the_worker_that_is_at_it() -> None:
    close(asks(1))
    other = Lock("retention")
    assert other.acquire()
    with later(8):
        assert night() == {}
        other.release()
        assert night() == {"closed": 1}
