"""config.toml + .env → frozen dataclasses; all problems at once, each with its key.

Owns: reading configuration and secrets; the only place that looks at the environment. Never: a
default for a secret. Called by bot/app and the commands.
"""

import dataclasses
import os
import stat
import tomllib
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from dotenv import dotenv_values

from bot.reading import Problem, read_table, suggest
from broadcasts.channels.registry import REGISTRY
from broadcasts.newsroom import texts
from broadcasts.settings import Settings

SHORTEST_KEY = 32
"""Signs of SECRET_KEY: less could be guessed."""

SECTIONS = {field.name for field in dataclasses.fields(Settings)} - {"channels"}


class ConfigError(Exception):
    """The configuration cannot be used; `problems` names everything that is wrong."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{path} cannot be used:{lines}")


@dataclass(frozen=True)
class Config:
    path: Path
    settings: Settings
    warnings: tuple[Problem, ...] = ()

    @property
    def folder(self) -> Path:
        return self.path.resolve().parent

    @property
    def media_dir(self) -> Path:
        return self.folder / "media"

    @property
    def database_url(self) -> str:
        """With an absolute path: relative ones count from the configuration's folder."""
        url = self.settings.database.url
        if not url.startswith("sqlite:///"):
            return url
        return f"sqlite:///{self.folder / url.removeprefix('sqlite:///')}"

    @property
    def secret_key(self) -> str:
        return _environment(self.path)["SECRET_KEY"]

    def secrets(self, kind: str) -> Any:
        """A channel's secrets as they are now: a replaced token works without a restart."""
        cls = REGISTRY[kind].secrets
        values = _environment(self.path)
        return cls(**{f.name: values.get(f.metadata["key"], "") for f in dataclasses.fields(cls)})


def load(path: Path) -> Config:
    """Raises ConfigError with every problem at once."""
    problems: list[Problem] = []
    table = _read_toml(path)
    settings = _read_settings(table, problems)
    _check_secrets(path, table, problems)
    if settings is not None:
        _check_together(settings, problems)
    if problems or settings is None:
        raise ConfigError(path, problems)
    return Config(path, settings, tuple(_permissions(path)))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        text = 'not found ("stadtbote init" writes one)'
        raise ConfigError(path, [Problem(path.name, text)]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(path, [Problem(path.name, f"not TOML: {error}")]) from error
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
        raise ConfigError(path, [Problem(path.name, text)]) from error


def _read_settings(table: Mapping[str, Any], problems: list[Problem]) -> Settings | None:
    known = {*SECTIONS, *REGISTRY}
    for name in table:
        if name not in known:
            note = "unknown section" + suggest(name, dict.fromkeys(known))
            problems.append(Problem(name, note))
    channels = {
        kind: read_table(entry.settings, table[kind], kind, problems)
        for kind, entry in REGISTRY.items()
        if kind in table
    }
    if not channels:
        problems.append(Problem("whatsapp", "no channel is configured: add a section [whatsapp]"))
    common = {name: table[name] for name in SECTIONS if name in table}
    settings = read_table(_Common, common, "", problems)
    if settings is None or None in channels.values():
        return None
    values = {f.name: getattr(settings, f.name) for f in dataclasses.fields(_Common)}
    return Settings(**values, channels=channels)


_Common: Any = dataclasses.make_dataclass(
    "_Common",
    [
        (f.name, f.type, dataclasses.field(default=f.default, default_factory=f.default_factory))
        if f.default_factory is not dataclasses.MISSING
        else (f.name, f.type, dataclasses.field(default=f.default))
        if f.default is not dataclasses.MISSING
        else (f.name, f.type)
        for f in dataclasses.fields(Settings)
        if f.name != "channels"
    ],
    kw_only=True,
    frozen=True,
)
"""Settings without the channels, which the registry reads."""


def _environment(path: Path) -> Mapping[str, str]:
    """`.env` beside the configuration; the process environment wins."""
    env = path.parent / ".env"
    try:
        stamp = env.stat()
    except OSError:
        return os.environ
    return ChainMap(os.environ, _dotenv(env, stamp.st_mtime_ns, stamp.st_size))


@lru_cache(maxsize=4)
def _dotenv(env: Path, modified: int, size: int) -> dict[str, str]:
    """Read once per change of the file: the sender asks for its token with every message."""
    values = dotenv_values(env, interpolate=False)
    return {key: value for key, value in values.items() if value is not None}


def _check_secrets(path: Path, table: Mapping[str, Any], problems: list[Problem]) -> None:
    values = _environment(path)
    if len(values.get("SECRET_KEY", "")) < SHORTEST_KEY:
        problems.append(
            Problem("SECRET_KEY (.env)", f"missing or shorter than {SHORTEST_KEY} signs")
        )
    for kind, entry in REGISTRY.items():
        if kind in table:
            for field in dataclasses.fields(entry.secrets):
                name = field.metadata["key"]
                if not values.get(name, "").strip():
                    problems.append(Problem(f"{name} (.env)", "missing"))


def _check_together(settings: Settings, problems: list[Problem]) -> None:
    """What no single value can tell."""
    digest, quiet = settings.digest, settings.quiet_hours
    if digest.latest <= digest.time:
        problems.append(Problem("digest.latest", "must be later than digest.time"))
    if quiet.contains(digest.time):
        problems.append(Problem("digest.time", "lies in the quiet hours"))
    if not digest.weekdays:
        problems.append(Problem("digest.weekdays", "names no day"))
    if not settings.city.name.strip():
        problems.append(Problem("city.name", "missing"))
    _check_url(settings.city.public_url, problems)
    if not settings.database.url.startswith(("sqlite:///", "postgresql://")):
        problems.append(Problem("database.url", "must begin with sqlite:/// or postgresql://"))
    for text in texts.problems(settings.texts):
        problems.append(Problem("texts", text))
    for kind, channel in settings.channels.items():
        _check_numbers(kind, channel, problems)


def _check_url(url: str, problems: list[Problem]) -> None:
    try:
        parts = urlsplit(url)
        ok = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        ok = False
    if not ok:
        problems.append(Problem("city.public_url", f"{url!r} is not an address like https://…"))


def _check_numbers(kind: str, channel: Any, problems: list[Problem]) -> None:
    """Every number must be one, and no id may stand twice."""
    rows = {kind: channel}
    rows |= {f"{kind}.numbers.{name}": row for name, row in getattr(channel, "numbers", {}).items()}
    seen: dict[str, str] = {}
    for key, row in rows.items():
        if hasattr(row, "number") and not _is_number(row.number):
            problems.append(
                Problem(f"{key}.number", f"{row.number!r} is not an international number (+49 …)")
            )
        account = getattr(row, "phone_id", "")
        if not account.strip():
            problems.append(Problem(f"{key}.phone_id", "missing"))
        elif account in seen:
            problems.append(Problem(f"{key}.phone_id", f"stands at {seen[account]} already"))
        seen.setdefault(account, key)


def _is_number(text: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def _permissions(path: Path) -> list[Problem]:
    """Secrets that others on the machine could read."""
    env = path.parent / ".env"
    if env.exists() and env.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [Problem(".env", "others may read it: chmod 600 .env")]
    return []
