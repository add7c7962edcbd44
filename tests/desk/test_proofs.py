"""Receipts and remnants: for data protection only, and no address is left by the search itself."""

import json
import threading

import pytest

from bot.desk import places
from bot.desk import proofs as pages
from broadcasts import clock, db, figures
from broadcasts.delivery import endings
from broadcasts.people.staff import Role
from broadcasts.privacy import audit, backups, erasure, receipts
from broadcasts.privacy import search as search_of
from broadcasts.privacy.archive import new_key
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.test_subscribers import FIND, look_up, slip_of
from tests.desk.visitor import Visitor
from tests.privacy.test_erasure import lively
from tests.system import System

pytestmark = pytest.mark.usefixtures("service")

PROOFS = "/subscribers/proofs"
NUMBER = "+49 176 04069001"


def search(visitor: Visitor, **typed: str) -> str:
    values = {f"search-{name}": text for name, text in typed.items()}
    visitor.send(PROOFS, values, to=f"{PROOFS}/search")
    figures.finish()
    return str(visitor.get(f"{PROOFS}/found").text)


def test_it_checks_a_receipt(desk: Open) -> None:
    reader(1)
    visitor = desk(Role.PRIVACY)
    page = visitor.post(f"{FIND}/erase", {"slip": slip_of(look_up(visitor))}).text
    code = page.split('<p class="secret"><strong>')[1].split("<")[0]
    found = visitor.post(f"{PROOFS}/receipt", {"receipt-code": code.lower()})
    assert "Gelöscht: " in found.text
    assert "hat bestätigt, dass sein eigener Eintrag gelöscht ist" in found.text
    assert 'Person</th><td class="figure-cell">1</td>' in found.text
    assert ">subscriber<" not in found.text
    entry = audit.newest(act="receipt checked")[0]
    assert entry.detail == {"found": True}


def test_it_says_how_long_a_checksum_stays(desk: Open) -> None:
    page = desk(Role.PRIVACY).get(PROOFS).text
    assert "60 bis 90 Tage lang bleibt daneben" in page
    assert "Das kann niemand herausfinden" not in page


def test_it_says_beside_the_field_that_there_is_no_such_receipt(desk: Open) -> None:
    answer = desk(Role.PRIVACY).post(f"{PROOFS}/receipt", {"receipt-code": "ABCDEFGH23"})
    assert answer.status_code == 422
    assert "keine Löschung" in answer.text
    assert "ABCDEFGH23" in answer.text


def test_it_shows_where_a_person_stands_and_not_what(desk: Open) -> None:
    reader(1)
    visitor = desk(Role.PRIVACY)
    page = search(visitor, address=NUMBER)
    assert "Person (Telefonnummer)" in page
    assert "subscriber.wa_id" in page
    if db.is_sqlite():  # whose files are looked into, too
        assert page.index("subscriber.wa_id") < page.index("enthält die eben genannten")
    assert "04069001" not in page
    assert "Gesucht: die Nummer mit den Endziffern 01" in page
    assert "weiteren angegebenen Wörter" not in page
    assert "weiteren angegebenen Wörter" in search(visitor, address=NUMBER, also="Erika")
    visitor.post(f"{FIND}/erase", {"slip": slip_of(look_up(visitor))})
    # Its receipt waits for a sender; nobody sends here.
    endings.expire_answers(clock.now() + receipts.TRIED_FOR)
    assert "Nirgends gefunden." in search(visitor, address=NUMBER)


def test_it_shows_the_result_by_itself(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, may_end = desk(Role.PRIVACY), threading.Event()
    monkeypatch.setattr(pages.search, "everywhere", lambda *_: may_end.wait(30) and [])
    page = visitor.send(PROOFS, {"search-address": NUMBER}, to=f"{PROOFS}/search").text
    assert 'data-live="/desk/subscribers/proofs/live"' in page
    live = visitor.get(f"{PROOFS}/live").text
    assert "das Ergebnis erscheint hier von selbst" in live
    assert "Endziffern 01" in live
    assert "data-done" not in live
    may_end.set()
    figures.finish()
    live = visitor.get(f"{PROOFS}/live").text
    assert "Nirgends gefunden." in live
    assert "data-done" in live


def test_it_has_words_for_every_place_a_person_was_found_in_or_erased_from(
    service: System,
) -> None:
    person = lively(1)
    address = person.address
    where = search_of.Places(folder=service.config.parent, media=service.config.parent)
    tables = {
        find.where.split(".")[-2]
        for find in search_of.everywhere(where, [address])
        if not find.where.startswith("file ")
    }
    assert tables <= set(places.TABLES)
    models = {model._meta.table_name for model in db.Model.__subclasses__()}
    assert set(places.TABLES) <= models
    counts = erasure.remove(person, key=service.city.key, media=service.city.config.media_dir)
    assert set(counts) == set(places.GONE)


def test_it_leaves_no_address_behind(desk: Open) -> None:
    search(desk(Role.PRIVACY), address=NUMBER, also="Erika")
    entry = audit.newest(act="remnants searched")[0]
    kept = json.dumps([row.data for row in figures.Figure.select()], default=str)
    for text in (str(entry.__data__), kept):
        assert "04069001" not in text
        assert "Erika" not in text


def test_it_lists_the_backups_with_their_end(service: System, desk: Open) -> None:
    folder = service.city.config.backup_dir
    folder.mkdir()
    (folder / "stadtbote-20260901T030000Z.age").write_bytes(b"x")
    page = search(desk(Role.PRIVACY), address=NUMBER)
    assert "stadtbote-20260901T030000Z.age" in page
    assert backups.listing(folder)[0].gone_on(30, service.city.zone).strftime("%d.%m.%Y") in page
    assert new_key().startswith("AGE-SECRET-KEY-1")


def test_it_asks_for_an_address_that_can_be_read(desk: Open) -> None:
    answer = desk(Role.PRIVACY).post(f"{PROOFS}/search", {"search-address": "?!"})
    assert answer.status_code == 422
    assert "Telefonnummer" in answer.text


@pytest.mark.parametrize("role", [Role.PRESS, Role.EMERGENCY, Role.ADMIN])
def test_it_is_for_data_protection_only(desk: Open, role: Role) -> None:
    assert desk(role).get(PROOFS).status_code == 403
