"""What is answered by itself, and what people get to read.

Owns: keywords with a canned answer, office hours, the one-way mode, handing over to people, the
answer to "were you helped?". Never: guesses: only a whole message that is a keyword is answered so.
Called by bot/conversation for what is no command.
"""

from datetime import timedelta

from bot import choosing
from bot.city import City
from bot.keywords import phrases
from bot.replies import reply
from broadcasts import clock, journal
from broadcasts.channels.base import MessageIn, Text
from broadcasts.delivery import outbox
from broadcasts.languages import spoken
from broadcasts.newsroom import answers, office, satisfaction
from broadcasts.newsroom.answers import CannedAnswer
from broadcasts.newsroom.satisfaction import Rating
from broadcasts.people import conversations, inbox
from broadcasts.people.subscribers import Subscriber
from broadcasts.settings import WEEKDAYS

ACKNOWLEDGED_AGAIN = timedelta(hours=4)
"""Who writes in the evening what they did not write in the morning wants to know that it came."""


def by_keyword(city: City, person: Subscriber, message: MessageIn) -> bool:
    """True: staff have kept an answer for just this word, and it is queued.

    Not while the person waits for people: what they write then belongs to their question.
    """
    if message.kind != "text" or conversations.waits(person):
        return False
    found = _find(message.text, spoken(person.language, city.settings.city.language))
    if found is None:
        return False
    hint = city.texts.get("answered_by_itself", found.language or person.language)
    outbox.answer(person, Text(f"{found.text}\n\n_{hint}_"))
    return True


def _find(text: str, language: str) -> CannedAnswer | None:
    """The whole message, courtesies aside, is a keyword of it."""
    typed = phrases(text)
    fitting = [row for row in answers.canned(language) if typed & keywords_of(row.keywords)]
    return next(iter(fitting), None)


def keywords_of(written: str) -> frozenset[str]:
    """As staff have written them, one to a line or parted by commas → as they are compared."""
    parts = written.replace("\n", ",").split(",")
    return frozenset().union(*(phrases(part) for part in parts))


def to_inbox(city: City, person: Subscriber, message: MessageIn) -> None:
    """For people to read; acknowledged, but not again and again."""
    if choosing.unknown(city, person, message):
        return
    is_one_way = city.settings.office.one_way
    if not is_one_way:
        keep(city, person, message)
    if person.objected_at is not None and not is_one_way:
        reply(city, person, "not_kept", person.language)
        return
    now, last = clock.now(), person.acknowledged_at
    if last is not None and last <= now < last + ACKNOWLEDGED_AGAIN:
        return
    person.acknowledged_at = now
    person.save()
    _acknowledge(city, person, message)


def keep(city: City, person: Subscriber, message: MessageIn) -> None:
    if person.objected_at is not None:
        return
    inbox.receive(
        person,
        kind=message.kind,
        text=message.text,
        media=message.media,
        at=message.at,
        mark=journal.mark_of(city.key, message.id),
    )


def _acknowledge(city: City, person: Subscriber, message: MessageIn) -> None:
    hours, now, language = city.settings.office, clock.now(), person.language
    if hours.one_way:
        reply(city, person, "one_way", language, contact=hours.contact)
    elif hours.weekdays and not office.is_open(hours, city.zone, now):
        day = office.next_day(hours, city.zone, now)
        name = city.texts.get(f"weekday_{WEEKDAYS[day.weekday()]}", language)
        reply(city, person, "acknowledge_closed", language, day=f"{name}, {day:%d.%m.%Y}")
    elif message.kind in ("text", "button"):
        reply(city, person, "acknowledge", language)
    else:
        reply(city, person, "media_received", language)


def hand_over(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """ "Mitarbeiter": what comes next is read by people, and no keyword is answered any more."""
    if not city.settings.office.one_way:
        keep(city, person, message)
    person.acknowledged_at = clock.now()
    person.save()
    if city.settings.office.one_way or person.objected_at is not None:
        _acknowledge(city, person, message)
        return
    reply(city, person, "handed_over", language)


def rated(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """A tap under "were you helped?" becomes a count; nothing says whose it was."""
    rating = _rating(city, message, person.language)
    is_counted = rating and satisfaction.count(person.id, rating, clock.today(city.zone))
    reply(city, person, "rated" if is_counted else "kept", language)


def _rating(city: City, message: MessageIn, language: str) -> Rating | None:
    """Tapped, or its words typed."""
    typed = phrases(message.text)
    for rating in Rating:
        label = city.texts.get(f"button_rate_{rating}", language)
        if message.button == f"rate:{rating}" or (not message.button and typed & phrases(label)):
            return rating
    return None
