"""A city whose commands are called, and what they print."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.bot.commands.makers import Run, Say
from tests.system import System, beat_everywhere, running


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    """A city whose loops stand still: commands are looked at, nothing moves by itself."""
    with running(
        tmp_path, database_url, loops=False, public_url='"https://bote.musterstadt.de"'
    ) as system:
        beat_everywhere()
        yield system


@pytest.fixture
def run(system: System, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command with --json: gives the object, or with status 1 what is on standard error."""

    def call(*words: str, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*words, "--json", "--config", str(system.config)]) == status
        printed = capsys.readouterr()
        if status and not printed.out:
            assert "stadtbote: " in printed.err
            return printed.err
        return json.loads(printed.out)

    return call


@pytest.fixture
def say(system: System, capsys: pytest.CaptureFixture[str]) -> Say:
    """A command for people: gives what is printed."""

    def call(*words: str, status: int = 0) -> str:
        capsys.readouterr()
        assert main(["--config", str(system.config), *words]) == status
        return capsys.readouterr().out

    return call
