"""WhatsApp as one Channel: puts receiving, sending and administration together.

Owns: what the channel can do. Never: how (receive, send, admin do it). Built by the registry.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadcasts.channels import signature
from broadcasts.channels.base import (
    Account,
    AccountState,
    Address,
    Event,
    Finding,
    Pages,
    Poller,
    Sender,
    TemplateDraft,
    TemplateState,
    Unit,
)
from broadcasts.channels.whatsapp import address as addresses
from broadcasts.channels.whatsapp import door
from broadcasts.channels.whatsapp.settings import WhatsAppNumber, WhatsAppSecrets, WhatsAppSettings
from broadcasts.saying import Said, say

if TYPE_CHECKING:
    from broadcasts.channels.whatsapp.admin import Admin

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
    staff_window: timedelta | None = None
    has_templates = True
    tells_receipts = True
    can_be_silent = False
    is_free = False
    text_unit = Unit.UTF16
    text_limit = 4096
    caption_limit = 1024
    picture_limit = 5 * 1024 * 1024
    pages: Pages | None = None

    def __init__(
        self, settings: WhatsAppSettings, secrets: Callable[[], WhatsAppSecrets], media: Path
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._media = media
        numbers: list[WhatsAppSettings | WhatsAppNumber] = [settings, *settings.numbers.values()]
        self.accounts = tuple(
            Account(
                self.kind,
                row.phone_id,
                row.number,
                row.messages_per_second,
                join=addresses.join_link(row.number),
            )
            for row in numbers
        )
        self._ids = [account.id for account in self.accounts]

    def path(self) -> str:
        return ""

    def challenge(self, query: Mapping[str, str]) -> str:
        return signature.challenge(query, self._secrets().verify_token)

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        signature.verify(headers, raw, self._secrets().app_secret)

    def writers(self, payload: Any) -> Iterable[str]:
        return door.writers(payload)

    # pywa is imported where it is first used: the web process, which only stores what comes in, is
    # 30 MB smaller and half a second quicker without it.

    def parse(self, payload: Any) -> Iterable[Event]:
        from broadcasts.channels.whatsapp import receive

        return receive.parse(payload, self._ids)

    def address(self, text: str) -> Address:
        return addresses.read(text, self._settings.number)

    def sender(self, *, seconds: float) -> Sender:
        from broadcasts.channels.whatsapp.send import WhatsAppSender

        return WhatsAppSender(self._settings, self._secrets, self._media, seconds=seconds)

    @cached_property
    def _admin(self) -> "Admin":
        from broadcasts.channels.whatsapp.admin import Admin

        return Admin(self._settings, self._secrets)

    def templates(self) -> list[TemplateState]:
        return self._admin.templates()

    def create_template(self, draft: TemplateDraft, *, example_picture: str | None) -> None:
        self._admin.create_template(draft, example_picture=example_picture)

    def account_states(self) -> list[AccountState]:
        return self._admin.account_states(self._ids)

    def forget(self, address: Address) -> None:
        self._admin.forget(self._ids, address)

    def drop_media(self, media: str) -> None:
        from broadcasts.channels.whatsapp import media as files

        files.drop(self._settings, self._secrets, media)

    def can_picture_templates(self) -> bool:
        return bool(self._settings.app_id)

    def fetch_media(self, media: str, *, most: int) -> bytes:
        from broadcasts.channels.whatsapp import media as files

        return files.fetch(self._settings, self._secrets, media, most=most)

    def acknowledge(self, taps: Sequence[str]) -> None:
        return None

    def poller(self) -> Poller | None:
        return None

    def look(self, public_url: str) -> list[Finding]:
        return []

    def connect(self, public_url: str) -> Said:
        address = f"{public_url.rstrip('/')}/webhooks/{self.kind}"
        return say("enter %(address)s as webhook in Meta's app settings", address=address)
