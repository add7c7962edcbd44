"""What can be set: frozen values with their defaults, one class per section of config.toml.

Owns: names, types and defaults of settings. Never: reads a file or the environment.
Filled by bot/config.py; a channel declares its own section in its folder.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

LANGUAGES = ("de", "en", "nl")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def setting(comment: str, **more: object) -> dict[str, object]:
    """Metadata of a setting: the comment in config.example.toml, and the bounds its value obeys.

    `choices`: allowed values; `least`/`most`: bounds of a number or a duration.
    """
    return {"comment": comment, **more}


@dataclass(frozen=True, kw_only=True)
class City:
    name: str = field(metadata=setting("as citizens know it"))
    public_url: str = field(metadata=setting("where citizens reach this server, https://…"))
    timezone: ZoneInfo = field(
        default=ZoneInfo("Europe/Berlin"), metadata=setting("decides what today and 17:00 mean")
    )
    language: str = field(default="de", metadata=setting("de, en or nl", choices=LANGUAGES))
    plain_language: bool = field(
        default=False,
        metadata=setting(
            "ask before an alert without plain language even while no reader has chosen it"
        ),
    )
    minimum_age: int = field(
        default=16, metadata=setting("said in the welcome, in years", least=13, most=99)
    )
    picture: str = field(
        default="",
        metadata=setting("of the contact card citizens may keep: a JPEG or PNG, square is best"),
    )


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    url: str = field(
        default="sqlite:///stadtbote.db",
        repr=False,  # may hold a password
        metadata=setting("or postgresql://user:password@host/name"),
    )


@dataclass(frozen=True, kw_only=True)
class DigestSettings:
    time: dt.time = field(
        default=dt.time(17, 0), metadata=setting("local time of the daily digest")
    )
    weekdays: tuple[str, ...] = field(
        default=WEEKDAYS, metadata=setting("days with a digest", choices=WEEKDAYS)
    )
    latest: dt.time = field(
        default=dt.time(20, 0), metadata=setting("after an outage, later than this means: tomorrow")
    )


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """From `start` to `end` no digest leaves; equal times switch quiet hours off."""

    start: dt.time = field(
        default=dt.time(21, 0),
        metadata=setting("digests only: answers, staff's replies and alerts ignore it", key="from"),
    )
    end: dt.time = field(
        default=dt.time(8, 0), metadata=setting("the same as from: no quiet hours", key="to")
    )

    def contains(self, wall: dt.time) -> bool:
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


@dataclass(frozen=True, kw_only=True)
class SendingSettings:
    settle_after: timedelta = field(
        default=timedelta(seconds=60),
        metadata=setting(
            "an unknown outcome counts as not accepted after this silence",
            least=timedelta(seconds=1),
        ),
    )
    request_timeout: timedelta = field(
        default=timedelta(seconds=15),
        metadata=setting(
            "how long one call to the provider may take (must be below the 30 s lease)",
            least=timedelta(seconds=1),
            most=timedelta(seconds=25),
        ),
    )
    in_flight: int = field(
        default=200,
        metadata=setting("calls under way at once, over all numbers", least=1, most=2000),
    )


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one message costs from a date on; the channel's own categories.

    The provider changes rates each quarter, so the date is shown beside every figure.
    """

    channel: str = field(default="whatsapp", metadata=setting("which channel"))
    category: str = field(metadata=setting("marketing, utility or service"))
    amount: Decimal = field(metadata=setting("per message", most=Decimal(1000)))
    currency: str = field(default="EUR", metadata=setting("ISO 4217"))
    since: date = field(metadata=setting("valid from this date"))


@dataclass(frozen=True, kw_only=True)
class BudgetSettings:
    """In the currency of the first price."""

    per_month: Decimal = field(
        default=Decimal(0),
        metadata=setting("for all messages of a calendar month, priced as below; 0: no budget"),
    )
    hard_cap: bool = field(
        default=False,
        metadata=setting("a digest that would pass it waits for the next month; alerts always go"),
    )


@dataclass(frozen=True, kw_only=True)
class DeskSettings:
    idle_after: timedelta = field(
        default=timedelta(minutes=30),
        metadata=setting(
            "staff who do nothing for so long sign in again",
            least=timedelta(minutes=1),
            most=timedelta(hours=12),
        ),
    )
    behind_proxy: bool = field(
        default=True,
        metadata=setting("a web server with HTTPS stands before it and says who asks"),
    )


