"""A person on two channels: each broadcast once, and an alert by the other where one fails."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Outcome, Text
from broadcasts.delivery import (
    accounts,
    audience,
    broadcasts,
    effects,
    endings,
    once,
    outbox,
)
from broadcasts.delivery.broadcasts import Audience, Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import NO_WORDING, BroadcastKind, BroadcastState, DeliveryState
from broadcasts.people import links, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import BOTH, deliveries, linked, on_second, plan, reader
from tests.fakes import FakeChannel

pytestmark = pytest.mark.usefixtures("database")

FOLLOWERS = Audience.FOLLOWERS
FAILED = {"state": DeliveryState.FAILED, "outcome": Outcome.UNREACHABLE, "due_at": None}
SENT = {"state": DeliveryState.SENT, "due_at": None}
UNKNOWN = {"state": DeliveryState.UNKNOWN}
UNWORDED = {"state": DeliveryState.SKIPPED, "code": NO_WORDING, "due_at": None}


def sent(kind: BroadcastKind = BroadcastKind.ALERT, **more: object) -> Broadcast:
    started = broadcasts.start(plan(kind, **more))
    audience.write_all_waiting(BOTH)
    return broadcasts.get(started.id)


def became(person: Subscriber, **row: object) -> None:
    Delivery.update(**row).where(Delivery.subscriber == person).execute()


def fall_back() -> int:
    return once.fall_back(BOTH, clock.now())


def who(of: Broadcast) -> list[int | None]:
    return [row.subscriber_id for row in deliveries(of)]


def to_leave(of: Broadcast) -> list[int | None]:
    return [row.subscriber_id for row in deliveries(of) if row.state == DeliveryState.QUEUED]


# ------------------------------------------------------------------ fallback


@pytest.mark.parametrize("end", [FAILED, UNWORDED])
def test_it_falls_back_to_the_other_channel_once(end: dict[str, object]) -> None:
    one, other = linked(1)
    alert = sent()
    assert fall_back() == 0
    became(other, **end)
    assert fall_back() == 1
    assert fall_back() == 0
    row = deliveries(alert)[-1]
    assert (row.subscriber_id, row.channel, row.state) == (one.id, "whatsapp", "queued")
    became(one, **FAILED)
    assert fall_back() == 0


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "sent", "read", "expired"])
def test_it_waits_until_it_is_known_that_nothing_arrived(state: str) -> None:
    _, other = linked(1)
    sent()
    became(other, state=state)
    assert fall_back() == 0


def stop(account: str, *, seconds_ago: int = 60) -> None:
    accounts.ensure(a for channel in BOTH.values() for a in channel.accounts)
    with clock.travel(clock.now() - timedelta(seconds=seconds_ago)):
        accounts.stop(account, Outcome.CREDENTIALS, "401")


def test_it_hands_over_what_waits_for_a_stopped_number() -> None:
    one, other = linked(1)
    alone = on_second(2)
    alert, digest = sent(), sent(BroadcastKind.DIGEST)
    stop("9001")
    assert fall_back() == 1
    assert who(alert) == to_leave(alert) == [one.id, alone.id]
    assert deliveries(alert)[0].account == "4711"
    assert who(digest) == [other.id, alone.id]
    assert fall_back() == 0


@pytest.mark.parametrize("why", ["just now", "both stand", "may be sent", "not wanted", "cleared"])
def test_it_hands_over_nothing_for_nothing(why: str) -> None:
    one, other = linked(1)
    alert = sent()
    stop("9001", seconds_ago=5 if why == "just now" else 60)
    if why == "both stand":
        stop("4711")
    elif why == "may be sent":
        became(other, **UNKNOWN)
    elif why == "not wanted":
        subscribers.opt_out(one, clock.now())
    elif why == "cleared":
        Broadcast.update(expires_at=clock.now()).execute()
    assert fall_back() == 0
    assert who(alert) == [other.id]


def test_it_uses_the_row_that_was_skipped_for_a_stopped_number() -> None:
    one, other = reader(1), on_second(1)
    alert = sent()
    links.prefer(other, [one, other])
    once.settle([one, other], on=other)
    stop("9001")
    assert fall_back() == 1
    assert who(alert) == to_leave(alert) == [one.id]


def test_it_hands_over_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "AT_ONCE", 2)
    monkeypatch.setattr(once, "_moved_upto", {})
    for number in range(1, 6):
        linked(number)
    sent()
    stop("9001")
    assert [fall_back() for _ in range(4)] == [2, 2, 1, 0]


def test_it_does_not_fall_back_for_a_digest() -> None:
    _, other = linked(1)
    sent(BroadcastKind.DIGEST)
    became(other, **FAILED)
    assert fall_back() == 0


def test_it_goes_through_three_channels_one_by_one() -> None:
    one, other = linked(1)
    last = on_second(2)
    Subscriber.update(channel="third").where(Subscriber.id == last.id).execute()
    links.prefer(other, [one, other, last])
    channels = {**BOTH, "third": FakeChannel("third", ())}
    alert = sent()
    became(other, **FAILED)
    assert once.fall_back(channels, clock.now()) == 1
    assert who(alert)[-1] == one.id
    became(one, **SENT)
    assert once.fall_back(channels, clock.now()) == 0
    became(one, **FAILED)
    assert once.fall_back(channels, clock.now()) == 1
    assert who(alert)[-1] == last.id


def test_it_falls_back_to_a_row_that_was_skipped_for_the_other_one() -> None:
    one, other = reader(1), on_second(1)
    alert = sent()
    links.prefer(other, [one, other])
    once.settle([one, other], on=other)
    became(other, **FAILED)
    assert fall_back() == 1
    assert to_leave(alert) == [one.id]
    assert fall_back() == 0


def test_it_falls_back_where_the_other_row_was_left_on_its_way() -> None:
    """Moved while the provider was asked, which was busy: nothing more goes to the old row."""
    one, other = reader(1), on_second(1)
    alert = sent()
    became(one, state=DeliveryState.SENDING)
    links.prefer(other, [one, other])
    once.settle([one, other], on=other)
    subscribers.opt_out(one, clock.now())
    became(one, state=DeliveryState.SKIPPED, code="opted_out", due_at=None)
    assert fall_back() == 1
    assert to_leave(alert) == [other.id]


def test_it_warns_nobody_again_who_was_told_in_an_answer() -> None:
    one, other = linked(1)
    alert = sent()
    subscribers.opt_out(one, clock.now())
    became(other, **FAILED)
    subscribers.opt_in(one, Wants.EVERYTHING, clock.now(), "de")
    number = outbox.answer(one, Text("Sturm"), tells_of=alert.id)
    assert fall_back() == 0
    Delivery.update(**FAILED).where(Delivery.id == number).execute()
    assert fall_back() == 1


def test_it_gives_a_blocked_channels_part_to_the_other_one() -> None:
    one, other = linked(1)
    alert, digest = sent(), sent(BroadcastKind.DIGEST)
    effects.refuse_everything(other, "blocked", clock.now())
    assert to_leave(alert) == to_leave(digest) == [one.id]


def test_it_opens_a_finished_alert_again() -> None:
    _, other = linked(1)
    alert = sent()
    became(other, **FAILED)
    broadcasts.mark_finished(alert.id, clock.now())
    assert fall_back() == 1
    assert broadcasts.get(alert.id).state == BroadcastState.RUNNING


@pytest.mark.parametrize("why", ["expired", "stopped", "cleared", "opted out", "no such channel"])
def test_it_warns_nobody_for_whom_it_is_over(why: str) -> None:
    one, other = linked(1)
    alert = sent()
    became(other, **FAILED)
    channels = dict(BOTH)
    if why == "expired":
        Broadcast.update(expires_at=clock.now()).execute()
    elif why == "stopped":
        endings.stop(alert.id)
    elif why == "cleared":
        broadcasts.mark_finished(alert.id, clock.now())
        clear = {"audience": Audience.FOLLOWERS, "follows": alert.id}
        broadcasts.start(plan(BroadcastKind.CLEAR, **clear))
    elif why == "opted out":
        subscribers.opt_out(one, clock.now())
    else:
        del channels["whatsapp"]
    once.fall_back(channels, clock.now())
    assert len(deliveries(alert)) == 1


def test_it_tells_who_got_the_warning_on_the_other_channel_that_it_is_over() -> None:
    one, other = linked(1)
    alert = sent()
    became(other, **FAILED)
    fall_back()
    became(one, **SENT)
    clear = sent(BroadcastKind.CLEAR, audience=Audience.FOLLOWERS, follows=alert.id)
    assert who(clear) == [one.id]


def test_it_tells_who_got_it_on_both_only_once() -> None:
    one, other = reader(1), on_second(1)
    alert = sent()
    became(one, **SENT)
    became(other, **SENT)
    links.prefer(other, [one, other])
    clear = sent(BroadcastKind.CLEAR, audience=Audience.FOLLOWERS, follows=alert.id)
    assert who(clear) == [other.id]
    assert audience.meant(Audience.FOLLOWERS, list(BOTH), follows=alert.id).count() == 1
    became(other, **FAILED)
    assert fall_back() == 1  # of the all-clear, too
    assert who(clear) == [other.id, one.id]


@pytest.mark.parametrize("how", ["moved", "blocked", "told and blocked", "blocked, of three"])
def test_it_tells_who_left_the_channel_of_the_warning_that_it_is_over(how: str) -> None:
    one, other = linked(1)
    channels = dict(BOTH)
    alert = sent()
    became(other, **SENT)
    if how == "told and blocked":
        Delivery.delete().execute()
        outbox.answer(other, Text("Sturm"), tells_of=alert.id)
        became(other, **SENT)
    elif how == "blocked, of three":
        third = on_second(2)
        Subscriber.update(channel="third").where(Subscriber.id == third.id).execute()
        links.prefer(other, [one, other, third])
        channels["third"] = FakeChannel("third", ())
    if how == "moved":
        links.prefer(one, [one, other])
    subscribers.opt_out(other, clock.now())
    clear = broadcasts.start(plan(BroadcastKind.CLEAR, audience=FOLLOWERS, follows=alert.id))
    audience.write_all_waiting(channels)
    assert who(clear) == [one.id]
    assert audience.left_out(FOLLOWERS, alert.id, list(channels)) == 0
    subscribers.opt_out(one, clock.now())
    if how != "blocked, of three":
        assert audience.left_out(FOLLOWERS, alert.id, list(channels)) == 1


def test_it_looks_at_a_page_a_round_and_comes_round_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(once, "PAGE", 2)
    monkeypatch.setattr(once, "_upto", {})
    pairs = [linked(number) for number in range(1, 6)]
    sent()
    for _, other in pairs:
        became(other, **FAILED)
    assert [fall_back() for _ in range(4)] == [2, 2, 1, 0]
    other = linked(6)[1]
    Delivery.update(subscriber=other.id).where(Delivery.id == 1).execute()  # looked at already
    assert sum(fall_back() for _ in range(3)) == 1


# ------------------------------------------------------------------ linked while something runs


def test_it_hands_over_what_has_not_left() -> None:
    one, other = reader(1), on_second(1, Wants.NOTHING)
    digest = sent(BroadcastKind.DIGEST)
    links.prefer(other, [one, other])
    once.settle([one, other], on=other)
    (row,) = deliveries(digest)
    assert (row.subscriber_id, row.channel, row.account) == (other.id, "second", "9001")


def test_it_skips_one_of_two_that_have_not_left() -> None:
    one, other = reader(1), on_second(1)
    digest = sent(BroadcastKind.DIGEST)
    once.settle([one, other], on=other)
    assert to_leave(digest) == [other.id]
    assert deliveries(digest)[0].code == once.ELSEWHERE


@pytest.mark.parametrize("first", [SENT, UNKNOWN])
def test_it_sends_nothing_more_to_who_has_got_it(first: dict[str, object]) -> None:
    one, other = reader(1), on_second(1)
    digest = sent(BroadcastKind.DIGEST)
    became(one, **first)
    once.settle([one, other], on=other)
    assert to_leave(digest) == []


def test_it_keeps_out_who_is_still_to_be_written() -> None:
    one, other = reader(1), on_second(1)
    digest = broadcasts.start(plan())
    audience.write_some(digest, BOTH, chunk=1)
    once.settle([one, other])  # parted, say
    audience.write_all_waiting(BOTH)
    assert to_leave(digest) == [one.id]
    assert len(deliveries(digest)) == 2
