"""A running service with its desk, and staff who visit it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broadcasts import figures
from broadcasts.people.staff import Role
from tests.desk.visitor import Visitor, signed_in
from tests.system import System, running

Open = Callable[..., Visitor]


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[System]:
    """Web and stand-in; nothing is sent by itself."""
    more = "\n[business_hours]\n"
    with running(
        tmp_path, database_url, loops=False, public_url='"http://localhost"', more=more
    ) as system:
        yield system
        figures.finish()


@pytest.fixture
def desk(service: System) -> Open:
    """`desk(Role.PRESS)`: a visitor who is signed in with these roles."""

    def visit(*roles: Role, language: str = "de") -> Visitor:
        return signed_in(service.city, service.url, *roles, language=language)

    return visit
