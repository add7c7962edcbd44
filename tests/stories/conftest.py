"""A running city for each module of stories, without readers for each story."""

from collections.abc import Iterator

import pytest

from broadcasts import clock, journal
from broadcasts.delivery import broadcasts
from broadcasts.delivery.outbox import Delivery
from broadcasts.people.subscribers import Subscriber
from tests.conftest import fresh_url
from tests.system import System, running


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("city")
    url = fresh_url(request, folder)
    with running(folder, url, time='"23:57"', app_id='"55"') as system:
        yield system


@pytest.fixture
def system(shared: System) -> System:
    """A running city without readers."""
    shared.settle()
    shared.sandbox.call(shared.sandbox.world.people.clear)
    shared.sandbox.call(shared.sandbox.world.by_bsuid.clear)
    shared.sandbox.call(shared.sandbox.world.log.clear)
    shared.sandbox.faults.clear()
    for table in (Delivery, Subscriber, journal.StrangeEntry):
        table.delete().execute()
    # No alert stays open for the next story.
    broadcasts.Broadcast.update(digest_on=None, expires_at=clock.now()).execute()
    return shared
