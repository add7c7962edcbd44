"""`stadtbote alert …` as long as nobody signs in to the desk, and `readiness`."""

import io
import sys

import pytest

from broadcasts.delivery.outbox import Delivery
from tests.bot.commands.makers import Run, Say, readers


def test_it_sends_follows_up_and_clears_an_alert(run: Run, say: Say) -> None:
    readers(3)
    alert = run("alert", "send", "Sturm", "--title", "Unwetter", "--expires-in", "30", "--yes")
    assert alert["recipients"] == 3
    number = str(alert["broadcast_id"])
    Delivery.update(state="sent", due_at=None).execute()
    run("alert", "update", number, "Noch stärker", "--yes")
    Delivery.update(state="sent", due_at=None).execute()
    printed = say("alert", "clear", number, "Vorbei", "--yes")
    assert "3 recipients" in printed
    assert "all-clear" in run("alert", "update", number, "Zu spät", "--yes", status=1)


def test_it_asks_before_an_alert(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readers(1)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert "--yes" in run("alert", "send", "Sturm", status=1)
    capsys.readouterr()
    monkeypatch.setattr(sys, "stdin", Terminal("nein\n"))
    assert "The alert would reach all readers (1)" in run("alert", "send", "Sturm", status=1)
    monkeypatch.setattr(sys, "stdin", Terminal("ja\n"))
    assert run("alert", "send", "Sturm")["broadcast_id"] == 1


def test_it_says_how_ready_it_is(run: Run, say: Say) -> None:
    readers(2, window=False)
    found = run("readiness")
    assert found["ready"]
    (channel,) = found["channels"]
    assert (channel["channel"], channel["readers"], channel["by_template"]) == ("whatsapp", 2, 2)
    assert channel["day_limit"] is None  # the provider has not been asked yet
    assert channel["templates"]["alert_2h (de)"] == "APPROVED"
    assert set(channel["minutes"]) == {"50", "95", "100"}
    assert "The alert would reach all readers (2)" in say("readiness")


def test_it_refuses_an_alert_without_words(run: Run) -> None:
    readers(1)
    assert "empty" in run("alert", "send", " ", "--yes", status=1)
    assert "no broadcast 99" in run("alert", "clear", "99", "Vorbei", "--yes", status=1)
