"""Where Messenger and Instagram differ, as data.

Owns: the names and limits. Never: a call. Filled in by the two channels' folders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from broadcasts.channels.base import Outcome, Unit
from broadcasts.channels.meta.errors import Key


class Secrets(Protocol):
    """From .env, as they are now."""

    @property
    def token(self) -> str: ...

    @property
    def app_secret(self) -> str: ...

    @property
    def verify_token(self) -> str: ...


@dataclass(frozen=True)
class Dialect:
    kind: str
    """Every message id begins with it: unique over all channels."""
    object: str
    """What a webhook says it is about."""
    unit: Unit
    limit: int
    """Of one message's text, in `unit`."""
    calls: int
    """Calls in any second, whatever they are for; below what Meta takes."""
    names_type: bool
    """Each message says its `messaging_type`."""
    can_be_silent: bool
    outcomes: Mapping[Key, Outcome]


@dataclass(frozen=True)
class Access:
    """Where calls go, and who we are there."""

    graph: str
    """Address with version, without a slash at its end."""
    node: str
    """The page or professional account through which we send."""
    account: str
    """Its id in webhooks; the key in our tables."""
    name_field: str
    """What the node calls its name."""
    fields: tuple[str, ...]
    """Of webhooks, without which we would hear nothing."""
    may_tag: bool
    """Meta has approved "Human Agent"."""
    tells_token: bool = True
    """`/debug_token` knows when the token ends."""
