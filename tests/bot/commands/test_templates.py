"""`stadtbote templates …`."""

from tests.bot.commands.makers import Run
from tests.system import System


def test_it_lists_and_syncs_templates(system: System, run: Run) -> None:
    rows = run("templates", "list")
    assert {"name", "language", "category", "state", "quality"} == set(rows[0])
    system.sandbox.call(system.sandbox.world.templates.clear)
    assert len(run("templates", "sync")["created"]) == len(rows)
    assert run("templates", "sync")["created"] == []


def test_it_says_when_the_provider_refuses(system: System, run: Run) -> None:
    system.sandbox.replace_token("another")
    assert "code 190" in run("templates", "list", status=1)
