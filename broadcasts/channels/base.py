"""What every channel speaks: neutral events in, neutral content out, one closed list of outcomes.

Owns: the values that pass between a channel's folder and the rest. Never: a table, a provider's
name or code. Used by each channel, the receiver, delivery and newsroom.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from broadcasts.channels.address import Address as Address
from broadcasts.channels.administration import AccountState as AccountState
from broadcasts.channels.administration import Fetched as Fetched
from broadcasts.channels.administration import Finding as Finding
from broadcasts.channels.administration import Poller as Poller
from broadcasts.channels.administration import TemplateChanged as TemplateChanged
from broadcasts.channels.administration import TemplateDraft as TemplateDraft
from broadcasts.channels.administration import TemplateState as TemplateState
from broadcasts.channels.content import Button as Button
from broadcasts.channels.content import Content as Content
from broadcasts.channels.content import TemplateMessage as TemplateMessage
from broadcasts.channels.content import Text as Text
from broadcasts.channels.content import Unit as Unit
from broadcasts.channels.content import pack as pack
from broadcasts.channels.content import size as size
from broadcasts.channels.content import unpack as unpack
from broadcasts.channels.pages import OnPage as OnPage
from broadcasts.channels.pages import Pages as Pages
from broadcasts.channels.pages import Way as Way
from broadcasts.saying import Said

HEADROOM = 0.98
"""Of a provider's allowance, in any second: its second and ours do not begin together, and a
network pushes calls together."""


@dataclass(frozen=True)
class Account:
    """One sending number (or page, or bot) of a channel; has its own rate, window and lock."""

    channel: str
    id: str
    """The provider's id of the number; the key in our tables."""
    address: str
    """As citizens see it, e.g. "+49 176 04069000"."""
    rate: int
    """Messages per second."""
    counts_received: bool = True
    """What comes in is counted against the same rate."""
    headroom: float = HEADROOM
    """Share of the rate that is used; 1.0 where the rate is a plan of our own, below what the
    provider allows."""
    most_in_a_second: int | None = None
    """Never more than this in any one second; None: the rate."""
    person_rests: timedelta = timedelta(0)
    """So long after a message to somebody the next one to the same person waits."""
    join: str = ""
    """Opens a chat with us, `{text}` typed in already; empty where there is no such address."""
    join_takes_text: bool = True
    """False: `{text}` is one word of a-z and "-", and comes back as `MessageIn.origin`."""

    @property
    def pace(self) -> float:
        """Messages per second that really leave."""
        return self.rate * self.headroom


# ---------------------------------------------------------------- what comes in


@dataclass(frozen=True)
class MessageIn:
    """A person wrote or tapped."""

    id: str
    account: str
    sender: Address
    at: datetime
    text: str = ""
    button: str | None = None
    """The id of a tapped button; `text` is then its label."""
    kind: str = "text"
    """text, button, image, audio, video, document, sticker, location, reaction, referral, contacts,
    other; details: nothing but `called`"""
    media: str | None = None
    """The provider's id of a file that came with it."""
    language: str = ""
    """Of the person's device, where the provider tells it: a first guess."""
    origin: str = ""
    """By which link they came, in a harmless word; kept with the evidence of a consent."""
    tap: str = ""
    """The provider's id of a tap that wants a word back (`Channel.acknowledge`)."""
    way: Way = Way.CHAT
    called: str | None = None
    """How they want to be addressed; None: nothing was said of it."""
    chosen: tuple[str, ...] | None = None
    """Topics and districts they ticked on a page; empty: all; None: nothing was said of it."""
    not_before: datetime | None = None
    """Where the provider tells no time, `at` is the latest it can be, and this the earliest."""

    @property
    def said_at(self) -> datetime:
        """What later words are held against: in doubt the one that comes in later counts."""
        return self.not_before or self.at


class Receipt(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True)
class StatusIn:
    """What became of a message of ours."""

    account: str
    provider_id: str
    tracker: str | None
    """What we gave along with the message (`delivery id:attempt`)."""
    receipt: Receipt
    at: datetime
    outcome: "Outcome | None" = None
    """Set when `failed`."""
    code: str | None = None
    billable: bool | None = None
    category: str | None = None


@dataclass(frozen=True)
class PreferenceIn:
    """The platform's own switch for marketing messages, or for the city as a whole."""

    id: str
    account: str
    sender: Address
    at: datetime
    wants_digests: bool
    wants_alerts: bool = True
    """False: the person has blocked us; nothing reaches them any more."""


@dataclass(frozen=True)
class MessageGone:
    """A person has taken a message of theirs back: our copy goes, too."""

    id: str
    account: str
    sender: Address
    message_id: str
    """`MessageIn.id` of what is gone."""
    at: datetime


@dataclass(frozen=True)
class AddressChanged:
    """A person has another address; the event itself links old and new."""

    id: str
    account: str
    old: Address
    new: Address
    at: datetime


@dataclass(frozen=True)
class AccountNotice:
    """The provider says something of the account or a number.

    Only a notice with `stops` (an `account_update` that restricts) stops the number.
    """

    account: str | None
    what: str
    """The webhook's field or `errors`."""
    code: str = ""
    detail: str = ""
    """The provider's words; never a person's."""
    stops: bool = False
    limit: int | None = None
    """New number of unique persons per day outside the window, when that is what it says."""
    quality: str | None = None


@dataclass(frozen=True)
class Strange:
    """What cannot be understood, or is not for us: kept, counted, shown, never dropped."""

    reason: str
    """`unknown_field`, `other_number`, `unreadable`; a closed word, never the content."""
    raw: Mapping[str, Any] = field(repr=False)


