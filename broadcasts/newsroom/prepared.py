"""Texts prepared in calm hours for the hour of need.

Owns: the table of prepared texts. Never: sends one (it is filled in, and released by a second
person like any alert). Called by the desk and the demonstration.
"""

from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, voices
from broadcasts.newsroom.alerts import AlertError, Draft, Severity
from broadcasts.newsroom.voices import Voices
from broadcasts.saying import say


class PreparedText(db.Model):
    id: Any = peewee.AutoField()
    title = peewee.TextField()
    text = peewee.TextField()
    severity = peewee.CharField(max_length=20)
    minutes = peewee.IntegerField()
    voices = db.JSONField(default=dict)
    changed_by = peewee.CharField(max_length=60)
    changed_at = db.UTCField()
    version = peewee.IntegerField(default=1)

    class Meta:
        table_name = "prepared_text"


class PreparedOutdatedError(Exception):
    """Somebody else has changed the text meanwhile; nothing was overwritten."""


def everything() -> list[PreparedText]:
    return list(PreparedText.select().order_by(PreparedText.title))


def find(text_id: int) -> PreparedText | None:
    return PreparedText.get_or_none(PreparedText.id == text_id)


def keep(
    *,
    title: str,
    text: str,
    severity: Severity,
    minutes: int,
    by: str,
    in_other_words: Voices | None = None,
    id: int | None = None,
    version: int = 0,
) -> PreparedText:
    """Writes a new one, or changes the one that still is as `version` was. Raises AlertError for
    one that could not be sent, or that somebody has thrown away meanwhile; PreparedOutdatedError.
    """
    if not title.strip():
        raise AlertError(say("missing", about="title"))
    alerts.check(Draft(BroadcastKind.ALERT, text, title=title))
    values = {
        "title": title.strip(),
        "text": text.strip(),
        "severity": severity,
        "minutes": minutes,
        "voices": voices.keep(in_other_words or {}),
        "changed_by": by,
        "changed_at": clock.now(),
    }
    if id is None:
        return PreparedText.create(**values)
    is_same = (PreparedText.id == id) & (PreparedText.version == version)
    changed = PreparedText.update(**values, version=PreparedText.version + 1).where(is_same)
    if not changed.execute():
        if find(id) is None:
            raise AlertError(say("somebody has thrown this text away meanwhile"))
        raise PreparedOutdatedError
    return PreparedText.get_by_id(id)


def drop(text_id: int) -> None:
    PreparedText.delete().where(PreparedText.id == text_id).execute()
