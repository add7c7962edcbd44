"""Linking while another process writes or sends: whatever comes between, nobody gets it twice."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from broadcasts import clock, db
from broadcasts.delivery import audience, broadcasts, endings, once, wire
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import MAYBE_REACHED, DeliveryState
from broadcasts.people import links
from tests.delivery.makers import BOTH, deliveries, on_second, plan, reader

pytestmark = pytest.mark.usefixtures("database")


class Meanwhile:
    """Another process, at one point of ours: it is waited for until it is through or held up."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._thread = threading.Thread(target=self._run, args=(work,))

    def _run(self, work: Callable[[], Any]) -> None:
        with db.session():
            work()

    def begin(self) -> None:
        if self._thread.ident is None:
            self._thread.start()
            self._thread.join(timeout=1.0)

    def end(self) -> None:
        self._thread.join()


def before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, other: Meanwhile) -> None:
    """The other one begins just before this call of ours."""
    whole = getattr(module, name)

    def call(*arguments: Any, **more: Any) -> Any:
        other.begin()
        return whole(*arguments, **more)

    monkeypatch.setattr(module, name, call)


def leased(of: Broadcast) -> list[int]:
    ids = [row.id for row in deliveries(of)]
    Delivery.update(leased_by="w").where(Delivery.id << ids).execute()
    return ids


def take(ids: list[int]) -> list[wire.Outgoing]:
    terms, renditions = wire.terms(BOTH["whatsapp"]), Renditions("de")
    return wire.take(ids, worker="w", renditions=renditions, terms=terms, now=clock.now())


def on_their_way(of: Broadcast) -> int:
    states = (*MAYBE_REACHED, DeliveryState.QUEUED)
    return sum(row.state in states for row in deliveries(of))


def test_it_skips_nothing_that_is_just_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = reader(1), on_second(1)
    digest = broadcasts.start(plan())
    audience.write_all_waiting(BOTH)
    first, _ = leased(digest)
    sender = Meanwhile(lambda: take([first]))
    before(monkeypatch, endings, "skip", sender)
    with db.transaction():
        links.prefer(other, [one, other])
        once.settle([one, other], on=other)
    sender.end()
    assert on_their_way(digest) == 1


def test_it_sends_nothing_where_it_is_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = reader(1), on_second(1)
    digest = broadcasts.start(plan())
    audience.write_all_waiting(BOTH)
    first, second = leased(digest)
    Delivery.delete().where(Delivery.id == second).execute()

    def settle() -> None:
        with db.transaction():
            once.settle([one, other], on=other)

    receiver = Meanwhile(settle)
    before(monkeypatch, wire, "_commit", receiver)
    left = take([first])
    receiver.end()
    (row,) = deliveries(digest)
    assert [one.account for one in left] in ([], [row.account])


def test_it_links_nobody_into_two_rows_of_what_just_begins() -> None:
    one, other = reader(1), on_second(1)
    begun: list[Broadcast] = []

    def begin() -> None:
        begun.append(broadcasts.start(plan()))
        audience.write_all_waiting(BOTH)

    writer = Meanwhile(begin)
    with db.transaction():
        links.prefer(other, [one, other])
        once.settle([one, other], on=other)
        writer.begin()
    writer.end()
    assert on_their_way(begun[0]) == 1
