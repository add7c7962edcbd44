"""Whether people were helped: asked once when a conversation is closed, counted without a person.

Owns: the question's buttons and the table of counts. Never: who answered what: an answer is a count
the moment it comes in. Asked by the desk's inbox, answered through bot/answering.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import peewee

from broadcasts import db
from broadcasts.channels.base import Button, Text
from broadcasts.delivery import outbox
from broadcasts.delivery.reading import FEWEST
from broadcasts.newsroom import answers
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import conversations
from broadcasts.people.inbox import Conversation


class Rating(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class RatingCount(db.Model):
    """How often one answer was given in one week."""

    week = peewee.DateField()
    """Its Monday."""
    rating = db.EnumField(Rating)
    number = peewee.IntegerField(default=0)

    class Meta:
        table_name = "rating_count"
        primary_key = peewee.CompositeKey("week", "rating")


def ask(newsroom: Newsroom, conversation_id: int, now: datetime) -> bool:
    """In the transaction that closes a conversation: queues the question where the person can be
    written to and staff have answered something. False: it is not asked."""
    if not newsroom.settings.office.satisfaction:
        return False
    person = conversations.get(conversation_id).subscriber
    channel = newsroom.channels.get(person.channel)
    if not answers.may_write(channel, person, now) or not conversations.is_answered(person):
        return False
    conversations.note_asked(conversation_id)
    buttons = tuple(
        Button(f"rate:{rating}", newsroom.texts.get(f"button_rate_{rating}", person.language))
        for rating in Rating
    )
    outbox.answer(person, Text(newsroom.texts.get("rate", person.language), buttons))
    return True


def count(person_id: int, rating: Rating, on: date) -> bool:
    """Counts an answer, once for each question. False: nothing was asked, or it is answered."""
    taken = Conversation.update(is_rating_asked=False).where(
        Conversation.subscriber == person_id, Conversation.is_rating_asked
    )
    if not taken.execute():
        return False
    RatingCount.insert(week=monday(on), rating=rating, number=1).on_conflict(
        conflict_target=[RatingCount.week, RatingCount.rating],
        update={RatingCount.number: RatingCount.number + 1},
    ).execute()
    return True


def monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def weeks(zone: ZoneInfo, since: datetime) -> list[tuple[date, Mapping[str, int] | None]]:
    """By week, oldest first: rating → answers; None: fewer than FEWEST."""
    first = since.astimezone(zone).date()
    query = RatingCount.select().where(RatingCount.week >= first).order_by(RatingCount.week)
    found: dict[date, dict[str, int]] = {}
    for row in list(query):
        found.setdefault(row.week, dict.fromkeys(Rating, 0))[row.rating] = row.number
    return [
        (week, counts if sum(counts.values()) >= FEWEST else None) for week, counts in found.items()
    ]
