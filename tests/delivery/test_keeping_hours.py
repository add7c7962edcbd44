"""Business hours: held when they end, on its way again when they begin, nothing lost or doubled."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import audience, broadcasts, endings, holds, keeping_hours, upkeep, wire
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.holds import RefusedTemplate
from broadcasts.delivery.hours import OUTSIDE
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.delivery.wire import Outgoing
from broadcasts.newsroom import office
from broadcasts.newsroom.office import BusinessDay
from broadcasts.people import subscribers
from broadcasts.settings import WEEKDAYS
from tests.delivery.makers import CHANNELS, deliveries, plan, reader, states
from tests.delivery.test_once_together import Meanwhile, before
from tests.newsroom.makers import BERLIN, local

PAUSED = RefusedTemplate("whatsapp", "notice", "de", "template_paused 132015")
TUESDAY, WEDNESDAY, SATURDAY = "2026-11-24", "2026-11-25", "2026-11-28"
WEEK = WEEKDAYS[:5]


def notice(at: datetime, weekdays: tuple[str, ...] = WEEK) -> Broadcast:
    """Sent at this moment; all rows that can be written are."""
    hours = BusinessDay(weekdays, time(8, 30), time(17), "")
    with clock.travel(at):
        spans = office.spans(hours, BERLIN, at, 3)
        on, more = spans[0][0].date(), {"hours": spans, "expires_at": spans[-1][1]}
        started = broadcasts.start(plan(BroadcastKind.NOTICE, on, **more))
        audience.write_all_waiting(CHANNELS)
    return broadcasts.get(started.id)


def look(row: Broadcast, at: datetime) -> Broadcast:
    """What the upkeep and the writer do at this moment."""
    with clock.travel(at):
        upkeep.look_after(broadcasts.get(row.id), at)
        audience.write_all_waiting(CHANNELS)
    return broadcasts.get(row.id)


def take(at: datetime, number: int = 1) -> list[Outgoing]:
    """The sender wants so many of what is queued, leased before."""
    queued = Delivery.select().where(Delivery.state == DeliveryState.QUEUED).order_by(Delivery.id)
    ids = [row.id for row in queued.limit(number)]
    Delivery.update(leased_by="w").where(Delivery.id << ids).execute()
    terms = wire.terms(CHANNELS["whatsapp"])
    return wire.take(ids, worker="w", renditions=Renditions("de"), terms=terms, now=at)


@pytest.fixture(autouse=True)
def people(database: None) -> None:
    """Readers since long before."""
    with clock.travel(local("2026-10-01", "12:00")):
        for number in range(3):
            reader(number)


EVERY_DAY = [
    (TUESDAY, WEEKDAYS),
    # In the night before it the clocks were put forward, or back.
    ("2027-03-28", WEEKDAYS),
    ("2026-10-25", WEEKDAYS),
]


@pytest.mark.parametrize(("day", "weekdays"), EVERY_DAY)
def test_it_lets_nothing_leave_from_the_closing_second_on(
    day: str, weekdays: tuple[str, ...]
) -> None:
    """Before anybody has written that it is held: the clock itself decides."""
    row = notice(local(day, "10:00"), weekdays)
    assert len(take(local(day, "16:59:59"))) == 1
    assert take(local(day, "17:00:00"), 2) == []
    assert broadcasts.get(row.id).state == BroadcastState.RUNNING
    left = [one for one in deliveries(row) if one.state == DeliveryState.QUEUED]
    assert [one.leased_by for one in left] == [None, None], "free for the next morning"


@pytest.mark.parametrize(("day", "weekdays"), EVERY_DAY)
def test_it_begins_in_the_opening_second(day: str, weekdays: tuple[str, ...]) -> None:
    row = notice(local(day, "07:00"), weekdays)
    assert row.state == BroadcastState.HELD
    assert keeping_hours.held_until(row, local(day, "07:00")) == local(day, "08:30")
    assert look(row, local(day, "08:29:59")).state == BroadcastState.HELD
    assert look(row, local(day, "08:30:00")).state == BroadcastState.RUNNING
    assert len(take(local(day, "08:30:00"), 3)) == 3


def test_it_holds_what_is_left_and_sends_it_on_the_next_day_once() -> None:
    row = notice(local(TUESDAY, "16:00"))
    first = {one.id for one in take(local(TUESDAY, "16:30"))}
    Delivery.update(state=DeliveryState.SENT, due_at=None).where(Delivery.id << first).execute()
    held = look(row, local(TUESDAY, "17:00:01"))
    assert (held.state, held.held_reason) == (BroadcastState.HELD, OUTSIDE)
    assert keeping_hours.held_until(held, local(TUESDAY, "17:01")) == local(WEDNESDAY, "08:30")
    assert take(local(TUESDAY, "23:00"), 3) == []
    assert look(row, local(WEDNESDAY, "08:30")).state == BroadcastState.RUNNING
    second = {one.id for one in take(local(WEDNESDAY, "08:30"), 3)}
    assert len(second) == 2
    assert not first & second
    assert len(deliveries(row)) == 3


def test_it_does_the_same_by_two_clocks() -> None:
    row = notice(local(TUESDAY, "16:00"))
    seen = broadcasts.get(row.id)  # by the other one, too
    look(row, local(TUESDAY, "17:00"))
    keeping_hours.look(seen, local(TUESDAY, "17:00"))
    seen = broadcasts.get(row.id)
    assert (seen.state, seen.held_reason) == (BroadcastState.HELD, OUTSIDE)
    look(row, local(WEDNESDAY, "08:30"))
    keeping_hours.look(seen, local(WEDNESDAY, "08:30"))
    audience.write_all_waiting(CHANNELS)
    assert states(row) == ["queued"] * 3


def test_it_brings_nothing_back_that_was_stopped_meanwhile() -> None:
    row = notice(local(SATURDAY, "12:00"))
    assert broadcasts.mark_stopped(row.id, local(SATURDAY, "13:00"))
    keeping_hours.look(row, local("2026-11-30", "08:30"))
    assert broadcasts.get(row.id).state == BroadcastState.STOPPED
    running = notice(local(WEDNESDAY, "10:00"))
    endings.stop(running.id)
    keeping_hours.look(running, local(WEDNESDAY, "17:00"))
    assert broadcasts.get(running.id).state == BroadcastState.STOPPED


def test_it_lifts_no_hold_that_a_person_must_mend() -> None:
    row = notice(local(TUESDAY, "16:00"))
    holds.hold(row.id, "template_paused 132015")
    look(row, local(TUESDAY, "17:00"))
    held = look(row, local(WEDNESDAY, "09:00"))
    assert held.held_reason == "template_paused 132015"
    assert keeping_hours.held_until(held, local(WEDNESDAY, "09:00")) is None
    # A clock that comes too late does not make it its own either.
    keeping_hours.look(row, local(TUESDAY, "17:00"))
    assert broadcasts.get(row.id).held_reason == "template_paused 132015"


def test_it_goes_on_by_the_clock_only() -> None:
    row = notice(local(SATURDAY, "12:00"))
    holds.refuse(row.id, PAUSED)
    assert holds.template_approved(*PAUSED.key) == 0
    assert not holds.resume(row.id)
    assert broadcasts.get(row.id).state == BroadcastState.HELD


def test_it_holds_again_what_somebody_has_let_go_on_at_night() -> None:
    row = notice(local(TUESDAY, "16:00"))
    holds.refuse(row.id, PAUSED)
    holds.hold_refused(row.id)
    assert holds.template_approved(*PAUSED.key) == 1
    assert take(local(TUESDAY, "22:00"), 3) == []
    assert look(row, local(TUESDAY, "22:00")).held_reason == OUTSIDE


def test_it_expires_when_its_last_day_is_over() -> None:
    row = notice(local(TUESDAY, "10:00"))
    assert row.expires_at == local("2026-11-26", "17:00")
    look(row, local("2026-11-26", "16:59"))
    assert states(row) == ["queued"] * 3
    assert look(row, local("2026-11-26", "17:00")).state == BroadcastState.FINISHED
    assert states(row) == ["expired"] * 3


def test_it_reaches_who_came_while_it_was_held_as_a_whole() -> None:
    row = notice(local(SATURDAY, "12:00"))
    with clock.travel(local(SATURDAY, "15:00")):
        late = reader(40)
    look(row, local("2026-11-30", "08:30"))
    assert late.id in {one.subscriber_id for one in deliveries(row)}
    with clock.travel(local("2026-11-30", "09:00")):
        reader(41)
    look(row, local("2026-11-30", "17:00"))
    look(row, local("2026-12-01", "08:30"))
    assert len(deliveries(row)) == 4, "who came after its first message is not meant"


def test_it_leaves_out_who_has_gone_while_it_was_held() -> None:
    row = notice(local(TUESDAY, "16:00"))
    look(row, local(TUESDAY, "17:00"))
    (one, *_) = deliveries(row)
    subscribers.opt_out(one.subscriber, clock.now())
    endings.skip_broadcasts(one.subscriber_id)
    look(row, local(WEDNESDAY, "08:30"))
    assert sorted(states(row)) == ["queued", "queued", "skipped"]


def test_it_holds_nothing_of_which_nothing_is_left() -> None:
    row = notice(local(TUESDAY, "16:00"))
    Delivery.update(state=DeliveryState.UNKNOWN).execute()
    assert look(row, local(TUESDAY, "17:00")).state == BroadcastState.RUNNING
    # One comes back to the queue at night: it waits for the morning.
    back = Delivery.update(state=DeliveryState.QUEUED, due_at=clock.now())
    back.where(Delivery.id == deliveries(row)[0].id).execute()
    assert take(local(TUESDAY, "18:00")) == []
    assert look(row, local(TUESDAY, "18:00")).held_reason == OUTSIDE


def test_it_leaves_broadcasts_without_hours_alone() -> None:
    digest = broadcasts.start(plan(expires_at=local(WEDNESDAY, "23:00")))
    assert look(digest, local(TUESDAY, "23:00")).state == BroadcastState.RUNNING
    assert len(take(local(TUESDAY, "23:00") + timedelta(seconds=1), 3)) == 3


@pytest.mark.parametrize("moved", ["held", "stopped"])
def test_it_waits_for_a_writer_that_is_at_work(monkeypatch: pytest.MonkeyPatch, moved: str) -> None:
    """The last chunk of rows must not turn a hold (or a stop) of the same moment back."""
    hours = [(local(TUESDAY, "08:30"), local(TUESDAY, "17:00"))]
    with clock.travel(local(TUESDAY, "16:59")):
        row = broadcasts.start(plan(BroadcastKind.NOTICE, hours=hours, expires_at=hours[0][1]))
    moves: dict[str, Callable[[], object]] = {
        "held": lambda: keeping_hours.look(broadcasts.get(row.id), local(TUESDAY, "17:00")),
        "stopped": lambda: broadcasts.mark_stopped(row.id, local(TUESDAY, "17:00")),
    }
    other = Meanwhile(moves[moved])
    before(monkeypatch, audience, "_insert", other)
    with clock.travel(local(TUESDAY, "16:59")):
        audience.write_some(broadcasts.get(row.id), CHANNELS)
    other.end()
    assert broadcasts.get(row.id).state == moved
    assert len(deliveries(row)) == 3


def test_it_is_begun_by_one_of_two_clocks_that_try_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    row = notice(local(SATURDAY, "12:00"))
    opening = local("2026-11-30", "08:30")
    other = Meanwhile(lambda: keeping_hours.look(broadcasts.get(row.id), opening))
    before(monkeypatch, keeping_hours.locks, "in_turn", other)
    keeping_hours.look(row, opening)
    other.end()
    audience.write_all_waiting(CHANNELS)
    assert states(row) == ["queued"] * 3
    assert broadcasts.get(row.id).state == BroadcastState.RUNNING
