"""Payloads in Messenger's shapes (developers.facebook.com/documentation/business-messaging/
messenger-platform/webhooks/webhook-events), with values of our own."""

from pathlib import Path
from typing import Any

from broadcasts.channels.messenger import build
from broadcasts.channels.messenger.channel import Messenger
from broadcasts.channels.messenger.settings import MessengerSecrets, MessengerSettings
from tests.channels.meta import samples as shared

PAGE, PERSON = "100200300400500", "7000000000000101"
TOKEN = "token-of-the-test"
SECRETS = MessengerSecrets(token=TOKEN, app_secret=shared.SECRET, verify_token="word-of-the-test")
FILE = "https://scontent.xx.fbcdn.net/v/t1.15752-9/4711_n.jpg?_nc_cat=1&oh=00_Af&oe=6A&stp=dst-jpg"

event = shared.maker("page", PAGE, PERSON)


def channel(graph_url: str = "http://127.0.0.1:9", media: Path = Path(), **more: Any) -> Messenger:
    settings = MessengerSettings(
        page_id=PAGE, page="musterstadt", **{"graph_url": graph_url, **more}
    )
    return build(settings, lambda: SECRETS, media)


def message(mid: str = "m_AbC-1", **parts: Any) -> shared.Payload:
    return event(message={"mid": mid, "text": "Start", **parts})


def tap(payload: str = "stop:yes", title: str = "Ja, abmelden") -> shared.Payload:
    return message("m_AbC-2", text=title, quick_reply={"payload": payload})


def postback(payload: str = "start", **more: Any) -> shared.Payload:
    return event(postback={"mid": "m_AbC-3", "title": "Los geht’s", "payload": payload, **more})


def reaction(action: str = "react") -> shared.Payload:
    more = {"emoji": "❤", "reaction": "love"} if action == "react" else {}
    return event(reaction={"mid": "m_AbC-0", "action": action, **more})


def referral(ref: str = "rathaus-plakat") -> shared.Payload:
    return event(referral={"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"})


def picture(url: str = FILE, **payload: Any) -> shared.Payload:
    attachment = {"type": "image", "payload": {"url": url, **payload}}
    return event(message={"mid": "m_AbC-4", "attachments": [attachment]})


def echo() -> shared.Payload:
    """As of every message of ours, with the ends the other way round."""
    whole = event(
        message={"mid": "m_AbC-5", "text": "Willkommen", "is_echo": True, "app_id": 1122334455}
    )
    ends = {"sender": {"id": PAGE}, "recipient": {"id": PERSON}}
    whole["entry"][0]["messaging"][0] |= ends
    return whole
