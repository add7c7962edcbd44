"""Looking for a person: every table, every file, also those of tomorrow."""

import gzip
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from broadcasts import clock, db, journal
from broadcasts.channels.base import Address
from broadcasts.privacy import byte_search, search
from broadcasts.privacy.search import Places
from tests.delivery.makers import broadcast, reader
from tests.fakes import FakeChannel
from tests.privacy.test_erasure import delivered, done_at_provider, erase, lively

pytestmark = pytest.mark.usefixtures("database")


def found(folder: Path, *words: str, wa_id: str = "4917604069001") -> dict[str, int]:
    places = Places(folder=folder, media=folder / "media", logs=folder / "further")
    who = search.meant({"whatsapp": FakeChannel()}, wa_id)
    return {find.where: find.rows for find in search.everywhere(places, who, words)}


def in_tables(found: dict[str, int]) -> dict[str, int]:
    return {where: rows for where, rows in found.items() if not where.startswith("file ")}


def test_it_finds_a_person_wherever_one_stands(tmp_path: Path) -> None:
    person = lively(1)
    lively(2)
    broadcast()
    delivered(person)
    journal.append([journal.Arrival("whatsapp", b'{"from": "4917604069001"}\xff', ["DE.geheim1"])])
    assert in_tables(found(tmp_path)) == {
        "consent.message_id": 1,
        "delivery.provider_id": 1,
        "journal.body": 1,
        "journal.writers": 1,
        "strange.body": 2,
        "subscriber.bsuid": 1,
        "subscriber.wa_id": 1,
    }


def test_it_finds_nothing_after_an_erasure(tmp_path: Path) -> None:
    person = lively(1)
    lively(2)
    broadcast()
    delivered(person)
    erase(person)
    assert in_tables(found(tmp_path)) == {"erasure_errand.address": 1}
    done_at_provider()
    assert found(tmp_path) == {}
    assert in_tables(found(tmp_path, wa_id="4917604069002"))


def test_it_says_where_and_never_what(tmp_path: Path) -> None:
    lively(1)
    assert "4917604069001" not in str(found(tmp_path))


def test_it_looks_into_a_table_that_nobody_has_told_it_of(tmp_path: Path) -> None:
    db.database.execute_sql("CREATE TABLE note (words TEXT)")
    try:
        db.database.execute_sql("INSERT INTO note VALUES ('ruft 0176 / 0406 9001 an')")
        assert found(tmp_path)["note.words"] == 1
    finally:
        db.database.execute_sql("DROP TABLE note")


def test_it_looks_for_a_name(tmp_path: Path) -> None:
    journal.keep_strange("whatsapp", "unreadable", r'{"name": "J\u00f6rg"}')
    assert not found(tmp_path)
    assert found(tmp_path, "Jörg")["strange.body"] == 1


def test_it_reads_files(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    for path, content in {
        "media/inbox/4917604069001.jpg": b"4917604069001",
        "media/a.jpg": b"x" * (byte_search.PIECE - 5) + b"4917604069001",
        "stadtbote.log": b"number=+49 176 04069001",
        "logs/old.log.gz": gzip.compress(b"DE.4917604069001"),
        "logs/broken.gz": b"4917604069001",
        "further/x": b"4917604069001",
        ".env": b"4917604069001",
        "backups/x.age": b"4917604069001",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    assert "04069001" not in str(found(folder))
    names = {Path(where.split()[-1]).name for where in found(folder)}
    assert names == {"inbox", "a.jpg", "stadtbote.log", "old.log.gz", "broken.gz", "x"}


@pytest.mark.sqlite
def test_it_reads_the_databases_own_files(tmp_path: Path) -> None:
    reader(1)
    assert any("stadtbote.db" in where for where in found(tmp_path / "elsewhere"))


OTHER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1])
other.execute("SELECT * FROM subscriber").fetchall()
other.close()
"""
"""Another process that comes and goes; the last one to leave takes the log along."""


@pytest.mark.sqlite
def test_it_costs_this_process_none_of_its_locks(database: str, tmp_path: Path) -> None:
    reader(1)
    found(tmp_path)
    path = database.removeprefix("sqlite:///")
    subprocess.run([sys.executable, "-c", OTHER, path], check=True)
    reader(2)
    with closing(sqlite3.connect(path)) as beside:
        assert beside.execute("SELECT COUNT(*) FROM subscriber").fetchone() == (2,)


def test_it_knows_both_ids_by_one() -> None:
    lively(1)
    assert search.meant({"whatsapp": FakeChannel()}, "+49 176 04069001") == [
        Address("4917604069001", "DE.geheim1")
    ]
    with pytest.raises(ValueError, match="not a number"):
        search.meant({"whatsapp": FakeChannel()}, "x")
    assert clock.now()
