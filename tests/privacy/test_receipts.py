"""The receipt that staff's erasure sends: as in the chat, for a minute at most."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import endings
from broadcasts.delivery.outbox import Delivery
from broadcasts.privacy import receipts
from tests.delivery.makers import reader
from tests.fakes import FakeChannel
from tests.privacy.test_erasure import scrub

pytestmark = pytest.mark.usefixtures("database")


def test_it_goes_to_the_person_in_their_language() -> None:
    reader(1, language="nl")
    receipt = scrub(FakeChannel())
    assert receipt.is_sent
    row = Delivery.get()
    assert row.address == ["4917604069001", None]
    assert row.content["body"].startswith("Alles wat wij")
    assert receipt.code in row.content["body"]
    assert row.expires_at - clock.now() <= receipts.TRIED_FOR


def test_it_goes_to_nobody_whose_window_is_closed() -> None:
    reader(1, window=False)
    assert not scrub(FakeChannel()).is_sent
    assert not Delivery.select().exists()


def test_it_needs_no_window_where_the_channel_needs_none() -> None:
    reader(1, window=False)
    assert scrub(FakeChannel(window=None)).is_sent


def test_it_keeps_the_address_for_a_minute_at_most() -> None:
    reader(1)
    scrub(FakeChannel())
    with clock.travel(clock.now() + receipts.TRIED_FOR + timedelta(seconds=1)):
        endings.expire_answers(clock.now())
    assert not Delivery.select().exists()
