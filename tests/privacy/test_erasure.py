"""Erasure: nothing is left of one, everything of the others, and the receipt proves it."""

import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts import clock, journal
from broadcasts.channels.base import Address, Outcome, ProviderError, Receipt, StatusIn, Text
from broadcasts.delivery import heartbeats, outbox, statuses
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import consent, inbox, subscribers
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure, erasure_log, errands, keys, traces
from broadcasts.privacy.erasure_log import Erasure, Provider
from tests.delivery.makers import ACCOUNT, broadcast, linked, reader, states
from tests.fakes import FakeChannel
from tests.newsroom.makers import BERLIN, newsroom

KEY = keys.derive("k" * 48, "identity")
NOWHERE = Path("/nonexistent")
"""A media folder, where nobody has sent a picture."""


def wamid(number: str) -> str:
    return "wamid." + base64.b64encode(f"\x1d\x0b{number}\x15\x02abc".encode()).decode()


def lively(number: int) -> Subscriber:
    """A person with everything a person can have."""
    person = reader(number)
    subscribers.learn(person, Address(None, f"DE.geheim{number}"))
    wa_id = str(person.wa_id)
    consent.record(person, consent.Deed.OPT_IN, at=clock.now(), message_id=wamid(wa_id))
    for kind, media in (("text", None), ("image", f"77{number}")):
        text = f"Ich wohne im Weg {number}"
        inbox.receive(person, kind=kind, text=text, media=media, at=clock.now())
    outbox.answer(person, Text(f"Antwort {number}"))
    journal.keep_strange("whatsapp", "unreadable", f'{{"from": "{wa_id}"}}')
    journal.keep_strange("whatsapp", "unreadable", wamid(wa_id))
    consent.record(person, consent.Deed.DRILLS, at=clock.now(), message_id=f"m-{number}-x")
    journal.keep_strange("whatsapp", "unreadable", f'{{"id": "m-{number}-x"}}')
    return person


def delivered(person: Subscriber) -> None:
    row = Delivery.get(Delivery.subscriber == person, Delivery.broadcast.is_null(False))
    Delivery.update(
        state="sent", attempt=1, due_at=None, provider_id=wamid(str(person.wa_id))
    ).where(Delivery.id == row.id).execute()
    tracker = statuses.tracker(row.id, 1)
    read = StatusIn(ACCOUNT, "", tracker, Receipt.READ, clock.now())
    statuses.apply([read], BERLIN)


def done_at_provider(channel: FakeChannel | None = None) -> None:
    """The errand that an erasure leaves."""
    channel = channel or FakeChannel()
    assert errands.run_due({"whatsapp": channel}, clock.now() + errands.AT_ONCE) == 1


def erase(person: Subscriber, media: Path = NOWHERE) -> erasure.Receipt:
    return erasure.erase(person, key=KEY, before=clock.now(), media=media)


def scrub(channel: FakeChannel) -> erasure.Receipt:
    """As staff do it."""
    return erasure.erase_and_scrub(
        channel,
        Address("4917604069001"),
        key=KEY,
        before=clock.now(),
        media=NOWHERE,
        texts=newsroom().texts,
    )


class DeafChannel(FakeChannel):
    def forget(self, address: Address) -> None:
        raise ProviderError(Outcome.NETWORK, "x", "no answer")


@pytest.mark.sqlite
def test_it_leaves_no_trace_of_one_and_all_of_the_other(database: str) -> None:
    one, other = lively(1), lively(2)
    digest = broadcast()
    delivered(one)
    delivered(other)
    receipt = erase(one)
    done_at_provider()
    folder = Path(database.removeprefix("sqlite:///")).parent
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    for value in (
        "4917604069001",
        "DE.geheim1",
        "Weg 1",
        "Antwort 1",
        wamid("4917604069001")[20:40],
    ):
        assert value.encode() not in stored, value
    for value in ("4917604069002", "DE.geheim2", "Weg 2", "Antwort 2"):
        assert value.encode() in stored
    assert states(digest) == ["read", "read"]
    assert receipt.counts["subscriber"] == 1
    assert receipt.counts["strange"] == 3
    assert (receipt.counts["message"], receipt.counts["consent"]) == (2, 2)
    assert (receipt.counts["conversation"], receipt.counts["picture"]) == (1, 1)
    assert DeliveryEvent.select().count() == 1


