"""Whatever somebody writes on two messengers, in whatever order, before and while a digest is on
its way: nothing reaches one person twice, and nothing who said Stopp."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts import clock
from broadcasts.delivery import audience, broadcasts
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import MAYBE_REACHED, DeliveryState
from broadcasts.people import links
from broadcasts.people.subscribers import REACHED_BY_DIGESTS, Subscriber
from broadcasts.privacy import link_codes
from broadcasts.privacy.link_codes import Purpose
from tests.delivery.makers import plan
from tests.two import ONE, OTHER, Two, opened

KINDS = st.sampled_from([ONE, OTHER])
ACTS = st.sampled_from(
    [*Purpose, "Trennen", "Start", "Stopp", "Nur Notfälle", "Alle Daten löschen", "Hallo"]
)
STEPS = st.lists(st.tuples(KINDS, ACTS), max_size=6)


def do(two: Two, kind: str, act: str) -> None:
    if act not in set(Purpose):
        two.write(kind, act)
        return
    other = OTHER if kind == ONE else ONE
    source = Subscriber.get_or_none(Subscriber.channel == kind)
    if source is not None:
        code = link_codes.make(source, Purpose(act), key=two.city.key, now=clock.now())
        two.write(other, f"Verbinden {code}")


def families() -> list[set[int]]:
    found = {frozenset(row.id for row in links.family(person)) for person in Subscriber.select()}
    return [set(one) for one in found]


def begin(number: int) -> Broadcast:
    return broadcasts.start(plan(on=date(2026, 11, 1) + timedelta(days=number)))


def on_its_way(digest: Broadcast) -> list[int]:
    states = (*MAYBE_REACHED, DeliveryState.QUEUED)
    rows = Delivery.select().where(Delivery.broadcast == digest.id, Delivery.state << states)
    return [row.subscriber_id for row in rows]


def reset() -> None:
    for table in (Delivery, Subscriber, Broadcast):
        table.delete().execute()


@pytest.fixture(scope="module")
def two() -> Any:
    with opened() as made:
        yield made


@settings(max_examples=60)
@given(STEPS)
def test_it_means_each_person_once_and_nobody_who_left(two: Two, steps: Any) -> None:
    reset()
    for kind, act in steps:
        do(two, kind, act)
    wanting = {row.id for row in Subscriber.select() if row.wants in REACHED_BY_DIGESTS}
    with clock.travel(clock.now() + timedelta(minutes=1)):
        digest = begin(1)
        audience.write_all_waiting(two.city.channels)
        meant = on_its_way(digest)
    assert set(meant) <= wanting
    for rows in families():
        assert len(rows & set(meant)) == min(1, len(rows & wanting))
        channels = [Subscriber.get_by_id(row).channel for row in rows]
        assert len(set(channels)) == len(channels)


@settings(max_examples=60)
@given(STEPS, st.integers(0, 2), st.booleans(), STEPS)
def test_it_sends_nothing_twice_while_things_change(
    two: Two, before: Any, written: int, left: bool, after: Any
) -> None:
    """The first `written` persons have their row, which may have left, when they write on."""
    reset()
    for kind, act in before:
        do(two, kind, act)
    together = families()
    digest = begin(2)
    if written:
        audience.write_some(digest, two.city.channels, chunk=written)
    if left:
        Delivery.update(state="sent", due_at=None).where(
            Delivery.broadcast == digest.id, Delivery.state == "queued"
        ).execute()
    gone = set(on_its_way(digest)) if left else set()
    for kind, act in after:
        do(two, kind, act)
    audience.write_all_waiting(two.city.channels)
    meant = set(on_its_way(digest))
    # Who was one person when it began, and who is one now: unless both have got it before that.
    for rows in (*together, *families()):
        assert len(rows & meant) <= max(1, len(rows & gone))
    queued = Delivery.select(Delivery.subscriber).where(
        Delivery.broadcast == digest.id, Delivery.state == "queued"
    )
    for person in Subscriber.select().where(Subscriber.id << queued):
        assert person.wants in REACHED_BY_DIGESTS
