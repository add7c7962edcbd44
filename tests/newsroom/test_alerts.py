"""Alerts: at once, honest beforehand, followed up to exactly those who got them."""

from datetime import UTC, datetime, timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Outcome, TemplateMessage
from broadcasts.delivery import accounts, audience, broadcasts, outbox, templates, uncleared, upkeep
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.newsroom import alerts, drafts
from broadcasts.newsroom.alerts import AlertError, Draft, Severity
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Wants
from tests.delivery.makers import ACCOUNT, CHANNELS, broadcast, deliveries, reader
from tests.newsroom.makers import approve, local, newsroom

pytestmark = pytest.mark.usefixtures("database")
ROOM = newsroom()


def draft(text: str = "Sturm", **more: object) -> Draft:
    return Draft(BroadcastKind.ALERT, text, **more)


def send(alert: Draft) -> Broadcast:
    started = alerts.send(ROOM, alert, clock.now())
    audience.write_all_waiting(ROOM.channels)
    return broadcasts.get(started.id)


def reached(of: Broadcast, state: DeliveryState = DeliveryState.SENT) -> None:
    Delivery.update(state=state, due_at=None).where(Delivery.broadcast == of.id).execute()


def test_it_reaches_digest_readers_and_alerts_only_readers() -> None:
    approve(ROOM)
    reader(1)
    reader(2, Wants.ALERTS_ONLY)
    reader(3, Wants.STOPPED)
    reader(4, Wants.NOTHING)
    assert len(deliveries(send(draft()))) == 2


def test_it_goes_in_quiet_hours_and_after_the_days_digest() -> None:
    approve(ROOM)
    with clock.travel(local("2026-11-24", "23:30")):
        reader(1)
        broadcast()
        assert send(draft()).state == BroadcastState.RUNNING


@pytest.mark.parametrize(
    ("minutes", "template"),
    [(1, "alert_30m"), (30, "alert_30m"), (31, "alert_2h"), (120, "alert_2h"), (121, "alert_12h")],
)
def test_it_takes_the_shortest_lifetime_that_covers_the_expiry(minutes: int, template: str) -> None:
    approve(ROOM)
    reader(1)
    seen = alerts.outlook(ROOM, draft(expires_in=timedelta(minutes=minutes)), clock.now())
    assert seen.template == template


def test_it_says_the_latest_arrival() -> None:
    approve(ROOM)
    reader(1)
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    with clock.travel(now):
        seen = alerts.outlook(ROOM, draft(expires_in=timedelta(minutes=30)), now)
    arrival = seen.latest_arrival - now
    assert timedelta(minutes=30) <= arrival < timedelta(minutes=31)


def test_it_warns_of_what_is_not_filled_in() -> None:
    reader(1)
    unfilled = draft("Ab [Uhrzeit] Sturm", title="[Ort]")
    assert unfilled.unfilled == ["[Ort]", "[Uhrzeit]"]
    (warning, *_) = alerts.outlook(ROOM, unfilled, clock.now()).warnings
    assert warning == "not filled in yet: [Ort], [Uhrzeit]"


def test_it_warns_when_it_is_wanted_for_longer_than_any_lifetime() -> None:
    approve(ROOM)
    reader(1)
    seen = alerts.outlook(ROOM, draft(expires_in=timedelta(hours=20)), clock.now())
    assert seen.template == "alert_12h"
    assert any("longest" in warning for warning in seen.warnings)


def test_it_warns_of_a_limit_that_is_too_small() -> None:
    approve(ROOM)
    accounts.ensure(CHANNELS["whatsapp"].accounts)
    accounts.NumberState.update(daily_limit=1).execute()
    reader(1, window=False)
    reader(2, window=False)
    seen = alerts.outlook(ROOM, draft(), clock.now())
    assert any("raise the messaging limit" in warning for warning in seen.warnings)


def test_it_warns_of_a_stopped_number() -> None:
    approve(ROOM)
    accounts.ensure(CHANNELS["whatsapp"].accounts)
    accounts.stop("4711", Outcome.CREDENTIALS, "190")
    reader(1)
    assert any("stopped" in w for w in alerts.outlook(ROOM, draft(), clock.now()).warnings)


def test_it_goes_as_free_text_to_open_windows_while_no_template_is_approved() -> None:
    reader(1)
    reader(2, window=False)
    seen = alerts.outlook(ROOM, draft(), clock.now())
    assert (seen.recipients, seen.unreachable) == (2, 1)
    assert any("not approved" in warning for warning in seen.warnings)


def test_it_refuses_when_nobody_can_be_reached() -> None:
    reader(1, window=False)
    with pytest.raises(AlertError, match="alert_2h"):
        send(draft())
    assert Broadcast.select().count() == 0


