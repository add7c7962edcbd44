"""What citizens, Meta and the night do to the service: short stories over real HTTP."""

import hashlib
import hmac
import itertools
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot import health
from bot.receiver import Receiver
from broadcasts import clock, db, journal
from broadcasts.channels.base import Outcome, TemplateChanged
from broadcasts.delivery import accounts, audience, broadcasts, lane, templates
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import alerts, digests, posts
from broadcasts.newsroom.alerts import Draft
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Message
from broadcasts.people.subscribers import Subscriber, Wants
from tests.channels.whatsapp import samples
from tests.system import APP_SECRET, NUMBER, VERIFY_TOKEN, System, running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running(tmp_path_factory.mktemp("city"), time='"23:57"', app_id='"55"') as system:
        yield system


@pytest.fixture
def system(shared: System) -> System:
    """A running city without readers."""
    shared.settle()
    shared.sandbox.call(shared.sandbox.world.people.clear)
    shared.sandbox.call(shared.sandbox.world.by_bsuid.clear)
    shared.sandbox.call(shared.sandbox.world.log.clear)
    shared.sandbox.faults.clear()
    for table in (Delivery, Subscriber, journal.StrangeEntry):
        table.delete().execute()
    broadcasts.Broadcast.update(digest_on=None).execute()
    return shared


def person() -> Subscriber:
    return Subscriber.select().order_by(Subscriber.id.desc()).get()


def said(system: System, *texts: str, last: int = 1) -> list[str]:
    """Writes one after the other, waiting for each answer; gives what was answered."""
    phone = system.phone(last)
    before = len(phone.messages)
    for number, text in enumerate(texts, start=1):
        phone.text(text)
        phone.wait_for(before + number)
    return phone.bodies[before:]


# ------------------------------------------------------------------ citizens


def test_it_records_consent_with_wording_time_and_message(system: System) -> None:
    said(system, "Start")
    (row,) = list(Consent.select())
    assert (row.deed, row.wording) == (Deed.OPT_IN, "de-2026-11")
    assert row.message_id.startswith("wamid.")


def test_it_is_friendly_when_started_twice(system: System) -> None:
    answers = said(system, "Start", "Start")
    assert "schon angemeldet" in answers[1]
    assert Consent.select().count() == 1


def test_it_welcomes_back_after_a_stop(system: System) -> None:
    answers = said(system, "Start", "Stopp", "Start")
    assert "wieder dabei" in answers[2]
    assert person().wants == Wants.EVERYTHING


def test_it_answers_in_the_language_of_the_word(system: System) -> None:
    assert "Welcome" in said(system, "Subscribe")[0]
    assert person().language == "en"


def test_it_moves_between_everything_and_alerts_only(system: System) -> None:
    answers = said(system, "Start", "Nur Notfälle", "Nur Notfälle", "Start")
    assert "nur noch Warnungen" in answers[1]
    assert "schon nur Warnungen" in answers[2]
    assert person().wants == Wants.EVERYTHING


def test_it_says_farewell_once(system: System) -> None:
    answers = said(system, "Start", "Stopp", "Stopp")
    assert "abgemeldet" in answers[1]
    assert "nicht angemeldet" in answers[2]


def test_it_takes_what_is_queued_back_at_once(system: System) -> None:
    said(system, "Start")
    started = _digest(system)
    system.phone(1).wait_for(2)
    Delivery.update(state="queued", due_at=clock.now() + timedelta(hours=1)).where(
        Delivery.broadcast == started
    ).execute()
    said(system, "Stopp")
    assert Delivery.get(Delivery.broadcast == started).state == "skipped"


def test_it_warns_of_a_missing_all_clear_while_an_alert_is_open(system: System) -> None:
    said(system, "Start")
    draft = Draft(BroadcastKind.ALERT, "Sturm")
    started = alerts.send(system.city.newsroom, draft, clock.now())
    system.phone(1).wait_for(2)
    assert "Entwarnung erreicht Sie" in said(system, "Stopp")[0]
    system.wait_until(lambda: broadcasts.get(started.id).state == BroadcastState.FINISHED)
    broadcasts.Broadcast.update(expires_at=clock.now()).execute()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Hilfe", "Messenger-Dienst"),
        ("Datenschutz", "Meta"),
        ("Info", "selbst"),
        ("Aktuell", "noch keine Nachricht"),
    ],
)
def test_it_answers_questions(system: System, text: str, answer: str) -> None:
    assert answer in said(system, text)[0]


def test_it_asks_back_before_leaving_in_doubt(system: System) -> None:
    said(system, "Start", "Ich möchte mich abmelden")
    phone = system.phone(1)
    phone.tap("Nein, bleiben")
    assert "bleibt" in phone.wait_for(3)[2].body
    assert person().wants == Wants.EVERYTHING
    phone.text("Wie kann ich mich abmelden?")
    phone.wait_for(4)
    phone.tap("stop:yes")
    assert "abgemeldet" in phone.wait_for(5)[4].body


