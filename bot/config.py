"""config.toml + .env → frozen dataclasses; all problems at once, each with its key.

Owns: reading configuration and secrets; the only place that looks at the environment. Never: a
default for a secret. Called by bot/app and the commands.
"""

import dataclasses
import io
import operator
import os
import re
import stat
import time
import tomllib
import typing
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from bot import choosing_words
from bot.addresses import (
    e164,
    is_mailbox,
    is_mailbox_or_none,
    is_number,
    is_origin,
    is_page,
    is_url,
)
from bot.reading import MISSING, Findings, Problem, read_table, suggest
from bot.times import are_clear, is_day, is_outside
from broadcasts import db
from broadcasts.channels.registry import REGISTRY
from broadcasts.newsroom import texts
from broadcasts.saying import say
from broadcasts.settings import Settings

SQLITE = "sqlite:///"
SHORTEST_KEY = 32
"""Signs of SECRET_KEY: less could be guessed."""

BACKUP_KEY = "BACKUP_KEY"
"""Encrypts backups; only who makes some needs it."""

SECTIONS = tuple(f.name for f in dataclasses.fields(Settings) if f.name != "channels")


class ConfigError(Exception):
    """The configuration cannot be used; `problems` names everything that is wrong."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{path} cannot be used:{lines}")


SECRETS_FOR = 1.0
"""Seconds for which secrets are not looked at again: every message and every webhook asks."""


@dataclass(frozen=True)
class Config:
    path: Path
    """Absolute; everything relative counts from its folder."""
    settings: Settings
    secret_key: str = field(repr=False)
    """As it was at the start: all hashes of one process are made with one key."""
    warnings: tuple[Problem, ...] = ()
    _whole: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _look_again: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    """Channel kind → its secrets when they were last all there."""

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def media_dir(self) -> Path:
        return self.folder / "media"

    @property
    def picture(self) -> Path | None:
        """Of the contact card."""
        name = self.settings.city.picture
        return self.folder / name if name else None

    @property
    def backup_dir(self) -> Path:
        return self.folder / self.settings.backup.folder

    @property
    def logs(self) -> Path | None:
        """What the administrator says where logs are kept."""
        return self.folder / self.settings.privacy.logs if self.settings.privacy.logs else None

    def backup_key(self) -> str:
        """As it is now; empty: there is none. Raises OSError, UnicodeDecodeError."""
        return _secret(_environment(self.path), BACKUP_KEY)

    @property
    def database_url(self) -> str:
        """With an absolute path: relative ones count from the configuration's folder."""
        url = self.settings.database.url
        if not url.startswith(SQLITE):
            return url
        return f"{SQLITE}{self.folder / url.removeprefix(SQLITE)}"

    def secrets(self, kind: str) -> Any:
        """A channel's secrets as they are now: a replaced token works without a restart.

        While `.env` is unreadable or lacks one (an editor empties a file before it fills it) the
        last whole ones stay: with an empty app secret anybody could sign an update.
        """
        if time.monotonic() < self._look_again.get(kind, 0.0):
            return self._whole[kind]
        self._look_again[kind] = time.monotonic() + SECRETS_FOR
        try:
            values = _environment(self.path)
        except (OSError, UnicodeDecodeError):
            return self._whole[kind]
        fields = _secret_fields(kind)
        fresh = {f.name: _secret(values, f.metadata["key"]) for f in fields}
        section = self.settings.channels[kind]
        if all(fresh[f.name] for f in fields if _is_needed(f, section)):
            self._whole[kind] = REGISTRY[kind].secrets(**fresh)
        return self._whole[kind]


def load(path: Path) -> Config:
    """Raises ConfigError with every problem at once."""
    path = path.absolute()
    table = _read_toml(path)
    found = Findings()
    settings = _read_settings(table, found)
    _check(found)
    kinds = [kind for kind in REGISTRY if kind in table]
    secret_key = _check_secrets(path, kinds, found)
    if found.problems or settings is None:
        raise ConfigError(path, found.problems)
    config = Config(path, settings, secret_key, tuple(_permissions(path)))
    for kind in kinds:
        config.secrets(kind)  # remembers them as whole
    return config


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        # "-sig": Windows' editor puts an invisible mark in front.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        text = 'not found ("stadtbote init" writes one)'
        raise ConfigError(path, [Problem(path.name, text)]) from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, [Problem(path.name, "not saved as UTF-8")]) from error
    except (ValueError, RecursionError) as error:  # tomllib lets a huge number's ValueError through
        raise ConfigError(path, [Problem(path.name, f"not TOML: {error}")]) from error
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
        raise ConfigError(path, [Problem(path.name, text)]) from error


