"""What several reactions say: a text from the catalogue, the alerts in force.

Owns: queueing them as answers. Never: decides what a message means. Used by bot/conversation and
bot/linking.
"""

from collections.abc import Collection

from bot.choosing_words import Wish
from bot.city import City
from bot.keywords import Command, Doubt
from broadcasts import clock
from broadcasts.channels.base import Text, waits
from broadcasts.delivery import outbox
from broadcasts.languages import answered
from broadcasts.newsroom import answers, pausing, service_notices, standing, waiting
from broadcasts.newsroom.texts import LONGEST
from broadcasts.people import selections
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber


def language_of(city: City, person: Subscriber, command: Command | Doubt | Wish) -> str:
    """The language of the word used; "Stop" is the same in several, then the person's own."""
    return answered(person.language, command.language, city.settings.city.language)


def text(city: City, person: Subscriber, key: str, language: str, **values: str) -> str:
    """In the wording for their channel."""
    by_link = city.channels[person.channel].pages is not None
    return city.texts.get(key, language, by_link=by_link, **values)


def reply(city: City, person: Subscriber, key: str, language: str, **values: str) -> None:
    outbox.answer(person, Text(text(city, person, key, language, **values)))


def say(
    city: City, person: Subscriber, keys: tuple[str, ...], language: str, *, more: str = ""
) -> None:
    """Several texts in one message, and `more`; an empty key is none."""
    texts = [text(city, person, key, language) for key in keys if key]
    outbox.answer(person, Text("\n\n".join(filter(None, [*texts, more]))))


def fitting(question: str, more: str) -> str:
    """The question with what belongs to it, where both have room above the buttons."""
    whole = f"{question}\n\n{more}"
    return whole if len(whole) <= LONGEST else question


def is_reader(person: Subscriber) -> bool:
    return person.wants in REACHED_BY_ALERTS


def tell_alerts(
    city: City,
    person: Subscriber,
    language: str,
    *,
    before: Scope | None = None,
    also: Collection[int] = (),
) -> None:
    """What is in force reaches who has joined too late for its audience, or asks; `before` and
    `also` as standing.in_force has them."""
    now, channel = clock.now(), city.channels[person.channel]
    found = standing.in_force(
        city.newsroom,
        channel,
        language,
        now,
        is_reader=is_reader(person),
        choice=selections.read(person.selection_id),
        before=before,
        also=also,
    )
    waiting.note_told(person, [alert.alert for alert in found])
    for alert in found:
        latest = min(alert.expires_at, person.window_closes_at or alert.expires_at)
        for told in alert.texts:
            outbox.answer(person, told, expires_at=latest, tells_of=alert.alert)


def catch_up(city: City, person: Subscriber) -> None:
    """What waited for the person to write: the end of their pause, if they could not be told of it;
    all else only on a channel where nothing reaches a closed window."""
    pausing.tell_when_written(city.newsroom, person, clock.now())
    channel = city.channels[person.channel]
    if not (waits(channel) and is_reader(person)):
        return
    if not answers.may_write(channel, person, clock.now()):
        return  # an old message that comes late opens nothing
    if missed := waiting.missed_alerts(person, clock.now()):
        tell_alerts(city, person, person.language, also=missed)
    for content in (
        waiting.digest(city.newsroom, person),
        service_notices.missed(city.newsroom, person, clock.now()),
    ):
        if content is not None:
            outbox.answer(person, content)
