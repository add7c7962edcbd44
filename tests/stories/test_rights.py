"""What people do with their rights, over the real service: a copy, objecting, being asked."""

import io
import json
import re
import zipfile
from datetime import timedelta

import httpx
import pytest

from bot import jobs
from broadcasts import clock
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import drafts
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure, leaving, rights
from tests.patience import wait_until
from tests.stories.telling import person, said
from tests.system import System


def link_of(system: System, text: str) -> str:
    """As the person taps it: the city's address, here this machine's."""
    found = re.search(r"https://\S+(/kopie/\S+)", text)
    assert found, text
    return f"{system.url}{found[1]}"


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("Meine Daten", "Das haben wir"),
        ("My data", "This is what"),
        ("Mijn gegevens", "Dit bewaren"),
    ],
)
def test_it_gives_a_copy_in_the_language_of_the_word(system: System, word: str, first: str) -> None:
    said(system, "Start", "Wann öffnet das Bad?")
    (answer,) = said(system, word)
    assert answer.startswith(first)
    assert "+4917604069001" in answer
    zipped = httpx.post(link_of(system, answer)).content
    held = json.loads(zipfile.ZipFile(io.BytesIO(zipped)).read("daten.json"))
    assert "Wann öffnet das Bad?" in json.dumps(held["messages"], ensure_ascii=False)
    assert httpx.post(link_of(system, answer)).status_code == 404


def test_it_gives_a_copy_to_somebody_who_never_subscribed(system: System) -> None:
    (answer,) = said(system, "Meine Daten")
    assert "nicht angemeldet" in answer
    assert httpx.post(link_of(system, answer)).status_code == 200


def test_it_keeps_the_word_with_the_evidence(system: System) -> None:
    said(system, "Start", "Stopp")
    assert [(row.deed, row.keyword) for row in Consent.select().order_by(Consent.id)] == [
        (Deed.OPT_IN, "Start"),
        (Deed.OPT_OUT, "Stopp"),
    ]


def test_it_keeps_nothing_of_somebody_who_objected(system: System) -> None:
    said(system, "Start")
    rights.object_to_reading(person(), clock.now())
    assert "nicht aufbewahrt" in said(system, "Wann öffnet das Bad?")[0]
    assert Message.select().count() == 0
    assert "abgemeldet" in said(system, "Stopp")[0]


def test_it_sends_the_receipt_of_an_erasure_by_staff(system: System) -> None:
    # Nobody of another story: what an erased person writes within the same second is dropped.
    said(system, "Start", last=77)
    city, phone = system.city, system.phone(77)
    receipt = erasure.erase_and_scrub(
        city.channels["whatsapp"],
        person().address,
        key=city.key,
        before=clock.now(),
        media=city.config.media_dir,
        texts=city.texts,
    )
    phone.wait_for(2)
    assert receipt.code in phone.bodies[1]
    wait_until(lambda: not Delivery.select().exists())


def test_it_asks_the_silent_and_takes_their_yes(system: System) -> None:
    said(system, "Start")
    old = clock.now() - timedelta(days=500)
    moments = ("created_at", "opted_in_at", "last_inbound_at", "reader_since")
    Subscriber.update(dict.fromkeys(moments, old) | {"window_closes_at": None}).execute()
    ground = jobs.ground(system.city)
    assert leaving.ask(ground) == 1
    phone = system.phone(1)
    phone.wait_for(2)
    assert "lange nichts von Ihnen gehört" in phone.bodies[1]
    assert Delivery.select().where(Delivery.content.is_null(False)).exists()
    assert person().asked_at is not None
    assert drafts.STILL_THERE in str(system.sandbox.world.templates)
    said(system, "Ja")
    assert person().asked_at is None
    assert person().wants == Wants.EVERYTHING
