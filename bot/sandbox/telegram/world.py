"""Telegram's world in the stand-in: people, the bot, what was accepted.

Owns: state, and how fast the bot may write. Never: HTTP, what a method takes (methods). Lives in
the stand-in's event loop.
"""

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.world import Bubble, Meter


@dataclass(frozen=True, kw_only=True)
class TelegramSettings:
    token: str = "110201543:AAsandboxsandboxsandboxsandboxsand"
    username: str = "MusterstadtBot"
    per_second: int = 30
    """Messages to everybody together (core.telegram.org/bots/faq#broadcasting-to-users)."""
    person_seconds: float = 1.0
    """Between two messages to one chat."""
    retry_after: int = 2
    """Seconds that are told to whoever was too fast; nothing is accepted until then."""
    latency: float = 0.0
    everybody_exists: bool = False
    """Every id has started the bot: for benchmarks."""
    keep_messages: bool = True
    """False: only counters, for benchmarks."""


class BotError(Exception):
    """A refusal in Telegram's form."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        return found | ({"parameters": self.parameters} if self.parameters else {})


@dataclass
class TelegramPerson:
    id: int
    name: str
    language: str = "de"
    is_played: bool = True
    """On the phone page; the others only receive."""
    started: bool = False
    """A bot can never write first."""
    blocked: bool = False
    deactivated: bool = False
    screen: list[Bubble] = field(default_factory=list)
    last_at: float = float("-inf")
    """When the bot last wrote to them."""

    def as_user(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.name,
            "username": f"person_{self.id}",
            "language_code": self.language,
        }

    def as_chat(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "private",
            "first_name": self.name,
            "username": f"person_{self.id}",
        }


@dataclass
class TelegramWorld:
    settings: TelegramSettings
    people: dict[int, TelegramPerson] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """File id → content."""
    queries: dict[str, bool] = field(default_factory=dict)
    """A tap's id → whether the bot has said a word to it."""
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    log: list[dict[str, Any]] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    shift: float = 0.0
    version: int = 0
    shut_until: float = 0.0
    """Whoever was too fast waits, with everything."""

    def __post_init__(self) -> None:
        self.token = self.settings.token
        self._ids = itertools.count(1)

    def now(self) -> float:
        return time.time() + self.shift

    def next_id(self) -> int:
        return next(self._ids)

    def person(self, id: int, name: str = "") -> TelegramPerson:
        """The person with this id, made if need be."""
        if id not in self.people:
            made = TelegramPerson(id, name or f"Leserin {len(self.people) + 1}")
            made.started = self.settings.everybody_exists
            self.people[id] = made
            self.version += 1
        return self.people[id]

    def bot(self) -> dict[str, Any]:
        number = int(self.settings.token.split(":")[0])
        name = self.settings.username
        return {"id": number, "is_bot": True, "first_name": name, "username": name}

    def take(self, person: TelegramPerson) -> None:
        """Counts one message. Raises BotError 429: too many to everybody, or to one."""
        now = time.monotonic()
        if now < self.shut_until:
            self._refuse(self.shut_until - now)
        is_full = self.meter.trim(now) >= self.settings.per_second
        if is_full or now - person.last_at < self.settings.person_seconds:
            self.shut_until = now + self.settings.retry_after
            self._refuse(self.settings.retry_after)
        self.meter.add(now)
        person.last_at = now

    def _refuse(self, seconds: float) -> None:
        after = max(1, -int(-seconds // 1))
        raise BotError(429, f"Too Many Requests: retry after {after}", retry_after=after)

    def show(self, person: TelegramPerson, bubble: Bubble) -> None:
        if self.settings.keep_messages:
            person.screen.append(bubble)
        self.version += 1
