"""The audit trail: what was written stays, and a change shows."""

import threading

import pytest

from broadcasts import db
from broadcasts.privacy import audit
from broadcasts.privacy.audit import AuditEntry

pytestmark = pytest.mark.usefixtures("database")

KEY = b"k" * 32


def write(number: int) -> list[AuditEntry]:
    return [audit.record(KEY, "muster", "post added", f"post {i}", n=i) for i in range(number)]


def test_it_is_whole_as_long_as_nobody_touches_it() -> None:
    assert audit.verify(KEY).is_whole
    write(3)
    assert audit.verify(KEY) == audit.Verdict(3)


@pytest.mark.parametrize(
    "change", [{"staff": "andere"}, {"act": "x"}, {"about": "post 9"}, {"detail": {"n": 7}}]
)
def test_it_shows_where_an_entry_was_changed(change: dict[str, object]) -> None:
    second = write(3)[1]
    AuditEntry.update(**change).where(AuditEntry.id == second.id).execute()
    assert audit.verify(KEY).broken_at == second.id


def test_it_shows_an_entry_taken_out_or_cut_off() -> None:
    _, second, third = write(3)
    third.delete_instance()
    assert audit.verify(KEY).is_cut
    second.delete_instance()
    write(1)
    assert not audit.verify(KEY).is_whole


def test_it_cannot_be_written_anew_without_the_key() -> None:
    write(1)
    audit.record(b"another key" * 3, "muster", "post added")
    assert not audit.verify(KEY).is_whole


def test_it_stays_one_chain_when_many_write_at_once() -> None:
    def add() -> None:
        with db.session():
            for _ in range(10):
                audit.record(KEY, "muster", "post added")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify(KEY) == audit.Verdict(40)


def test_it_reads_pages_and_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    rows = write(5)
    audit.record(KEY, "andere", "sign-in")
    assert audit.verify(KEY).entries == 6
    assert [row.staff for row in audit.newest(act="sign-in")] == ["andere"]
    assert [row.id for row in audit.newest(staff="muster", limit=2)] == [rows[4].id, rows[3].id]
    assert [row.id for row in audit.newest(before=rows[2].id)] == [rows[1].id, rows[0].id]
    assert audit.known("staff") == ["andere", "muster"]
