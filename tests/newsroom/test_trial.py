"""A test of the digest to one's own telephone, on the channel one reads on."""

from dataclasses import replace
from datetime import date

import pytest

from broadcasts import clock
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import posts, trial
from broadcasts.newsroom.posts import Written
from broadcasts.newsroom.trial import TrialError
from tests.delivery.makers import BOTH, on_second, reader
from tests.newsroom.makers import newsroom

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 12, 1)


def test_it_goes_to_the_channel_that_is_named_and_else_to_the_first() -> None:
    room = replace(newsroom(), channels=BOTH)
    posts.add(room, Written("Markt", on=DAY))
    there, here = on_second(5), reader(5)
    there.wa_id = typed = "4917604069077"
    there.save()
    with pytest.raises(TrialError):
        trial.send(room, "whatsapp", typed, DAY, clock.now())
    trial.send(room, "second", typed, DAY, clock.now())
    trial.send(room, "", str(here.wa_id), DAY, clock.now())
    assert [
        (row.channel, row.subscriber_id) for row in Delivery.select().order_by(Delivery.id)
    ] == [
        ("second", there.id),
        ("whatsapp", here.id),
    ]