@pytest.mark.parametrize("text", ["", "  ", "x\x00y", "x" * 1100])
def test_it_refuses_a_text_that_cannot_go(text: str) -> None:
    approve(ROOM)
    reader(1)
    with pytest.raises(AlertError):
        send(draft(text))


def test_it_estimates_how_long_it_takes() -> None:
    approve(ROOM)
    for number in range(40):
        reader(number)
    seconds = alerts.outlook(ROOM, draft(), clock.now()).duration.total_seconds()
    assert 0.5 < seconds < 0.6  # 40 at 80/s, with headroom


def follow(kind: BroadcastKind, root: Broadcast) -> Broadcast:
    return send(alerts.follow_up(kind, root.id, "Neues"))


@pytest.mark.parametrize("kind", [BroadcastKind.UPDATE, BroadcastKind.CLEAR])
def test_it_follows_up_to_those_who_may_have_got_it(kind: BroadcastKind) -> None:
    approve(ROOM)
    people = [reader(number) for number in range(6)]
    alert = send(draft())
    outcomes = ("sent", "read", "unknown", "failed", "skipped", "delivered")
    for row, state in zip(deliveries(alert), outcomes, strict=True):
        Delivery.update(state=state, due_at=None).where(Delivery.id == row.id).execute()
    latecomer = reader(9)
    got = {row.subscriber_id for row in deliveries(follow(kind, alert))}
    assert got == {people[i].id for i in (0, 1, 2, 5)}
    assert latecomer.id not in got


def test_it_leaves_out_who_has_left_since_and_says_how_many() -> None:
    approve(ROOM)
    gone, erased, _ = reader(1), reader(2), reader(3)
    alert = send(draft())
    reached(alert)
    subscribers.opt_out(gone, clock.now())
    Delivery.update(subscriber=None).where(Delivery.subscriber == erased).execute()
    clear = alerts.follow_up(BroadcastKind.CLEAR, alert.id, "Vorbei")
    seen = alerts.outlook(ROOM, clear, clock.now())
    assert (seen.recipients, seen.left_out) == (1, 2)


def test_it_sends_no_alert_after_its_all_clear() -> None:
    approve(ROOM)
    reader(1)
    reader(2)
    alert = send(draft())
    Delivery.update(state="sent", due_at=None).where(
        Delivery.id == deliveries(alert)[0].id
    ).execute()
    clear = follow(BroadcastKind.CLEAR, alert)
    assert broadcasts.get(alert.id).state == BroadcastState.STOPPED
    assert len(deliveries(clear)) == 1
    # Not in the all-clear's own transaction: of a million readers that would take seconds.
    assert [str(row.state) for row in deliveries(alert)] == ["sent", "queued"]
    upkeep.run_once(clock.now(), settle_after=timedelta(seconds=60))
    assert [str(row.state) for row in deliveries(alert)] == ["sent", "cancelled"]


def test_it_cancels_what_a_worker_may_just_be_sending() -> None:
    approve(ROOM)
    reader(1)
    alert = send(draft())
    outbox.claim(ACCOUNT, alert.id, worker="w", limit=1, now=clock.now())
    clear = follow(BroadcastKind.CLEAR, alert)
    assert [str(row.state) for row in deliveries(alert)] == ["cancelled"]
    assert deliveries(clear) == []


def test_it_clears_for_whom_silence_was_taken_for_a_no() -> None:
    approve(ROOM)
    reader(1)
    alert = send(draft())
    Delivery.update(settled_by_silence=1, attempt=1).execute()
    assert len(deliveries(follow(BroadcastKind.CLEAR, alert))) == 1


def test_it_lets_an_alert_go_on_beside_its_update() -> None:
    approve(ROOM)
    reader(1)
    alert = send(draft())
    update = follow(BroadcastKind.UPDATE, alert)
    assert [str(row.state) for row in deliveries(alert)] == ["queued"]
    assert len(deliveries(update)) == 1
    assert update.follows_id == alert.id


def test_it_follows_the_first_alert_whatever_part_is_named() -> None:
    approve(ROOM)
    reader(1)
    alert = send(draft())
    update = follow(BroadcastKind.UPDATE, alert)
    assert follow(BroadcastKind.CLEAR, update).follows_id == alert.id


def test_it_follows_no_digest_no_stranger_and_nothing_cleared() -> None:
    approve(ROOM)
    reader(1)
    digest, alert = broadcast(), send(draft())
    reached(alert)
    follow(BroadcastKind.CLEAR, alert)
    for number, words in (
        (digest.id, "is no alert"),
        (99, "no broadcast"),
        (alert.id, "all-clear"),
    ):
        with pytest.raises(AlertError, match=words):
            alerts.follow_up(BroadcastKind.UPDATE, number, "Neues")


