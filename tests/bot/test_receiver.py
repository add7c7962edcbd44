"""The receiver without loops around it: odd orders, late news, what nobody can read."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import create_web, open_city
from bot.city import City
from bot.receiver import Receiver
from broadcasts import clock, db, journal
from broadcasts.channels.base import Address
from broadcasts.delivery import audience, broadcasts, outbox, templates, upkeep
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.newsroom import alerts, digests, posts
from broadcasts.newsroom.alerts import AlertError, Draft
from broadcasts.newsroom.posts import Written
from broadcasts.people import subscribers
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy.opt_outs import OptOut
from tests.channels.whatsapp import samples
from tests.delivery import makers
from tests.newsroom.makers import approve, local
from tests.stories.telling import fresh
from tests.system import APP_SECRET, NUMBER, write_config

NUMBER_42 = "4917604069042"
SETTLE = timedelta(seconds=60)


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> Iterator[City]:
    here = open_city(write_config(tmp_path, url=f'"{database_url}"'))
    with db.session():
        yield here
    db.close_database()


@pytest.fixture
def feed(city: City) -> Iterator[Callable[..., None]]:
    """Takes bodies in and applies them."""
    receiver = Receiver(city)

    def call(*payloads: Any) -> None:
        for payload in payloads:
            raw = json.dumps(payload).encode()
            writers = city.channels["whatsapp"].writers(payload)
            journal.append([journal.Arrival("whatsapp", raw, writers)])
        while receiver.drain():
            pass

    yield call
    receiver.release()
    receiver.close()


def ago(seconds: int) -> str:
    return str(int(clock.now().timestamp()) - seconds)


def write(text: str, seconds: int = 0, **more: Any) -> Any:
    return fresh(text={"body": text}, timestamp=ago(seconds), **more)


def sent(city: City, **more: Any) -> Delivery:
    """A digest's delivery that is out."""
    digest = broadcasts.start(makers.plan(on=clock.today(city.zone)))
    audience.write_all_waiting(city.channels)
    row = {"state": "sent", "due_at": None, "attempt": 1, **more}
    Delivery.update(**row).where(Delivery.broadcast == digest.id).execute()
    return Delivery.get(Delivery.broadcast == digest.id)


def failed(delivery: Delivery, code: int) -> Any:
    errors = [{"code": code, "title": "x", "message": "x"}]
    return samples.status("failed", biz_opaque_callback_data=f"{delivery.id}:1", errors=errors)


def preference(value: str, seconds: int) -> Any:
    payload = samples.preference(value)
    item = payload["entry"][0]["changes"][0]["value"]["user_preferences"][0]
    item["timestamp"] = ago(seconds)
    return payload


# ------------------------------------------------------------------ who wants what, in which order


@pytest.mark.parametrize("way", ["status", "preference"])
def test_it_stops_although_the_platform_was_told_first(
    city: City, feed: Callable[..., None], way: str
) -> None:
    feed(samples.message(timestamp=ago(300)))
    first = preference("stop", 60) if way == "preference" else failed(sent(city), 131050)
    stop = samples.message(id="wamid.stop", text={"body": "Stopp"}, timestamp=ago(5))
    before = Delivery.select().count()
    feed(samples.batch([first, stop]))
    assert Subscriber.get().wants == Wants.STOPPED
    assert Delivery.select().count() == before + 1  # the farewell


def test_it_lets_no_older_platform_stop_undo_a_newer_start(feed: Callable[..., None]) -> None:
    feed(samples.message(timestamp=ago(100)), preference("stop", 500))
    assert Subscriber.get().wants == Wants.EVERYTHING
    feed(preference("stop", 50))
    assert Subscriber.get().wants == Wants.ALERTS_ONLY


def test_it_lets_no_earlier_start_undo_a_stop(feed: Callable[..., None]) -> None:
    feed(write("Stopp", 50), write("Start", 100))
    assert Subscriber.get().wants == Wants.NOTHING
    feed(write("Start", 40), write("Stopp", 30), write("Stopp", 10), write("Start", 20))
    assert Subscriber.get().wants == Wants.STOPPED


def test_it_remembers_a_stop_for_a_restore_until_a_start(feed: Callable[..., None]) -> None:
    feed(write("Start", 50), write("Stopp", 40))
    assert OptOut.select().count() == 1
    feed(write("Start", 30))
    assert OptOut.select().count() == 0
    feed(write("Stopp", 20), write("Alle Daten löschen", 10))
    assert OptOut.select().count() == 0


def test_it_keeps_two_people_apart_when_a_number_is_given_again(
    feed: Callable[..., None],
) -> None:
    anna, bernd = "4917604069011", "4917604069022"
    feed(
        write("Start", 100, **{"from": anna, "from_user_id": "DE.anna"}),
        write("geheim von Bernd", 90, **{"from": bernd, "from_user_id": "DE.bernd"}),
    )
    change = {"type": "user_changed_number", "wa_id": bernd, "body": "x"}
    system = {"type": "system", "text": None, "contacts": None, "system": change}
    sender = {"from": anna, "from_user_id": "DE.anna"}
    feed(samples.message(id="wamid.c", timestamp=ago(0), **system, **sender))
    rows = {row.bsuid: row for row in Subscriber.select()}
    assert rows["DE.anna"].wa_id == bernd
    assert rows["DE.bernd"].wa_id is None
    assert Message.get(Message.text == "geheim von Bernd").subscriber_id == rows["DE.bernd"].id


