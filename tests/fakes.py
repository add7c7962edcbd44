"""A channel that is ours: it fulfils the protocol and remembers what it was asked to send."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from broadcasts.channels.base import (
    Account,
    AccountState,
    Address,
    Content,
    Event,
    Finding,
    Outcome,
    Pages,
    Poller,
    ProviderError,
    Result,
    Sender,
    TemplateDraft,
    TemplateState,
    Unit,
)
from broadcasts.saying import Said, say


@dataclass(frozen=True)
class Sent:
    account: str
    address: Address
    content: Content
    tracker: str
    media: str | None


@dataclass
class FakeSender:
    """Answers every call as `answer` says; accepts by default."""

    sent: list[Sent] = field(default_factory=list)
    answer: Callable[[Sent], Result] = lambda sent: Result(
        Outcome.ACCEPTED, f"wamid.{sent.tracker}"
    )
    uploads: list[str] = field(default_factory=list)

    async def send(
        self,
        account: str,
        address: Address,
        content: Content,
        *,
        tracker: str,
        media: str | None = None,
    ) -> Result:
        await asyncio.sleep(0)
        sent = Sent(account, address, content, tracker, media)
        self.sent.append(sent)
        return self.answer(sent)

    async def upload(self, account: str, path: str) -> str:
        self.uploads.append(path)
        return f"media-{len(self.uploads)}"

    async def close(self) -> None:
        return None


@dataclass
class FakeChannel:
    kind: str = "whatsapp"
    accounts: tuple[Account, ...] = (Account("whatsapp", "4711", "+49 176 04069000", 80),)
    window: timedelta | None = timedelta(hours=24)
    staff_window: timedelta | None = None
    has_templates: bool = True
    tells_receipts: bool = True
    can_be_silent: bool = False
    is_free: bool = False
    text_unit: Unit = Unit.UTF16
    text_limit: int = 4096
    caption_limit: int = 1024
    picture_limit: int = 5 * 1024 * 1024
    pages: Pages | None = None
    outgoing: FakeSender = field(default_factory=FakeSender)
    known_templates: list[TemplateState] = field(default_factory=list)
    created: list[TemplateDraft] = field(default_factory=list)
    forgotten: list[Address] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    picture_templates: bool = False
    files: dict[str, bytes | ProviderError] = field(default_factory=dict)
    """Media id → what it gives."""
    acknowledged: list[str] = field(default_factory=list)

    def path(self) -> str:
        return ""

    def challenge(self, query: Mapping[str, str]) -> str:
        return query["hub.challenge"]

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        return None

    def writers(self, payload: Any) -> Iterable[str]:
        return ()

    def parse(self, payload: Any) -> Iterable[Event]:
        return ()

    def address(self, text: str) -> Address:
        digits = "".join(c for c in text if c.isdigit())
        if not digits:
            raise ValueError("not a number")
        return Address(wa_id=digits)

    def sender(self, *, seconds: float) -> Sender:
        return self.outgoing

    def templates(self) -> list[TemplateState]:
        return self.known_templates

    def create_template(self, draft: TemplateDraft, *, example_picture: str | None) -> None:
        self.created.append(draft)

    def account_states(self) -> list[AccountState]:
        return [AccountState(a.id, 250, "GREEN") for a in self.accounts]

    def forget(self, address: Address) -> None:
        self.forgotten.append(address)

    def drop_media(self, media: str) -> None:
        self.dropped.append(media)

    def can_picture_templates(self) -> bool:
        return self.picture_templates

    def fetch_media(self, media: str, *, most: int) -> bytes:
        found = self.files.get(media, ProviderError(Outcome.MEDIA, "100", "no such object"))
        if isinstance(found, ProviderError):
            raise found
        return found

    def acknowledge(self, taps: Sequence[str]) -> None:
        self.acknowledged += taps

    def poller(self) -> Poller | None:
        return None

    def look(self, public_url: str) -> list[Finding]:
        return []

    def connect(self, public_url: str) -> Said:
        return say("connected")
