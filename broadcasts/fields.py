"""Field types for what we store: moments, JSON, closed lists; the same on both databases.

Owns: how a value stands in a column. Never: a connection. Used through broadcasts/db.
"""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import peewee

if TYPE_CHECKING:  # Peewee's fields are generic for the type checker only
    _DateTimeField = peewee.DateTimeField[Any]
    _TextField = peewee.TextField[Any]
    _CharField = peewee.CharField[Any]
else:
    _DateTimeField, _TextField, _CharField = (
        peewee.DateTimeField,
        peewee.TextField,
        peewee.CharField,
    )


class UTCField(_DateTimeField):
    """A moment: aware in Python, always UTC. On SQLite text of fixed width, so that it sorts."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no moment")
        return value.astimezone(UTC).isoformat(" ", "microseconds")

    def python_value(self, value: datetime | str | None) -> datetime | None:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value if value is None else value.astimezone(UTC)


class JSONField(_TextField):
    """Plain JSON in a text column, the same on both databases."""

    def db_value(self, value: object) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def python_value(self, value: str | None) -> object:
        return None if value is None else json.loads(value)


class EnumField(_CharField):
    """One of a closed list, stored as its lower-case text."""

    def __init__(self, kinds: type[StrEnum], *args: Any, **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(*args, max_length=32, **kwargs)

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else str(self.kinds(value))

    def python_value(self, value: str | None) -> StrEnum | None:
        return None if value is None else self.kinds(value)
