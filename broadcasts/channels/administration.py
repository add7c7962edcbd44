"""What a channel's administration speaks of: templates, accounts, the way to our door.

Owns: these values. Never: a table, a provider's name. Known to everybody else through `base`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from broadcasts.saying import Said


@dataclass(frozen=True)
class TemplateState:
    """A template as the provider has it."""

    name: str
    language: str
    category: str
    state: str
    quality: str
    reason: str = ""


@dataclass(frozen=True)
class TemplateChanged:
    """The provider says something new of a template; None means: nothing said of this."""

    name: str
    language: str
    state: str | None = None
    quality: str | None = None
    category: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class TemplateDraft:
    """A template as we want it. `body` holds `{{name}}` where a value goes."""

    name: str
    language: str
    category: str
    """MARKETING or UTILITY."""
    body: str
    examples: tuple[tuple[str, str], ...]
    """(parameter name, example value), in order of appearance."""
    header: str = ""
    footer: str = ""
    picture: bool = False
    """Has an image as header."""
    buttons: tuple[str, ...] = ()
    """Labels of quick replies."""
    time_to_live: timedelta | None = None
    """An undelivered message is given up after this (`message_send_ttl_seconds`)."""


@dataclass(frozen=True)
class AccountState:
    """What the provider says of one number when asked."""

    account: str
    limit: int | None
    """Unique persons per 24 h outside the window; None: unlimited or not said."""
    quality: str
    detail: str = ""
    ahead: timedelta | None = None
    """By how much the provider's clock was ahead of ours when it answered; None: not said."""
    token_until: datetime | None = None
    """When the access token ends; None: never, or not said."""


@dataclass(frozen=True)
class Finding:
    """Something about the channel's set-up that is as it should be, or not."""

    id: str
    ok: bool
    detail: Said
    remedy: Said | None = None
    stops: bool = True
    """While it is not ok, something stands still."""


@dataclass(frozen=True)
class Fetched:
    """What waited at the provider: raw updates in order."""

    updates: tuple[bytes, ...]
    upto: int | None
    """The mark of the last one, to be confirmed with the next question; None: there was none."""


class Poller(Protocol):
    """Asks for what came in, where the provider cannot knock; lives in one thread."""

    def fetch(self, upto: int | None) -> Fetched:
        """Confirms everything up to the mark, then waits until there is something, for some
        seconds at most. What is not confirmed comes again. Raises ProviderError."""
        ...

    def cancel(self) -> None:
        """From another thread: ends a `fetch` that waits, and every later one."""
        ...

    def close(self) -> None: ...