@dataclass(frozen=True, kw_only=True)
class BackupSettings:
    folder: str = field(default="backups", metadata=setting("where they go; best on another disk"))
    keep_days: int = field(
        default=30,
        metadata=setting(
            "older ones are deleted; an erasure can be repeated for so long", least=1, most=60
        ),
    )
    nightly: bool = field(
        default=False, metadata=setting("make one each night; needs BACKUP_KEY in .env")
    )
    time: dt.time = field(default=dt.time(3, 0), metadata=setting("local time of the nightly one"))
    elsewhere: bool = field(
        default=False, metadata=setting("something else backs this machine up; doctor is content")
    )


@dataclass(frozen=True, kw_only=True)
class PrivacySettings:
    """What the privacy notice must name (Art. 13 GDPR) and only the city knows."""

    controller: str = field(
        default="", metadata=setting("who answers for the data: name, address, e-mail, telephone")
    )
    officer: str = field(default="", metadata=setting("how to reach the data protection officer"))
    authority: str = field(default="", metadata=setting("the supervisory authority, with address"))
    processor: str = field(
        default="", metadata=setting("who runs the server for you (Art. 28); empty: you yourselves")
    )
    body: str = field(
        default="public",
        metadata=setting(
            "public (answering is a public task, Art. 6 1 e) or company (legitimate interest, f)",
            choices=("public", "company"),
        ),
    )
    read_receipts: bool = field(
        default=True,
        metadata=setting("false: that somebody has read a message is not even stored"),
    )
    logs: str = field(
        default="", metadata=setting("file or folder of logs that privacy search reads, too")
    )


@dataclass(frozen=True, kw_only=True)
class ConsentSettings:
    """What is asked before somebody becomes a reader."""

    double_opt_in: bool = field(
        default=False, metadata=setting('"Start" is asked back: only "Ja, anmelden" subscribes')
    )
    age_confirmation: bool = field(
        default=False,
        metadata=setting("the same, and the answer says that they are old enough"),
    )

    @property
    def asks(self) -> bool:
        return self.double_opt_in or self.age_confirmation


@dataclass(frozen=True, kw_only=True)
class RetentionSettings:
    """How long what is kept, in days; a nightly job deletes what is older."""

    closed: int = field(
        default=7,
        metadata=setting("texts and media after their conversation is closed", least=0, most=90),
    )
    open: int = field(
        default=90, metadata=setting("texts and media at the most, closed or not", least=1, most=90)
    )
    bot_messages: int = field(
        default=7, metadata=setting("what the service answered by itself", least=1, most=90)
    )
    deliveries: int = field(
        default=30,
        metadata=setting("who got which broadcast; counts stay for good", least=10, most=365),
    )
    stopped: int = field(
        default=30, metadata=setting("a reader after Stopp, then erased", least=0, most=365)
    )
    unconfirmed: int = field(
        default=3,
        metadata=setting("an address filled in that nobody confirmed", least=2, most=14),
    )
    silent_months: int = field(
        default=13,
        metadata=setting(
            "months without any contact or delivery, then asked once, then erased", least=3, most=60
        ),
    )
    asked: int = field(
        default=30, metadata=setting("days to answer that question", least=7, most=90)
    )
    proof_years: int = field(
        default=3,
        metadata=setting("years: keyed hash of an ended consent, to defend it", least=0, most=10),
    )
    access_log: int = field(
        default=90, metadata=setting("the staff's audit trail of sign-ins and looks", least=7)
    )
    strange: int = field(
        default=7,
        metadata=setting("updates from a provider that nobody understood", least=1, most=30),
    )


STATES = (
    *("", "BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV"),
    *("NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"),
)


