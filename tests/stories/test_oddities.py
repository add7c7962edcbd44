"""What Meta brings: twice, in batches, out of order, and what nobody understands."""

import logging
from typing import Any

import httpx
import pytest

from bot import health
from broadcasts import clock, db, journal
from broadcasts.delivery import accounts, broadcasts, holds, templates
from broadcasts.delivery.holds import RefusedTemplate
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastState
from broadcasts.people.consent import Consent
from broadcasts.people.subscribers import Subscriber, Wants
from tests.channels.whatsapp import samples
from tests.patience import wait_until
from tests.stories.telling import digest, fresh, person, post, said
from tests.system import NUMBER, VERIFY_TOKEN, System


def test_it_applies_a_redelivered_message_once(system: System) -> None:
    payload = fresh(id="wamid.einmal")
    twice = samples.batch([payload, fresh(id="wamid.zwei"), payload])
    for body in (payload, payload, twice):
        assert post(system, body).status_code == 200
    system.settle()
    assert Consent.select().count() == 1
    assert Delivery.select().where(Delivery.broadcast.is_null()).count() == 2


def test_it_takes_no_old_start_for_a_new_one(system: System) -> None:
    said(system, "Start", "Stopp", last=51)
    old = str(int(clock.now().timestamp()) - 3600)
    post(system, fresh(timestamp=old, from_user_id=None, **{"from": "4917604069051"}))
    system.settle()
    assert person().wants == Wants.STOPPED


def test_it_takes_a_batch_of_a_thousand(system: System) -> None:
    readers = [
        fresh(
            contacts=None,
            id=f"wamid.batch.{n}",
            from_user_id=f"DE.x{n}",
            **{"from": f"12025550{n % 100:03}"} if n < 100 else {"from": None},
        )
        for n in range(1000)
    ]
    payload = samples.batch(readers)
    assert post(system, payload).status_code == 200
    wait_until(lambda: journal.is_drained())
    assert Subscriber.select().where(Subscriber.wants == Wants.EVERYTHING).count() == 1000
    Delivery.delete().execute()


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"X-Hub-Signature-256": ""}, 401), ({"X-Hub-Signature-256": "sha256=00"}, 403)],
)
def test_it_refuses_what_is_not_from_meta(
    system: System, headers: dict[str, str], status: int
) -> None:
    assert post(system, fresh(), **headers).status_code == status
    assert journal.is_drained()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"kein JSON", 400), (b"[" * 100_000, 400), (b"\xff\xfe", 400), (b"x" * 3_200_000, 413)],
)
def test_it_refuses_what_it_cannot_take(system: System, body: bytes, status: int) -> None:
    assert post(system, body).status_code == status


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (
            samples.change({"metadata": {"phone_number_id": "666"}, "messages": [{}]}),
            "other_number",
        ),
        (samples.change({"brand": "new"}, "brand_new_field"), "unknown_field"),
        ([1, 2], "unreadable"),
        (fresh(type="text", text=None), "unreadable"),
    ],
)
def test_it_keeps_and_counts_what_it_does_not_understand(
    system: System, payload: Any, reason: str
) -> None:
    assert post(system, payload).status_code == 200
    assert post(system, fresh()).status_code == 200
    system.settle()
    wait_until(lambda: Subscriber.select().count() == 1)
    assert journal.count_strange() == {reason: 1}
    (check,) = [check for check in health.warn(system.city) if check.id == "not_understood"]
    assert (check.ok, check.detail) == (reason != "unreadable", f"kept aside: {reason} 1")


def test_it_answers_metas_verification(system: System) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "4711", "hub.verify_token": VERIFY_TOKEN}
    url = f"{system.url}/webhooks/whatsapp"
    assert httpx.get(url, params=query).text == "4711"
    assert httpx.get(url, params={**query, "hub.verify_token": "x"}).status_code == 403


def test_it_answers_503_when_it_cannot_store(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise db.DatabaseError("disk full")

    monkeypatch.setattr(journal, "append", full)
    assert post(system, fresh()).status_code == 503


def test_it_counts_a_status_that_names_nothing_of_ours(system: System) -> None:
    post(system, samples.status("read", biz_opaque_callback_data="fremd"))
    system.settle()
    wait_until(lambda: journal.count_strange() == {"status_of_no_delivery": 1})
    assert journal.StrangeEntry.get().body == ""


def test_it_sets_one_poisonous_item_aside(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import conversation

    react = conversation.react

    def stumble(city: Any, person: Any, message: Any) -> Any:
        if message.text == "Gift":
            raise RuntimeError("unforeseen")
        return react(city, person, message)

    monkeypatch.setattr(conversation, "react", stumble)
    logging.getLogger("bot.receiver").setLevel(logging.CRITICAL)
    poison = fresh(id="wamid.gift", text={"body": "Gift"})
    post(system, samples.batch([poison, fresh(id="wamid.gut")]))
    system.settle()
    wait_until(lambda: journal.count_strange() == {"failed:RuntimeError": 1})
    assert person().wants == Wants.EVERYTHING


def test_it_learns_of_templates_and_limits(system: System) -> None:
    system.sandbox.set_template("digest_5", "nl", "PAUSED")
    system.sandbox.tell("", "business_capability_update", {"max_daily_conversation_per_phone": 99})
    wait_until(lambda: not templates.is_approved("whatsapp", "digest_5", "nl"))
    wait_until(lambda: accounts.get(NUMBER).daily_limit == 99)
    system.sandbox.set_template("digest_5", "nl", "APPROVED")
    wait_until(lambda: templates.is_approved("whatsapp", "digest_5", "nl"))


def test_it_goes_on_when_a_paused_template_is_approved_again(system: System) -> None:
    said(system, "Start")
    started = digest(system)
    broadcasts.Broadcast.update(state=BroadcastState.RUNNING).where(
        broadcasts.Broadcast.id == started
    ).execute()
    refused = RefusedTemplate("whatsapp", "digest_1", "de", "template_paused 132015")
    holds.refuse(started, refused)
    holds.hold_refused(started)
    system.sandbox.set_template("digest_1", "de", "APPROVED")
    wait_until(lambda: broadcasts.get(started).state == BroadcastState.FINISHED)