def test_it_uses_the_wording_of_each_kind() -> None:
    approve(ROOM)
    reader(1)
    alert = send(draft())
    reached(alert)
    clear = follow(BroadcastKind.CLEAR, alert)
    names = {row.content["name"] for row in clear.renditions}
    assert names == {"alert_clear_12h"}


def test_it_knows_whether_an_alert_is_open() -> None:
    approve(ROOM)
    reader(1)
    assert uncleared.alert_in_force(clock.now()) is None
    alert = send(draft())
    reached(alert)
    assert uncleared.alert_in_force(clock.now())
    follow(BroadcastKind.CLEAR, alert)
    assert uncleared.alert_in_force(clock.now()) is None


def test_it_has_an_expired_alert_no_longer_open() -> None:
    approve(ROOM)
    reader(1)
    send(draft())
    assert uncleared.alert_in_force(clock.now() + timedelta(hours=3)) is None


def test_it_ignores_a_paused_template() -> None:
    approve(ROOM)
    for life, _ in drafts.LIFETIMES:
        templates.note_refused("whatsapp", f"alert_{life}", "de", "PAUSED")
    reader(1)
    content = alerts.outlook(ROOM, draft(), clock.now()).plan.wordings[0].content
    assert not isinstance(content, TemplateMessage)


def test_it_lasts_as_long_as_its_latest_update() -> None:
    approve(ROOM)
    reader(1)
    alert = send(draft())
    with clock.travel(clock.now() + timedelta(hours=1)):
        follow(BroadcastKind.UPDATE, alert)
    later = clock.now() + timedelta(hours=2, minutes=30)
    since = later - timedelta(days=1)
    assert uncleared.open_alerts(later) == [alert]
    assert uncleared.expired(later, since=since) == []
    later += timedelta(hours=1)
    assert uncleared.open_alerts(later) == []
    assert uncleared.expired(later, since=since) == [alert]


def test_it_is_as_severe_as_before_unless_said_and_an_all_clear_is_not() -> None:
    approve(ROOM)
    reader(1)
    alert = send(draft(severity=Severity.DANGER))
    for kind, said, severity in (
        (BroadcastKind.UPDATE, None, Severity.DANGER),
        (BroadcastKind.UPDATE, Severity.INFO, Severity.INFO),
        (BroadcastKind.CLEAR, Severity.DANGER, Severity.NONE),
    ):
        assert alerts.follow_up(kind, alert.id, "Neues", severity=said).severity is severity


# ------------------------------------------------------------------ drills


def volunteer(number: int, wants: Wants = Wants.EVERYTHING) -> subscribers.Subscriber:
    person = reader(number, wants)
    subscribers.volunteer(person, drills=True)
    return person


def test_it_sends_a_drill_to_volunteers_who_read_and_says_so_first() -> None:
    approve(ROOM)
    person = volunteer(1)
    volunteer(2, Wants.STOPPED)
    reader(3)
    drill = send(draft(is_drill=True, title="Sturm"))
    assert [row.subscriber_id for row in deliveries(drill)] == [person.id]
    seen = alerts.outlook(ROOM, draft(is_drill=True), clock.now())
    assert seen.shown.startswith("PROBEALARM")
    assert seen.template == "drill_2h"


def test_it_says_that_nobody_has_volunteered() -> None:
    approve(ROOM)
    reader(1)
    seen = alerts.outlook(ROOM, draft(is_drill=True), clock.now())
    assert seen.recipients == 0
    assert any("no reader has offered" in warning for warning in seen.warnings)


def test_it_follows_a_drill_up_only_to_who_is_still_in_it() -> None:
    approve(ROOM)
    stays, leaves = volunteer(1), volunteer(2)
    drill = send(draft(is_drill=True))
    reached(drill)
    subscribers.volunteer(leaves, drills=False)
    clear = alerts.follow_up(BroadcastKind.CLEAR, drill.id, "Vorbei")
    seen = alerts.outlook(ROOM, clear, clock.now())
    assert seen.shown.startswith("PROBEALARM")
    assert (seen.recipients, seen.left_out) == (1, 1)
    assert [row.subscriber_id for row in deliveries(send(clear))] == [stays.id]


def test_it_counts_no_drill_as_an_open_alert_of_citizens() -> None:
    approve(ROOM)
    volunteer(1)
    drill = send(draft(is_drill=True))
    assert uncleared.alert_in_force(clock.now()) is None
    assert uncleared.open_alerts(clock.now()) == [drill]
