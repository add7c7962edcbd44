"""A channel's readers on their way to another one: at once, by a code, or only by a post."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broadcasts import clock, db
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import consent, links, subscribers
from broadcasts.people.consent import Consent
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import link_codes, relocating
from broadcasts.privacy.link_codes import LinkCode, Purpose
from broadcasts.privacy.relocating import Move, Report
from tests.delivery.makers import BOTH, linked, on_second, reader
from tests.newsroom.makers import newsroom

pytestmark = pytest.mark.usefixtures("database")

KEY = b"k" * 32


def move() -> Move:
    room = replace(newsroom(), channels=BOTH)
    return Move(room, BOTH["whatsapp"], BOTH["second"], KEY, clock.now())


def answers() -> list[Delivery]:
    return list(Delivery.select().where(Delivery.broadcast.is_null()).order_by(Delivery.id))


def everybody() -> None:
    one, other = linked(1)
    links.prefer(one, [one, other])
    reader(2)
    reader(3, Wants.ALERTS_ONLY)
    reader(4, window=False)
    reader(5, Wants.STOPPED)
    on_second(6)


def test_it_says_what_it_would_do_and_does_nothing() -> None:
    everybody()
    assert relocating.run(move(), dry_run=True) == Report(linked=1, told=2, to_tell=1)
    assert (answers(), LinkCode.select().count()) == ([], 0)
    assert Subscriber.get_by_id(1).prefers is None


def test_it_moves_who_is_linked_and_gives_the_others_a_code() -> None:
    everybody()
    assert relocating.run(move()) == Report(linked=1, told=2, to_tell=1)
    assert Subscriber.get_by_id(1).prefers == 2
    evidence = {row.subscriber_id: row.evidence for row in Consent.select()}
    assert evidence == dict.fromkeys((1, 2), "the city moves its readers to second")
    first, _second = answers()
    body = first.content["body"]
    code = re.search(r"\*([A-Z2-9]{10})\*", body)
    assert code
    assert f"https://second.example/?text={code[1]}" in body
    row = link_codes.find(code[1], key=KEY, now=clock.now() + timedelta(days=13))
    assert row is not None
    assert (row.subscriber_id, row.purpose) == (first.subscriber_id, Purpose.MOVE)


def test_it_tells_nobody_twice() -> None:
    everybody()
    relocating.run(move())
    assert relocating.run(move()) == Report(linked=1, told_before=2, to_tell=1)
    assert len(answers()) == 2


def test_it_tells_who_has_asked_for_a_code_themselves() -> None:
    link_codes.make(reader(1), Purpose.MOVE, key=KEY, now=clock.now())
    assert relocating.run(move()).told == 1


def test_it_subscribes_nobody_who_left_there() -> None:
    _, other = linked(1)
    subscribers.opt_out(other, clock.now())
    assert relocating.run(move()) == Report(told=1)
    assert Subscriber.get_by_id(other.id).wants == Wants.STOPPED
    assert consent.latest(other) is None


def test_it_goes_through_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relocating, "PAGE", 2)
    for number in range(1, 6):
        reader(number, window=number > 2)
    assert relocating.run(move()) == Report(told=3, to_tell=2)


@pytest.mark.parametrize("how", ["stopped", "erased"])
def test_it_writes_to_nobody_who_left_while_it_looked(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, page = reader(1), relocating._page
    has_left: list[bool] = []

    def leave() -> None:
        with db.session(), db.transaction():
            if how == "stopped":
                subscribers.opt_out(person, clock.now())
            else:
                person.delete_instance()

    leaver = threading.Thread(target=leave)

    def look(*arguments: Any) -> list[Subscriber]:
        """Another process applies their word between the look and what follows from it."""
        found = page(*arguments)
        if leaver.ident is None:
            leaver.start()
            leaver.join(timeout=1.0)
            has_left.append(not leaver.is_alive())
        return found

    monkeypatch.setattr(relocating, "_page", look)
    told = relocating.run(move()).told
    leaver.join()
    assert told == (0 if has_left[0] else 1)
