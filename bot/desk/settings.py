"""What is configured, to look at: where each value comes from and where it is changed.

Owns: one page. Never: a secret, or changing a value (config.toml does). Part of the desk.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template

from bot.desk import here, retention
from bot.desk.access import only
from bot.desk.language import gettext, lazy, span
from broadcasts.channels.registry import REGISTRY
from broadcasts.people.staff import Role
from broadcasts.settings import RetentionSettings

pages = Blueprint("settings", __name__, url_prefix="/settings")
ACCESS = {"page": only(Role.ADMIN)}
MENU = (("page", lazy("Settings")),)


@dataclass(frozen=True)
class Row:
    key: str
    value: str
    comment: str
    """As in config.example.toml."""
    is_default: bool = False


@pages.get("/")
def page() -> str:
    settings = here.city().settings
    return render_template(
        "settings/page.html",
        file=here.city().config.path,
        sections=list(_sections()),
        prices=settings.prices,
        texts=[
            (f"texts.{language}.{key}", text)
            for language, texts in settings.texts.items()
            for key, text in texts.items()
        ],
        secrets=list(_secrets()),
    )


def _sections() -> Iterator[tuple[str, list[Row]]]:
    settings = here.city().settings
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            yield field.name, list(_rows(value))
    for name, feed in settings.feeds.items():
        yield f"feeds.{name}", list(_rows(feed))
    for kind, section in settings.channels.items():
        yield kind, list(_rows(section))
        for name, number in getattr(section, "numbers", {}).items():
            yield f"{kind}.numbers.{name}", list(_rows(number))


def _rows(section: Any) -> Iterator[Row]:
    for field in fields(section):
        value = getattr(section, field.name)
        if isinstance(value, Mapping):
            continue  # sections of their own
        yield Row(
            key=field.metadata.get("key", field.name),
            value=_worded(section, field, value),
            comment=_comment(field),
            is_default=field.default is not MISSING and value == field.default,
        )


def _worded(section: Any, field: Field[Any], value: Any) -> str:
    if isinstance(section, RetentionSettings):
        return retention.kept_for(field.name, value)
    return _shown(value) if field.repr else _without_password(value)


def _comment(field: Field[Any]) -> str:
    text: str = field.metadata["comment"]
    return gettext(text) if text else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.timedelta):
        return span(value)
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value) if isinstance(value, str | int | Decimal) else "…"


def _without_password(url: str) -> str:
    """A database's address; what stands behind a question mark may be a password, too."""
    parts = urlsplit(url)
    if not parts.netloc:
        return f"{parts.scheme}://{parts.path}"
    name = f"{parts.username}:…@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{name}{parts.hostname or ''}{port}{parts.path}"


def _secrets() -> Iterator[tuple[str, str]]:
    """(name in .env, what it is for): all are there, or nothing would run."""
    yield "SECRET_KEY", gettext("signs sessions, receipts and the audit trail")
    for kind in here.city().channels:
        for field in fields(REGISTRY[kind].secrets):
            yield field.metadata["key"], _comment(field)
