"""What backups need: PostgreSQL's own programs of the same version as the tests' server."""

import pytest

from tests.postgres import use_programs


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    use_programs(monkeypatch)
