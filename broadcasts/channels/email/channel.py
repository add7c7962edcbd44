"""E-mail as one Channel: puts receiving, sending and administration together.

Owns: what the channel can do. Never: how (receive, send, admin do it). Built by the registry.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadcasts.channels import onpage
from broadcasts.channels.base import (
    Account,
    AccountState,
    Address,
    Event,
    Finding,
    OnPage,
    Outcome,
    ProviderError,
    Sender,
    Unit,
    WebhookError,
)
from broadcasts.channels.email import address as addresses
from broadcasts.channels.email import door, receive, tokens
from broadcasts.channels.email.settings import EmailSecrets, EmailSettings
from broadcasts.channels.lacking import Lacking
from broadcasts.channels.pages import Link
from broadcasts.saying import Said

if TYPE_CHECKING:
    from broadcasts.channels.email.admin import Admin

# What is below WARNING may hold addresses (invariant 9).
logging.getLogger("aiosmtplib").setLevel(logging.WARNING)


def build(
    settings: EmailSettings,
    secrets: Callable[[], EmailSecrets],
    media: Path,
    public_url: str,
) -> "Email":
    return Email(settings, secrets, media, public_url)


class EmailPages:
    """Its links and forms; the pages themselves are bot/public's."""

    asks_for: Mapping[str, str] = {
        "de": "E-Mail-Adresse",
        "en": "E-mail address",
        "nl": "E-mailadres",
    }
    input_type = "email"

    def __init__(self, secrets: Callable[[], EmailSecrets]) -> None:
        self._secrets = secrets

    def read(self, token: str, now: datetime) -> Link:
        return tokens.read(self._secrets().secret, token, now)

    def entry(self, said: OnPage) -> bytes:
        return onpage.entry(said)


class Email(Lacking):
    kind = "email"
    window: timedelta | None = None
    can_be_silent = False
    is_free = True
    text_unit = Unit.UTF16
    text_limit = 50_000
    caption_limit = 50_000
    picture_limit = 5 * 1024 * 1024

    def __init__(
        self,
        settings: EmailSettings,
        secrets: Callable[[], EmailSecrets],
        media: Path,
        public_url: str,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._media = media
        self._public_url = public_url.rstrip("/")
        self.pages = EmailPages(secrets)
        mailbox = Account(
            self.kind,
            settings.from_address,
            settings.from_address,
            settings.messages_per_second,
            counts_received=False,
            # The pace is the administrator's own number.
            headroom=1.0,
        )
        self.accounts: tuple[Account, ...] = (mailbox,)

    def path(self) -> str:
        return door.path(self._secrets().secret)

    def challenge(self, query: Mapping[str, str]) -> str:
        raise WebhookError(405, "POST")

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        door.verify(headers, self._secrets().secret)

    def writers(self, payload: Any) -> Iterable[str]:
        return door.writers(payload)

    def parse(self, payload: Any) -> Iterable[Event]:
        return receive.parse(payload, self._settings.from_address, self._secrets().secret)

    def address(self, text: str) -> Address:
        return addresses.read(text)

    # aiosmtplib is imported where it is first used: the web process does without it.

    def sender(self, *, seconds: float) -> Sender:
        from broadcasts.channels.email.send import EmailSender

        return EmailSender(
            self._settings, self._secrets, self._media, self._public_url, seconds=seconds
        )

    def _admin(self) -> "Admin":
        from broadcasts.channels.email.admin import Admin

        return Admin(self._settings, self._secrets)

    def account_states(self) -> list[AccountState]:
        return self._admin().account_states(self._settings.from_address)

    def look(self, public_url: str) -> list[Finding]:
        return self._admin().look(public_url)

    def connect(self, public_url: str) -> Said:
        return self._admin().connect(public_url)

    def fetch_media(self, media: str, *, most: int) -> bytes:
        raise ProviderError(Outcome.MEDIA, "no_files", "nobody can send us a file by e-mail")
