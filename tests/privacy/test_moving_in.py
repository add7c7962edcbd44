"""Readers moving in: with evidence, never against the word of anybody who has left."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.people import growth, subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure, moving_in
from broadcasts.privacy.moving_in import ImportFileError
from tests.delivery.makers import CHANNELS, reader
from tests.newsroom.makers import BERLIN
from tests.privacy.test_erasure import KEY, NOWHERE

pytestmark = pytest.mark.usefixtures("database")
HEAD = "channel,address,language,opted_in_at,evidence\n"


def take_in(tmp_path: Path, text: str | bytes) -> dict[str, Any]:
    file = tmp_path / "readers.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    report = moving_in.import_readers(
        file, CHANNELS, key=KEY, language="de", zone=BERLIN, now=clock.now()
    )
    return report.as_json()


def row(
    number: int = 1, language: str = "de", at: str = "2026-05-01", why: str = "Formular"
) -> str:
    return f"whatsapp,+49 176 040690{number:02},{language},{at},{why}\n"


def test_it_takes_in_readers_with_their_evidence(tmp_path: Path) -> None:
    report = take_in(tmp_path, HEAD + row(1) + row(2, "nl", "2026-05-01T10:00:00+02:00"))
    assert report == {"imported": 2, "unchanged": 0, "refused": []}
    evidence = Consent.get()
    assert (evidence.deed, evidence.evidence) == (Deed.IMPORTED, "Formular")
    assert evidence.at == datetime(2026, 4, 30, 22, 0, tzinfo=UTC)
    assert Subscriber.get_by_id(2).language == "nl"


def test_it_only_says_what_would_happen(tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text(HEAD + row(1) + row(2, why="") + row(1))
    report = moving_in.import_readers(
        file, CHANNELS, key=KEY, language="de", zone=BERLIN, now=clock.now(), dry_run=True
    )
    assert (report.imported, len(report.refused)) == (1, 2)
    assert not Subscriber.select().exists()


def test_it_counts_whom_it_took_in_on_the_day_it_did(tmp_path: Path) -> None:
    take_in(tmp_path, HEAD + row(1) + row(2) + row(3, why=""))
    take_in(tmp_path, HEAD + row(2) + row(4))
    found = growth.DailyFigure.get()
    assert (found.on, found.channel, found.imported) == (clock.today(BERLIN), "whatsapp", 3)


BAD = [
    (row(why=""), "evidence"),
    (row(at=""), "opted_in_at"),
    (row(at="gestern"), "opted_in_at"),
    (row(at="2099-01-01"), "opted_in_at"),
    (row(language="fr"), "language"),
    ("signal,+49 176 04069001,de,2026-05-01,Formular\n", "channel"),
    ("whatsapp,kein Anschluss,de,2026-05-01,Formular\n", "address"),
    ("whatsapp\n", "address"),
]


@pytest.mark.parametrize(("bad", "word"), BAD)
def test_it_refuses_a_row_by_its_line_and_takes_the_rest(
    tmp_path: Path, bad: str, word: str
) -> None:
    report = take_in(tmp_path, HEAD + row(5) + bad + row(6))
    assert report["imported"] == 2
    (refused,) = report["refused"]
    assert refused["line"] == 3
    assert word in refused["reason"]
    assert "04069001" not in refused["reason"]


def test_it_refuses_the_second_of_two_equal_rows(tmp_path: Path) -> None:
    report = take_in(tmp_path, HEAD + row(1) + "whatsapp,4917604069001,de,2026-05-01,x\n")
    assert report["refused"] == [{"line": 3, "reason": "address: stands in line 2 already"}]


def test_it_leaves_a_reader_as_is(tmp_path: Path) -> None:
    known = reader(1, Wants.ALERTS_ONLY)
    assert take_in(tmp_path, HEAD + row(1))["unchanged"] == 1
    assert Subscriber.get_by_id(known.id).wants == Wants.ALERTS_ONLY


def test_it_refuses_who_has_left_or_was_erased_since(tmp_path: Path) -> None:
    subscribers.opt_out(reader(1), clock.now())
    erasure.erase(reader(2), key=KEY, before=clock.now(), media=NOWHERE)
    report = take_in(tmp_path, HEAD + row(1) + row(2))
    assert [r["reason"] for r in report["refused"]] == [
        "left after opted_in_at",
        "was erased after opted_in_at",
    ]


def test_it_takes_in_who_came_back_elsewhere(tmp_path: Path) -> None:
    subscribers.opt_out(reader(1), clock.now() - timedelta(days=400))
    assert take_in(tmp_path, HEAD + row(1))["imported"] == 1


@pytest.mark.parametrize("text", [
    "\ufeff" + HEAD + row(1),
    (HEAD + row(1)).replace(",", ";"),
    HEAD.upper() + row(1),
    (HEAD + row(1)).replace("\n", "\r\n"),
])  # fmt: skip
def test_it_reads_what_spreadsheets_write(tmp_path: Path, text: str) -> None:
    assert take_in(tmp_path, text)["imported"] == 1


@pytest.mark.parametrize("text", ["", "name,number\n", HEAD.encode("utf-16"), HEAD + "ä\xff"])
def test_it_says_when_a_file_is_none(tmp_path: Path, text: str | bytes) -> None:
    raw = text if isinstance(text, bytes) else text.encode("latin-1")
    with pytest.raises(ImportFileError):
        take_in(tmp_path, raw)


def test_it_takes_in_many(tmp_path: Path) -> None:
    many = "".join(
        f"whatsapp,+1 202 555 {n // 100:02}{n % 100:02},en,2026-05-01,x\n" for n in range(100, 700)
    )
    report = take_in(tmp_path, HEAD + many)
    assert report["imported"] + len(report["refused"]) == 600
    assert Subscriber.select().count() == report["imported"] == 600
