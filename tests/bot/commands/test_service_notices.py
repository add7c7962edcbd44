"""`stadtbote notice …`."""

import io

import pytest

from broadcasts import clock
from broadcasts.delivery import audience, broadcasts, upkeep
from tests.bot.commands.makers import Run, Say, readers
from tests.newsroom.makers import local
from tests.system import System

SATURDAY, MONDAY = "2026-11-28", "2026-11-30"


@pytest.fixture
def configured(system: System, run: Run) -> None:
    with system.config.open("a") as file:
        file.write("\n[business_hours]\n")
    report = run("templates", "sync")
    assert "notice (de)" in [*report["created"], *report["existing"]]


def test_it_refuses_in_one_line_where_there_are_none(system: System, run: Run) -> None:
    for command in ("preview", "send"):
        said = run("notice", command, "Wasser abgestellt", status=1)
        assert said.count("\n") == 1
        assert "no section [business_hours]" in said


@pytest.mark.usefixtures("configured")
def test_it_says_beforehand_when_it_leaves_to_whom_and_at_what_cost(run: Run, say: Say) -> None:
    readers(2)
    with clock.travel(local(SATURDAY, "12:00")):
        seen = run("notice", "preview", "Am Dienstag", "--title", "Wasser")
        assert seen["held_until"] == seen["leaves_at"] == local(MONDAY, "08:30").isoformat()
        assert (seen["recipients"], seen["on"]) == (2, MONDAY)
        assert set(seen["cost"]) >= {"currency", "amount", "priced_on"}
        shown = say("notice", "preview", "Am Dienstag")
        assert "held until Monday 30.11.2026 08:30" in shown
        assert "never does" in shown


@pytest.mark.usefixtures("configured")
def test_it_holds_it_shows_it_and_lets_the_clock_have_it(run: Run, say: Say) -> None:
    readers(2)
    with clock.travel(local(SATURDAY, "12:00")):
        sent = run("notice", "send", "Am Dienstag", "--link", "https://a.example", "--yes")
        id = str(sent["broadcast_id"])
        until = local(MONDAY, "08:30").isoformat()
        assert (sent["state"], sent["held_until"]) == ("held", until)
        for row in (run("broadcast", "show", id), run("broadcast", "list")[0]):
            assert (row["kind"], row["state"], row["held_until"]) == ("notice", "held", until)
        assert "held_until" in say("broadcast", "list")
        assert "goes on by itself" in run("broadcast", "resume", id, status=1)
        assert "one a day at most" in run("notice", "send", "Noch etwas", "--yes", status=1)
    with clock.travel(local(MONDAY, "08:30")):
        upkeep.look_after(broadcasts.get(int(id)), clock.now())
        audience.write_all_waiting({})
        row = run("broadcast", "show", id)
        assert (row["state"], row["held_until"]) == ("running", None)
        assert run("broadcast", "stop", id)["state"] == "stopped"


@pytest.mark.usefixtures("configured")
def test_it_sends_nothing_that_nobody_has_confirmed(
    run: Run, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers(1)
    with clock.travel(local(MONDAY, "09:00")):
        assert "answer ja" in run("notice", "send", "Am Dienstag", status=1)
        monkeypatch.setattr("sys.stdin", io.StringIO("ja\n"))
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        assert "is going out" in say("notice", "send", "Am Dienstag")


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("text", ["x" * 10_000, "Wasser\x00", " "])
def test_it_takes_no_nonsense(run: Run, text: str) -> None:
    with clock.travel(local(MONDAY, "09:00")):
        assert "text: " in run("notice", "send", text, "--yes", status=1)
        said = run("notice", "send", "Wasser", "--link", "javascript:alert(1)", "--yes", status=1)
        assert "link: is not an address" in said
