"""The world of one of Meta's messengers: people, the city's page, what was accepted.

Owns: state, windows, and how fast the page may write. Never: HTTP, what a message must be like
(messages). Lives in the stand-in's event loop.
"""

import base64
import itertools
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.meta.manners import Code, Manners, MetaError
from bot.sandbox.world import Bubble, Meter

WINDOW = 24 * 3600.0
HUMAN_WINDOW = 7 * 24 * 3600.0
"""Seconds: from a person's last action until nothing may be written any more; by hand."""


@dataclass(frozen=True, kw_only=True)
class MetaSettings:
    token: str = "token-of-the-page"
    app_secret: str = "secret-of-the-app"
    verify_token: str = "word-of-the-city"
    account: str = "100200300400500"
    """Id of the page, or of the professional account."""
    name: str = "Stadt Musterstadt"
    webhook_url: str = ""
    """As entered in the app's settings."""
    per_second: int | None = None
    """Calls; None: as the provider takes them."""
    latency: float = 0.0
    everybody_writes: bool = False
    """Every id has just written: for benchmarks."""
    keep_messages: bool = True
    """False: only counters, for benchmarks."""


@dataclass
class MetaPerson:
    id: str
    name: str
    is_played: bool = True
    """On the phone page; the others only receive."""
    acted_at: float = float("-inf")
    """When they last wrote, tapped or reacted."""
    blocked: bool = False
    screen: list[Bubble] = field(default_factory=list)


@dataclass
class MetaWorld:
    manners: Manners
    settings: MetaSettings
    people: dict[str, MetaPerson] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """What people sent, or the page has uploaded: id → content."""
    moved: dict[str, str] = field(default_factory=dict)
    """File → the address to which whoever asks for it is sent on."""
    fields: set[str] = field(default_factory=set)
    """What the app has asked to be told of."""
    refuse: deque[Code] = field(default_factory=deque)
    """The next messages are refused with these."""
    account_error: Code | None = None
    human_agent: bool = True
    """Meta has approved the app's "Human Agent"."""
    token_until: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """"code" or "code/subcode" → how often."""
    log: list[dict[str, Any]] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    shift: float = 0.0
    version: int = 0

    def __post_init__(self) -> None:
        self.token = self.settings.token
        self._ids = itertools.count(1)

    def now(self) -> float:
        return time.time() + self.shift

    def next_id(self) -> int:
        return next(self._ids)

    def mid(self) -> str:
        inner = f"{self.settings.account}:{self.next_id():012d}"
        return self.manners.mid + base64.urlsafe_b64encode(inner.encode()).decode().rstrip("=")

    def person(self, id: str, name: str = "") -> MetaPerson:
        """The person with this id, made if need be."""
        if id not in self.people:
            self.people[id] = MetaPerson(id, name or f"Leserin {len(self.people) + 1}")
            self.version += 1
        return self.people[id]

    def find(self, id: str) -> MetaPerson:
        """Raises MetaError: somebody who has never written cannot be written to."""
        if self.settings.everybody_writes:
            self.person(id).acted_at = self.now()
        person = self.people.get(id)
        if person is None or person.acted_at == float("-inf"):
            raise MetaError(*self.manners.nobody)
        if person.blocked:
            raise MetaError(*self.manners.unavailable)
        return person

    def take(self) -> None:
        """Counts one call. Raises MetaError."""
        now = time.monotonic()
        most = self.settings.per_second or self.manners.per_second
        if self.meter.trim(now) >= most:
            raise MetaError(*self.manners.too_fast)
        self.meter.add(now)

    def window_closes(self, person: MetaPerson) -> float:
        return person.acted_at + WINDOW

    def close_window(self, person: MetaPerson) -> None:
        """As if they had written a day earlier."""
        person.acted_at = min(person.acted_at, self.now() - WINDOW - 60)
        self.version += 1

    def show(self, person: MetaPerson, bubble: Bubble) -> None:
        if self.settings.keep_messages:
            person.screen.append(bubble)
        self.version += 1
