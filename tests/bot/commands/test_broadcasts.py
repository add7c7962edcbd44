"""`stadtbote broadcast …`."""

import pytest

from broadcasts import clock
from broadcasts.delivery import broadcasts, holds
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState
from tests.bot.commands.makers import Run, readers
from tests.delivery.makers import broadcast


def test_it_shows_each_figure_and_every_cause(run: Run) -> None:
    readers(3)
    digest = broadcast()
    rows = list(Delivery.select())
    for row, state in zip(rows, ("read", "failed", "queued"), strict=True):
        Delivery.update(state=state).where(Delivery.id == row.id).execute()
    Delivery.update(outcome="unreachable", code="131026").where(
        Delivery.state == "failed"
    ).execute()
    shown = run("broadcast", "show", str(digest.id))
    keys = [str(state) for state in DeliveryState]
    assert sum(shown[key] for key in keys) == shown["recipients"] == 3
    assert shown["failures"] == {"failed unreachable 131026": 1}
    assert shown["reached"] == shown["sent"] + shown["delivered"] + shown["read"]
    assert run("broadcast", "list")[0]["id"] == digest.id
    assert "no broadcast" in run("broadcast", "show", "99", status=1)


def test_it_follows_a_broadcast_to_its_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.commands import broadcasts as command

    readers(1)
    digest = broadcast()

    def finish(seconds: float) -> None:
        Delivery.update(state="sent", due_at=None).execute()
        broadcasts.mark_finished(digest.id, clock.now())

    monkeypatch.setattr(command.time, "sleep", finish)
    assert run("broadcast", "show", str(digest.id), "--follow")["state"] == "finished"


def test_it_stops_in_panic_once(run: Run) -> None:
    readers(2)
    digest = broadcast()
    assert run("broadcast", "stop", str(digest.id))["cancelled"] == 2
    assert "already" in run("broadcast", "stop", str(digest.id), status=1)


def test_it_lets_a_held_broadcast_go_on(run: Run) -> None:
    readers(1)
    digest = broadcast()
    assert "not held" in run("broadcast", "resume", str(digest.id), status=1)
    holds.hold(digest.id, "wrong_template 132000")
    assert run("broadcast", "resume", str(digest.id))["state"] == "writing"
