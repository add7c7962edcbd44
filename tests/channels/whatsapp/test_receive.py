"""Every odd shape of a webhook named and read (whatsapp.md §1, §5, §6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts import clock
from broadcasts.channels.base import (
    AccountNotice,
    Address,
    AddressChanged,
    Event,
    MessageIn,
    Outcome,
    PreferenceIn,
    Receipt,
    StatusIn,
    Strange,
    TemplateChanged,
    WebhookError,
)
from tests.channels.whatsapp.samples import (
    ACCOUNT,
    BSUID,
    METADATA,
    SECOND,
    WA_ID,
    change,
    channel,
    message,
    preference,
    status,
    wamid,
)

CHANNEL = channel()


def parse(payload: Any) -> list[Event]:
    return list(CHANNEL.parse(payload))


def one(payload: Any) -> Any:
    (event,) = parse(payload)
    return event


@pytest.mark.parametrize(
    ("payload", "address"),
    [
        (message(), Address(WA_ID, BSUID)),
        (message(contacts=None), Address(WA_ID, BSUID)),
        (message(contacts=None, from_user_id=None), Address(WA_ID)),
        (message(contacts=[{"wa_id": WA_ID, "profile": {}}], from_user_id=None), Address(WA_ID)),
        (message(contacts=[{"user_id": BSUID}], **{"from": None}), Address(None, BSUID)),
        (message(contacts=None, **{"from": BSUID, "from_user_id": None}), Address(None, BSUID)),
        (message(contacts=[{"wa_id": "4917604069002"}, {"wa_id": WA_ID}]), Address(WA_ID, BSUID)),
        (message(contacts=[{"wa_id": "", "user_id": BSUID}]), Address(WA_ID, BSUID)),
    ],
)
def test_it_finds_the_writer_in_every_shape(payload: Any, address: Address) -> None:
    assert one(payload).sender == address


def test_it_reads_a_text_in_full() -> None:
    event = one(message())
    assert event.id == wamid()
    assert event.account == ACCOUNT
    assert event.at == datetime.fromtimestamp(1764000000, UTC)
    assert (event.kind, event.text, event.button) == ("text", "Start", None)


@pytest.mark.parametrize(
    ("parts", "kind", "text", "button", "media"),
    [
        (
            {"type": "button", "button": {"text": "Stopp", "payload": "weg"}},
            *("button", "Stopp", "weg", None),
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "button_reply",
                    "button_reply": {"id": "stop:yes", "title": "Ja"},
                },
            },
            *("button", "Ja", "stop:yes", None),
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "list_reply",
                    "list_reply": {"id": "a", "title": "Altstadt"},
                },
            },
            *("button", "Altstadt", "a", None),
        ),
        (
            {
                "type": "image",
                "image": {
                    "id": "77",
                    "mime_type": "image/jpeg",
                    "sha256": "x",
                    "caption": "Loch",
                },
            },
            *("image", "Loch", None, "77"),
        ),
        (
            {
                "type": "audio",
                "audio": {"id": "78", "mime_type": "audio/ogg", "sha256": "x", "voice": True},
            },
            *("audio", "", None, "78"),
        ),
        (
            {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}},
            *("reaction", "", None, None),
        ),
        (
            {"type": "unsupported", "errors": [{"code": 131051, "message": "x"}]},
            "other",
            "",
            None,
            None,
        ),
        (
            {"type": "order", "order": {"catalog_id": "1", "product_items": []}},
            "other",
            "",
            None,
            None,
        ),
    ],
)
def test_it_reads_each_kind(
    parts: dict[str, Any], kind: str, text: str, button: str | None, media: str | None
) -> None:
    event = one(message(**{"text": None, **parts}))
    assert isinstance(event, MessageIn)
    assert (event.kind, event.text, event.button, event.media) == (kind, text, button, media)


def test_it_keeps_no_name() -> None:
    assert "Bürgerin" not in repr(one(message()))


@pytest.mark.parametrize("kind", ["edit", "revoke"])
def test_it_takes_an_edit_for_no_new_command(kind: str) -> None:
    assert isinstance(one(message(type=kind)), Strange)


@pytest.mark.parametrize("timestamp", ["", "abc", "99999999999999", None, "-1e9"])
def test_it_sets_aside_a_message_without_a_time(timestamp: Any) -> None:
    assert isinstance(one(message(timestamp=timestamp)), Strange)


def test_it_sets_aside_a_message_from_the_future() -> None:
    later = int((clock.now() + timedelta(days=2)).timestamp())
    assert isinstance(one(message(timestamp=str(later))), Strange)


def test_it_keeps_another_numbers_update() -> None:
    payload = message()
    payload["entry"][0]["changes"][0]["value"]["metadata"] = {"phone_number_id": "666"}
    assert one(payload).reason == "other_number"


def test_it_takes_an_update_for_each_of_our_numbers() -> None:
    payload = message()
    value = payload["entry"][0]["changes"][0]["value"]
    value["metadata"] = {"phone_number_id": SECOND, "display_phone_number": "1"}
    assert one(payload).account == SECOND


def test_it_keeps_an_unknown_field() -> None:
    assert one(change({"metadata": METADATA, "x": 1}, "brand_new_field")).reason == "unknown_field"


def test_it_reads_what_comes_after_something_unreadable() -> None:
    payload = message()
    items = payload["entry"][0]["changes"][0]["value"]["messages"]
    payload["entry"][0]["changes"][0]["value"]["messages"] = [None, {"id": 1}, *items]
    assert [type(event) for event in parse(payload)] == [Strange, Strange, MessageIn]


# ------------------------------------------------------------------ statuses


def test_it_reads_a_status_with_its_price() -> None:
    event = one(status("delivered"))
    assert (event.receipt, event.billable, event.category) == (
        Receipt.DELIVERED,
        True,
        "marketing",
    )


def test_it_reads_a_failure_without_contacts() -> None:
    event = one(status("failed"))
    assert isinstance(event, StatusIn)
    assert (event.outcome, event.code) == (Outcome.UNREACHABLE, "131026")


def test_it_reads_a_failure_that_names_only_the_user_id() -> None:
    event = one(status("failed", recipient_id=None))
    assert isinstance(event, StatusIn)


def test_it_takes_played_for_read() -> None:
    assert one(status("played")).receipt is Receipt.READ


def test_it_sets_aside_an_unknown_status() -> None:
    assert one(status("evaporated")).reason == "unknown_status"


@given(st.lists(st.sampled_from(["sent", "delivered", "read", "failed", "message"]), max_size=30))
def test_it_splits_a_batch_into_what_its_parts_would_be(names: list[str]) -> None:
    parts = [
        message(id=wamid(count=i)) if n == "message" else status(n) for i, n in enumerate(names)
    ]
    value: dict[str, Any] = {"metadata": METADATA, "messages": [], "statuses": [], "contacts": []}
    for part in parts:
        inner = part["entry"][0]["changes"][0]["value"]
        for kind in ("messages", "statuses", "contacts"):
            value[kind] += inner.get(kind, [])
    alone = [event for part in parts for event in parse(part)]
    together = parse(change(value))
    assert sorted(map(repr, together)) == sorted(map(repr, alone))


# ------------------------------------------------------------------ identity


def test_it_follows_a_changed_number() -> None:
    system = {"type": "user_changed_number", "wa_id": "4917604069002", "body": "changed"}
    event = one(message(contacts=None, type="system", text=None, from_user_id=None, system=system))
    assert isinstance(event, AddressChanged)
    assert (event.old, event.new) == (Address(WA_ID), Address("4917604069002"))


def test_it_follows_a_changed_user_id() -> None:
    system = {"type": "user_changed_user_id", "user_id": "DE.new", "body": "changed"}
    event = one(message(contacts=None, type="system", text=None, system=system))
    assert event.old.bsuid == BSUID
    assert event.new.bsuid == "DE.new"


@pytest.mark.parametrize(
    "update",
    [
        {"previous": "DE.a", "current": "DE.b", "timestamp": "1764000000"},
        {"user_id": {"previous": "DE.a", "current": "DE.b"}, "timestamp": "1764000000"},
        {"previous": {"user_id": "DE.a"}, "current": {"user_id": "DE.b"}},
    ],
)
def test_it_follows_the_user_id_field(update: dict[str, Any]) -> None:
    event = one(change({"metadata": METADATA, "user_id_update": [update]}, "user_id_update"))
    assert (event.old.bsuid, event.new.bsuid) == ("DE.a", "DE.b")


def test_it_guesses_no_identity() -> None:
    update = {"current": "DE.b"}
    event = one(change({"metadata": METADATA, "user_id_update": [update]}, "user_id_update"))
    assert isinstance(event, Strange)


@pytest.mark.parametrize(("value", "wants"), [("stop", False), ("resume", True)])
def test_it_reads_the_switch_for_marketing(value: str, wants: bool) -> None:
    event = one(preference(value))
    assert isinstance(event, PreferenceIn)
    assert event.wants_digests is wants
    assert event.id == one(preference(value)).id


def test_it_keeps_an_unknown_preference() -> None:
    assert isinstance(one(preference("signup")), Strange)


# ------------------------------------------------------- account and templates


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (
            "message_template_status_update",
            {
                "event": "PAUSED",
                "message_template_id": 1,
                "message_template_name": "digest_1",
                "message_template_language": "de",
                "reason": None,
            },
            TemplateChanged("digest_1", "de", state="PAUSED"),
        ),
        (
            "message_template_quality_update",
            {
                "new_quality_score": "RED",
                "message_template_name": "digest_1",
                "message_template_language": "de",
            },
            TemplateChanged("digest_1", "de", quality="RED"),
        ),
        (
            "template_category_update",
            {
                "new_category": "MARKETING",
                "message_template_name": "alert_2h",
                "message_template_language": "de",
            },
            TemplateChanged("alert_2h", "de", category="MARKETING"),
        ),
        (
            "account_update",
            {"event": "ACCOUNT_RESTRICTION"},
            AccountNotice(None, "account_update", "ACCOUNT_RESTRICTION", stops=True),
        ),
        (
            "account_update",
            {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}},
            AccountNotice(None, "account_update", "DISABLED_UPDATE", "REINSTATE"),
        ),
        (
            "account_alerts",
            {"alert_type": "OBA", "alert_status": "NONE"},
            AccountNotice(None, "account_alerts", "OBA", "NONE"),
        ),
        (
            "phone_number_quality_update",
            {"event": "UPGRADE", "current_limit": "TIER_10K"},
            AccountNotice(None, "phone_number_quality_update", "UPGRADE", limit=10_000),
        ),
        (
            "business_capability_update",
            {"max_daily_conversation_per_phone": 2000},
            AccountNotice(None, "business_capability_update", limit=2000),
        ),
        (
            "messages",
            {"metadata": METADATA, "errors": [{"code": 131000, "title": "Oops"}]},
            AccountNotice(ACCOUNT, "errors", "131000", "Oops"),
        ),
    ],
)
def test_it_reads_what_meta_says_of_the_account(
    field: str, value: dict[str, Any], expected: Event
) -> None:
    assert one(change(value, field)) == expected


# ------------------------------------------------------------------ door


def test_it_answers_metas_challenge() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "word", "hub.challenge": "42"}
    assert CHANNEL.challenge(query) == "42"


@pytest.mark.parametrize(
    "query", [{}, {"hub.mode": "subscribe"}, {"hub.mode": "x", "hub.verify_token": "word"}]
)
def test_it_refuses_another_challenge(query: dict[str, str]) -> None:
    with pytest.raises(WebhookError) as caught:
        CHANNEL.challenge(query)
    assert caught.value.status == 403


def test_it_names_writers_but_not_receivers() -> None:
    assert set(CHANNEL.writers(message())) == {WA_ID, BSUID}
    assert set(CHANNEL.writers(status("read"))) == set()
    assert set(CHANNEL.writers(preference())) == {WA_ID, BSUID}
