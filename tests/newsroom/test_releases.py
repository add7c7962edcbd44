"""One writes, another releases: once, in time, and never the writer but with broken glass."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from broadcasts import clock, db
from broadcasts.delivery import audience, broadcasts
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, releases
from broadcasts.newsroom.alerts import AlertError, Draft, Severity
from broadcasts.newsroom.releases import AlertRequest, DecidedError, RequestState
from broadcasts.people import notices, staff, subscribers
from broadcasts.people.notices import StaffNotice
from broadcasts.people.staff import Role
from tests.delivery.makers import reader
from tests.newsroom.makers import approve, newsroom

ROOM = newsroom()
REASON = "Die Kollegin ist nicht erreichbar"


@pytest.fixture(autouse=True)
def one_reader(database: str) -> None:
    approve(ROOM)
    reader(1)


def written(kind: BroadcastKind = BroadcastKind.ALERT, follows: int | None = None) -> AlertRequest:
    draft = Draft(kind, "Sturm", follows=follows, severity=Severity.DANGER)
    return releases.ask(ROOM, draft, by="a.anders")


def test_it_sends_nothing_before_a_second_person_has_said_so() -> None:
    asked = written()
    assert releases.waiting(clock.now()) == [asked]
    assert not Broadcast.select().exists()
    sent = releases.release(ROOM, asked, by="b.berg")
    kept = releases.get(asked.id)
    assert (kept.state, kept.decided_by) == (RequestState.RELEASED, "b.berg")
    assert (kept.broadcast_id, sent.severity) == (sent.id, "danger")
    assert releases.waiting(clock.now()) == []


def test_it_lets_no_writer_release_their_own() -> None:
    with pytest.raises(AlertError, match="second person"):
        releases.release(ROOM, written(), by="a.anders")
    assert not Broadcast.select().exists()


def test_it_refuses_what_could_not_be_sent_before_it_asks_anybody() -> None:
    with pytest.raises(AlertError, match="empty"):
        releases.ask(ROOM, Draft(BroadcastKind.ALERT, " "), by="a.anders")
    assert not AlertRequest.select().exists()


def test_it_says_who_has_decided() -> None:
    asked = written()
    releases.refuse(asked, by="b.berg", reason="Zu früh")
    with pytest.raises(DecidedError, match=r"b\.berg has decided"):
        releases.release(ROOM, asked, by="c.claus")
    assert releases.get(asked.id).reason == "Zu früh"


def test_it_tells_taking_back_from_refusing() -> None:
    mine, theirs = written(), written()
    releases.refuse(mine, by="a.anders")
    releases.refuse(theirs, by="b.berg", reason="Zu früh")
    states = [releases.get(asked.id).state for asked in (mine, theirs)]
    assert states == [RequestState.WITHDRAWN, RequestState.REFUSED]


def test_it_releases_nothing_that_is_too_old() -> None:
    asked = written()
    with clock.travel(clock.now() + releases.WAITS):
        assert releases.waiting(clock.now()) == []
        assert asked.is_stale
        with pytest.raises(AlertError, match="too old"):
            releases.release(ROOM, asked, by="b.berg")
        with pytest.raises(AlertError, match="too old"):
            releases.release_alone(ROOM, asked, by="a.anders", reason=REASON)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Each in a thread of its own, all let go at the same moment; gives what came of them."""
    start, said = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        with db.session():
            start.wait()
            try:
                act()
                said.append("sent")
            except AlertError as error:
                said.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_it_sends_once_when_two_release_at_once() -> None:
    asked = written()
    seen = alerts.outlook(ROOM, asked.draft, clock.now())
    found = at_once(
        *(
            lambda name=name: releases.release(ROOM, releases.get(asked.id), by=name, seen=seen)
            for name in ("b.berg", "c.claus", "d.dorn")
        )
    )
    assert found == ["DecidedError", "DecidedError", "sent"]
    assert Broadcast.select().count() == 1
    assert Delivery.select().count() == 1


def test_it_clears_once_when_two_all_clears_are_released_at_once() -> None:
    alert = releases.release(ROOM, written(), by="b.berg")
    Delivery.update(state="sent", due_at=None).execute()
    both = [written(BroadcastKind.CLEAR, alert.id) for _ in range(2)]
    seen = [alerts.outlook(ROOM, asked.draft, clock.now()) for asked in both]
    found = at_once(
        lambda: releases.release(ROOM, both[0], by="b.berg", seen=seen[0]),
        lambda: releases.release(ROOM, both[1], by="c.claus", seen=seen[1]),
    )
    assert found == ["AlertError", "sent"]
    assert len(broadcasts.thread(alert.id)) == 2
    assert len(releases.waiting(clock.now())) == 1