Event = (
    MessageIn
    | MessageGone
    | StatusIn
    | PreferenceIn
    | AddressChanged
    | TemplateChanged
    | AccountNotice
    | Strange
)


class WebhookError(Exception):
    """A request at the door that must be refused; `status` is the HTTP status to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


# ---------------------------------------------------------------- what goes out


class Outcome(StrEnum):
    """The closed list of what a provider's answer means for us (whatsapp.md §4)."""

    ACCEPTED = "accepted"
    TRANSIENT = "transient"
    SLOW_DOWN = "slow_down"
    PERSON_TOO_FAST = "person_too_fast"
    PAUSE = "pause"
    NETWORK = "network"
    UNKNOWN = "unknown"
    NOT_TODAY = "not_today"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    WINDOW_CLOSED = "window_closed"
    NEEDS_PHONE_NUMBER = "needs_phone_number"
    WRONG_TEMPLATE = "wrong_template"
    TEMPLATE_PAUSED = "template_paused"
    TEMPLATE_DISABLED = "template_disabled"
    MEDIA = "media"
    ACCOUNT = "account"
    CREDENTIALS = "credentials"
    OUR_MISTAKE = "our_mistake"


@dataclass(frozen=True)
class Result:
    """What the provider answered to one call."""

    outcome: Outcome
    provider_id: str | None = None
    code: str = ""
    """The provider's own code, for people."""
    retry_after: timedelta | None = None
    held: bool = False
    """Accepted, but the provider holds it back for a quality check."""


class ProviderError(Exception):
    """A call to the provider that is not the sending of a message failed."""

    def __init__(self, outcome: Outcome, code: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.code = code


class Sender(Protocol):
    """The outgoing half of a channel; lives in one asyncio loop."""

    async def send(
        self,
        account: str,
        address: Address,
        content: Content,
        *,
        tracker: str,
        media: str | None = None,
    ) -> Result:
        """One call to the provider. Never raises for what the provider or the network does.

        `tracker` comes back in every status. `media` is what `upload` gave for the picture.
        """
        ...

    async def upload(self, account: str, path: str) -> str:
        """Hands a picture to the provider; returns its id. Raises ProviderError."""
        ...

    async def close(self) -> None: ...


class Channel(Protocol):
    """One channel: how a message leaves and a text or status comes in. Knows no table."""

    kind: str
    accounts: tuple[Account, ...]
    window: timedelta | None
    """Length of the customer service window; None: none is needed to write."""
    staff_window: timedelta | None
    """The same for what staff have typed; None: no longer than `window`."""
    has_templates: bool
    """Approved wording reaches people outside the window."""
    tells_receipts: bool
    """Statuses come: what was sent becomes delivered and read, and an unknown outcome settles."""
    can_be_silent: bool
    is_free: bool
    """Messages cost nothing."""
    text_unit: Unit
    text_limit: int
    """Of one message, in `text_unit`; the channel's sender sends a longer answer as several."""
    caption_limit: int
    """The same of a text that goes with a picture."""
    picture_limit: int
    """Bytes."""
    pages: Pages | None
    """People sign up by a form, and a button is a link; None: there is a chat for both."""

    def path(self) -> str:
        """What follows `/webhooks/<kind>/`; empty where the door needs no secret address."""
        ...

    def challenge(self, query: Mapping[str, str]) -> str:
        """Answers the provider's verification GET. Raises WebhookError."""
        ...

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        """Checks the signature over the raw bytes. Raises WebhookError (401, 403)."""
        ...

    def writers(self, payload: Any) -> Iterable[str]:
        """The addresses (wa_id, bsuid) of persons whose own messages a POST holds, cheaply."""
        ...

    def parse(self, payload: Any) -> Iterable[Event]:
        """Splits a POST's body into neutral events, in order. Never raises: see Strange."""
        ...

    def address(self, text: str) -> Address:
        """Reads any spelling of an address. Raises ValueError with a sentence for people."""
        ...

    def sender(self, *, seconds: float) -> Sender:
        """`seconds`: how long one call may take, below the lease of a row."""
        ...

    # What an administrator asks for; ordinary blocking calls. Each raises ProviderError.
    def templates(self) -> list[TemplateState]: ...

    def create_template(self, draft: TemplateDraft, *, example_picture: str | None) -> None: ...

    def account_states(self) -> list[AccountState]: ...

    def forget(self, address: Address) -> None:
        """Asks the provider to drop what it keeps of a person on our behalf."""
        ...

    def drop_media(self, media: str) -> None:
        """Asks the provider to delete what came with a message; outcome MEDIA: it is gone."""
        ...

    def can_picture_templates(self) -> bool: ...

    def fetch_media(self, media: str, *, most: int) -> bytes:
        """What came with a message (`MessageIn.media`), of at most `most` bytes. What is in it
        is the caller's to look at. Raises ProviderError; outcome MEDIA: never to be had."""
        ...

    def acknowledge(self, taps: Sequence[str]) -> None:
        """Tells the provider that taps (`MessageIn.tap`) have come in; never raises."""
        ...

    def poller(self) -> Poller | None:
        """Fetches what came in; None where the provider brings it to our door."""
        ...

    def look(self, public_url: str) -> list[Finding]:
        """How the provider has the way to our door, beside credentials. Raises ProviderError."""
        ...

    def connect(self, public_url: str) -> Said:
        """Tells the provider where our door is; says what was done. Raises ProviderError."""
        ...


def waits(channel: Channel) -> bool:
    """Nothing reaches a person there whose window is closed: they get the news when they write."""
    return channel.window is not None and not channel.has_templates