def test_it_puts_free_text_into_the_inbox_and_acknowledges_once_a_day(system: System) -> None:
    phone = system.phone(1)
    phone.text("Die Ampel am Markt ist kaputt")
    assert "112" in phone.wait_for(1)[0].body
    phone.text("Und die Bank auch")
    phone.image("So sieht es aus")
    system.settle()
    system.wait_until(lambda: Message.select().count() == 3)
    assert len(phone.messages) == 1


def test_it_takes_a_reaction_for_no_question(system: System) -> None:
    said(system, "Start")
    phone = system.phone(1)
    phone.react("👍")
    system.settle()
    assert len(phone.messages) == 1
    assert Message.select().count() == 0


def test_it_obeys_the_platforms_own_switch(system: System) -> None:
    said(system, "Start")
    phone = system.phone(1)
    phone.stop_marketing()
    system.settle()
    system.wait_until(lambda: person().wants == Wants.ALERTS_ONLY)
    phone.stop_marketing(resume=True)
    system.settle()
    system.wait_until(lambda: person().wants == Wants.EVERYTHING)


def test_it_does_not_let_the_platform_undo_a_persons_own_word(system: System) -> None:
    said(system, "Nur Notfälle")
    system.phone(1).stop_marketing(resume=True)
    system.settle()
    assert person().wants == Wants.ALERTS_ONLY


@pytest.mark.parametrize("shape", ["phone", "bsuid", "both"])
def test_it_serves_every_kind_of_identity(system: System, shape: str) -> None:
    phone = system.phone(1, shape=shape)
    phone.text("Start")
    phone.wait_for(1)
    assert (person().wa_id is not None, person().bsuid is not None) == (
        shape != "bsuid",
        shape != "phone",
    )
    phone.text("Alle Daten löschen")
    assert "Quittung" in phone.wait_for(2)[1].body


def test_it_joins_two_rows_of_one_person(system: System) -> None:
    phone = system.phone(1, shape="phone")
    phone.text("Start")
    phone.wait_for(1)
    phone.person.shape = "bsuid"
    phone.text("Hilfe")
    phone.wait_for(2)
    assert Subscriber.select().count() == 2
    phone.person.shape = "both"
    phone.text("Hilfe")
    phone.wait_for(3)
    row = Subscriber.get()
    assert row.wants == Wants.EVERYTHING
    assert row.wa_id
    assert row.bsuid


def test_it_follows_a_changed_number(system: System) -> None:
    said(system, "Start")
    phone = system.phone(1)
    phone.person.shape = "phone"
    phone.change_number("+49 176 04069088")
    system.settle()
    system.wait_until(lambda: person().wa_id == "4917604069088")
    assert person().wants == Wants.EVERYTHING


def test_it_gives_a_recycled_number_to_its_new_owner_without_the_subscription(
    system: System,
) -> None:
    said(system, "Start")
    old = person()
    known = system.phone(1).person
    known.bsuid = "DE.somebodyelse"
    said(system, "Hilfe")
    assert Subscriber.get_by_id(old.id).wa_id is None
    assert person().wants == Wants.NOTHING


# ------------------------------------------------------------------ erasure


def test_it_erases_everything_and_takes_no_old_message_back(system: System) -> None:
    phone = system.phone(31)
    early = clock.now().timestamp() - 600
    phone.text("Start", at=early)
    phone.wait_for(1)
    phone.text("Meine Adresse ist geheim", at=early + 60)
    phone.wait_for(2)
    phone.text("Alle Daten löschen")
    phone.wait_for(3)
    phone.text("Start", at=early + 120)  # written earlier, brought later
    system.settle()
    assert Subscriber.select().count() == 0
    assert Message.select().count() == 0
    assert len(phone.messages) == 3


def test_it_leaves_no_trace_in_any_file(system: System) -> None:
    other = system.phone(2)
    other.text("Start")
    other.wait_for(1)
    phone = system.phone(1)
    said(system, "Start", "Die Ampel am Zypressenweg ist kaputt")
    _digest(system)
    phone.wait_for(3)
    system.settle()
    person_bsuid = phone.person.bsuid
    said(system, "Alle Daten löschen")
    system.settle()
    system.wait_until(lambda: not Delivery.select().where(Delivery.address.is_null(False)).exists())
    system.wait_until(lambda: db.truncate_log())
    db.truncate_log()
    stored = b"".join(p.read_bytes() for p in system.config.parent.glob("stadtbote.db*"))
    for value in ("4917604069001", person_bsuid, "Zypressenweg"):
        assert value.encode() not in stored
    assert b"4917604069002" in stored


def test_it_lets_an_erased_person_start_anew(system: System) -> None:
    said(system, "Start", "Alle Daten löschen", "Start")
    assert person().wants == Wants.EVERYTHING
    assert person().opted_out_at is None


def test_it_forgets_a_receipt_that_cannot_be_sent(system: System) -> None:
    said(system, "Start")
    system.sandbox.faults.down = True
    system.phone(1).text("Alle Daten löschen")
    system.settle()
    system.wait_until(lambda: Subscriber.select().count() == 0)
    row = Delivery.get(Delivery.address.is_null(False))
    assert row.expires_at - clock.now() <= timedelta(seconds=60)
    Delivery.update(expires_at=clock.now()).execute()
    system.wait_until(lambda: Delivery.select().count() == 0)
    system.sandbox.faults.clear()
    accounts.pause(NUMBER, clock.now())


