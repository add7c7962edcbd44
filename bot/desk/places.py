"""Tables, files and counts of an erasure, in words for people.

Owns: the tables of words. Never: looks for anything (privacy/search), or erases. Used by proofs; a
test holds them to the database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bot.desk.language import gettext, lazy

GONE: Mapping[str, Any] = {
    "subscriber": lazy("Person"),
    "reader": lazy("of these, a reader"),
    "consent": lazy("Evidence of consent"),
    "ended_consent": lazy("Keyed hashes of ended consents"),
    "conversation": lazy("Conversations"),
    "message": lazy("Messages"),
    "picture": lazy("Pictures"),
    "answer": lazy("Answers of the service"),
    "delivery_event": lazy("Reports of delivery"),
    "delivery_made_anonymous": lazy("Deliveries, now without the person (they count on)"),
    "strange": lazy("Updates that nobody understood"),
}
"""As an erasure counts (privacy/erasure) → what it is."""

TABLES: Mapping[str, Any] = {
    "alert_request": lazy("Request to send an alert"),
    "audit_entry": lazy("Audit trail"),
    "broadcast": lazy("Broadcast"),
    "canned_answer": lazy("Canned answer"),
    "consent": lazy("Evidence of consent"),
    "conversation": lazy("Conversation"),
    "delivery": lazy("Delivery or answer of the service"),
    "delivery_event": lazy("Report of delivery"),
    "draft": lazy("Draft of a post"),
    "erasure_errand": lazy("Erasure that the provider is just told of"),
    "interrupted_form": lazy("What somebody typed when their session ended"),
    "journal": lazy("Incoming, not read yet"),
    "message": lazy("Message of a conversation"),
    "number_state": lazy("State of a sending number"),
    "post": lazy("Post"),
    "prepared_text": lazy("Prepared text of an alert"),
    "rendition": lazy("Wording of a broadcast"),
    "staff": lazy("Account of the desk"),
    "staff_notice": lazy("Notice to staff"),
    "strange": lazy("Update that nobody understood"),
    "subscriber": lazy("Person"),
}
"""Where a search may find somebody; another table stands under its own name."""

COLUMNS: Mapping[str, Any] = {
    "consent.message_id": lazy("Evidence of consent (id of the message)"),
    "delivery.address": lazy("Receipt of an erasure, on its way for a minute"),
    "delivery.content": lazy("Answer of the service (text)"),
    "delivery.provider_id": lazy("Delivery (the provider's id of the message)"),
    "message.text": lazy("Message of a conversation (text)"),
    "staff.number": lazy("Test number of an account of the desk"),
    "subscriber.bsuid": lazy("Person (id)"),
    "subscriber.wa_id": lazy("Person (telephone number)"),
}
"""Where more can be said than the table's name."""

FILE = "file "
NAME = "name of a file in "


@dataclass(frozen=True)
class Place:
    words: str
    name: str
    """As the administrator knows it."""
    rows: int | None
    """None: a file."""


def in_words(finds: Sequence[Mapping[str, Any]], database: Sequence[str]) -> Iterator[Place]:
    """Tables first. `finds`: of a search; `database`: the names of the database's own files."""
    for find in sorted(finds, key=lambda find: find["where"].startswith((FILE, NAME))):
        where = find["where"]
        if where.startswith(FILE):
            path = PurePath(where.removeprefix(FILE))
            yield Place(_file(path, database), str(path), None)
        elif where.startswith(NAME):
            yield Place(gettext("Name of a file"), where.removeprefix(NAME), None)
        else:
            yield Place(_column(where), where, find["rows"])


def _file(path: PurePath, database: Sequence[str]) -> str:
    if any(path.name.startswith(name) for name in database):
        return gettext("File of the database (it holds those named above)")
    return gettext("File")


def _column(where: str) -> str:
    table = where.split(".")[-2]
    if where in COLUMNS:
        return str(COLUMNS[where])
    return str(TABLES[table]) if table in TABLES else gettext("Table %(name)s", name=table)