def _read_settings(table: Mapping[str, Any], found: Findings) -> Settings | None:
    known = (*SECTIONS, *REGISTRY)
    for name in table:
        if name not in known:
            found.add(name, "unknown section" + suggest(name, known))
    channels = {
        kind: read_table(entry.settings, table[kind], kind, found)
        for kind, entry in REGISTRY.items()
        if kind in table
    }
    if not channels:
        found.add("whatsapp", "no channel is configured: add a section [whatsapp]")
    common = {name: table[name] for name in SECTIONS if name in table}
    settings = read_table(Settings, common, "", found)
    if settings is MISSING or MISSING in channels.values():
        return None
    return dataclasses.replace(typing.cast("Settings", settings), channels=channels)


# ---------------------------------------------------------------- secrets


def _environment(path: Path) -> Mapping[str, str]:
    """`.env` beside the configuration; the process environment wins.

    Raises OSError, UnicodeDecodeError.
    """
    env = path.parent / ".env"
    try:
        stamp = env.stat()
    except FileNotFoundError:
        return os.environ
    # ctime, too: a file put in its place may bring its old mtime along.
    version = (stamp.st_size, stamp.st_mtime_ns, stamp.st_ctime_ns)
    return ChainMap(os.environ, _dotenv(env, version))


@lru_cache(maxsize=4)
def _dotenv(env: Path, version: tuple[int, ...]) -> dict[str, str]:
    """Read once per change of the file: the sender asks for its token with every message."""
    text = env.read_text(encoding="utf-8-sig")
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {key: value for key, value in values.items() if value is not None}


def _secret_fields(kind: str) -> tuple["dataclasses.Field[Any]", ...]:
    return dataclasses.fields(REGISTRY[kind].secrets)


def _is_needed(secret: "dataclasses.Field[Any]", section: Any) -> bool:
    """One that belongs to a setting (`needed_by`) may be missing where that is empty."""
    setting = secret.metadata.get("needed_by")
    return setting is None or bool(getattr(section, setting))


def _secret(values: Mapping[str, str], name: str) -> str:
    return values.get(name, "").strip()


def _check_secrets(path: Path, kinds: Sequence[str], found: Findings) -> str:
    """The secret key. No problem's text holds a value."""
    try:
        values = _environment(path)
    except UnicodeDecodeError:
        found.add(".env", "not saved as UTF-8")
        return ""
    except OSError as error:
        found.add(".env", f"cannot be read: {error.strerror}")
        return ""
    secret_key = _secret(values, "SECRET_KEY")
    if len(secret_key) < SHORTEST_KEY:
        found.add("SECRET_KEY (.env)", f"missing or shorter than {SHORTEST_KEY} signs")
    read = dict(found.values)
    for kind in kinds:
        for secret in _secret_fields(kind):
            name, setting = secret.metadata["key"], secret.metadata.get("needed_by")
            is_needed = setting is None or read.get(f"{kind}.{setting}", True)
            if is_needed and not _secret(values, name):
                found.add(f"{name} (.env)", "missing")
    if dict(found.values).get("backup.nightly") and not _secret(values, BACKUP_KEY):
        found.add(f"{BACKUP_KEY} (.env)", "missing, but backup.nightly needs it")
    return secret_key


# ---------------------------------------------------------------- what a type cannot tell


def _check(found: Findings) -> None:
    """Runs on every value that could be read, whatever else is wrong."""
    values = dict(found.values)
    for pattern, holds, text in FORMS:
        for key in filter(re.compile(pattern).fullmatch, values):
            if not holds(values[key]):
                found.add(key, text)
    for keys, fits, text in TOGETHER:
        if all(key in values for key in keys) and not fits(*(values[key] for key in keys)):
            found.add(keys[0], text)
    for pattern, normal in UNIQUE.items():
        _check_unique({k: normal(v) for k, v in values.items() if re.fullmatch(pattern, k)}, found)
    _check_texts(values, found)
    _check_subjects(values, found)


def _check_subjects(values: Mapping[str, Any], found: Findings) -> None:
    kinds = {kind: values.get(kind) or {} for kind in ("topics", "districts")}
    for key, text in choosing_words.problems(kinds):
        found.add(key, text)
    for name, feed in (values.get("feeds") or {}).items():
        for setting, kind in (("topic", "topics"), ("district", "districts")):
            if (said := getattr(feed, setting)) and said not in kinds[kind]:
                found.add(f"feeds.{name}.{setting}", f"there is no [{kind}.{said}]")


def _check_unique(values: Mapping[str, str], found: Findings) -> None:
    first: dict[str, str] = {}
    for key, value in values.items():
        if first.setdefault(value, key) != key:
            found.add(key, f"is the same as {first[value]}")


def _check_texts(values: Mapping[str, Any], found: Findings) -> None:
    overrides = {
        key.removeprefix("texts."): section
        for key, section in values.items()
        if key.startswith("texts.") and isinstance(section, Mapping)
    }
    for problem in texts.problems(overrides):
        key, _, text = problem.partition(": ")
        found.add(f"texts.{key}", text)


def _is_safe(security: str, host: str) -> bool:
    """In the clear only to this machine itself."""
    return security != "none" or host in ("localhost", "127.0.0.1", "::1")


