"""The stand-in's world: citizens with their phones, the city's numbers, templates, messages.

Owns: state. Never: refuses anything (rules) or sends anything (webhooks). Lives in one event loop.
"""

import base64
import itertools
import random
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WINDOW = 24 * 3600
"""Seconds of the customer service window."""

PAIR_BURST, PAIR_SECONDS = 45, 6.0
"""Messages to one person at once, and seconds until one more is allowed (131056)."""


DAY = 24 * 3600
"""Seconds in which the unique persons of the portfolio's limit are counted."""

TIERS = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
}
"""Any other one is unlimited."""


@dataclass(frozen=True)
class Number:
    """One of the city's sending numbers."""

    phone_id: str
    display: str
    rate: int = 80
    """Messages per second, in and out together."""


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    token: str
    app_secret: str
    verify_token: str
    webhook_url: str = ""
    waba_id: str = "9876543210"
    app_id: str = "1122334455"
    numbers: tuple[Number, ...] = (Number("1234567890", "+49 176 04069000"),)
    latency: tuple[float, float] = (0.0, 0.0)
    """Seconds before an answer, from … to."""
    receipts: tuple[float, float, float] = (0.01, 0.02, 0.03)
    """Seconds after acceptance until sent, delivered, read."""
    batch: int = 1000
    """Items in one webhook at most; 1: unbatched."""
    gather: float = 0.02
    """Seconds in which items for one webhook are gathered."""
    tier: str = "TIER_250"
    """How many persons outside the window in moving 24 h; one limit for all numbers."""
    tier_code: int = 131048
    """What is refused beyond it with. The provider documents the limit, but no code of its own for
    it; this one speaks of "restrictions on how many messages can be sent"."""
    tier_late: bool = False
    """The same comes as a failed status instead of in the answer."""
    approve_after: float | None = 0.0
    """Seconds until a new template is approved; None: never by itself."""
    late_window_error: bool = False
    """131047 comes as a failed status instead of in the answer."""
    everybody_exists: bool = False
    """Any number is somebody's: for benchmarks."""
    keep_messages: bool = True
    """False: only counters, for benchmarks."""
    seed: int = 1
    authenticator: Mapping[str, str] = field(default_factory=dict)
    """The desk's accounts in a demonstration: name → secret of the one-time codes."""


@dataclass
class Bubble:
    """One message on a phone's screen."""

    id: str
    phone_id: str
    mine: bool
    """Written by the citizen."""
    at: float
    kind: str
    body: str = ""
    footer: str = ""
    header: str = ""
    picture: str | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    is_list: bool = False
    """They are the rows of a list."""
    template: str = ""
    category: str = ""
    language: str = ""
    tracker: str | None = None
    status: str = ""
    code: int | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    """Arrives without a sound."""


@dataclass
class Person:
    wa_id: str
    bsuid: str
    name: str
    is_played: bool = True
    """On the phone page; the others only receive."""
    shape: str = "both"
    """What webhooks tell of them: `phone`, `both`, or `bsuid` (with a username)."""
    reads: bool = True
    blocked: bool = False
    no_marketing: bool = False
    marketing_capped: bool = False
    wrote_at: dict[str, float] = field(default_factory=dict)
    """City's number → when they last wrote there."""
    screen: list[Bubble] = field(default_factory=list)
    bucket: float = PAIR_BURST
    bucket_at: float = 0.0
    received: int = 0

    def window_closes(self, phone_id: str) -> float:
        return self.wrote_at.get(phone_id, float("-inf")) + WINDOW

    def take(self, now: float) -> bool:
        """Whether the pair rate allows one more message."""
        filled = self.bucket + (now - self.bucket_at) / PAIR_SECONDS
        self.bucket, self.bucket_at = min(float(PAIR_BURST), filled), now
        if self.bucket < 1.0:
            return False
        self.bucket -= 1.0
        return True


@dataclass
class Meter:
    """A number's traffic in the sliding second."""

    times: deque[float] = field(default_factory=deque)
    most: int = 0
    """The busiest second so far."""

    def add(self, now: float) -> int:
        self.times.append(now)
        self.trim(now)
        self.most = max(self.most, len(self.times))
        return len(self.times)

    def trim(self, now: float) -> int:
        while self.times and self.times[0] <= now - 1.0:
            self.times.popleft()
        return len(self.times)


@dataclass
class World:
    settings: SandboxSettings
    people: dict[str, Person] = field(default_factory=dict)
    """By phone number."""
    by_bsuid: dict[str, Person] = field(default_factory=dict)
    templates: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    media: dict[str, tuple[bytes, str, float]] = field(default_factory=dict)
    meters: dict[str, Meter] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)
    """Code → how often."""
    accepted: Counter[str] = field(default_factory=Counter)
    """Address → how many messages were accepted for it."""
    log: list[dict[str, Any]] = field(default_factory=list)
    """Accepted messages in order (not with keep_messages=False)."""
    shift: float = 0.0
    version: int = 0
    """Grows with every change on a screen."""
    account_error: int | None = None
    started: dict[str, float] = field(default_factory=dict)
    """Person → when they were last written to outside the window; the longest ago first."""
    token_until: int = 0
    """Seconds since 1970 at which the token ends; 0: never."""
    forgotten: list[str] = field(default_factory=list)
    """Addresses whose entry in the contact book was deleted."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.settings.seed)
        self.numbers = {number.phone_id: number for number in self.settings.numbers}
        self.meters = {number: Meter() for number in self.numbers}
        self.token, self.tier = self.settings.token, self.settings.tier
        self._ids = itertools.count(1)

    def now(self) -> float:
        return time.time() + self.shift

    def next_id(self) -> str:
        return str(next(self._ids))

    def wamid(self, address: str) -> str:
        """Like Meta's: the person's number stands in it in base64."""
        inner = f"\x1d\x0b{address}\x15\x02\x00{next(self._ids):012d}"
        return "wamid." + base64.b64encode(inner.encode()).decode()

    def person(self, number: str, *, shape: str = "both", name: str = "") -> Person:
        """The citizen with this number, made if need be."""
        wa_id = "".join(sign for sign in number if sign.isdigit())
        known = self.people.get(wa_id)
        if known is None:
            bsuid = f"DE.x{int(wa_id) * 7919 % 10**15:015d}"
            known = Person(wa_id, bsuid, name or f"Bürgerin {len(self.people) + 1}", shape=shape)
            known.bucket_at = self.now()
            self.people[wa_id] = self.by_bsuid[bsuid] = known
            self.version += 1
        return known

    def within_limit(self, person: Person) -> bool:
        """Counts this person if the portfolio's limit allows it; who was counted in the last 24 h
        costs nothing more."""
        now, limit = self.now(), TIERS.get(self.tier)
        while self.started and (oldest := next(iter(self.started.items())))[1] <= now - DAY:
            del self.started[oldest[0]]
        known = self.started.pop(person.wa_id, None) is not None
        if not known and limit is not None and len(self.started) >= limit:
            return False
        self.started[person.wa_id] = now
        return True

    def find(self, to: str | None, recipient: str | None) -> Person | None:
        if recipient:
            return self.by_bsuid.get(recipient)
        if to and to.isdigit() and self.settings.everybody_exists:
            return self.person(to)
        return self.people.get(to or "")

    def show(self, person: Person, bubble: Bubble) -> None:
        if self.settings.keep_messages:
            person.screen.append(bubble)
        self.version += 1