# ------------------------------------------------------------------ after an erasure


def test_it_writes_no_id_back_by_a_late_status(city: City, feed: Callable[..., None]) -> None:
    feed(write("Start", 100))
    row = sent(city, provider_id=samples.wamid(NUMBER_42))
    feed(write("Alle Daten löschen"))
    ids = {"id": samples.wamid(NUMBER_42), "recipient_id": NUMBER_42}
    feed(samples.status("read", biz_opaque_callback_data=f"{row.id}:1", **ids))
    row = Delivery.get_by_id(row.id)
    assert (row.provider_id, row.state) == (None, "read")


def test_it_keeps_nothing_of_the_erased_that_nobody_can_read(feed: Callable[..., None]) -> None:
    feed(write("Start", 100), write("Alle Daten löschen", 50))
    unreadable = fresh(type="text", text={}, timestamp=ago(200))
    unknown = samples.change({"metadata": samples.METADATA, "calls": [{"from": NUMBER_42}]}, "x")
    feed(unreadable, unknown)
    rows = list(journal.StrangeEntry.select())
    assert len(rows) == 2
    assert not any(NUMBER_42 in row.body for row in rows)


def test_it_keeps_what_nobody_can_read_of_others(feed: Callable[..., None]) -> None:
    feed(write("Start", 100), write("Alle Daten löschen", 50), write("Start", 10))
    feed(fresh(type="text", text={}, timestamp=ago(5)))
    (row,) = journal.StrangeEntry.select()
    assert NUMBER_42 in row.body  # back since: known, and reachable by the next erasure


def test_it_leaves_no_id_behind_when_two_rows_are_one_person(
    city: City, feed: Callable[..., None]
) -> None:
    at = clock.now() - timedelta(hours=1)
    for address in (Address(NUMBER_42), Address(None, "DE.x42")):
        person = subscribers.create("whatsapp", NUMBER, address, language="de", at=at)
        subscribers.opt_in(person, Wants.EVERYTHING, at, "de")
    digest = sent(city, provider_id=samples.wamid(NUMBER_42)).broadcast_id
    feed(write("Hallo Leute"), write("Alle Daten löschen"))
    left = [row.provider_id for row in Delivery.select().where(Delivery.broadcast == digest)]
    assert left == [None, None]


def test_it_drops_a_receipts_address_when_the_status_was_quicker(
    feed: Callable[..., None],
) -> None:
    feed(write("Start", 100), write("Alle Daten löschen"))
    row = Delivery.get(Delivery.address.is_null(False))
    due = clock.now() + timedelta(seconds=30)
    Delivery.update(state="sending", attempt=1, due_at=due).where(Delivery.id == row.id).execute()
    feed(samples.status("sent", biz_opaque_callback_data=f"{row.id}:1"))
    assert not Delivery.select().where(Delivery.address.is_null(False)).exists()


# ------------------------------------------------------------------ what cannot be stored


def test_it_goes_on_after_half_a_character(feed: Callable[..., None]) -> None:
    feed(write("Hallo, eine Frage \ud83d"), write("null \x00 Byte"))
    texts = [row.text for row in Message.select().where(Message.direction == "in")]
    assert texts == ["Hallo, eine Frage ?", "null  Byte"]


def test_it_sets_aside_what_cannot_be_written(feed: Callable[..., None]) -> None:
    strange = fresh(text={"body": "Hallo"}, **{"from": None, "from_user_id": "DE.x\ud83d"})
    other = {"from": "4917604069077", "from_user_id": "DE.x77"}
    feed(strange, write("Start", id="wamid.other", **other))
    assert journal.is_drained()
    assert Subscriber.select().where(Subscriber.wa_id == "4917604069077").exists()
    assert journal.StrangeEntry.select().count() == 1


def test_it_stores_what_names_nobody_properly(city: City) -> None:
    raw = json.dumps(fresh(from_user_id="DE.x\ud83d")).encode()
    signature = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}"}
    client = create_web(city).test_client()
    assert client.post("/webhooks/whatsapp", data=raw, headers=headers).status_code == 200


# ------------------------------------------------------------------ broadcasts


def through(broadcast: Broadcast) -> Delivery:
    audience.write_all_waiting(makers.CHANNELS)
    Delivery.update(state="sent", due_at=None, attempt=1).where(
        Delivery.broadcast == broadcast.id
    ).execute()
    upkeep.run_once(clock.now(), settle_after=SETTLE)
    return Delivery.get(Delivery.broadcast == broadcast.id)


def test_it_warns_nobody_after_the_all_clear(city: City, feed: Callable[..., None]) -> None:
    approve(city.newsroom)
    feed(write("Start", 100))
    now = clock.now()
    alert = alerts.send(city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), now)
    row = through(alert)
    clear = alerts.follow_up(BroadcastKind.CLEAR, alert.id, "Vorbei")
    through(alerts.send(city.newsroom, clear, now))
    feed(failed(row, 131000))
    assert Delivery.get_by_id(row.id).state == "failed"
    assert broadcasts.get(alert.id).state == "finished"


