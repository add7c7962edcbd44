"""The pages to sign up and to follow a link, over real HTTP: what they store and refuse."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.public import signing
from bot.public.signing import WORDS
from broadcasts import clock, db, journal
from broadcasts.channels.base import Address
from broadcasts.channels.email import tokens
from broadcasts.channels.pages import Link
from broadcasts.journal import JournalEntry
from broadcasts.people import selections, subscribers
from broadcasts.people.attempts import Attempt
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import retention
from broadcasts.privacy.ageing import Ground
from tests.system import EMAIL_FROM, EMAIL_SECRET, System, running

ANNA = "anna@reader.example"


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    """Its loops stand still: what comes in stays in the journal."""
    with running(tmp_path, database_url, loops=False, email=9) as made:
        yield made


def sign_up(system: System, address: str = ANNA, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    form = {"address": address, "wants": "everything", "language": "de", **more}
    return httpx.post(f"{system.url}/anmelden/email", data=form, headers=headers)


def stored() -> list[bytes]:
    """What came by a page; the stand-in for WhatsApp speaks at its own time."""
    mine = JournalEntry.select().where(JournalEntry.channel == "email")
    return [bytes(entry.body) for entry in mine.order_by(JournalEntry.id)]


def reader(wants: Wants = Wants.EVERYTHING, language: str = "de") -> Subscriber:
    person = subscribers.create(
        "email", EMAIL_FROM, Address(bsuid=ANNA), language=language, at=clock.now()
    )
    if wants is not Wants.NOTHING:
        subscribers.opt_in(person, wants, clock.now(), language)
    return person


def link(system: System, button: str = "", label: str = "", address: str = ANNA) -> str:
    meant = Link(Address(bsuid=address), button, label)
    return f"{system.url}/abo/email/{tokens.make(EMAIL_SECRET, meant, clock.now())}"


TOPICS = '\n[topics.roads]\nname = "Baustellen"\n[districts.north]\nname = "Nordstadt"\n'


# ------------------------------------------------------------------ signing up


def test_it_shows_the_form_in_each_language(system: System) -> None:
    for language, words in WORDS.items():
        page = httpx.get(f"{system.url}/anmelden/email?language={language}")
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert words["called"] in page.text
    assert "/anmelden/email" in httpx.get(system.url).text


def test_it_stores_what_was_filled_in_before_it_says_so(system: System) -> None:
    answer = sign_up(system, " Anna@Reader.example ", called=" Frau  Beispiel ")
    assert (answer.status_code, WORDS["de"]["almost"] in answer.text) == (200, True)
    (body,) = stored()
    for value in (ANNA, "Frau Beispiel", '"start"', '"form"'):
        assert value in body.decode()
    assert JournalEntry.get(JournalEntry.channel == "email").writers == ANNA


@pytest.mark.parametrize(
    ("ticked", "kept"),
    [([], []), (["roads"], ["roads"]), (["x" * 300, "north", "roads"], ["roads", "north"])],
)
def test_it_stores_all_that_was_ticked_and_nothing_else(
    tmp_path: Path, database_url: str, ticked: list[str], kept: list[str]
) -> None:
    with running(tmp_path, database_url, loops=False, email=9, more=TOPICS) as made:
        assert sign_up(made, choose=ticked).status_code == 200
        (body,) = stored()
    assert json.loads(body)["page"]["chosen"] == kept


def test_who_changes_only_their_name_keeps_what_they_have_chosen(
    tmp_path: Path, database_url: str
) -> None:
    """Also a topic that is there no more."""
    with running(tmp_path, database_url, loops=False, email=9, more=TOPICS) as made:
        subscribers.select(reader(), selections.keep(Scope(("culture", "roads"))))
        form = {"called": "Anna", "wants": "everything", "choose": "roads"}
        httpx.post(link(made), data=form)
        (body,) = stored()
    assert json.loads(body)["page"]["chosen"] is None


def test_it_says_the_same_to_everybody(system: System) -> None:
    """Whether somebody is a reader is nobody else's business."""
    unknown = sign_up(system, "neu@reader.example").text
    reader()
    assert sign_up(system).text == unknown


def test_it_fills_nobodys_mailbox(system: System) -> None:
    answers = [sign_up(system).text for _ in range(5)]
    assert len(stored()) == signing.FOR_ONE_ADDRESS
    assert len(set(answers)) == 1
    with clock.travel(clock.now() + timedelta(days=1, minutes=1)):
        sign_up(system)
    assert len(stored()) == signing.FOR_ONE_ADDRESS + 1
    # Neither the address nor where it came from can be read in what is counted.
    kept = [row.who for row in Attempt.select()]
    assert all(len(who) == 32 for who in kept)


def test_it_stops_whoever_tries_many_addresses(system: System) -> None:
    for number in range(signing.FROM_ONE_PLACE):
        assert sign_up(system, f"a{number}@reader.example").status_code == 200
    refused = sign_up(system, "noch-eine@reader.example")
    assert (refused.status_code, len(stored())) == (429, signing.FROM_ONE_PLACE)
    assert WORDS["de"]["too_many"] in refused.text
    # The web server before us says who asks; what a client claims itself stands before that.
    elsewhere = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    assert sign_up(system, "andere@reader.example", headers=elsewhere).status_code == 200


