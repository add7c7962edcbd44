"""Payloads in Telegram's shapes, with values of our own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broadcasts.channels.telegram import build
from broadcasts.channels.telegram.channel import Telegram
from broadcasts.channels.telegram.settings import TelegramSecrets, TelegramSettings

PERSON = 555000111
TOKEN = "110201543:AAsandboxsandboxsandboxsandboxsand"
SECRETS = TelegramSecrets(token=TOKEN, webhook_secret="word_of_the_test")
HEADER = "X-Telegram-Bot-Api-Secret-Token"

USER = {
    "id": PERSON,
    "is_bot": False,
    "first_name": "Bürgerin",
    "username": "buergerin_am_markt",
    "language_code": "de-AT",
}
CHAT = {"id": PERSON, "type": "private", "first_name": "Bürgerin"}
BOT = {"id": 110201543, "is_bot": True, "first_name": "Stadt", "username": "MusterstadtBot"}


def channel(api_url: str = "http://127.0.0.1:9", media: Path = Path(), **more: Any) -> Telegram:
    settings = TelegramSettings(username="MusterstadtBot", api_url=api_url, **more)
    return build(settings, lambda: SECRETS, media)


def sign(raw: bytes) -> Mapping[str, str]:
    return {HEADER: "word_of_the_test"}


def forge(raw: bytes) -> Mapping[str, str]:
    return {HEADER: "word_of_the_tesT"}


def update(number: int = 700000001, **parts: Any) -> dict[str, Any]:
    return {"update_id": number, **parts}


def batch(payloads: list[dict[str, Any]]) -> dict[str, Any]:
    """As getUpdates answers."""
    return {"ok": True, "result": payloads}


def message(number: int = 41, **parts: Any) -> dict[str, Any]:
    """One inbound message; `parts` replace or add, None takes away."""
    whole = {
        "message_id": number,
        "from": USER,
        "chat": CHAT,
        "date": 1764000000,
        "text": "Start",
        **parts,
    }
    return update(message={key: part for key, part in whole.items() if part is not None})


def tap(data: str = "stop:yes", label: str = "Ja, abmelden") -> dict[str, Any]:
    keyboard = {"inline_keyboard": [[{"text": label, "callback_data": data}]]}
    asked = {"message_id": 40, "from": BOT, "chat": CHAT, "date": 1764000000, "text": "Wirklich?"}
    query = {
        "id": "4382bfdwdsb323b2d9",
        "from": USER,
        "message": {**asked, "reply_markup": keyboard},
        "chat_instance": "-3821",
        "data": data,
    }
    return update(700000002, callback_query=query)


def membership(status: str = "kicked", **parts: Any) -> dict[str, Any]:
    """What comes when somebody blocks the bot."""
    change = {
        "chat": CHAT,
        "from": USER,
        "date": 1764000002,
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": status, "until_date": 0},
        **parts,
    }
    return update(700000003, my_chat_member=change)
