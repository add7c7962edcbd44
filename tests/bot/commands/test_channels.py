"""`stadtbote channel move`."""

from collections.abc import Iterator

import pytest

from bot.commands import channels as commands
from broadcasts.delivery.outbox import Delivery
from broadcasts.privacy import audit
from tests.bot.commands.makers import Run, Say, readers
from tests.delivery.makers import reader
from tests.system import System
from tests.two import two_channels


@pytest.fixture(autouse=True)
def two(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A second channel beside the one there is."""
    monkeypatch.setattr(commands, "city", lambda options: two_channels(system.city))
    return


def test_it_tells_readers_and_names_the_rest(run: Run, say: Say) -> None:
    readers(2)
    reader(3, window=False)
    words = ("channel", "move", "whatsapp", "second")
    found = run(*words, "--dry-run")
    post = found.pop("post")
    assert "*Umziehen*" in post
    expected = {"linked": 0, "told": 2, "told_before": 0, "to_tell": 1}
    assert found == {**expected, "dry_run": True}
    assert Delivery.select().count() == 0
    assert run(*words) == {**expected, "dry_run": False, "post": post}
    assert Delivery.select().count() == 2
    entry = audit.AuditEntry.select().order_by(audit.AuditEntry.id.desc()).get()
    assert (entry.act, entry.about) == ("channel moved", "whatsapp to second")
    assert entry.detail == {"told": 2, "to_tell": 1}
    lines = say(*words)
    assert "2 were told before" in lines
    assert "1 can only be told by a post" in lines
    assert post in lines


@pytest.mark.parametrize(
    ("origin", "target"), [("whatsapp", "pigeon"), ("pigeon", "second"), ("second", "second")]
)
def test_it_refuses_what_is_no_move(run: Run, origin: str, target: str) -> None:
    assert "channel" in run("channel", "move", origin, target, status=1)
    assert audit.AuditEntry.select().count() == 0