def test_it_takes_nothing_from_other_sites_or_from_machines(system: System) -> None:
    assert sign_up(system, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    fooled = sign_up(system, website="https://spam.example")
    assert WORDS["de"]["almost"] in fooled.text
    assert stored() == []


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ({"address": "anna"}, "wrong_address"),
        ({"address": ""}, "wrong_address"),
        ({"called": "www.example.org"}, "wrong_called"),
        ({"called": "Gewinn! https://x.example"}, "wrong_called"),
        ({"called": "x" * 81}, "wrong_called"),
        ({"wants": "nothing"}, "wrong_wants"),
    ],
)
def test_it_says_what_is_wrong(system: System, form: dict[str, str], key: str) -> None:
    answer = sign_up(system, **form)
    assert answer.status_code == 422
    assert WORDS["de"][key] in answer.text
    assert stored() == []


@pytest.mark.parametrize("path", ["/anmelden/whatsapp", "/anmelden/x", "/abo/whatsapp/x"])
def test_it_has_pages_only_where_a_channel_has_some(system: System, path: str) -> None:
    assert httpx.get(f"{system.url}{path}").status_code == 404
    assert httpx.post(f"{system.url}{path}", data={"address": ANNA}).status_code == 404


# ------------------------------------------------------------------ links


@pytest.mark.parametrize("button", ["", "stop", "start:yes", "erase:yes"])
def test_it_changes_nothing_when_somebody_only_looks(system: System, button: str) -> None:
    reader()
    for ask in (httpx.get, httpx.head):
        answer = ask(link(system, button, "Ja"))
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert stored() == []


def test_it_leaves_by_one_click(system: System) -> None:
    """RFC 8058: by the POST alone, as either kind of form; no cookie, no redirect."""
    reader()
    address = link(system, "stop")
    for how in ({"data": {"List-Unsubscribe": "One-Click"}}, _multipart()):
        answer = httpx.post(address, **how)
        assert (answer.status_code, answer.history, len(answer.cookies)) == (200, [], 0)
    bodies = stored()
    assert len(bodies) == 2
    assert all(b'"stop"' in body and b"One-Click" in body for body in bodies)


def _multipart() -> dict[str, Any]:
    return {"files": {"List-Unsubscribe": (None, "One-Click")}}


def test_it_does_what_the_button_says(system: System) -> None:
    reader(Wants.NOTHING)
    page = httpx.get(link(system, "start:yes", "Ja, anmelden"))
    assert page.text.count("Ja, anmelden") >= 2
    answer = httpx.post(link(system, "start:yes", "Ja, anmelden"), data={"do": "erase:yes"})
    assert WORDS["de"]["done"] in answer.text
    (body,) = stored()
    assert b'"start:yes"' in body


def test_it_confirms_nothing_after_two_days(system: System) -> None:
    reader(Wants.NOTHING)
    address = link(system, "start:yes", "Ja")
    with clock.travel(clock.now() + timedelta(days=2, minutes=1)):
        assert httpx.get(address).status_code == 404
        assert httpx.post(address).status_code == 404
    assert stored() == []


def test_it_knows_nobody_who_is_erased(system: System) -> None:
    address = link(system, "stop")
    page = httpx.get(address)
    assert page.status_code == 404
    assert WORDS["de"]["gone"] in page.text
    assert WORDS["nl"]["gone"] in page.text
    assert httpx.post(address).status_code == 404
    assert httpx.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stored() == []


@pytest.mark.parametrize("token", ["x", "A" * 700, "gAAAAA%00", "..%2f..%2fetc"])
def test_it_follows_no_link_that_is_not_ours(system: System, token: str) -> None:
    reader()
    assert httpx.get(f"{system.url}/abo/email/{token}").status_code == 404
    answer = httpx.post(f"{system.url}/abo/email/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code in (200, 404)
    assert stored() == []


def test_it_stores_only_what_has_changed(system: System) -> None:
    reader()
    address = link(system)
    httpx.post(address, data={"called": "", "wants": "everything"})
    assert stored() == []
    httpx.post(address, data={"called": "Herr Beispiel", "wants": "alerts_only"})
    (body,) = stored()
    assert b"alerts_only:yes" in body
    assert b"Herr Beispiel" in body


def test_it_speaks_the_readers_language(system: System) -> None:
    reader(language="nl")
    assert WORDS["nl"]["details"] in httpx.get(link(system)).text


# ------------------------------------------------------------------ what nobody confirms


def test_it_forgets_an_address_that_nobody_confirms(system: System) -> None:
    reader(Wants.NOTHING)
    settings = system.city.settings.retention
    for days, left in ((settings.unconfirmed - 1, 1), (settings.unconfirmed + 1, 0)):
        now = clock.now() + timedelta(days=days)
        ground = Ground(system.city.newsroom, system.city.key, system.city.audit_key, now)
        retention.run(ground, now.date(), pause=0)
        assert Subscriber.select().count() == left
    assert db.rows(journal.StrangeEntry.select()) == []
