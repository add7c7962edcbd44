"""Rectification, restriction and objection (Art. 16, 18, 21 GDPR), as staff carry them out.

Owns: what each of them changes. Never: looks anybody up, erases (erasure), or copies (export).
Used by the desk.
"""

from datetime import datetime

from broadcasts import db
from broadcasts.delivery import endings, once
from broadcasts.people import links
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber, Wants
from broadcasts.privacy import ageing
from broadcasts.saying import Refusal, say

LONGEST_NOTE = 500


class RightsError(Refusal):
    """It cannot be done; says why."""


def rectify(person: Subscriber, *, note: str, language: str) -> None:
    """Sets beside the data what the person wants to stand there (number and evidence are not ours
    to write), and their language. An empty note takes it away. Raises RightsError."""
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        text = "is too long: %(number)s signs at most"
        raise RightsError(say(text, about="note", number=LONGEST_NOTE))
    person.note, person.language = note or None, language
    person.save()


# Each of these holds for the person: on every channel on which they are linked.


def restrict(person: Subscriber, now: datetime) -> None:
    """From now on everything is only kept: nothing is sent, and no clock of retention runs. What
    they ask for themselves (Start, Stopp, erasure) still counts: who writes Start gets messages
    again, while the rest stays restricted."""
    with db.transaction():
        for row in links.family(person):
            if row.restricted_at is None:
                row.restricted_at, row.wants_before = now, row.wants
                row.wants = Wants.RESTRICTED
                row.save()
                endings.skip_broadcasts(row.id)


def lift(person: Subscriber, now: datetime) -> None:
    """They get again what they got, unless they have said something else since."""
    with db.transaction():
        rows = links.family(person)
        for row in rows:
            if row.restricted_at is not None:
                if row.wants == Wants.RESTRICTED:
                    row.wants = row.wants_before or Wants.NOTHING
                row.restricted_at = row.wants_before = None
                row.save()
                ageing.unlink_late(row)
        once.settle(rows)


def has_come_back(person: Subscriber) -> bool:
    """Restricted, and has asked for messages themselves since: their own consent (Art. 18 (2))."""
    return person.restricted_at is not None and person.wants in REACHED_BY_ALERTS


def object_to_reading(person: Subscriber, now: datetime) -> None:
    """What they write from now on is kept for nobody; what is there goes when it is closed."""
    with db.transaction():
        for row in links.family(person):
            row.objected_at = row.objected_at or now
            row.save()


def take_objection_back(person: Subscriber, now: datetime) -> None:
    with db.transaction():
        for row in links.family(person):
            row.objected_at = None
            row.save()
