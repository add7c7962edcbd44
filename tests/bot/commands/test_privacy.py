"""`stadtbote privacy …`, `backup`, `restore`, as an operator calls them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import clock, db
from broadcasts.delivery import endings, heartbeats
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import archive, erasure_log, receipts
from tests.bot.commands.makers import Run, Say
from tests.delivery.makers import reader
from tests.postgres import use_programs
from tests.system import NUMBER, System, running


@pytest.fixture
def system(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    use_programs(monkeypatch)
    with running(tmp_path, database_url, loops=False) as system:
        with (tmp_path / ".env").open("a", encoding="utf-8") as env:
            env.write(f"BACKUP_KEY={archive.new_key()}\n")
        yield system


def one_reader() -> Subscriber:
    person = reader(1)
    Subscriber.update(account=NUMBER).execute()
    return person


def test_it_verifies_a_receipt_in_any_spelling(run: Run, say: Say) -> None:
    one_reader()
    erased = run("subscribers", "erase", "whatsapp", "+49 176 04069001")
    code = erased["code"]
    found = run("privacy", "verify", f"{code[:4].lower()} {code[4:]}")
    assert found["found"] is True
    assert found["counts"] == erased["counts"]
    assert found["provider"] == "done"
    assert re.match(r"\d{4}-\d\d-\d\dT", found["erased_at"])
    assert "The provider has confirmed." in say("privacy", "verify", code)


def test_it_knows_no_other_receipt(run: Run) -> None:
    unknown = run("privacy", "verify", "ABCDEFGH23", status=1)
    assert unknown == {"found": False, "erased_at": None, "counts": None, "provider": None}


def test_it_says_where_a_person_stands_and_which_backups_there_are(run: Run, say: Say) -> None:
    one_reader()
    made = run("backup")
    found = run("privacy", "search", "0176 04069001")
    assert {"where": "subscriber.wa_id", "rows": 1} in found["found"]
    assert found["backups"] == [{"file": made["file"], "gone_on": made["gone_on"]}]
    run("subscribers", "erase", "whatsapp", "+49 176 04069001")
    # Its receipt waits for a sender; nobody sends here.
    endings.expire_answers(clock.now() + receipts.TRIED_FOR)
    assert run("privacy", "search", "+49 176 04069001")["found"] == []
    lines = say("privacy", "search", "DE.unknown1234")
    assert lines.startswith("Found nowhere.")
    assert made["gone_on"] in lines


def test_it_searches_for_a_name_too(run: Run, system: System) -> None:
    (system.config.parent / "proxy.log").write_text("Erika was here", encoding="utf-8")
    found = run("privacy", "search", "+49 176 04069001", "--also", "Erika")["found"]
    assert [find["where"].rpartition("/")[2] for find in found] == ["proxy.log"]


def test_it_refuses_what_is_no_address(run: Run) -> None:
    assert "stadtbote: " in run("privacy", "search", "?!", status=1)


def test_it_backs_up_and_restores(run: Run, tmp_path: Path) -> None:
    one_reader()
    made = run("backup", "--to", str(tmp_path / "elsewhere"))
    assert Path(made["file"]).stat().st_size == made["bytes"]
    run("subscribers", "erase", "whatsapp", "+49 176 04069001")
    heartbeats.Heartbeat.delete().execute()
    done = run("restore", made["file"])
    assert done["erased_again"] == 1
    assert done["made_at"] == made["made_at"]
    with db.session():
        assert not Subscriber.select().exists()


def test_it_says_what_a_restore_has_lost_of_the_audit_trail(run: Run, say: Say) -> None:
    made = run("backup")
    # The second one is after the entry that the first has written.
    for said in ("No entry of the audit trail is missing", "that are gone: 1;"):
        with db.session():
            heartbeats.Heartbeat.delete().execute()
        assert said in say("restore", made["file"])


def test_it_refuses_a_restore_while_the_service_runs(run: Run) -> None:
    made = run("backup")
    heartbeats.beat("other", "sender")
    assert "the service is running (" in run("restore", made["file"], status=1)


def test_it_asks_before_a_restore_where_it_is_told_to(run: Run) -> None:
    made = run("backup")
    assert "nothing was done" in run("restore", made["file"], "--ask", status=1)


def test_it_restores_without_the_log_of_erasures_only_when_told_to(run: Run) -> None:
    made = run("backup")
    with db.session():
        young = clock.now() + timedelta(hours=1)
        erasure_log.ErasureKey.update(since=young).execute()
    heartbeats.Heartbeat.delete().execute()
    assert "--without-erasure-log" in run("restore", made["file"], status=1)
    assert run("restore", made["file"], "--without-erasure-log")["made_at"] == made["made_at"]


def test_it_makes_no_backup_in_the_clear(run: Run, system: System) -> None:
    env = system.config.parent / ".env"
    env.write_text(re.sub("BACKUP_KEY=.*", "", env.read_text()))
    assert "BACKUP_KEY is missing" in run("backup", status=1)


def test_it_says_when_a_provider_was_not_told(run: Run, system: System) -> None:
    one_reader()
    system.sandbox.faults.down = True
    erased = run("subscribers", "erase", "whatsapp", "+49 176 04069001")
    system.sandbox.faults.clear()
    assert erased["provider_confirmed"] is False
    assert run("privacy", "verify", erased["code"])["provider"] == "not_reached"
    assert erasure_log.not_reached(clock.now().replace(year=2020)) == 1
    checks = {check["id"]: check for check in run("doctor", status=1)["checks"]}
    assert checks["erasures"]["ok"] is False
