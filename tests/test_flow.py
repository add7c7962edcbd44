"""The story of the whole house, over real HTTP against the stand-in."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.sandbox import Phone
from broadcasts.delivery.outbox import Delivery
from broadcasts.people.subscribers import Subscriber
from tests.patience import wait_until
from tests.system import System, running


class Teller:
    """Tells the story: runs commands as an operator does, reads screens as citizens do."""

    def __init__(self, system: System, output: pytest.CaptureFixture[str]) -> None:
        self.system, self._output = system, output

    def run(self, *words: str, status: int = 0) -> Any:
        """A command with --json; gives what it prints."""
        self._output.readouterr()
        assert main(["--config", str(self.system.config), *words, "--json"]) == status
        printed = self._output.readouterr()
        return json.loads(printed.out) if status == 0 else printed.err

    def figures(self, broadcast: int) -> dict[str, Any]:
        found: dict[str, Any] = self.run("broadcast", "show", str(broadcast))
        return found

    def until_read(self, broadcast: int, number: int) -> None:
        wait_until(lambda: self.figures(broadcast)["read"] == number)

    def subscribe(self, last: int, word: str = "Start") -> Phone:
        phone = self.system.phone(last)
        phone.text(word)
        phone.wait_for(1)
        return phone


def test_it_tells_the_whole_story(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # The scheduler must not be quicker than the hand: the digest's time is the end of the day.
    with running(tmp_path, database_url, time='"23:57"') as system:
        teller = Teller(system, capsys)

        # Start: a welcome with everything it must say, and consent on record.
        anna, ben = teller.subscribe(1), teller.subscribe(2, "Nur Notfälle")
        assert "automatischer Dienst" in anna.bodies[0]
        assert "16 Jahre" in anna.bodies[0]
        assert teller.run("subscribers", "count") == {
            "active": 2,
            "alerts_only": 1,
            "stopped": 0,
            "retired": 0,
            "paused": 0,
            "by_channel": {"whatsapp": 2},
        }

        # Post → digest → sent, delivered, read; only to who wants digests.
        assert teller.run("post", "add", "Markt", "--text", "Am Samstag")["state"] == "queued"
        preview = teller.run("digest", "preview")
        assert preview["recipients"] == 1
        digest = teller.run("digest", "send")["broadcast_id"]
        assert "Am Samstag" in anna.wait_for(2)[1].body
        teller.until_read(digest, 1)
        assert "already" in teller.run("digest", "send", status=1)

        # Alert to both, as template; then the all-clear to those who got it.
        alert = teller.run("alert", "send", "Sturm ab 16 Uhr", "--title", "Unwetter", "--yes")
        assert "Sturm ab 16 Uhr" in anna.wait_for(3)[2].body
        assert ben.wait_for(2)[1].template == "alert_2h"
        teller.until_read(alert["broadcast_id"], 2)
        clear = teller.run("alert", "clear", str(alert["broadcast_id"]), "Vorbei", "--yes")
        assert clear["recipients"] == 2
        assert "Vorbei" in ben.wait_for(3)[2].body
        teller.until_read(clear["broadcast_id"], 2)

        # Stopp → one farewell, then silence.
        anna.text("Stopp")
        assert "abgemeldet" in anna.wait_for(5)[4].body
        second = teller.run("alert", "send", "Noch ein Sturm", "--yes")["broadcast_id"]
        assert "Noch ein Sturm" in ben.wait_for(4)[3].body
        wait_until(lambda: teller.figures(second)["state"] == "finished")
        assert len(anna.messages) == 5

        # Alle Daten löschen → a receipt, and nothing is left.
        anna.text("Alle Daten löschen")
        assert "Quittung" in anna.wait_for(6)[5].body
        system.settle()
        wait_until(lambda: Delivery.select().where(Delivery.subscriber.is_null()).exists())
        assert Subscriber.select().count() == 1
        assert "nobody" in teller.run(
            "subscribers", "export", "whatsapp", "+49 176 04069001", status=1
        )
        assert teller.figures(digest)["read"] == 1  # the count stays, without the person
        assert system.sandbox.world.forgotten
