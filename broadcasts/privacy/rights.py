"""Rectification, restriction and objection (Art. 16, 18, 21 GDPR), as staff carry them out.

Owns: what each of them changes. Never: looks anybody up, erases (erasure), or copies (export).
Used by the desk.
"""

from datetime import datetime

from broadcasts import db
from broadcasts.delivery import endings
from broadcasts.people.subscribers import Subscriber, Wants
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


def restrict(person: Subscriber, now: datetime) -> None:
    """From now on everything is only kept: nothing is sent, and no clock of retention runs. What
    they ask for themselves (Start, Stopp, erasure) still counts."""
    if person.restricted_at is not None:
        return
    with db.transaction():
        person.restricted_at, person.wants_before = now, person.wants
        person.wants = Wants.RESTRICTED
        person.save()
        endings.skip_broadcasts(person.id)


def lift(person: Subscriber, now: datetime) -> None:
    """They get again what they got, unless they have said something else since."""
    if person.restricted_at is None:
        return
    with db.transaction():
        if person.wants == Wants.RESTRICTED:
            person.wants = person.wants_before or Wants.NOTHING
        person.restricted_at = person.wants_before = None
        person.save()
        ageing.unlink_late(person)


def object_to_reading(person: Subscriber, now: datetime) -> None:
    """What they write from now on is kept for nobody; what is there goes when it is closed."""
    if person.objected_at is None:
        person.objected_at = now
        person.save()


def take_objection_back(person: Subscriber, now: datetime) -> None:
    person.objected_at = None
    person.save()
