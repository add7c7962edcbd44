"""kill -9 in the middle of erasures: whoever is gone is in the log, whoever is not is whole."""

import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import clock, db
from broadcasts.channels.base import Address
from broadcasts.people.consent import Consent
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure_log, errands
from broadcasts.privacy.erasure_log import Erasure
from tests.fakes import FakeChannel
from tests.privacy.test_erasure import KEY, lively

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]

PEOPLE = 80

ERASE_ALL = """
import sys
from broadcasts import clock, db
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure
from tests.privacy.test_erasure import KEY, NOWHERE
db.open_database(sys.argv[1])
with db.session():
    for person in list(Subscriber.select()):
        print("x", flush=True)
        erasure.erase(person, key=KEY, before=clock.now(), media=NOWHERE)
"""


@pytest.mark.parametrize("seed", range(5))
def test_it_knows_everybody_who_is_gone(database: str, seed: int) -> None:
    chance = random.Random(seed)
    everybody = {str(lively(number).wa_id) for number in range(1, PEOPLE + 1)}
    child = subprocess.Popen(
        [sys.executable, "-c", ERASE_ALL, database],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert child.stdout is not None
    for _ in range(chance.randint(2, PEOPLE // 2)):
        child.stdout.readline()
    time.sleep(chance.random() * 0.01)
    child.kill()
    child.wait()
    child.stdout.close()
    db.close_database()
    db.open_database(database)
    channel = FakeChannel()
    errands.run_due({"whatsapp": channel}, clock.now() + errands.AT_ONCE)
    left = {row.wa_id for row in Subscriber.select()}
    gone = everybody - left
    assert gone
    long_ago = clock.now() - timedelta(days=1)
    for wa_id in everybody:
        address = Address(wa_id)
        assert erasure_log.erased_after("whatsapp", address, long_ago, KEY) is (wa_id in gone)
    assert {address.wa_id for address in channel.forgotten} == gone
    assert Erasure.select().count() == len(gone)
    assert {row.subscriber_id for row in Consent.select()} == {
        row.id for row in Subscriber.select()
    }
