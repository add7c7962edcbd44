"""What a channel without a chat has instead: a form to sign up, and links to press.

Owns: these values, and the protocol that bot/public speaks with such a channel. Never: a page, a
table, a provider's name. Known to everybody else through `base`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from broadcasts.channels.address import Address

LONGEST_CALLED = 80
"""Signs of how somebody wants to be addressed."""


class Way(StrEnum):
    """How a person's word has come."""

    CHAT = "chat"
    """From their own account: it shows who they are, and a stranger may begin with it."""
    FORM = "form"
    """A form that anybody can fill in with anybody's address: it asks for something to be
    confirmed, and changes nothing by itself."""
    LINK = "link"
    """A link that only they have had from us: it shows who they are; of somebody unknown (erased
    since) it means nothing."""


@dataclass(frozen=True)
class Link:
    """What a link of ours says."""

    address: Address
    button: str = ""
    """Id of the button it stands for; empty: the page of one's own details."""
    label: str = ""
    """What stands on the button."""


class LinkError(Exception):
    """It is none of ours, or older than it may be."""


@dataclass(frozen=True)
class OnPage:
    """What somebody did on a page of ours."""

    address: Address
    way: Way
    at: datetime
    button: str = ""
    """Id of what was pressed; empty: only details were changed."""
    label: str = ""
    """What stood on it."""
    language: str = ""
    origin: str = ""
    """A harmless word for how they came, kept with the evidence of a consent."""
    called: str | None = None
    """How they want to be addressed; None: nothing was said of it."""
    chosen: tuple[str, ...] | None = None
    """Which topics and districts they ticked; empty: all; None: nothing was said of it."""


class Pages(Protocol):
    asks_for: Mapping[str, str]
    """Language → what the form calls an address."""
    input_type: str
    """Of the field in HTML, and what a browser fills in by itself."""

    def read(self, token: str, now: datetime) -> Link:
        """What the end of a link's address says. Raises LinkError."""
        ...

    def entry(self, said: OnPage) -> bytes:
        """For the journal; `Channel.parse` reads it."""
        ...
