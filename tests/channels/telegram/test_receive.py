"""What comes in from Telegram, shape by shape."""

from typing import Any

import pytest

from broadcasts.channels.base import Address, MessageIn, PreferenceIn, Strange, WebhookError
from tests.channels.telegram import samples

CHANNEL = samples.channel()


def read(payload: Any) -> Any:
    (event,) = CHANNEL.parse(payload)
    return event


def test_it_reads_a_message_without_keeping_a_name() -> None:
    event = read(samples.message(text="Guten Tag"))
    assert event.sender == Address(bsuid="555000111")
    assert (event.text, event.kind, event.language) == ("Guten Tag", "text", "de")
    assert "Bürgerin" not in repr(event)
    assert "buergerin" not in repr(event)


@pytest.mark.parametrize(
    ("typed", "text", "origin"),
    [
        ("/start", "Start", ""),
        ("/start rathaus-plakat", "Start", "rathaus-plakat"),
        ("/start 4917604069001", "Start", ""),
        ("/start K7QM3XH", "Start K7QM3XH", ""),
        ("/start eyJhbGciOi123456", "Start", ""),
        ("/start@MusterstadtBot", "Start", ""),
        ("/stop", "Stop", ""),
        ("/STOP", "Stop", ""),
        ("/loeschen", "Alle Daten löschen", ""),
        ("/hilfe", "/hilfe", ""),
        ("Stopp", "Stopp", ""),
    ],
)
def test_it_reads_commands_as_the_plain_words(typed: str, text: str, origin: str) -> None:
    event = read(samples.message(text=typed))
    assert (event.text, event.origin) == (text, origin)


def test_it_reads_a_tap() -> None:
    event = read(samples.tap())
    assert (event.button, event.text, event.kind) == ("stop:yes", "Ja, abmelden", "button")
    assert event.tap == "4382bfdwdsb323b2d9"


def test_it_reads_a_tap_on_a_message_too_old_to_be_told() -> None:
    payload = samples.tap()
    payload["callback_query"]["message"] = {"message_id": 1, "chat": samples.CHAT, "date": 0}
    event = read(payload)
    assert (event.button, event.text) == ("stop:yes", "")


@pytest.mark.parametrize(
    ("part", "kind", "media"),
    [
        (
            {
                "photo": [
                    {"file_id": "small", "width": 90, "height": 60},
                    {"file_id": "large", "width": 900, "height": 600},
                ]
            },
            "image",
            "large",
        ),
        ({"voice": {"file_id": "v"}}, "audio", "v"),
        ({"document": {"file_id": "d"}}, "document", "d"),
        ({"sticker": {"file_id": "s"}}, "sticker", None),
        ({"location": {"latitude": 1, "longitude": 2}}, "location", None),
        ({"contact": {"phone_number": "+1 202 555 0100"}}, "contacts", None),
        ({"dice": {"value": 1}}, "other", None),
    ],
)
def test_it_reads_files(part: dict[str, Any], kind: str, media: str | None) -> None:
    event = read(samples.message(text=None, caption="Seht her", **part))
    assert (event.kind, event.media, event.text) == (kind, media, "Seht her")


def test_it_takes_blocking_for_leaving() -> None:
    event = read(samples.membership())
    assert isinstance(event, PreferenceIn)
    assert not event.wants_digests
    assert not event.wants_alerts


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (samples.membership("member"), "unblocked"),
        (samples.membership(chat={"id": -5, "type": "group"}), "not_private"),
        (samples.message(chat={"id": -5, "type": "supergroup", "title": "Verein"}), "not_private"),
        (samples.message(**{"from": {**samples.USER, "is_bot": True}}), "not_private"),
        (samples.update(edited_message=samples.message()["message"]), "edited"),
        (samples.update(channel_post=samples.message()["message"]), "unknown_field"),
        (samples.update(poll={"id": "1"}), "unknown_field"),
        (samples.message(date=99999999999), "unreadable"),
        (samples.message(**{"from": {**samples.USER, "id": "x"}}), "unreadable"),
    ],
)
def test_it_takes_nothing_else_for_an_opt_in(payload: Any, reason: str) -> None:
    event = read(payload)
    assert isinstance(event, Strange)
    assert event.reason == reason
    assert "Bürgerin" not in str(event.raw)
    assert "buergerin" not in str(event.raw)


@pytest.mark.parametrize(
    "part",
    [
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "Nachbarin"}},
        {"forward_sender_name": "Nachbarin"},
        {"contact": {"first_name": "Nachbarin", "phone_number": "1"}},
    ],
)
def test_it_keeps_no_name_of_what_it_cannot_read(part: dict[str, Any]) -> None:
    event = read(samples.message(message_id="x", **part))
    assert isinstance(event, Strange)
    assert "Nachbarin" not in str(event.raw)


def test_it_gives_two_messages_two_ids() -> None:
    first, second = read(samples.message(41)), read(samples.message(42))
    assert isinstance(first, MessageIn)
    assert first.id != second.id


def test_it_has_an_address_that_nobody_can_guess() -> None:
    assert len(CHANNEL.path()) == 32
    assert samples.SECRETS.webhook_secret not in CHANNEL.path()
    with pytest.raises(WebhookError) as caught:
        CHANNEL.challenge({})
    assert caught.value.status == 405


@pytest.mark.parametrize("typed", ["555000111", " 555000111 "])
def test_it_reads_an_address(typed: str) -> None:
    assert CHANNEL.address(typed) == Address(bsuid="555000111")


@pytest.mark.parametrize("typed", ["@buergerin", "+49 176 04069001", "12", ""])
def test_it_refuses_what_is_no_id(typed: str) -> None:
    with pytest.raises(ValueError, match="no Telegram id"):
        CHANNEL.address(typed)