def _are_names(named: Mapping[str, Any]) -> bool:
    """Short and of one word: they stand in the table, in logs and beside each post."""
    return all(re.fullmatch(r"[\w-]{1,40}", name) for name in named)


def _are_words(named: Mapping[str, Any]) -> bool:
    """They stand in links, and come back as the harmless word of how somebody came."""
    return all(re.fullmatch(r"[a-z][a-z-]{0,30}\d{0,3}", name) for name in named)


def _is_database(url: str) -> bool:
    return re.match(r"(sqlite:///|postgresql://).", url) is not None


# The values themselves are not shown: an address may hold a password.
FORMS: tuple[tuple[str, Callable[[Any], object], str], ...] = (
    (r"city\.name", str.isprintable, "must be one line"),
    (r"city\.public_url", is_origin, "must be like https://bote.example.de, without a path"),
    (r"database\.url", _is_database, "must be sqlite:///FILE or postgresql://…"),
    (r"database\.url", db.has_driver, "needs a driver: pip install 'stadtbote[postgres]'"),
    (r"(digest|business_hours)\.weekdays", bool, "names no day"),
    (r"\w+\.graph_url", is_url, "must be like https://graph.facebook.com"),
    (r"\w+\.api_url", is_url, "must be like https://api.telegram.org"),
    (r"\w+\.username", re.compile(r"[A-Za-z]\w{4,31}").fullmatch, "must be like MusterstadtBot"),
    (r"\w+\.from_address", is_mailbox, "must be like newsletter@example.de, at most 64 signs"),
    (r"\w+\.(reply_to|bounce_address)", is_mailbox_or_none, "must be like post@example.de"),
    (r"\w+\.list_name", re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?").fullmatch, "a-z, 0-9, -"),
    (r"\w+\.from_name", str.isprintable, "must be one line"),
    (r"\w+(\.numbers\..+)?\.number", is_number, "is not an international number (+49 …)"),
    (r"\w+\.(page|account)_id", re.compile(r"\d{1,25}").fullmatch, "must be digits"),
    (r"\w+\.through_page", re.compile(r"\d{0,25}").fullmatch, "must be digits"),
    (r"\w+\.(page|profile)", re.compile(r"[\w.-]{1,60}").fullmatch, "must be a name without /"),
    (r"\w+\.token_expires_on", is_day, "must be like 2027-01-31"),
    (r"feeds", _are_names, "has a name that is not one word of at most 40 letters"),
    (r"topics|districts", _are_words, "has a name that is not like roads or north-2 (a-z and -)"),
    (r"feeds\.[^.]+\.url", is_page, "must be like https://www.example.de/feed.xml"),
    (
        r"feeds\.[^.]+\.intranet",
        re.compile(r"([\w.-]+(:\d{1,5})?)?").fullmatch,
        "must be HOST:PORT",
    ),
    (r"prices\[\d+\]\.channel", REGISTRY.__contains__, f"is none of {', '.join(REGISTRY)}"),
    (r"prices\[\d+\]\.currency", re.compile("[A-Z]{3}").fullmatch, 'must be like "EUR"'),
)
"""Pattern of the key, what its value must be, what is said otherwise."""

TOGETHER: tuple[tuple[tuple[str, ...], Callable[..., object], str], ...] = (
    (("digest.latest", "digest.time"), operator.gt, "must be later than digest.time"),
    (("email.security", "email.host"), _is_safe, "none is only for a server on this machine"),
    (("digest.time", "quiet_hours.from", "quiet_hours.to"), is_outside, "lies in the quiet hours"),
    (
        ("budget.hard_cap", "budget.per_month"),
        lambda cap, limit: limit or not cap,
        "needs budget.per_month",
    ),
    (
        ("office.one_way", "office.contact"),
        lambda one_way, contact: contact or not one_way,
        "needs office.contact",
    ),
    (("office.to", "office.from"), operator.gt, "must be later than office.from"),
    (
        ("business_hours.to", "business_hours.from"),
        operator.gt,
        "must be later than business_hours.from",
    ),
    (
        ("business_hours.from", "business_hours.to", "quiet_hours.from", "quiet_hours.to"),
        are_clear,
        "reaches into the quiet hours",
    ),
    # `prices` is a value of its own only when the section is left out.
    (("budget.hard_cap", "prices"), lambda cap, prices: prices or not cap, "needs [[prices]]"),
)
"""Keys whose values must fit each other; the first is the one that is named."""

UNIQUE: Mapping[str, Callable[[str], str]] = {
    r"\w+(\.numbers\..+)?\.phone_id": str.strip,
    r"\w+(\.numbers\..+)?\.number": e164,
    r"feeds\.[^.]+\.url": str.strip,
}
"""Pattern of keys no two of which may have the same value → its one spelling."""


def _permissions(path: Path) -> list[Problem]:
    """Secrets that others on the machine could read."""
    env = path.parent / ".env"
    if env.exists() and env.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [Problem(".env", say("others may read it: chmod 600 .env"))]
    return []
