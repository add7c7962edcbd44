"""Messenger or Instagram as one Channel: puts receiving, sending and administration together.

Owns: what both can do. Never: how (receive, send, admin do it). The two channels' folders add what
differs.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadcasts.channels import signature
from broadcasts.channels.base import (
    Account,
    AccountState,
    Address,
    Event,
    Finding,
    Sender,
)
from broadcasts.channels.lacking import Lacking
from broadcasts.channels.meta import door
from broadcasts.channels.meta.dialect import Access, Dialect, Secrets
from broadcasts.saying import Said

if TYPE_CHECKING:
    from broadcasts.channels.meta.admin import Admin

for _name in ("httpx", "httpcore", "aiohttp"):
    # Their lines below WARNING carry ids, texts and addresses with a token (invariant 9).
    logging.getLogger(_name).setLevel(logging.WARNING)

ID = re.compile(r"\d{5,25}")


class MetaChannel(Lacking):
    """Nobody can be written to first, and a closed window lets nothing through but what a person of
    the office has typed: whoever has one waits (`base.waits`)."""

    kind: str
    window: timedelta | None = timedelta(hours=24)
    is_free = True
    picture_limit = 8 * 1024 * 1024

    def __init__(
        self,
        dialect: Dialect,
        access: Access,
        account: Account,
        secrets: Callable[[], Secrets],
        media: Path,
        *,
        token_until: str = "",
    ) -> None:
        self._dialect, self._access, self._secrets = dialect, access, secrets
        self._media, self._token_until = media, token_until
        self.accounts: tuple[Account, ...] = (account,)
        self.can_be_silent = dialect.can_be_silent
        self.text_unit, self.text_limit = dialect.unit, dialect.limit
        self.staff_window: timedelta | None = timedelta(days=7) if access.may_tag else None
        """From the person's last message (HUMAN_AGENT)."""

    def path(self) -> str:
        return ""

    def challenge(self, query: Mapping[str, str]) -> str:
        return signature.challenge(query, self._secrets().verify_token)

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        signature.verify(headers, raw, self._secrets().app_secret)

    def writers(self, payload: Any) -> Iterable[str]:
        return door.writers(payload, self._dialect.object)

    def address(self, text: str) -> Address:
        """A person's id: digits, which Meta gives for this page alone."""
        digits = text.strip()
        if not digits.isascii() or not ID.fullmatch(digits):
            raise ValueError("is no id of Meta's (digits only; names are not kept)")
        return Address(bsuid=digits)

    # HTTP clients are imported where they are first used: the web process only stores.

    def parse(self, payload: Any) -> Iterable[Event]:
        from broadcasts.channels.meta import receive

        return receive.parse(payload, self._dialect, self._access)

    def sender(self, *, seconds: float) -> Sender:
        from broadcasts.channels.meta.send import MetaSender

        return MetaSender(self._dialect, self._access, self._secrets, self._media, seconds=seconds)

    def _admin(self) -> "Admin":
        from broadcasts.channels.meta.admin import Admin

        return Admin(self._dialect, self._access, self._secrets, self._token_until)

    def account_states(self) -> list[AccountState]:
        return self._admin().account_states()

    def look(self, public_url: str) -> list[Finding]:
        return self._admin().look(public_url)

    def connect(self, public_url: str) -> Said:
        return self._admin().connect(public_url)

    def fetch_media(self, media: str, *, most: int) -> bytes:
        from broadcasts.channels.meta import media as files

        return files.fetch(media, self._access.graph, most=most)
