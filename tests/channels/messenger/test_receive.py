"""What comes in from Messenger, shape by shape."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from broadcasts.channels.base import Address, MessageIn, Strange, WebhookError
from tests.channels.messenger import samples
from tests.channels.meta import samples as shared

CHANNEL = samples.channel()


def read(payload: Any) -> Any:
    (event,) = CHANNEL.parse(payload)
    return event


def test_it_reads_a_message() -> None:
    event = read(samples.message(text="Guten Tag"))
    assert event == MessageIn(
        id="messenger.m_AbC-1",
        account=samples.PAGE,
        sender=Address(bsuid=samples.PERSON),
        at=datetime(2025, 11, 24, 16, 0, 0, 123000, UTC),
        text="Guten Tag",
    )


def test_it_reads_a_tap() -> None:
    event = read(samples.tap())
    assert (event.button, event.text, event.kind) == ("stop:yes", "Ja, abmelden", "button")


@pytest.mark.parametrize(
    ("ref", "button", "text", "origin"),
    [
        ("rathaus-plakat", "start", "Los geht’s", "rathaus-plakat"),
        ("4917604069001", "start", "Los geht’s", ""),
        ("eyJhbGciOi123456", "start", "Los geht’s", ""),
        # One of our own links, to be linked with another messenger.
        ("K7QM3XH", None, "K7QM3XH", ""),
    ],
)
def test_it_reads_by_which_link_somebody_came(
    ref: str, button: str | None, text: str, origin: str
) -> None:
    event = read(samples.postback(referral={"ref": ref, "source": "SHORTLINK"}))
    assert (event.button, event.text, event.origin) == (button, text, origin)


def test_it_reads_a_link_followed_by_somebody_we_know() -> None:
    """It opens the window; it asks for nothing."""
    event = read(samples.referral())
    assert (event.kind, event.text, event.origin) == ("referral", "", "rathaus-plakat")
    assert read(samples.referral("K7QM3XH")).text == "K7QM3XH"
    assert read(samples.referral()).id == event.id


def test_it_reads_a_reaction() -> None:
    event = read(samples.reaction())
    assert (event.kind, event.text) == ("reaction", "❤")
    assert list(CHANNEL.parse(samples.reaction("unreact"))) == []


@pytest.mark.parametrize(
    "payload",
    [
        samples.echo(),
        samples.event(delivery={"mids": ["m_AbC-5"], "watermark": shared.AT}),
        samples.event(read={"watermark": shared.AT}),
    ],
    ids=["echo", "delivery", "read"],
)
def test_it_keeps_nothing_of_what_became_of_ours(payload: Any) -> None:
    assert list(CHANNEL.parse(payload)) == []
    assert set(CHANNEL.writers(payload)) == set()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (samples.FILE, True),
        ("http://scontent.xx.fbcdn.net/a.jpg", False),
        ("https://scontent.xx.fbcdn.net:8443/a.jpg", False),
        ("https://fbcdn.net.example.org/a.jpg", False),
        ("https://examplefbcdn.net/a.jpg", False),
        ("https://x@scontent.xx.fbcdn.net/a.jpg", False),
        ("https://127.0.0.1/a.jpg", False),
        ("https://169.254.169.254\\.fbcdn.net/", False),
        ("http://127.0.0.1:9/a.jpg", True),
        ("https://[::1/a.jpg", False),
        (f"https://scontent.xx.fbcdn.net/{'a' * 2000}", False),
    ],
)
def test_it_remembers_a_picture_only_where_metas_own_keep_it(url: str, kept: bool) -> None:
    """The stand-in's address is 127.0.0.1:9 here."""
    event = read(samples.picture(url))
    assert (event.kind, event.media) == ("image", url if kept else None)


@pytest.mark.parametrize(
    ("attachment", "text", "kind"),
    [
        ({"type": "image", "payload": {"url": samples.FILE, "sticker_id": 1}}, "", "sticker"),
        ({"type": "audio", "payload": {"url": samples.FILE}}, "", "audio"),
        ({"type": "file", "payload": {"url": samples.FILE}}, "", "document"),
        ({"type": "location", "payload": {"coordinates": {"lat": 1}}}, "", "location"),
        ({"type": "reel", "payload": {"url": "https://example.org"}}, "", "other"),
        ({"type": "fallback", "payload": None, "title": "x"}, "https://example.org", "text"),
    ],
)
def test_it_tells_attachments_apart(attachment: Any, text: str, kind: str) -> None:
    parts = {"text": text} if text else {}
    event = read(samples.event(message={"mid": "m_1", "attachments": [attachment], **parts}))
    assert (event.kind, event.media) == (kind, None)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (samples.event(optin={"type": "notification_messages"}), "unknown_field"),
        (samples.event(message_edit={"mid": "m_1", "text": "Geheim"}), "edited"),
        (samples.event(message={"mid": "", "text": "x"}), "unreadable"),
        (samples.event(32503680000000, message={"mid": "m_1", "text": "x"}), "unreadable"),
        ({"object": "page", "entry": [{"id": samples.PAGE, "changes": []}]}, "unknown_field"),
        ({**samples.message(), "object": "instagram"}, "unreadable"),
    ],
)
def test_it_keeps_what_is_not_for_it(payload: Any, reason: str) -> None:
    event = read(payload)
    assert isinstance(event, Strange)
    assert event.reason == reason
    assert "Geheim" not in repr(event.raw)


def test_it_leaves_another_pages_messages_alone() -> None:
    payload = samples.message()
    payload["entry"][0]["id"] = "999"
    assert read(payload).reason == "other_number"


def test_it_stores_what_can_be_stored() -> None:
    assert read(samples.message(text="a\x00b\ud800")).text == "ab?"


def test_it_signs_over_the_raw_bytes() -> None:
    raw = json.dumps(samples.message()).encode()
    with pytest.raises(WebhookError):
        CHANNEL.verify(shared.sign(raw), raw + b" ")


def test_it_answers_metas_verification() -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "4711"}
    assert CHANNEL.challenge({**query, "hub.verify_token": "word-of-the-test"}) == "4711"
    with pytest.raises(WebhookError) as caught:
        CHANNEL.challenge({**query, "hub.verify_token": "another"})
    assert caught.value.status == 403


@pytest.mark.parametrize("text", ["@name", "", "12", "7000 0000", "Ä123456", "１２３４５６７"])
def test_it_takes_no_other_address_than_an_id(text: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        CHANNEL.address(text)
    assert CHANNEL.address(f" {samples.PERSON} ") == Address(bsuid=samples.PERSON)
