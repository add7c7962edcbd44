"""A city with a key for backups, and PostgreSQL's own programs of the same version as the tests'
server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import open_city
from bot.city import City
from broadcasts import db
from tests.postgres import use_programs
from tests.privacy.makers import BACKUP_KEY
from tests.system import write_config


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    use_programs(monkeypatch)


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> Iterator[City]:
    folder = tmp_path / "city"
    folder.mkdir()
    config = write_config(folder, url=f'"{database_url}"')
    with (folder / ".env").open("a", encoding="utf-8") as env:
        env.write(f"BACKUP_KEY={BACKUP_KEY}\n")
    city = open_city(config)
    with db.session():
        yield city
    db.close_database()