@pytest.mark.usefixtures("database")
class TestErasure:
    def test_it_lets_nothing_queued_leave(self) -> None:
        person = lively(1)
        digest = broadcast()
        erase(person)
        assert states(digest) == ["skipped"]
        assert Delivery.select().where(Delivery.broadcast.is_null()).count() == 0

    def test_it_erases_a_linked_person_on_all_channels(self) -> None:
        one, other = linked(1)
        consent.record(other, consent.Deed.OPT_IN, at=clock.now(), message_id="m")
        alert = broadcast()
        receipt = erase(one)
        assert Subscriber.select().count() == 0
        assert receipt.counts["subscriber"] == 2
        assert receipt.counts["consent"] == 1
        rows = list(Erasure.select().order_by(Erasure.id))
        assert [row.channel for row in rows] == ["whatsapp", "second"]
        found = erasure_log.verify(receipt.code, KEY)
        assert found is not None
        assert found.channel == "whatsapp"
        assert set(states(alert)) <= {"skipped"}
        before = clock.now() - timedelta(seconds=1)
        for row in (one, other):
            assert erasure_log.erased_after(row.channel, row.address, before, KEY)

    def test_it_leaves_the_other_channels_to_who_goes_by_age(self) -> None:
        one, other = linked(1)
        erasure.erase_row(other, key=KEY, before=clock.now(), media=NOWHERE)
        assert Subscriber.get().id == one.id
        assert Subscriber.get().prefers is None

    def test_it_keeps_nothing_of_a_late_status(self) -> None:
        person = reader(1)
        broadcast()
        delivered(person)
        row = Delivery.get()
        erase(person)
        tracker = statuses.tracker(row.id, 1)
        late = StatusIn(ACCOUNT, wamid("4917604069001"), tracker, Receipt.READ, clock.now())
        statuses.apply([late], BERLIN)
        assert Delivery.get().provider_id is None
        assert DeliveryEvent.select().count() == 0

    def test_it_proves_itself_by_the_receipt(self) -> None:
        receipt = erase(reader(1))
        assert re.fullmatch(r"[A-HJ-NP-Z2-9]{10}", receipt.code)
        found = erasure_log.verify(f" {receipt.code.lower()} ", KEY)
        assert found is not None
        assert found.counts == receipt.counts
        assert erasure_log.verify("ABCDEFGH23", KEY) is None
        assert erasure_log.verify(receipt.code, b"another key") is None

    def test_it_names_nobody_in_its_log(self) -> None:
        erase(lively(1))
        row = Erasure.get()
        assert "4917604069001" not in str(row.__data__)

    def test_it_knows_messages_from_before_it(self) -> None:
        at = clock.now()
        erasure.erase(lively(1), key=KEY, before=at, media=NOWHERE)
        for address in (Address("4917604069001"), Address(None, "DE.geheim1")):
            assert erasure_log.erased_after("whatsapp", address, at - timedelta(seconds=1), KEY)
            assert not erasure_log.erased_after("whatsapp", address, at, KEY)
        assert not erasure_log.erased_after("whatsapp", Address("4917604069002"), at, KEY)
        assert not erasure_log.erased_after("telegram", Address("4917604069001"), at, KEY)
        assert not erasure_log.erased_after("whatsapp", Address(), at, KEY)

    def test_it_erases_a_stranger_who_stands_elsewhere(self) -> None:
        journal.keep_strange("whatsapp", "unreadable", '{"from": "4917604069003"}')
        address = Address("4917604069003")
        receipt = erasure.erase_address(
            "whatsapp", address, key=KEY, before=clock.now(), media=NOWHERE
        )
        assert receipt.counts == {"strange": 1}
        assert erasure_log.verify(receipt.code, KEY)

    def test_it_claims_nothing_of_somebody_nobody_knows(self) -> None:
        address = Address("4917604069009")
        with pytest.raises(erasure.NobodyError):
            erasure.erase_address("whatsapp", address, key=KEY, before=clock.now(), media=NOWHERE)
        assert not Erasure.select().exists()

    def test_it_asks_the_provider_to_forget(self) -> None:
        lively(1)
        channel = FakeChannel()
        scrub(channel)
        assert channel.forgotten == [Address("4917604069001", "DE.geheim1")]
        assert channel.dropped == ["771"]

    def test_it_erases_although_the_provider_does_not_answer(self) -> None:
        lively(1)
        heartbeats.beat("test", "scheduler")
        receipt = scrub(DeafChannel())
        assert receipt.provider_failed
        assert Subscriber.select().count() == 0
        # A service runs, which tries again.
        assert errands.Errand.select().count() == 1

    def test_it_leaves_no_errand_where_no_service_runs(self) -> None:
        lively(1)
        receipt = scrub(DeafChannel())
        assert receipt.provider_failed
        assert not errands.Errand.select().exists()
        found = erasure_log.verify(receipt.code, KEY)
        assert found is not None
        assert found.provider == Provider.NOT_REACHED

    def test_it_takes_what_waits_in_the_journal_along(self) -> None:
        lively(1)
        both = {"4917604069001", "4917604069002"}
        for writers in ({"4917604069001", "DE.geheim1"}, both):
            journal.append([journal.Arrival("whatsapp", b"{}", writers)])
        scrub(FakeChannel())
        assert [set(row.writers.split()) for row in journal.JournalEntry.select()] == [both]

    def test_it_takes_the_files_of_pictures_along(self, tmp_path: Path) -> None:
        one, other = lively(1), lively(2)
        (tmp_path / inbox.FOLDER).mkdir()
        paths = []
        for person in (one, other):
            (name,) = inbox.files_of(person)
            paths.append(inbox.path_of(tmp_path, name))
            paths[-1].write_bytes(b"picture")
        erase(one, tmp_path)
        assert [path.exists() for path in paths] == [False, True]
        assert inbox.Conversation.get().subscriber_id == other.id

    def test_it_is_remembered_for_the_sweeping(self) -> None:
        assert not erasure_log.happened_lately(clock.now())
        erase(reader(1))
        assert erasure_log.happened_lately(clock.now())
        assert not erasure_log.happened_lately(clock.now() + timedelta(minutes=3))


BYTES = st.binary(max_size=5)


@given(st.integers(10**9, 10**14), BYTES, BYTES, st.sampled_from(["", "=", " ", '"', "wamid."]))
def test_it_finds_a_number_in_base64_at_any_place(
    number: int, before: bytes, after: bytes, around: str
) -> None:
    encoded = base64.b64encode(before + str(number).encode() + after).decode()
    assert traces.names(Address(str(number)), f"{around}{encoded}{around}")
    assert not traces.names(Address(f"7777{number + 1}"), f"{around}{encoded}{around}")


def test_it_never_gives_the_same_code_twice_and_always_a_digit() -> None:
    codes = {erasure.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.search(r"\d", code) for code in codes)


def test_it_derives_another_key_for_each_purpose() -> None:
    assert keys.derive("a", "x") != keys.derive("a", "y") != keys.derive("b", "y")
