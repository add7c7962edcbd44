"""What every test may ask for: a real database, and nothing that outlives it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from broadcasts import db

settings.register_profile(
    "ours",
    deadline=None,  # these machines are noisy
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("ours")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A fresh SQLite database at the current schema, open in this thread; gives its file."""
    file = tmp_path / "stadtbote.db"
    db.open_database(f"sqlite:///{file}")
    db.migrate()
    with db.session():
        yield file
    db.database.close()