def test_it_finishes_nothing_that_has_just_come_back(
    city: City, feed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(city.newsroom)
    feed(write("Start", 100))
    alert = alerts.send(city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    Delivery.update(state="sent", due_at=None, attempt=1).where(
        Delivery.broadcast == alert.id
    ).execute()
    row = Delivery.get(Delivery.broadcast == alert.id)
    really, refusals = outbox.is_through, iter([failed(row, 131000)])

    def and_then_a_refusal(broadcast_id: int) -> bool:
        found = really(broadcast_id)
        for refusal in refusals:
            feed(refusal)
        return found

    monkeypatch.setattr(outbox, "is_through", and_then_a_refusal)
    upkeep.look_after(broadcasts.get(alert.id), clock.now())
    assert Delivery.get_by_id(row.id).state == "queued"
    assert broadcasts.get(alert.id).state == "running"


def test_it_keeps_the_posts_of_a_digest_that_never_left(
    city: City, feed: Callable[..., None]
) -> None:
    approve(city.newsroom)
    with clock.travel(local("2026-11-25", "12:00")):
        feed(write("Start", 100))
    with clock.travel(local("2026-11-25", "17:00")):
        post = posts.add(city.newsroom, Written("Markt"))
        digests.send(city.newsroom, now=clock.now())
        audience.write_all_waiting(city.channels)
    with clock.travel(local("2026-11-25", "21:01")):
        for _ in range(3):
            upkeep.run_once(clock.now(), settle_after=SETTLE)
        assert digests.keep_posts_of_the_unsent(clock.now()) == 1
        assert digests.keep_posts_of_the_unsent(clock.now()) == 0
    with clock.travel(local("2026-11-26", "17:01")):
        assert posts.Post.get_by_id(post.id).state == "queued"
        assert digests.due(city.newsroom, clock.now()) is not None


def test_it_takes_a_digest_that_may_have_reached_somebody_for_sent(
    city: City, feed: Callable[..., None]
) -> None:
    feed(write("Start", 100))
    row = sent(city)
    Delivery.update(state="expired", unknowns=1).where(Delivery.id == row.id).execute()
    assert not outbox.reached_nobody(row.broadcast_id or 0)


@pytest.mark.sqlite
def test_it_asks_one_row_whether_a_digest_has_reached_somebody(city: City) -> None:
    row = makers.sent({DeliveryState.READ: 300}, state=BroadcastState.FINISHED)
    steps = []
    connection = db.database.connection()
    connection.set_progress_handler(lambda: steps.append(1), 100)  # every 100 steps of SQLite
    assert not outbox.reached_nobody(row.id)
    connection.set_progress_handler(None, 0)
    assert len(steps) <= 2, "it looked at all of them"


# ------------------------------------------------------------------ templates


def event(name: str) -> Any:
    value = {
        "event": name,
        "message_template_id": 1,
        "message_template_name": "alert_2h",
        "message_template_language": "de",
        "reason": "NONE",
    }
    return samples.change(value, "message_template_status_update")


def test_it_knows_which_events_are_no_states(feed: Callable[..., None]) -> None:
    templates.note_refused("whatsapp", "alert_2h", "de", "APPROVED")
    for name in ("FLAGGED", "UNARCHIVED"):
        feed(event(name))
        assert templates.is_approved("whatsapp", "alert_2h", "de")
    feed(event("PAUSED"))
    assert not templates.is_approved("whatsapp", "alert_2h", "de")
    feed(event("REINSTATED"))
    assert templates.is_approved("whatsapp", "alert_2h", "de")


def test_it_warns_of_a_paused_template(city: City) -> None:
    approve(city.newsroom)
    client = create_web(city).test_client()
    assert client.get("/healthz").json["warnings"] == []
    templates.note_refused("whatsapp", "alert_2h", "de", "PAUSED")
    (warning,) = client.get("/healthz").json["warnings"]
    assert warning.startswith("templates: not approved: alert_2h (de) paused by the provider")


def test_it_takes_a_longer_lifetime_when_the_fitting_one_is_paused(city: City) -> None:
    approve(city.newsroom)
    for number in range(3):
        makers.reader(number, window=False)
    draft = Draft(BroadcastKind.ALERT, "Sturm")
    templates.note_refused("whatsapp", "alert_2h", "de", "PAUSED")
    assert alerts.outlook(city.newsroom, draft, clock.now()).template == "alert_12h"
    templates.note_refused("whatsapp", "alert_12h", "de", "PAUSED")
    assert alerts.outlook(city.newsroom, draft, clock.now()).template == "alert_30m"


def test_it_refuses_an_alert_too_long_for_free_text(city: City) -> None:
    makers.reader(1)
    with pytest.raises(AlertError, match="signs too long"):
        alerts.outlook(city.newsroom, Draft(BroadcastKind.ALERT, "x" * 5000), clock.now())
