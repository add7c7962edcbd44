"""`stadtbote subscribers …`."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from broadcasts import clock
from broadcasts.delivery import heartbeats
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import consent
from broadcasts.people.consent import Deed
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure_log, moving_in, proofs
from tests.bot.commands.makers import Run, Say, readers
from tests.delivery.makers import linked, reader
from tests.system import System


def test_it_counts_readers(run: Run, say: Say) -> None:
    readers(2)
    reader(7, Wants.ALERTS_ONLY)
    reader(8, Wants.STOPPED)
    reader(9, Wants.NOTHING)
    assert run("subscribers", "count") == {
        "active": 3,
        "alerts_only": 1,
        "stopped": 1,
        "retired": 0,
        "paused": 0,
        "by_channel": {"whatsapp": 3},
    }
    assert "active: 3" in say("subscribers", "count")


def test_it_counts_a_linked_person_once(run: Run) -> None:
    linked(1)
    linked(2, Wants.ALERTS_ONLY)
    found = run("subscribers", "count")
    assert (found["active"], found["alerts_only"]) == (2, 1)
    assert found["by_channel"] == {"whatsapp": 2, "second": 2}


def test_it_takes_readers_in(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "leser.csv"
    file.write_text(
        "channel,address,language,opted_in_at,evidence\n"
        "whatsapp,+49 176 04069001,de,2026-05-01,Formular\n"
        "whatsapp,+49 176 04069002,de,2026-05-01,\n"
    )
    report = run("subscribers", "import", str(file))
    assert (report["imported"], report["unchanged"]) == (1, 0)
    assert report["refused"][0]["line"] == 3
    assert "fehlt.csv" in run("subscribers", "import", str(tmp_path / "fehlt.csv"), status=1)


def test_it_takes_in_the_documented_examples(run: Run, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "moving-in.md").read_text(encoding="utf-8")
    examples = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    for number, example in enumerate(examples):
        file = tmp_path / f"{number}.csv"
        file.write_text(example, encoding="utf-8")
        expected = {"imported": example.count("whatsapp"), "unchanged": 0, "refused": []}
        tried = run("subscribers", "import", str(file), "--dry-run")
        assert tried == {**expected, "dry_run": True}
        assert run("subscribers", "import", str(file)) == expected
    assert len(examples) == 2
    assert all(f"`{column}`" in text for column in moving_in.COLUMNS)


def test_it_names_every_reason_in_the_documentation() -> None:
    """Each sentence with which a row is refused, without what changes in it."""
    text = (Path(__file__).parents[3] / "docs" / "moving-in.md").read_text(encoding="utf-8")
    source = Path(moving_in.__file__).read_text(encoding="utf-8")
    for said in re.findall(r'RefusedRowError\(f?"([^"{]+)', source):
        assert said.strip().partition(": ")[2] in text, said


@pytest.mark.parametrize("spelling", ["+49 176 04069001", "0176 04069001", "4917604069001"])
def test_it_exports_one_person_by_any_spelling(run: Run, spelling: str) -> None:
    readers(1)
    assert run("subscribers", "export", "whatsapp", spelling)["wa_id"] == "4917604069001"


def test_it_erases_one_person(system: System, run: Run) -> None:
    readers(2)
    done = run("subscribers", "erase", "whatsapp", "+49 176 04069001")
    assert erasure_log.verify(done["code"], system.city.key)
    assert done["receipt_queued"]
    assert done["code"] in Delivery.get().content["body"]
    assert Subscriber.select().count() == 1
    assert system.sandbox.world.forgotten == ["4917604069001"]
    for command in ("export", "erase", "consent"):
        assert "nobody" in run("subscribers", command, "whatsapp", "+49 176 04069001", status=1)


def test_it_says_whether_the_person_gets_the_receipt(say: Say) -> None:
    readers(2)
    reader(3, window=False)
    erased = "subscribers", "erase", "whatsapp"
    assert "being sent to the person, too" in say(*erased, "+49 176 04069001")
    heartbeats.Heartbeat.delete().execute()
    assert "only if it is started within 60 seconds" in say(*erased, "+49 176 04069002")
    assert "give it to them another way" in say(*erased, "+49 176 04069003")


def test_it_refuses_addresses_and_channels_it_does_not_know(run: Run) -> None:
    assert "phone number" in run("subscribers", "export", "whatsapp", "Rathaus", status=1)
    assert "no such channel" in run("subscribers", "erase", "signal", "1", status=1)


def test_it_writes_a_copy_to_a_file_and_over_none(run: Run, tmp_path: Path) -> None:
    readers(1)
    file = tmp_path / "kopie.zip"
    who = ("whatsapp", "+49 176 04069001")
    run("subscribers", "export", *who, "--to", str(file))
    assert json.loads(zipfile.ZipFile(file).read("daten.json"))["wa_id"] == "4917604069001"
    assert "kopie.zip" in run("subscribers", "export", *who, "--to", str(file), status=1)


def test_it_tells_what_proves_a_consent(system: System, run: Run, say: Say) -> None:
    readers(1)
    person, who = Subscriber.get(), ("whatsapp", "+49 176 04069001")
    at = clock.now()
    consent.record(
        person, Deed.OPT_IN, at=at, wording="de-1", message_id="wamid.1", keyword="Start"
    )
    found = run("subscribers", "consent", *who)
    assert found["evidence"] == [
        {
            "deed": "opt_in",
            "channel": "whatsapp",
            "wording": "de-1",
            "message_id": "wamid.1",
            "keyword": "Start",
            "evidence": None,
            "at": at.isoformat(),
        }
    ]
    assert "opt_in channel=whatsapp wording=de-1" in say("subscribers", "consent", *who)
    kept = proofs.of(person, at, key=system.city.key, years=3)
    assert kept is not None
    kept.save(force_insert=True)
    Subscriber.delete().execute()
    found = run("subscribers", "consent", *who)
    assert (found["wants"], found["evidence"]) == (None, [])
    assert found["ended"][0]["wording"] == "de-1"
