"""An alert in force, told to who comes later; and its all-clear for them."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Text
from broadcasts.delivery import audience, broadcasts, endings, outbox
from broadcasts.delivery.broadcasts import Audience, Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import alerts, standing
from broadcasts.newsroom.alerts import Draft
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import CHANNELS, deliveries, reader, states
from tests.fakes import FakeChannel
from tests.newsroom.makers import approve, local, newsroom

pytestmark = pytest.mark.usefixtures("database")
ROOM = newsroom()
CHANNEL = ROOM.channels["whatsapp"]


def send(draft: Draft) -> Broadcast:
    started = alerts.send(ROOM, draft, clock.now())
    audience.write_all_waiting(ROOM.channels)
    return broadcasts.get(started.id)


def alert(text: str = "Sturm ab 16 Uhr", **more: object) -> Broadcast:
    """With one reader who got it."""
    approve(ROOM)
    if not Subscriber.select().exists():
        reader(1)
    sent = send(Draft(BroadcastKind.ALERT, text, **more))
    Delivery.update(state="sent", due_at=None).where(Delivery.broadcast == sent.id).execute()
    return sent


def follow(kind: BroadcastKind, root: Broadcast) -> Broadcast:
    return send(alerts.follow_up(kind, root.id, "Sturm lässt nach"))


def in_force(*, is_reader: bool = True) -> list[standing.Standing]:
    return standing.in_force(ROOM, CHANNEL, "de", clock.now(), is_reader=is_reader)


def tell(person: Subscriber, of: Broadcast, state: str = "sent") -> Delivery:
    row = outbox.answer(person, Text("Sturm"), tells_of=of.id)
    Delivery.update(state=state, due_at=None if state == "sent" else clock.now()).where(
        Delivery.id == row
    ).execute()
    return Delivery.get_by_id(row)


def test_it_lasts_as_long_as_its_latest_update() -> None:
    began = clock.now()
    with clock.travel(began):
        root = alert(expires_in=timedelta(minutes=30))
    with clock.travel(began + timedelta(minutes=20)):
        update = follow(BroadcastKind.UPDATE, root)
    with clock.travel(began + timedelta(minutes=60)):
        (found,) = in_force()
    assert found.expires_at == update.expires_at


def test_it_tells_no_text_that_was_stopped() -> None:
    root = alert()
    follow(BroadcastKind.UPDATE, root)
    Broadcast.update(state=BroadcastState.STOPPED).where(Broadcast.id == root.id).execute()
    bodies = [text.body for found in in_force() for text in found.texts]
    assert "Sturm lässt nach" in " ".join(bodies)
    assert "Sturm ab 16 Uhr" not in " ".join(bodies)


def test_it_tells_nothing_while_nothing_is_in_force() -> None:
    assert in_force() == []
    with clock.travel(clock.now() - timedelta(days=1)):
        alert()
    assert in_force() == []


def test_it_tells_what_is_in_force_with_its_time() -> None:
    with clock.travel(local("2026-11-24", "14:05")):
        sent = alert(title="Unwetter")
        (found,) = in_force()
    (text,) = found.texts
    assert found.alert == sent.id
    assert found.expires_at == sent.expires_at
    assert "Von 14:05 Uhr" in text.body
    assert "*⚠️ Warnung: Unwetter*\n\nSturm ab 16 Uhr" in text.body
    assert "Entwarnung bekommen Sie nur" not in text.body


def test_it_tells_yesterdays_with_its_day() -> None:
    with clock.travel(local("2026-11-24", "23:30")):
        alert(expires_in=timedelta(hours=12))
    with clock.travel(local("2026-11-25", "00:30")):
        assert "Von 24.11. 23:30 Uhr" in in_force()[0].texts[0].body


def test_it_tells_the_newest_update_too() -> None:
    root = alert()
    follow(BroadcastKind.UPDATE, root)
    (text,) = in_force()[0].texts
    assert text.body.index("Sturm ab 16 Uhr") < text.body.index("Sturm lässt nach")


def test_it_tells_no_drill_and_nothing_that_is_over() -> None:
    Subscriber.update(drills=True).where(Subscriber.id == reader(1).id).execute()
    alert(is_drill=True)
    assert in_force() == []
    follow(BroadcastKind.CLEAR, alert())
    assert in_force() == []


def test_it_tells_a_stranger_that_no_all_clear_comes_by_itself() -> None:
    alert()
    assert "Entwarnung bekommen Sie nur" in in_force(is_reader=False)[0].texts[0].body


def test_it_shortens_nothing() -> None:
    alert()
    narrow = FakeChannel()
    narrow.text_limit = 80
    (found,) = standing.in_force(ROOM, narrow, "de", clock.now(), is_reader=True)
    assert len(found.texts) > 1
    assert any("Sturm ab 16 Uhr" in text.body for text in found.texts)


# ------------------------------------------------------------------ and its all-clear


@pytest.mark.parametrize("kind", [BroadcastKind.UPDATE, BroadcastKind.CLEAR])
def test_it_is_followed_up_for_who_was_told_in_an_answer(kind: BroadcastKind) -> None:
    root = alert()
    late, failed, stranger = reader(2), reader(3), reader(4, Wants.NOTHING)
    tell(late, root)
    tell(failed, root, "failed")
    tell(stranger, root)
    got = [row.subscriber_id for row in deliveries(follow(kind, root))]
    assert got == [Subscriber.select().order_by(Subscriber.id).first().id, late.id]


def test_it_counts_who_was_told_and_left_since() -> None:
    root = alert()
    for number, wants in ((2, Wants.EVERYTHING), (3, Wants.STOPPED), (4, Wants.NOTHING)):
        tell(reader(number, wants), root)
    assert audience.left_out(Audience.FOLLOWERS, root.id, list(CHANNELS)) == 1
    first = Subscriber.select().order_by(Subscriber.id).first()
    tell(first, root)  # got it, and asked besides
    subscribers.opt_out(first, clock.now())
    assert audience.left_out(Audience.FOLLOWERS, root.id, list(CHANNELS)) == 2


def test_it_is_told_to_nobody_after_the_all_clear() -> None:
    root, other = alert(), alert("Hochwasser")
    late = reader(2)
    waiting, of_other = (tell(late, one, "queued") for one in (root, other))
    clear = follow(BroadcastKind.CLEAR, root)
    assert Delivery.get_by_id(waiting.id).state == "cancelled"
    assert Delivery.get_by_id(of_other.id).state == "queued"
    assert len(states(clear)) == 1


def test_it_is_told_to_nobody_after_a_panic_stop() -> None:
    root = alert()
    waiting = tell(reader(2), root, "queued")
    endings.stop(root.id)
    assert Delivery.get_by_id(waiting.id).state == "cancelled"
