"""The privacy notice (Art. 13 GDPR): written from the configuration, each version kept.

Owns: its wording and its versions. Never: a person. Kept when a city is opened (bot/app), shown by
bot/public.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import peewee

from broadcasts import db
from broadcasts.channels.registry import REGISTRY
from broadcasts.privacy.erasure_log import KEY_KEPT_FOR, LONGEST_BACKUP
from broadcasts.settings import LANGUAGES, PrivacySettings, Settings


class NoticeVersion(db.Model):
    """What the notice said from a moment on."""

    id = db.SerialField()
    language = peewee.CharField(max_length=8)
    version = peewee.IntegerField()
    since = db.UTCField()
    body = db.JSONField()
    """As `Notice`."""

    class Meta:
        table_name = "notice_version"
        indexes = ((("language", "version"), True),)


@dataclass(frozen=True)
class Section:
    title: str
    text: Sequence[str]
    list: Sequence[str]
    more: Sequence[str]
    """After the list."""


@dataclass(frozen=True)
class Notice:
    title: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Kept:
    """One version as it was shown."""

    language: str
    version: int
    since: datetime
    notice: Notice


@cache
def _source(language: str) -> Mapping[str, Any]:
    path = files("broadcasts.privacy") / "notice_texts" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def write(settings: Settings, language: str) -> Notice:
    """The notice as the configuration now has it."""
    values = _values(settings)
    sections: list[Section] = []
    for part in _source(language)["section"]:
        if not _applies(part, settings):
            continue
        lines = {key: _filled(part.get(key, ()), values) for key in ("text", "list", "more")}
        if "title" in part or not sections:
            sections.append(Section(part.get("title", ""), **lines))
            continue
        before = sections.pop()
        joined = {key: [*getattr(before, key), *lines[key]] for key in lines}
        sections.append(Section(before.title, **joined))
    return Notice(_source(language)["title"], sections)


def _applies(part: Mapping[str, Any], settings: Settings) -> bool:
    """Whether a section is for this city: what it needs is set, its body, its channel."""
    needs, body, channel = (part.get(key) for key in ("needs", "body", "channel"))
    return (
        (needs is None or bool(getattr(settings.privacy, needs)))
        and body in (None, settings.privacy.body)
        and (channel is None or channel in settings.channels)
        and sum(not REGISTRY[kind].has_pages for kind in settings.channels) >= part.get("chats", 0)
    )


def _values(settings: Settings) -> dict[str, str]:
    privacy, kept = settings.privacy, settings.retention
    controller = privacy.controller or settings.city.name
    return {
        "controller": controller,
        "officer": privacy.officer,
        "processor": privacy.processor,
        "contact": privacy.officer or controller,
        "authority_named": f": {privacy.authority}" if privacy.authority else "",
        "public_url": settings.city.public_url,
        "age": str(settings.city.minimum_age),
        **{key: str(value) for key, value in asdict(kept).items()},
        "backups": str(settings.backup.keep_days),
        "mark_least": str(LONGEST_BACKUP.days),
        "mark_most": str(KEY_KEPT_FOR.days),
    }


def _filled(lines: Sequence[str], values: Mapping[str, str]) -> list[str]:
    return [line.format_map(values) for line in lines]


def missing(privacy: PrivacySettings) -> list[str]:
    """Settings without which the notice leaves out what Art. 13 asks for."""
    return [name for name in ("controller", "officer", "authority") if not getattr(privacy, name)]


def keep(settings: Settings, now: datetime) -> list[str]:
    """Writes down a new version in each language whose text has changed; returns which."""
    changed = []
    for language in LANGUAGES:
        body = asdict(write(settings, language))
        with db.transaction():
            newest = _newest(language)
            if newest is None or newest.body != body:
                version = 1 if newest is None else newest.version + 1
                # Of two processes that start at once the second finds it there.
                NoticeVersion.insert(
                    language=language, version=version, since=now, body=body
                ).on_conflict_ignore().execute()
                changed.append(language)
    return changed


def _newest(language: str) -> NoticeVersion | None:
    rows = NoticeVersion.select().where(NoticeVersion.language == language)
    found: NoticeVersion | None = rows.order_by(NoticeVersion.version.desc()).first()
    return found


def find(language: str, version: int | None = None) -> Kept | None:
    """The newest version, or the one that is asked for."""
    if version is None:
        row = _newest(language)
    else:
        row = NoticeVersion.get_or_none(language=language, version=version)
    if row is None:
        return None
    sections = [Section(**section) for section in row.body["sections"]]
    return Kept(row.language, row.version, row.since, Notice(row.body["title"], sections))


def versions(language: str) -> Iterator[tuple[int, datetime]]:
    """All of them, the newest first."""
    rows = NoticeVersion.select(NoticeVersion.version, NoticeVersion.since)
    query = rows.where(NoticeVersion.language == language)
    yield from db.rows(query.order_by(NoticeVersion.version.desc()))
