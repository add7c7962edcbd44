"""Telegram as one Channel: puts receiving, sending and administration together.

Owns: what the channel can do. Never: how (receive, send, admin, poll do it). Built by the registry.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadcasts.channels.base import (
    Account,
    AccountState,
    Address,
    Event,
    Finding,
    Poller,
    ProviderError,
    Sender,
    Unit,
    WebhookError,
)
from broadcasts.channels.lacking import Lacking
from broadcasts.channels.telegram import door, receive
from broadcasts.channels.telegram.settings import POLLING, TelegramSecrets, TelegramSettings
from broadcasts.saying import Said

if TYPE_CHECKING:
    from broadcasts.channels.telegram.admin import Admin

for _name in ("telegram", "httpx", "httpcore", "aiohttp"):
    # Their lines below WARNING carry ids, texts and addresses with the token (invariant 9).
    logging.getLogger(_name).setLevel(logging.WARNING)

ABOUT = 30
"""Messages that Telegram takes in a second (core.telegram.org/bots/faq)."""

ID = re.compile(r"\d{5,20}")


def build(
    settings: TelegramSettings, secrets: Callable[[], TelegramSecrets], media: Path
) -> "Telegram":
    return Telegram(settings, secrets, media)


class Telegram(Lacking):
    kind = "telegram"
    window: timedelta | None = None
    can_be_silent = True
    is_free = True
    text_unit = Unit.UTF16
    text_limit = 4096
    caption_limit = 1024
    picture_limit = 10 * 1024 * 1024

    def __init__(
        self, settings: TelegramSettings, secrets: Callable[[], TelegramSecrets], media: Path
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._media = media
        bot = Account(
            self.kind,
            settings.username,
            f"@{settings.username}",
            settings.messages_per_second,
            join=f"https://t.me/{settings.username}?start={{text}}",
            join_takes_text=False,
            counts_received=False,
            # Telegram takes about 30; our plan is below it already.
            headroom=1.0,
            most_in_a_second=min(settings.messages_per_second + 1, ABOUT),
            person_rests=timedelta(seconds=1),
        )
        self.accounts: tuple[Account, ...] = (bot,)

    def path(self) -> str:
        return door.path(self._secrets().webhook_secret)

    def challenge(self, query: Mapping[str, str]) -> str:
        raise WebhookError(405, "POST")

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        door.verify(headers, self._secrets().webhook_secret)

    def writers(self, payload: Any) -> Iterable[str]:
        return door.writers(payload)

    def parse(self, payload: Any) -> Iterable[Event]:
        return receive.parse(payload, self._settings.username)

    def address(self, text: str) -> Address:
        """A person's id: digits. A name (@…) is nothing that is kept."""
        digits = text.strip()
        if not ID.fullmatch(digits):
            raise ValueError("is no Telegram id (digits only; names are not kept)")
        return Address(bsuid=digits.lstrip("0"))

    # python-telegram-bot is imported where it is first used: the web process, which only stores
    # what comes in, is 28 MB smaller without it, and so is every city without Telegram.

    def sender(self, *, seconds: float) -> Sender:
        from broadcasts.channels.telegram.send import TelegramSender

        return TelegramSender(self._settings, self._secrets, self._media, seconds=seconds)

    def _admin(self) -> "Admin":
        from broadcasts.channels.telegram.admin import Admin

        return Admin(self._settings, self._secrets)

    def poller(self) -> Poller | None:
        if self._settings.receive != POLLING:
            return None
        from broadcasts.channels.telegram.poll import TelegramPoller

        return TelegramPoller(self._settings, self._secrets)

    def account_states(self) -> list[AccountState]:
        return self._admin().account_states(self._settings.username)

    def look(self, public_url: str) -> list[Finding]:
        return self._admin().look(public_url)

    def connect(self, public_url: str) -> Said:
        return self._admin().connect(public_url)

    def acknowledge(self, taps: Sequence[str]) -> None:
        with suppress(ProviderError):
            self._admin().acknowledge(taps)

    def fetch_media(self, media: str, *, most: int) -> bytes:
        return self._admin().fetch_media(media, most=most)
