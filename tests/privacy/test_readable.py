"""The copy as a text: in the person's language and the city's time, in words, and complete."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.channels.base import Button, Receipt, Text
from broadcasts.delivery import outbox
from broadcasts.delivery.broadcasts import Rendition
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, DeliveryState
from broadcasts.people import inbox, links, selections
from broadcasts.people.consent import Deed
from broadcasts.people.inbox import Conversation, Direction, Message, PictureState
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import copies, link_codes, readable, rights
from broadcasts.privacy.export import export
from broadcasts.settings import LANGUAGES
from tests.delivery.makers import broadcast, on_second, reader
from tests.newsroom.makers import newsroom
from tests.privacy.test_erasure import KEY, delivered, lively

pytestmark = pytest.mark.usefixtures("database")

AT = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
"""In the city it is half past midnight, of the next day."""


def text(person: Subscriber, language: str = "de") -> str:
    return "\n".join(readable.write(export(person), newsroom(), language))


def with_everything() -> Subscriber:
    """Somebody of whom nothing is empty."""
    person = lively(1)
    broadcast()
    delivered(person)
    wording = Rendition.select().order_by(Rendition.id).first()
    Delivery.update(rendition=wording).where(Delivery.broadcast.is_null(False)).execute()
    copies.offer(person, key=KEY, now=clock.now())
    number = outbox.answer(person, Text("Um acht.", (Button("a", "Danke"),), "bild.png"))
    inbox.keep_answer(person.id, "Um acht.", by="presse", delivery_id=number)
    Conversation.update(assigned_to="presse", checked_at=AT, closed_at=AT, due_by=AT).execute()
    rights.restrict(person, clock.now())
    moments = ("opted_out_at", "acknowledged_at", "asked_at", "objected_at", "window_closes_at")
    Subscriber.update(
        dict.fromkeys(moments, AT)
        | {"note": "Das war mein Sohn", "drills": True, "unreachable_days": 2}
        | {"called": "Frau Beispiel", "selection": selections.keep(Scope(("roads",)))}
        | {"unreachable_on": AT.date(), "in_touch_on": AT.date()}
        | {"paused_from": AT.date(), "paused_until": AT.date()}
    ).execute()
    other = on_second(1)
    links.prefer(other, [Subscriber.get_by_id(person.id), other])
    link_codes.make(person, link_codes.Purpose.MOVE, key=KEY, now=clock.now())
    return Subscriber.get_by_id(person.id)


def parts(data: Any, of: str = "") -> Iterator[tuple[str, str]]:
    """(part of the copy, key) of every value in it; what a content holds is the content's."""
    for key, value in data.items():
        if isinstance(value, list):
            yield of, key
            for one in value:
                yield from parts(one, key) if isinstance(one, dict) else ()
        elif isinstance(value, dict) and key != "content":
            yield of, key
            yield from parts(value, key)
        else:
            yield of, key


def test_it_has_a_place_for_everything_of_the_copy() -> None:
    rows = {
        "": (*readable.WHO, *readable.GETS),
        "evidence": readable.CONSENTS,
        "conversation": readable.CONVERSATION,
        "messages": readable.MESSAGES,
        "picture": readable.PICTURE,
        "deliveries": readable.SENT,
        "events": readable.EVENTS,
    }
    said = {(part, key) for part, keys in readable.HEADS.items() for key in keys}
    said |= {(part, key) for part, found in rows.items() for key, _ in found}
    assert set(parts(export(with_everything()))) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_words_for_everything_in_each_language(language: str) -> None:
    person = with_everything()
    shown = text(person, language)
    words = readable._words(language)
    for name, rows in (
        ("who", readable.WHO),
        ("gets", readable.GETS),
        ("consents", readable.CONSENTS),
        ("conversation", readable.CONVERSATION),
        ("messages", readable.MESSAGES),
        ("picture", readable.PICTURE),
        ("sent", readable.SENT),
        ("events", readable.EVENTS),
    ):
        assert {key for key, _ in rows} <= set(words[name]), name
    for name in ("who", "gets"):
        assert all(f"{label}: " in shown for label in words[name].values())
    for table, codes in (
        ("wants", Wants),
        ("deed", Deed),
        ("direction", Direction),
        ("picture", PictureState),
        ("state", {*DeliveryState, *Receipt}),
    ):
        assert set(words["words"][table]) == set(codes), table
    # A drill is of its kind; beside the kinds stand our answers.
    assert set(words["words"]["kind"]) == {*BroadcastKind, "answer", "staff"}
    assert "{" not in shown


def test_it_speaks_in_words_and_in_the_citys_time() -> None:
    shown = text(with_everything())
    for said in (
        "Ihre Telefonnummer: +4917604069001",
        "Widersprochen am: 04.11.2026, 00:30 Uhr",
        "Sie bekommen: nichts (auf Ihren Wunsch eingeschränkt)",
        "Angemeldet für die tägliche Nachricht und Warnungen",
        "Text: „Ich wohne im Weg 1“",
        "Antwort eines Menschen",
        "Knöpfe: Danke",
        "Bild: bild.png",
        "Sie schrieben",
        "gelesen: ",
        "digest frei",
    ):
        assert said in shown, said
    for code in ("opt_in", "wants", "_at", "alerts_only", "+00:00", "None"):
        assert code not in shown


def test_it_says_that_nothing_is_there() -> None:
    person = reader(1, Wants.NOTHING)
    shown = text(person, "en")
    assert "Nothing is stored: you never subscribed." in shown
    assert shown.count("Nothing is stored.") == 2


def test_it_hides_nothing_that_it_does_not_know() -> None:
    data = {**export(reader(1)), "shoe_size": 43}
    assert "shoe_size: 43" in readable.write(data, newsroom(), "de")


def test_it_keeps_an_answer_whose_delivery_is_gone() -> None:
    person = with_everything()
    Delivery.delete().where(Delivery.broadcast.is_null()).execute()
    assert Message.select().where(Message.direction == Direction.OUT).exists()
    assert "Ein Mensch antwortete Ihnen" in text(person)
