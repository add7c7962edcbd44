"""The tree of commands: usage, help, and what every command says when it cannot go on.

Each command has its own tests in commands/.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import build_parser, main
from broadcasts import db
from tests.bot.commands.makers import Run
from tests.system import System, write_config


def test_it_says_in_one_line_that_the_driver_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    config = write_config(tmp_path, url='"postgresql://localhost/bote"')
    for command in (["migrate"], ["subscribers", "count"], ["serve", "--port", "0"]):
        assert main(["--config", str(config), *command]) == 1
        said = capsys.readouterr().err
        assert "stadtbote[postgres]" in said
        assert "Traceback" not in said


def test_it_names_every_mistake_of_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, time='"25:00"', language='"fr"')
    assert main(["--config", str(config), "doctor"]) == 1
    said = capsys.readouterr().err
    assert "digest.time" in said
    assert "city.language" in said


@pytest.mark.parametrize(
    "words", [[], ["tanzen"], ["post", "add"], ["digest", "preview", "--on", "gestern"]]
)
def test_it_exits_2_on_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def commands(parser: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for action in parser._actions:
        if hasattr(action, "choices") and isinstance(action.choices, dict):
            for name, child in action.choices.items():
                yield from commands(child, (*path, name))
            return
    yield path


@pytest.mark.parametrize("words", list(commands(build_parser())), ids=" ".join)
def test_it_helps_with_each_command(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*words, "--help"])
    assert caught.value.code == 0
    assert "--config" in capsys.readouterr().out


def test_it_survives_a_reader_that_has_seen_enough(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    inward, outward = os.pipe()
    os.close(inward)
    with os.fdopen(outward, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main(["--config", str(system.config), "post", "list"]) == 0


def test_it_says_when_the_database_does_not_answer(
    system: System, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise db.DatabaseError("disk I/O error")

    monkeypatch.setattr("bot.commands.posts.posts.listing", broken)
    assert "disk I/O error" in run("post", "list", status=1)
