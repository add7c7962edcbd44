"""Choosing the language one reads: German, English, Dutch, or the city's in plain words.

Owns: the question with its buttons, and what a choice changes. Never: reads a text (keywords), or
decides who reads what (newsroom/voices). Called by bot/conversation.
"""

from collections.abc import Callable, Mapping

from bot.city import City
from bot.replies import say, text
from bot.words import Intent, first_word
from broadcasts.channels.base import Button, MessageIn, Text
from broadcasts.delivery import outbox
from broadcasts.languages import PLAIN, spoken
from broadcasts.people import links, subscribers
from broadcasts.people.subscribers import Subscriber

Reaction = Callable[[City, Subscriber, MessageIn, str], None]

CHOICES: Mapping[str, Intent] = {
    PLAIN: Intent.PLAIN,
    "de": Intent.GERMAN,
    "en": Intent.ENGLISH,
    "nl": Intent.DUTCH,
}
"""All of languages.READ."""


def offered(city: City, person: Subscriber) -> dict[Button, str]:
    """All but the one they have: three, and no message may have more (whatsapp.md §7). Each is
    called as those who read it call it; with the language of its name."""
    found = {}
    for language, intent in CHOICES.items():
        if language != person.language:
            tongue = spoken(language, city.settings.city.language)
            found[Button(intent.value, first_word(intent, tongue))] = tongue
    return found


def _ask(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    question = text(city, person, "language_ask", language)
    outbox.answer(person, Text(question, tuple(offered(city, person))))


def _choose(chosen: str) -> Reaction:
    def choose(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
        """Of the whole person, on every messenger that is linked with this one; it is no consent,
        and may come before one."""
        for row in links.family(person):
            subscribers.speak(row, chosen)
        is_whole = chosen in (PLAIN, city.settings.city.language)
        speaks = "speaks_plain" if chosen == PLAIN else "speaks"
        say(city, person, (speaks, "" if is_whole else "speaks_not_all"), chosen)

    return choose


REACTIONS: Mapping[Intent, Reaction] = {
    Intent.LANGUAGE: _ask,
    **{intent: _choose(language) for language, intent in CHOICES.items()},
}
