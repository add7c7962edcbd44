"""Payloads in Instagram's shapes (developers.facebook.com/documentation/business-messaging/
instagram-messaging/webhooks), with values of our own."""

from pathlib import Path
from typing import Any

from broadcasts.channels.instagram import build
from broadcasts.channels.instagram.channel import Instagram
from broadcasts.channels.instagram.settings import InstagramSecrets, InstagramSettings
from tests.channels.meta import samples as shared

ACCOUNT, PERSON = "17840000000000001", "8000000000000101"
TOKEN = "token-of-the-test"
SECRETS = InstagramSecrets(token=TOKEN, app_secret=shared.SECRET, verify_token="word-of-the-test")
FILE = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=4711&signature=AbWx"
MID = "aWdfZAG1faXRlbToxOk1lc3NhZA2VJRDox"

event = shared.maker("instagram", ACCOUNT, PERSON)


def channel(graph_url: str = "http://127.0.0.1:9", media: Path = Path(), **more: Any) -> Instagram:
    settings = InstagramSettings(
        account_id=ACCOUNT, profile="musterstadt", **{"graph_url": graph_url, **more}
    )
    return build(settings, lambda: SECRETS, media)


def message(mid: str = MID, **parts: Any) -> shared.Payload:
    return event(message={"mid": mid, "text": "Start", **parts})


def unsent(mid: str = MID) -> shared.Payload:
    return event(shared.AT + 5000, message={"mid": mid, "is_deleted": True})


def echo() -> shared.Payload:
    whole = event(message={"mid": f"{MID}5", "text": "Willkommen", "is_echo": True})
    ends = {"sender": {"id": ACCOUNT}, "recipient": {"id": PERSON}}
    whole["entry"][0]["messaging"][0] |= ends
    return whole


def picture(url: str = FILE) -> shared.Payload:
    attachment = {"type": "image", "payload": {"url": url}}
    return event(message={"mid": f"{MID}4", "attachments": [attachment]})