@dataclass(frozen=True, kw_only=True)
class OfficeSettings:
    """When people read what citizens write, and what is answered by itself."""

    weekdays: tuple[str, ...] = field(
        default=(),
        metadata=setting("days on which somebody reads; none: no hours are said", choices=WEEKDAYS),
    )
    start: dt.time = field(default=dt.time(8, 0), metadata=setting("opens at", key="from"))
    end: dt.time = field(default=dt.time(16, 0), metadata=setting("closes at", key="to"))
    state: str = field(
        default="",
        metadata=setting(
            "federal state whose public holidays are days off, e.g. BW or NW", choices=STATES
        ),
    )
    one_way: bool = field(
        default=False,
        metadata=setting("nobody reads here: who writes is pointed to contact, nothing is kept"),
    )
    contact: str = field(
        default="", metadata=setting("where people are told to turn to in one_way mode")
    )
    satisfaction: bool = field(
        default=False,
        metadata=setting("ask whether it helped when staff close a conversation; counted only"),
    )


@dataclass(frozen=True, kw_only=True)
class BusinessHours:
    """When service notices leave; a city without this section has none."""

    weekdays: tuple[str, ...] = field(
        default=WEEKDAYS[:5],
        metadata=setting(
            "days on which they leave, but for the holidays of office.state", choices=WEEKDAYS
        ),
    )
    start: dt.time = field(
        default=dt.time(8, 30), metadata=setting("not before; held until then", key="from")
    )
    end: dt.time = field(
        default=dt.time(17, 0), metadata=setting("the rest leaves on the next day", key="to")
    )


@dataclass(frozen=True, kw_only=True)
class FeedSettings:
    """RSS or Atom of the city's website; its items become posts."""

    url: str = field(
        repr=False,  # what stands behind the question mark may be a password
        metadata=setting("address of the RSS or Atom feed"),
    )
    queue: bool = field(
        default=False,
        metadata=setting("true: its items are queued at once; false: drafts for the press office"),
    )
    every: timedelta = field(
        default=timedelta(minutes=15),
        metadata=setting(
            "how often it is asked", least=timedelta(minutes=5), most=timedelta(days=1)
        ),
    )
    newest: int = field(
        default=3,
        metadata=setting("of a new feed only so many items come in", least=0, most=10),
    )
    intranet: str = field(
        default="",
        metadata=setting("HOST or HOST:PORT of your own network, where the feed lies on one"),
    )
    topic: str = field(default="", metadata=setting("its items are about this [topics.NAME]"))
    district: str = field(default="", metadata=setting("… and this [districts.NAME]"))


@dataclass(frozen=True, kw_only=True)
class SubjectSettings:
    """A topic or a district that readers may choose, and posts may be about."""

    name: str = field(metadata=setting("as readers see it, at most 24 signs"))
    de: str = field(default="", metadata=setting("the same in German, where it differs"))
    en: str = field(default="", metadata=setting("in English"))
    nl: str = field(default="", metadata=setting("in Dutch"))
    words: str = field(
        default="",
        metadata=setting("what else people type for it, parted by commas: Baustelle, Sperrung"),
    )

    def label(self, language: str) -> str:
        return {"de": self.de, "en": self.en, "nl": self.nl}.get(language, "") or self.name

    @property
    def phrases(self) -> tuple[str, ...]:
        said = (self.name, self.de, self.en, self.nl, *self.words.split(","))
        return tuple(dict.fromkeys(filter(None, (one.strip() for one in said))))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that may be seen. Secrets are beside it, never inside."""

    city: City
    database: DatabaseSettings = DatabaseSettings()
    digest: DigestSettings = DigestSettings()
    quiet_hours: QuietHours = QuietHours()
    sending: SendingSettings = SendingSettings()
    desk: DeskSettings = DeskSettings()
    budget: BudgetSettings = BudgetSettings()
    backup: BackupSettings = BackupSettings()
    privacy: PrivacySettings = PrivacySettings()
    consent: ConsentSettings = ConsentSettings()
    office: OfficeSettings = OfficeSettings()
    business_hours: BusinessHours | None = None
    """None: there are no service notices."""
    retention: RetentionSettings = RetentionSettings()
    prices: tuple[Price, ...] = ()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Overriding texts: language → key of the catalogue → text."""
    topics: Mapping[str, SubjectSettings] = field(default_factory=dict)
    """Name → topic that readers may choose."""
    districts: Mapping[str, SubjectSettings] = field(default_factory=dict)
    """The same of the parts of the city."""
    feeds: Mapping[str, FeedSettings] = field(default_factory=dict)
    """Name → feed of the city's website."""
    channels: Mapping[str, object] = field(default_factory=dict)
    """Channel kind → that channel's own settings class, for each section present."""
