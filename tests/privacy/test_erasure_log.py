"""The log of erasures: its keys come and go, what it proves, what nobody can ask it any more."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import clock, db, schema
from broadcasts.channels.base import Address
from broadcasts.people.subscribers import Wants
from broadcasts.privacy import erasure, erasure_log
from broadcasts.privacy.erasure_log import Erasure, ErasureKey
from tests.delivery.makers import reader
from tests.privacy.test_erasure import KEY, NOWHERE, erase

pytestmark = pytest.mark.usefixtures("database")

HERS = Address("4917604069001")


def aged(days: float) -> None:
    """As if all of it had happened so many days ago."""
    at = clock.now() - timedelta(days=days)
    ErasureKey.update(since=at).execute()
    Erasure.update(erased_at=at).execute()


def is_known() -> bool:
    return erasure_log.erased_after("whatsapp", HERS, clock.now() - timedelta(days=400), KEY)


def test_it_makes_a_new_key_every_thirty_days_and_knows_the_old() -> None:
    erase(reader(1))
    aged(31)
    erase(reader(2))
    first, second = ErasureKey.select().order_by(ErasureKey.id)
    assert first.secret != second.secret
    assert is_known()
    assert {row.key_id for row in Erasure.select()} == {first.id, second.id}


def test_it_uses_one_key_for_thirty_days() -> None:
    erase(reader(1))
    aged(29)
    erase(reader(2))
    assert ErasureKey.select().count() == 1


def test_it_makes_the_next_key_before_it_is_needed() -> None:
    now = clock.now()
    erasure_log.prepare(now)
    erasure_log.prepare(now)
    assert ErasureKey.select().count() == 1
    erasure_log.prepare(now + erasure_log.KEY_USED_FOR - timedelta(hours=2))
    assert ErasureKey.select().count() == 2


@pytest.mark.parametrize(("days", "known"), [(60, True), (89, True), (91, False)])
def test_it_links_nobody_after_ninety_days(days: int, known: bool) -> None:
    code = erase(reader(1)).code
    aged(days)
    assert is_known() is known  # although the hourly job has not come by
    erasure_log.forget_old(clock.now())
    assert is_known() is known
    assert (Erasure.get().wa_id_hash is not None) is known
    assert ErasureKey.select().exists() is known
    found = erasure_log.verify(code, KEY)
    assert found is not None
    assert found.counts["subscriber"] == 1


def test_it_links_an_entry_of_the_citys_own_key_no_longer() -> None:
    erase(reader(1))
    mark = erasure_log.address_hash(KEY, "whatsapp", HERS.wa_id)
    Erasure.update(key_id=erasure_log.CITYS_OWN, wa_id_hash=mark).execute()
    ErasureKey.delete().execute()
    assert is_known()
    aged(91)
    erasure_log.forget_old(clock.now())
    assert not is_known()


def test_it_needs_the_file_and_the_secret_to_link() -> None:
    erase(reader(1))
    assert not erasure_log.erased_after("whatsapp", HERS, clock.now() - timedelta(1), b"x" * 32)
    ErasureKey.delete().execute()
    assert not is_known()


def test_it_keeps_a_loan_of_sixty_days_for_backups() -> None:
    assert timedelta(days=60) == erasure_log.LONGEST_BACKUP


def test_it_recognises_a_code_as_people_write_it() -> None:
    code = erase(reader(1)).code
    assert erasure_log.verify(f"{code[:5].lower()} {code[5:]}", KEY)


@pytest.mark.sqlite
def test_it_stands_in_a_file_of_its_own(database: str) -> None:
    erase(reader(1))
    path = Path(database.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as main:
        tables = {row[0] for row in main.execute("SELECT name FROM sqlite_master")}
    assert "erasure" not in tables
    with sqlite3.connect(path.with_name("erasures.db")) as log:
        assert log.execute("SELECT count(*) FROM erasure").fetchone() == (1,)
        assert log.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.database.execute_sql("PRAGMA erasures.secure_delete").fetchone() == (1,)


@pytest.mark.sqlite
def test_it_outlives_its_database(database: str) -> None:
    """A restore puts another database, perhaps of an older schema, beside it."""
    code = erase(reader(1)).code
    db.close_database()
    path = Path(database.removeprefix("sqlite:///"))
    for old in path.parent.glob("stadtbote.db*"):
        old.unlink()
    db.open_database(database)
    done = schema.migrate()
    assert not any(name.startswith("erasures") for name in done)
    assert erasure_log.verify(code, KEY)
    assert erasure.erase(reader(2), key=KEY, before=clock.now(), media=NOWHERE).code


@pytest.mark.sqlite
def test_it_is_made_anew_where_it_is_lost(database: str) -> None:
    db.close_database()
    for old in Path(database.removeprefix("sqlite:///")).parent.glob("erasures.db*"):
        old.unlink()
    db.open_database(database)
    assert schema.migrate() == ["erasures/0001_log", "erasures/0002_opt_outs"]
    assert erase(reader(1)).code


def test_it_counts_as_erased_readers_only_who_still_was_one() -> None:
    erase(reader(1))
    erase(reader(2, wants=Wants.STOPPED))  # has left before, and was counted then
    around = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    assert erasure_log.counted(*around) == {"whatsapp": 1}
