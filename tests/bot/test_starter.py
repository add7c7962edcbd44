"""Starter files: fresh secrets, nothing overwritten, an example that is the code."""

import dataclasses
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from bot import starter
from bot.config import load
from broadcasts.channels.registry import REGISTRY
from broadcasts.settings import Settings
from tests.system import write_config

ROOT = Path(__file__).parent.parent.parent


def test_it_writes_secrets_that_only_the_owner_reads(tmp_path: Path) -> None:
    starter.write_new(tmp_path)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_it_writes_other_secrets_each_time(tmp_path: Path) -> None:
    starter.write_new(tmp_path / "a")
    starter.write_new(tmp_path / "b")
    assert (tmp_path / "a/.env").read_text() != (tmp_path / "b/.env").read_text()


@pytest.mark.parametrize("name", ["config.toml", ".env"])
def test_it_never_overwrites(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(starter.InitError):
        starter.write_new(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_it_holds_the_example_to_the_code() -> None:
    assert (ROOT / "config.example.toml").read_text() == starter.example()


def test_it_shows_every_setting() -> None:
    text = starter.example()
    sections: list[Any] = [f.type for f in dataclasses.fields(Settings)]
    sections += [entry.settings for entry in REGISTRY.values()]
    for section in sections:
        if dataclasses.is_dataclass(section):
            for field in dataclasses.fields(section):
                key = field.metadata.get("key", field.name)
                assert re.search(rf"^(# .*)?{key}\b", text, re.MULTILINE) or key == "numbers"


def test_it_shows_exactly_the_defaults(tmp_path: Path) -> None:
    found = load(write_config(tmp_path)).settings
    assert found.digest == Settings(city=found.city).digest
    assert found.quiet_hours == Settings(city=found.city).quiet_hours
    assert found.sending == Settings(city=found.city).sending