def test_it_writes_the_first_rows_with_the_release() -> None:
    sent = releases.release(ROOM, written(), by="b.berg")
    assert Delivery.select().where(Delivery.broadcast == sent.id).count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "eilig"])
def test_it_breaks_no_glass_without_a_sentence(reason: str) -> None:
    with pytest.raises(AlertError, match="in a sentence"):
        releases.release_alone(ROOM, written(), by="a.anders", reason=reason)
    assert not Broadcast.select().exists()


def test_it_tells_all_staff_of_broken_glass() -> None:
    with clock.travel(clock.now() - timedelta(hours=1)):
        others = [staff.add(name, [role])[0] for name, role in (("b.berg", Role.PRESS),)]
    asked = written()
    releases.release_alone(ROOM, asked, by="a.anders", reason=REASON)
    assert releases.get(asked.id).state == RequestState.ALONE
    (notice,) = notices.unseen(others[0])
    assert "a.anders has released alone, without a second person: Alert 1." in notice.said
    assert REASON in notice.said


@pytest.mark.parametrize(
    ("kind", "is_drill", "name"),
    [
        (BroadcastKind.ALERT, True, "Drill 1"),
        (BroadcastKind.UPDATE, False, "New state 2"),
        (BroadcastKind.CLEAR, False, "All-clear 2"),
    ],
)
def test_it_calls_it_what_it_is(kind: BroadcastKind, *, is_drill: bool, name: str) -> None:
    """Nobody must take a drill or an all-clear for a warning."""
    subscribers.volunteer(reader(2), drills=True)
    is_follow_up = kind is not BroadcastKind.ALERT
    root = releases.release(ROOM, written(), by="b.berg").id if is_follow_up else None
    draft = Draft(kind, "Text", follows=root, is_drill=is_drill)
    asked = releases.ask(ROOM, draft, by="a.anders")
    releases.release_alone(ROOM, asked, by="a.anders", reason=REASON)
    assert f"without a second person: {name}." in StaffNotice.get().said


def test_it_refuses_nothing_of_others_without_a_reason() -> None:
    asked = written()
    with pytest.raises(AlertError, match="say why"):
        releases.refuse(asked, by="b.berg", reason=" ")
    assert releases.get(asked.id).is_waiting


def test_it_reminds_once_of_a_missing_all_clear() -> None:
    alert = releases.release(ROOM, written(), by="b.berg")
    assert releases.remind(clock.now()) == 0
    later = clock.now() + timedelta(hours=3)
    assert releases.without_all_clear(later) == [alert]
    assert releases.remind(later) == 1
    assert releases.remind(later) == 0
    assert "without an all-clear" in StaffNotice.get().said
    assert releases.without_all_clear(later + releases.REMIND_FOR) == []


def test_it_reminds_of_no_alert_that_was_cleared_or_goes_on_and_of_no_drill() -> None:
    person = reader(2)
    person.drills = True
    person.save()
    cleared, going_on = (releases.release(ROOM, written(), by="b.berg") for _ in range(2))
    alerts.send(ROOM, Draft(BroadcastKind.ALERT, "Übung", is_drill=True), clock.now())
    audience.write_all_waiting(ROOM.channels)
    releases.release(ROOM, written(BroadcastKind.CLEAR, cleared.id), by="b.berg")
    in_an_hour = clock.now() + timedelta(hours=1, minutes=30)
    with clock.travel(in_an_hour):
        releases.release(ROOM, written(BroadcastKind.UPDATE, going_on.id), by="b.berg")
    assert releases.remind(clock.now() + timedelta(hours=3)) == 0
    assert releases.remind(in_an_hour + timedelta(hours=3)) == 1


def test_it_reminds_anew_when_an_update_has_run_out_too() -> None:
    alert = releases.release(ROOM, written(), by="b.berg")
    in_three_hours = clock.now() + timedelta(hours=3)
    assert releases.remind(in_three_hours) == 1
    with clock.travel(in_three_hours):
        releases.release(ROOM, written(BroadcastKind.UPDATE, alert.id), by="b.berg")
    assert releases.remind(in_three_hours + timedelta(hours=1)) == 0
    assert releases.remind(in_three_hours + timedelta(hours=3)) == 1
