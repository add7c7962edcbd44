"""WhatsApp as one Channel: puts receiving, sending and administration together.

Owns: what the channel can do. Never: how (receive, send, admin do it). Built by the registry.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from broadcasts.channels.base import (
    Account,
    AccountState,
    Address,
    Event,
    TemplateDraft,
    TemplateState,
)
from broadcasts.channels.whatsapp import address as addresses
from broadcasts.channels.whatsapp import receive
from broadcasts.channels.whatsapp.admin import Admin
from broadcasts.channels.whatsapp.send import WhatsAppSender
from broadcasts.channels.whatsapp.settings import WhatsAppNumber, WhatsAppSecrets, WhatsAppSettings

for _name in ("pywa", "httpx", "httpcore", "aiohttp"):
    # Their lines below WARNING carry numbers, texts and URLs (invariant 9).
    logging.getLogger(_name).setLevel(logging.WARNING)


def build(
    settings: WhatsAppSettings, secrets: Callable[[], WhatsAppSecrets], media: Path
) -> "WhatsApp":
    return WhatsApp(settings, secrets, media)


class WhatsApp:
    kind = "whatsapp"
    window: timedelta | None = timedelta(hours=24)
    has_templates = True
    text_limit = 4096
    picture_limit = 5 * 1024 * 1024

    def __init__(
        self, settings: WhatsAppSettings, secrets: Callable[[], WhatsAppSecrets], media: Path
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._media = media
        self._admin = Admin(settings, secrets)
        numbers: list[WhatsAppSettings | WhatsAppNumber] = [settings, *settings.numbers.values()]
        self.accounts = tuple(
            Account(self.kind, row.phone_id, row.number, row.messages_per_second) for row in numbers
        )
        self._ids = [account.id for account in self.accounts]

    def challenge(self, query: Mapping[str, str]) -> str:
        return receive.challenge(query, self._secrets().verify_token)

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        receive.verify(headers, raw, self._secrets().app_secret)

    def writers(self, payload: Any) -> Iterable[str]:
        return receive.writers(payload)

    def parse(self, payload: Any) -> Iterable[Event]:
        return receive.parse(payload, self._ids)

    def address(self, text: str) -> Address:
        return addresses.read(text, self._settings.number)

    def sender(self, *, seconds: float) -> WhatsAppSender:
        return WhatsAppSender(self._settings, self._secrets, self._media, seconds=seconds)

    def templates(self) -> list[TemplateState]:
        return self._admin.templates()

    def create_template(self, draft: TemplateDraft, *, example_picture: str | None) -> None:
        self._admin.create_template(draft, example_picture=example_picture)

    def account_states(self) -> list[AccountState]:
        return self._admin.account_states(self._ids)

    def forget(self, address: Address) -> None:
        self._admin.forget(self._ids, address)

    def can_picture_templates(self) -> bool:
        return bool(self._settings.app_id)
