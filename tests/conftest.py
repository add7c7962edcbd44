"""What every test may ask for: a real database, and nothing that outlives it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache

from bot.public import site
from broadcasts import db, schema
from broadcasts.people import staff
from tests.postgres import Postgres

settings.register_profile(
    "ours",
    deadline=None,  # these machines are noisy
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("ours")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-browser", action="store_true", help="fail where no Chromium is installed"
    )


def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores: every second one waits at the pace of a provider."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What only SQLite has is not asked of PostgreSQL."""
    items[:] = [
        item
        for item in items
        if not (item.get_closest_marker("sqlite") and "[postgres" in item.name)
    ]


@pytest.fixture(scope="session", autouse=True)
def _quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each test has a service of its own: without this it would spend half its time on compiling
    the same pages, and on hashes that are meant to take long."""
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("pages")))
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", compiled)
        # The real one is looked at in tests/people/test_staff.
        patch.setattr(staff, "_hasher", lambda: hasher)
        patch.setenv("SSL_CERT_FILE", str(_one_authority(tmp_path_factory.mktemp("trust"))))
        yield


def _one_authority(folder: Path) -> Path:
    """Nothing here is asked over TLS but what tests sign themselves, and each client that is made
    reads all authorities of the world."""
    path = folder / "one.pem"
    end = "-----END CERTIFICATE-----\n"
    path.write_text(Path(certifi.where()).read_text(encoding="utf-8").split(end)[0] + end)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL of this test process's own."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database at the current schema: to copy, because migrating takes longer than
    most tests."""
    path = tmp_path_factory.mktemp("blank") / "stadtbote.db"
    db.open_database(f"sqlite:///{path}")
    schema.migrate()
    db.truncate_log()
    db.close_database()
    return path


@pytest.fixture
def pages_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the public site is remembered from one look to the next."""
    monkeypatch.setattr(site, "FRESH", 0.0)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database: every test that asks for it runs on both kinds."""
    return fresh_url(request, tmp_path)


def fresh_url(request: pytest.FixtureRequest, folder: Path) -> str:
    """A database of the kind that the asking fixture's parameter names."""
    if request.param == "sqlite":
        path = folder / "stadtbote.db"
        blank: Path = request.getfixturevalue("blank")
        shutil.copy(blank, path)
        shutil.copy(db.erasures_file(str(blank)), db.erasures_file(str(path)))
        return f"sqlite:///{path}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
def database(database_url: str) -> Iterator[str]:
    """A fresh database at the current schema, open in this thread; gives its URL."""
    db.open_database(database_url)
    with db.session():
        yield database_url
    db.close_database()
