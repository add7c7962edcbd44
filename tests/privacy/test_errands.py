"""What an erasure has still to do: gone once the provider has answered, or after a minute."""

import threading
import time
from datetime import datetime, timedelta

import pytest

from broadcasts import clock, db
from broadcasts.channels.base import Address, Outcome, ProviderError
from broadcasts.privacy import erasure_log, errands
from broadcasts.privacy.erasure_log import Erasure, Provider
from broadcasts.privacy.errands import Errand
from tests.delivery.makers import reader
from tests.fakes import FakeChannel
from tests.privacy.test_erasure import KEY, DeafChannel, erase, lively

pytestmark = pytest.mark.usefixtures("database")


def run(channel: FakeChannel, now: datetime | None = None) -> int:
    told: list[int] = []
    at = now or clock.now() + errands.AT_ONCE
    errands.run_due({"whatsapp": channel}, at, not_reached=lambda: told.append(1))
    return len(told)


def test_it_is_done_once() -> None:
    erase(lively(1))
    channel = FakeChannel()
    run(channel)
    run(channel)
    assert channel.forgotten == [Address("4917604069001", "DE.geheim1")]
    assert Erasure.get().provider == Provider.DONE
    assert not Errand.select().exists()


def test_it_survives_the_end_of_the_process(database: str) -> None:
    erase(lively(1))
    db.close_database()
    db.open_database(database)
    channel = FakeChannel()
    run(channel)
    assert channel.dropped == ["771"]


def test_it_tries_again_and_gives_up_within_the_minute() -> None:
    code = erase(reader(1)).code
    start = clock.now() + errands.AT_ONCE
    assert run(DeafChannel(), start) == 0
    assert run(DeafChannel(), start + timedelta(seconds=6)) == 0
    assert Errand.select().count() == 1
    assert run(DeafChannel(), start + timedelta(seconds=41)) == 1
    assert not Errand.select().exists()
    found = erasure_log.verify(code, KEY)
    assert found is not None
    assert found.provider == Provider.NOT_REACHED
    assert erasure_log.not_reached(clock.now() - timedelta(days=1)) == 1


def test_it_minds_no_file_that_is_gone_already() -> None:
    class Emptied(FakeChannel):
        def drop_media(self, media: str) -> None:
            raise ProviderError(Outcome.MEDIA, "100", "gone")

    erase(lively(1))
    run(Emptied())
    assert Erasure.get().provider == Provider.DONE


def test_it_ends_whatever_goes_wrong() -> None:
    class Broken(FakeChannel):
        def forget(self, address: Address) -> None:
            raise RuntimeError("x")

    erase(reader(1))
    assert run(Broken(), clock.now() + timedelta(seconds=41)) == 1
    assert not Errand.select().exists()


def test_it_writes_an_entry_that_a_crash_has_lost() -> None:
    """Two files are not committed as one: the main one may have the erasure, the log not."""
    code = erase(reader(1)).code
    Erasure.delete().execute()
    run(FakeChannel())
    found = erasure_log.verify(code, KEY)
    assert found is not None
    assert found.provider == Provider.DONE
    assert erasure_log.erased_after(
        "whatsapp", Address("4917604069001"), clock.now() - timedelta(hours=1), KEY
    )


def test_it_waits_for_whoever_writes_meanwhile() -> None:
    """Two at once: the second was still to be read while the first was done, and a desk's erasure
    ended with an error page."""
    erase(lively(1))
    erase(lively(2))

    class Disturbed(FakeChannel):
        def forget(self, address: Address) -> None:
            super().forget(address)
            held = threading.Event()
            writers.append(threading.Thread(target=write, args=(held,)))
            writers[-1].start()
            assert held.wait(10)

    def write(held: threading.Event) -> None:
        with db.session(), db.transaction():
            held.set()
            time.sleep(0.2)

    channel = Disturbed()
    writers: list[threading.Thread] = []
    run(channel)
    for writer in writers:
        writer.join()
    assert len(channel.forgotten) == 2
    assert not Errand.select().exists()


def test_it_is_made_by_one_process_only() -> None:
    erase(reader(1))
    now = clock.now() + errands.AT_ONCE

    class Second(FakeChannel):
        def forget(self, address: Address) -> None:
            super().forget(address)
            assert errands.run_due({"whatsapp": FakeChannel()}, now) == 0

    channel = Second()
    run(channel, now)
    assert len(channel.forgotten) == 1