# ------------------------------------------------------------- Meta's oddities


def fresh(**parts: Any) -> dict[str, Any]:
    """A "Start" of this second by somebody who was never erased."""
    now = str(int(clock.now().timestamp()))
    written = {
        "id": f"wamid.{next(COUNT)}",
        "from": "4917604069042",
        "from_user_id": "DE.x42",
        "timestamp": now,
    }
    return samples.message(**{"contacts": None, **written, **parts})


COUNT = itertools.count()


def post(system: System, payload: Any, **headers: str) -> httpx.Response:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    digest = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    sent = {"X-Hub-Signature-256": f"sha256={digest}", **headers}
    return httpx.post(f"{system.url}/webhooks/whatsapp", content=raw, headers=sent)


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
    system.wait_until(lambda: journal.is_drained(), 30)
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
    system.wait_until(lambda: Subscriber.select().count() == 1)
    assert journal.count_strange() == {reason: 1}
    (check,) = [check for check in health.warn(system.city) if check.id == "not_understood"]
    assert (check.ok, check.detail) == (reason != "unreadable", f"{reason} 1")


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
    system.wait_until(lambda: journal.count_strange() == {"status_of_no_delivery": 1})
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
    system.wait_until(lambda: journal.count_strange() == {"failed:RuntimeError": 1})
    assert person().wants == Wants.EVERYTHING


def test_it_learns_of_templates_and_limits(system: System) -> None:
    system.sandbox.set_template("digest_5", "nl", "PAUSED")
    system.sandbox.tell("", "business_capability_update", {"max_daily_conversation_per_phone": 99})
    system.wait_until(lambda: not templates.is_approved("whatsapp", "digest_5", "nl"))
    system.wait_until(lambda: accounts.get(NUMBER).daily_limit == 99)
    system.sandbox.set_template("digest_5", "nl", "APPROVED")
    system.wait_until(lambda: templates.is_approved("whatsapp", "digest_5", "nl"))


def test_it_goes_on_when_a_paused_template_is_approved_again(system: System) -> None:
    said(system, "Start")
    started = _digest(system)
    broadcasts.Broadcast.update(state=BroadcastState.RUNNING).where(
        broadcasts.Broadcast.id == started
    ).execute()
    broadcasts.hold(started, "template_paused 132015")
    system.sandbox.set_template("digest_1", "de", "APPROVED")
    system.wait_until(lambda: broadcasts.get(started).state == BroadcastState.FINISHED)


def _digest(system: System) -> int:
    """A digest of a day that has had none."""
    broadcasts.Broadcast.update(digest_on=None).execute()
    posts.add(system.city.newsroom, title="Markt", on=clock.today(system.city.zone))
    started = digests.send(system.city.newsroom, now=clock.now(), allow_quiet=True)
    audience.write_all_waiting(system.city.channels)
    return started.id


# ------------------------------------------------------------------ the number


def test_it_stops_and_resumes_with_the_token(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "PROBE_EVERY", timedelta(seconds=0.5))
    said(system, "Start")
    system.sandbox.replace_token("another")
    system.phone(1).text("Hilfe")
    system.wait_until(lambda: bool(accounts.stopped()))
    health = httpx.get(f"{system.url}/healthz")
    assert (health.status_code, "190" in health.json()["warnings"][0]) == (200, True)
    env = system.config.parent / ".env"
    before = env.read_text()
    env.write_text(before.replace("WHATSAPP_TOKEN=token-of-the-test", "WHATSAPP_TOKEN=another"))
    system.phone(1).wait_for(2, seconds=15)
    system.wait_until(lambda: not accounts.stopped())
    env.write_text(before)
    system.sandbox.replace_token("token-of-the-test")


def test_it_is_stopped_by_an_account_update_only(system: System) -> None:
    system.sandbox.tell(NUMBER, "errors", {"code": 131031, "title": "locked"})
    system.settle()
    assert accounts.stopped() == []
    system.sandbox.tell("", "account_update", {"event": "ACCOUNT_RESTRICTION"})
    system.wait_until(lambda: bool(accounts.stopped()))
    assert accounts.stopped()[0].stop_outcome == Outcome.ACCOUNT
    accounts.resume(NUMBER)


def test_it_tells_a_receivers_end_of_what_no_channel_knows(system: System) -> None:
    receiver = Receiver(system.city)
    journal.append("carrier-pigeon", b"{}", [])
    journal.append("whatsapp", b"not json at all", [])
    system.wait_until(journal.is_drained)
    assert journal.count_strange() == {"no_such_channel": 1, "unreadable": 1}
    receiver.close()


def test_it_creates_a_row_for_a_template_it_hears_of_first(system: System) -> None:
    templates.apply("whatsapp", TemplateChanged("fremd", "de", state="APPROVED"))
    assert templates.is_approved("whatsapp", "fremd", "de")
