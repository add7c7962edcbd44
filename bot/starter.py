"""`stadtbote init` and config.example.toml: configuration written from the settings' own types.

Owns: the starter files and the example. Never: overwrites anything. Called by the command line
and by the test that holds the example to the code.
"""

import dataclasses
import datetime as dt
import os
import secrets
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts.channels.registry import REGISTRY
from broadcasts.privacy import archive
from broadcasts.settings import BusinessHours, FeedSettings, Price, Settings, SubjectSettings

PLACEHOLDERS: Mapping[str, Mapping[str, str]] = {
    "city": {
        "name": "Stadt Musterstadt",
        "public_url": "https://bote.musterstadt.example",
    },
    "whatsapp": {
        "phone_id": "1234567890",
        "waba_id": "9876543210",
        "number": "+49 176 04069000",
    },
    "telegram": {
        "username": "MusterstadtBot",
    },
    "messenger": {
        "page_id": "100200300400500",
        "page": "musterstadt",
    },
    "instagram": {
        "account_id": "17840000000000001",
        "profile": "musterstadt",
    },
    "email": {
        "host": "mail.musterstadt.example",
        "from_address": "newsletter@musterstadt.example",
        "from_name": "Stadt Musterstadt",
    },
    "feeds.NAME": {
        "url": "https://www.musterstadt.example/presse/feed.xml",
    },
    "topics.NAME": {"name": "Baustellen"},
    "districts.NAME": {"name": "Nordstadt"},
}
"""What every city must replace."""

PRICES = (
    # Germany, list prices from July 2025 as reported by third parties; since 1 October 2026
    # free-form messages are billed at the utility rate
    # (developers.facebook.com/documentation/business-messaging/whatsapp/pricing).
    Price(category="marketing", amount=Decimal("0.1131"), since=dt.date(2025, 7, 1)),
    Price(category="utility", amount=Decimal("0.0456"), since=dt.date(2025, 7, 1)),
    Price(category="service", amount=Decimal("0.0456"), since=dt.date(2026, 10, 1)),
)

HEAD = """\
# Stadtbote: every setting with its default. What a city must fill in is marked.
# Secrets stand in .env beside this file, never here:
{secrets}
"""


class InitError(Exception):
    """A file is there already; nothing was written."""


def write_new(folder: Path) -> list[Path]:
    """Writes config.toml and .env with fresh random secrets. Raises InitError, OSError."""
    config, env = folder / "config.toml", folder / ".env"
    for path in (config, env):
        if path.exists():
            raise InitError(f"{path} is there already and stays as it is")
    folder.mkdir(parents=True, exist_ok=True)
    # Created with its permissions, not given them afterwards: no moment in which others can read.
    descriptor = os.open(env, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_env())
    with config.open("x", encoding="utf-8") as file:
        file.write(example())
    return [config, env]


def _env() -> str:
    lines = [
        "# Secrets. Nobody but the service may read this file (chmod 600 .env).",
        "# Fresh and random; whoever changes it can no longer verify old receipts.",
        f"SECRET_KEY={secrets.token_urlsafe(48)}",
    ]
    lines += [
        "# Encrypts backups (age). Keep a copy apart from them: without it none can be read.",
        f"BACKUP_KEY={archive.new_key()}",
    ]
    for entry in REGISTRY.values():
        for field in dataclasses.fields(entry.secrets):
            own = field.metadata.get("ours", False)
            value = secrets.token_urlsafe(24) if own else ""
            lines += [f"# {field.metadata['comment']}", f"{field.metadata['key']}={value}"]
    return "\n".join(lines) + "\n"


def example() -> str:
    """The text of config.example.toml."""
    keys = [["SECRET_KEY", "BACKUP_KEY"]]
    keys += [
        [field.metadata["key"] for field in dataclasses.fields(entry.secrets)]
        for entry in REGISTRY.values()
    ]
    blocks = [HEAD.format(secrets="\n".join(f"#   {', '.join(names)}" for names in keys))]
    for field in dataclasses.fields(Settings):
        if dataclasses.is_dataclass(field.type) and isinstance(field.type, type):
            blocks.append("\n".join(_section(field.name, field.type)))
    hours = _section("business_hours", BusinessHours)
    blocks.append("\n".join(_without(NOTICES, hours)))
    for kind, entry in REGISTRY.items():
        lines = _section(kind, entry.settings)
        blocks.append("\n".join(_without(ONE_MORE, lines) if entry.is_extra else lines))
    blocks.append("\n".join(_without(FEEDS, _section("feeds.NAME", FeedSettings))))
    blocks.append("\n".join(_without(TOPICS, _section("topics.NAME", SubjectSettings))))
    blocks.append("\n".join(_without(DISTRICTS, _section("districts.NAME", SubjectSettings))))
    blocks += ["\n".join(_prices()), _TEXTS]
    return "\n\n".join(block.strip() for block in blocks) + "\n"


def _section(name: str, cls: type[Any]) -> Iterator[str]:
    yield f"[{name}]"
    for field in dataclasses.fields(cls):
        key, comment = field.metadata.get("key", field.name), field.metadata["comment"]
        if field.default_factory is not dataclasses.MISSING:
            yield f"# {comment}"
        elif field.default is dataclasses.MISSING:
            placeholder = PLACEHOLDERS[name][key]
            yield f"{key} = {_toml(placeholder)}  # FILL IN: {comment}"
        else:
            yield f"{key} = {_toml(field.default)}" + (f"  # {comment}" if comment else "")


ONE_MORE = "# One more channel; take the # away to have it."
NOTICES = """\
# Service notices (a planned interruption, a changed office): beside the digest, one a day at the
# most, and in these hours only. Take the # away to have them."""
FEEDS = """\
# News of your own website become posts; one section for each feed, under a name of your own,
# for example [feeds.presse]. Take the # away to have it."""

TOPICS = """\
# What readers may choose among, and posts may be about, for example [topics.roadworks]: "Start
# Baustellen" then brings only those, and what concerns everybody. NAME: a-z and "-", digits at
# its end. Take the # away to have it."""
DISTRICTS = "# The same of the parts of the city, for example [districts.north]."


def _without(head: str, lines: Iterator[str]) -> Iterator[str]:
    """What a city may add: everything but its marks of what must be filled in."""
    yield head
    yield from (f"# {line}" for line in lines)


def _prices() -> Iterator[str]:
    yield "# What one message costs, from a date on. Check it against your provider's price list:"
    yield "# rates change in January, April, July and October; every figure shown names its date."
    for price in PRICES:
        yield "[[prices]]"
        for field in dataclasses.fields(Price):
            comment = field.metadata["comment"]
            yield f"{field.name} = {_toml(getattr(price, field.name))}  # {comment}"


_TEXTS = """\
# Any text the service sends can be worded anew, by language and key, for example:
# [texts.de]
# farewell = "Schade! Sie sind abgemeldet."
"""


def _toml(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dt.time):
        return f'"{value:%H:%M}"'
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return f'"{value.total_seconds():.0f}s"'
    if isinstance(value, ZoneInfo):
        return f'"{value.key}"'
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
