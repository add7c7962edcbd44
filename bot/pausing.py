""" "Pause bis 3.9." and "Weiter": what they do and say.

Owns: these reactions. Never: how a day is read (until_when), or whom a pause keeps a digest from
(people/pauses). Called by bot/conversation for each message, exactly once.
"""

from datetime import date, timedelta

from bot import answering, linking, until_when
from bot.city import City
from bot.keywords import Command, Doubt, phrases
from bot.replies import is_reader, reply, text
from bot.until_when import Days, Problem, Wish
from bot.words import BUTTONS, LEAVING, Intent
from broadcasts import clock
from broadcasts.channels.base import Button, MessageIn, Text, Way, waits
from broadcasts.delivery import outbox, questions
from broadcasts.languages import answered
from broadcasts.newsroom import pausing
from broadcasts.people import consent, links
from broadcasts.people.consent import Deed
from broadcasts.people.pauses import pauses_on
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.settings import WEEKDAYS

OFFERED = (7, 14, 28)
"""Days, as buttons."""

UNTIL = "pause:until"
"""A day was chosen on a page: its label says which, as if it had been written."""

AHEAD = timedelta(weeks=3)
"""The day that is shown as an example."""


# ------------------------------------------------------------------ asking


def ask(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """ "Pause", and nothing else."""
    if _may_pause(city, person, language):
        _ask(city, person, "pause_ask", language)


def _ask(city: City, person: Subscriber, key: str, language: str, **values: str) -> None:
    example = clock.today(city.zone) + AHEAD
    said = text(city, person, key, language, example=f"{example.day}.{example.month}.", **values)
    buttons = tuple(
        Button(f"pause:{days}", city.texts.get(f"button_pause_{days}", language))
        for days in OFFERED
    )
    outbox.answer(person, Text(said, buttons))


def _may_pause(city: City, person: Subscriber, language: str) -> bool:
    """Only who gets digests; the others are told what they get."""
    wants = {row.wants for row in links.family(person)}
    if Wants.EVERYTHING in wants:
        return True
    reply(city, person, "pause_alerts" if is_reader(person) else "not_subscribed", language)
    return False


# ------------------------------------------------------------------ beginning


def for_so_long(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """One of the buttons, tapped or typed."""
    typed = phrases(message.text)
    for days in OFFERED:
        label = city.texts.get(f"button_pause_{days}", language)
        if message.button == f"pause:{days}" or (not message.button and typed & phrases(label)):
            first = pausing.first_day(clock.today(city.zone))
            _begin(city, person, message, first + timedelta(days=days - 1), language)
            return
    ask(city, person, message, language)


def by_words(
    city: City, person: Subscriber, message: MessageIn, read: Command | Doubt | None
) -> bool:
    """True: the text was about a pause, and is answered. What may mean leaving is asked about
    unless it is plain, and no pause hides a "Stopp"."""
    wish = _wish(city, person, message)
    if wish is None or (wish.until is None and isinstance(read, Doubt) and read.intent in LEAVING):
        return False
    language = answered(person.language, wish.language, city.settings.city.language)
    if not _may_pause(city, person, language):
        return True
    if wish.until is not None:
        _begin(city, person, message, wish.until, language)
        return True
    if wish.problem is Problem.UNCLEAR:
        # It may be a question to people, too: "Pause für den Flohmarkt?"
        answering.keep(city, person, message)
    past = f"{wish.past:%d.%m.%Y}" if wish.past else ""
    _ask(city, person, f"pause_{wish.problem}", language, day=past)
    return True


def _wish(city: City, person: Subscriber, message: MessageIn) -> Wish | None:
    if message.kind != "text" and message.button != UNTIL:
        return None
    today = clock.today(city.zone)
    days = Days(today, pausing.first_day(today))
    wish = until_when.read(message.text, days)
    if wish is None and _was_asked(person, message):
        wish = until_when.read(f"Pause {message.text}", days)
    return wish


def _was_asked(person: Subscriber, message: MessageIn) -> bool:
    """Our last message was the question until when: "bis 3.9." is enough."""
    question = questions.open_to(person.id, message.at)
    return question is not None and any(
        BUTTONS.get(one.id) is Intent.PAUSE_FOR for one in question.buttons
    )


def _begin(city: City, person: Subscriber, message: MessageIn, until: date, language: str) -> None:
    if not _may_pause(city, person, language):
        return
    if consent.is_older_word_on_pauses(person, message.at):
        return
    since = pausing.begin(person, until, clock.today(city.zone))
    _keep_word(person, Deed.PAUSED, message)
    link = pausing.link(city.newsroom, since, until, language)
    _say_days(city, person, "pause_begun", language, until, link=link)


def _say_days(
    city: City, person: Subscriber, key: str, language: str, until: date, **values: str
) -> None:
    """With the last day without digests, and the first one with them."""
    last, back = _named(city, until, language), _named(city, until + timedelta(days=1), language)
    reply(city, person, key, language, last=last, back=back, **values)


def _named(city: City, day: date, language: str) -> str:
    name = city.texts.get(f"weekday_{WEEKDAYS[day.weekday()]}", language)
    return f"{name}, {day:%d.%m.%Y}"


def _keep_word(person: Subscriber, deed: Deed, message: MessageIn) -> None:
    for row in links.family(person):
        linking.keep_word(row, deed, message, said_by=person)


# ------------------------------------------------------------------ ending


def resume(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """ "Weiter"; without a pause nothing changes."""
    if consent.is_older_word_on_pauses(person, message.at):
        return
    if not _end(city, person, message, language):
        reply(city, person, "kept" if is_reader(person) else "not_subscribed", language)


def end_by_start(city: City, person: Subscriber, message: MessageIn, language: str) -> bool:
    """True: "Start" was written by a reader who pauses, and means the end of that. A form may have
    been filled in by anybody."""
    if message.way is Way.FORM:
        return False
    if person.wants != Wants.EVERYTHING or not _is_pausing(city, person):
        return False
    if not consent.is_older_word_on_pauses(person, message.at):
        _end(city, person, message, language)
    return True


def _end(city: City, person: Subscriber, message: MessageIn, language: str) -> bool:
    """With the link to what they have missed."""
    today = clock.today(city.zone)
    span = pausing.end(person, today)
    if span == (None, None):
        return False
    _keep_word(person, Deed.RESUMED, message)
    missed = pausing.missed(city.newsroom, span, today, language)
    said = text(city, person, "pause_ended", language)
    if missed:
        said += "\n\n" + text(city, person, "pause_missed", language, link=missed)
    outbox.answer(person, Text(said))
    return True


def _is_pausing(city: City, person: Subscriber) -> bool:
    return pauses_on(person.paused_until, clock.today(city.zone))


def tomorrow(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """ "Morgen wieder": having written is all it takes; where everybody gets the digest anyway,
    too. Who pauses is told until when."""
    until = person.paused_until
    if person.wants != Wants.EVERYTHING:
        reply(city, person, "not_subscribed", language)
    elif until is not None and _is_pausing(city, person):
        _say_days(city, person, "pause_holds", language, until)
    elif waits(city.channels[person.channel]):
        reply(city, person, "tomorrow", language)
    else:
        reply(city, person, "kept", language)
