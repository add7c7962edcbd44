"""`stadtbote alert …` once there are accounts: two persons, or glass that everybody hears break."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.commands.alerts import NOBODY_SENDS
from broadcasts import clock
from broadcasts.delivery import heartbeats
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import releases
from broadcasts.newsroom.releases import RequestState
from broadcasts.people import staff, subscribers
from broadcasts.people.notices import StaffNotice
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from broadcasts.privacy.audit import AuditEntry
from tests.delivery.makers import reader
from tests.system import System, running

Run = Callable[..., Any]
REASON = "Die Kollegin ist nicht erreichbar"


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as system:
        reader(1)
        yield system


@pytest.fixture
def run(system: System, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("send", "Sturm")`: the JSON printed, or with status 1 the line of complaint."""

    def call(*words: str, status: int = 0) -> Any:
        capsys.readouterr()
        assert main(["alert", *words, "--json", "--config", str(system.config)]) == status
        printed = capsys.readouterr()
        if status:
            assert printed.err.count("\n") == 1
            return printed.err
        return json.loads(printed.out)

    return call


@pytest.fixture
def accounts(system: System) -> None:
    """Two of the emergency staff, one of the press office, one who has left."""
    for name, role in (
        ("a.anders", Role.EMERGENCY),
        ("b.berg", Role.EMERGENCY),
        ("p.presse", Role.PRESS),
        ("e.ehemals", Role.EMERGENCY),
    ):
        staff.add(name, [role])
    staff.disable(staff.get("e.ehemals"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))


# ------------------------------------------------------------------ nobody has an account


@pytest.mark.parametrize("word", ["ja", "j", "yes", "y", "JA"])
def test_it_sends_after_a_yes_while_nobody_has_an_account(
    run: Run, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    typed(monkeypatch, word)
    assert run("send", "Sturm")["broadcast_id"] == 1


def test_it_knows_no_second_person_then(run: Run) -> None:
    assert "no accounts yet" in run("send", "Sturm", "--as", "a.anders", status=1)


def test_it_says_when_nobody_sends(run: Run) -> None:
    assert NOBODY_SENDS in run("send", "Sturm", "--yes")["warnings"]
    heartbeats.beat("1", "sender")
    assert NOBODY_SENDS not in run("send", "Sturm", "--yes")["warnings"]


def test_it_says_so_to_people_too(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--config", str(system.config), "alert", "send", "Sturm", "--yes"])
    said = capsys.readouterr().out
    assert NOBODY_SENDS in said
    assert "waits for a process that sends" in said
    assert "is going out" not in said


def test_it_takes_severity_and_drill(
    system: System, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    subscribers.volunteer(reader(2), drills=True)
    alert = run("send", "Sturm", "--title", "Unwetter", "--severity", "danger", "--yes")
    drill = run("send", "Sturm", "--drill", "--yes")
    assert "🟠 Gefahr · Unwetter" in alert["text"]
    assert (alert["recipients"], drill["recipients"]) == (2, 1)
    assert drill["text"].startswith("PROBEALARM")
    for words in (["list"], ["show", str(drill["broadcast_id"])]):
        main(["--config", str(system.config), "broadcast", *words])
        assert "DRILL" in capsys.readouterr().out
    Delivery.update(state="sent", due_at=None).execute()
    update = run("update", str(alert["broadcast_id"]), "Stärker", "--severity", "extreme", "--yes")
    assert "🔴 Höchste Gefahr" in update["text"]


# ------------------------------------------------------------------ two persons


@pytest.mark.usefixtures("accounts")
def test_it_wants_two_persons_once_there_are_accounts(run: Run) -> None:
    assert "give --as NAME" in run("send", "Sturm", status=1)
    asked = run("send", "Sturm", "--as", "a.anders")
    assert asked["url"].endswith(f"/desk/alerts/requests/{asked['request_id']}")
    assert not Broadcast.select().exists()
    number = str(asked["request_id"])
    assert "second person must" in run("release", number, "--as", "a.anders", "--yes", status=1)
    assert "--yes" in run("release", number, "--as", "b.berg", status=1)
    sent = run("release", number, "--as", "B.Berg", "--yes")
    assert sent["broadcast_id"] == Broadcast.get().id
    assert "b.berg has decided" in run("release", number, "--as", "b.berg", "--yes", status=1)
    assert "in the name of b.berg" in StaffNotice.get().said
    acts = {row.act: row.detail["name"] for row in AuditEntry.select()}
    assert acts == {"alert written": "a.anders", "alert released": "b.berg"}


@pytest.mark.usefixtures("accounts")
def test_it_follows_up_by_two_persons_too(run: Run) -> None:
    alert = run("send", "Sturm", "--yes", "--reason", REASON)["broadcast_id"]
    Delivery.update(state="sent", due_at=None).execute()
    for command in ("update", "clear"):
        asked = run(command, str(alert), "Neues", "--as", "a.anders")["request_id"]
        run("release", str(asked), "--as", "b.berg", "--yes")
        Delivery.update(state="sent", due_at=None).execute()
    assert "all-clear" in run("clear", str(alert), "Neues", "--as", "a.anders", status=1)


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("name", ["p.presse", "e.ehemals", "niemand"])
def test_it_takes_only_active_emergency_staff(run: Run, name: str) -> None:
    said = run("send", "Sturm", "--as", name, "--yes", "--reason", REASON, status=1)
    assert f"--as {name}: no active account" in said
    asked = run("send", "Sturm", "--as", "a.anders")["request_id"]
    assert "no active" in run("release", str(asked), "--as", name, "--yes", status=1)
    assert not Broadcast.select().exists()


@pytest.mark.usefixtures("accounts")
def test_it_knows_no_other_request(run: Run) -> None:
    assert "no alert request 9" in run("release", "9", "--as", "b.berg", "--yes", status=1)


# ------------------------------------------------------------------ broken glass


@pytest.mark.usefixtures("accounts")
def test_it_breaks_no_glass_without_a_reason(run: Run) -> None:
    assert "give --reason TEXT" in run("send", "Sturm", "--yes", status=1)
    assert "in a sentence" in run("send", "Sturm", "--yes", "--reason", "eilig", status=1)
    assert not Broadcast.select().exists()


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("name", ["", "a.anders"])
def test_it_breaks_the_glass_and_everybody_hears_of_it(run: Run, name: str) -> None:
    who = ("--as", name) if name else ()
    sent = run("send", "Sturm", "--yes", "--reason", REASON, *who)
    (asked,) = releases.recent()
    assert (asked.state, asked.broadcast_id) == (RequestState.ALONE, sent["broadcast_id"])
    assert asked.written_by == (name or "command line")
    assert REASON in StaffNotice.get().said
    (entry,) = audit.newest(act="alert released alone")
    assert (entry.staff, entry.detail["reason"]) == (audit.COMMAND_LINE, REASON)


@pytest.mark.usefixtures("accounts")
def test_it_asks_for_the_reason_on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, REASON)
    assert run("send", "Sturm", "--yes")["broadcast_id"] == 1
    assert releases.recent()[0].reason == REASON
    assert releases.recent()[0].decided_at <= clock.now()
