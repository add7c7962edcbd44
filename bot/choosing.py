"""Choosing topics and districts: "Themen", the numbers in answer to it, "Start Baustellen".

Owns: what each does to a reader's choice, and says. Never: signs anybody up or off (conversation
does). Called by bot/conversation for each message, exactly once.
"""

from collections.abc import Sequence

from bot import choosing_words
from bot.choosing_words import Verb, Wish
from bot.city import City
from bot.keywords import Command, Doubt, read, read_button
from bot.replies import is_reader, language_of, reply, tell_alerts, text
from bot.words import LEAVING, Intent
from broadcasts.channels.base import Button, MessageIn, Text, Way
from broadcasts.delivery import outbox, questions
from broadcasts.languages import spoken
from broadcasts.newsroom import subjects
from broadcasts.newsroom.subjects import Subject
from broadcasts.people import links, selections, subscribers
from broadcasts.people.selections import EVERYTHING, Scope
from broadcasts.people.subscribers import Subscriber, Wants

CHOOSE = "choose:"
"""Begins the id of a row of the list."""

ALL = f"{CHOOSE}*"


# ------------------------------------------------------------------ what a text asks for


def find(city: City, message: MessageIn) -> Wish | None:
    """What a whole text says of topics by their names, and is no command besides."""
    known = subjects.there_are(city.settings)
    if not known:
        return None
    if message.button is not None:
        return _by_link(read_button(message.button, message.text), message, known)
    if message.kind != "text":
        return None
    command = read(message.text)
    if isinstance(command, Command):
        return _by_link(command, message, known)
    return choosing_words.read_wish(message.text, known)


def _by_link(
    command: Command | Doubt | None, message: MessageIn, known: Sequence[Subject]
) -> Wish | None:
    """A "Start" by the link of one topic, where a link holds no more than its name."""
    came_by = [one for one in known if one.name == message.origin]
    if not isinstance(command, Command) or command.intent is not Intent.START or not came_by:
        return None
    return Wish(Verb.ADD, choosing_words.scope_of(came_by), command.language)


def answer(city: City, person: Subscriber, message: MessageIn) -> bool:
    """True: it was a row of the list, or the answer to it, and is dealt with."""
    known = subjects.there_are(city.settings)
    if message.button is not None and message.button.startswith(CHOOSE):
        _tapped(city, person, message.button, known)
        return True
    if message.kind != "text" or not known or not _is_asked(person, message):
        return False
    if _means_something_else(message.text):
        return False
    chosen = choosing_words.read_answer(message.text, known)
    if chosen is not None:
        _choose(city, person, chosen)
        return True
    if choosing_words.are_numbers(message.text):
        reply(city, person, "topics_unknown", person.language, most=str(len(known)))
        return True
    return False


def unknown(city: City, person: Subscriber, message: MessageIn) -> bool:
    """True: they have asked for a topic that there is not, and see those that there are."""
    known = subjects.there_are(city.settings)
    if message.kind != "text" or not known or not choosing_words.is_unknown(message.text):
        return False
    outbox.answer(person, _list(city, person, person.language, first="topics_no_such"))
    return True


def _means_something_else(text: str) -> bool:
    """No name is a command, but one may be a slip of the finger away: "Stadt" from "Start"."""
    found = read(text)
    return isinstance(found, Command) or (found is not None and found.intent in LEAVING)


def _is_asked(person: Subscriber, message: MessageIn) -> bool:
    """Numbers mean something only right after our list."""
    question = questions.open_to(person.id, message.at)
    return question is not None and any(one.id == ALL for one in question.options)


# ------------------------------------------------------------------ what comes of it


def take(city: City, person: Subscriber, message: MessageIn, wish: Wish) -> bool:
    """Changes the choice and says so. True: they are to be signed up with it; the welcome says
    what they get (`told`)."""
    language = language_of(city, person, wish)
    mine = selections.read(person.selection_id)
    if wish.verb is Verb.DROP:
        if _reads_somewhere(person):
            _drop(city, person, mine, wish.scope, language)
        else:
            reply(city, person, "not_subscribed", language)
        return False
    if message.way is Way.FORM and is_reader(person):
        return False  # by anybody
    if person.wants != Wants.EVERYTHING and (wish.signs_up or not is_reader(person)):
        if not subscribers.has_said_later(person, message.at):
            is_more = wish.verb is Verb.ADD and is_reader(person) and mine != EVERYTHING
            keep(person, _with(mine, wish.scope) if is_more else wish.scope)
        return True
    if wish.verb is Verb.ONLY:
        _choose(city, person, wish.scope, language)
    elif mine == EVERYTHING:
        _say(city, person, "topics_has_all", wish.scope, language)
    else:
        _choose(city, person, _with(mine, wish.scope), language)
    return False


def note(city: City, person: Subscriber, message: MessageIn) -> None:
    """What was ticked on a page of ours. A form may have been filled in by anybody: it says
    something only for who has nothing yet, on any messenger, nor anything that may come back."""
    is_new = person.wants in (Wants.NOTHING, Wants.STOPPED) and not links.others(person)
    if message.chosen is None or (message.way is Way.FORM and not is_new):
        return
    known = subjects.there_are(city.settings)
    keep(person, choosing_words.scope_of([one for one in known if one.name in message.chosen]))


def told(city: City, person: Subscriber, language: str) -> str:
    """What a new reader gets, for the welcome; empty where there is nothing to choose, or nothing
    is chosen."""
    mine = selections.read(person.selection_id)
    if mine == EVERYTHING:
        return ""
    return text(city, person, "topics_welcome", language, chosen=_named(city, mine, language))


def everything(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """ "Alle Themen"."""
    _choose(city, person, EVERYTHING, language)


def ask(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """ "Themen": the list with its numbers."""
    if subjects.there_are(city.settings):
        outbox.answer(person, _list(city, person, language))
    else:
        reply(city, person, "topics_none", language)


def had(person: Subscriber) -> Scope | None:
    """What a reader has chosen before their message is dealt with; None: they are none yet."""
    return selections.read(person.selection_id) if is_reader(person) else None


def tell_of_more(city: City, person: Subscriber, before: Scope | None) -> None:
    """Of the warnings in force that are for them only by what they choose now: the audience was
    fixed without them, and they would not hear of the end either."""
    if before not in (None, had(person)) and is_reader(person):
        tell_alerts(city, person, person.language, before=before)


def keep(person: Subscriber, chosen: Scope) -> None:
    """Of the whole person: on every messenger that is linked with this one."""
    kept = selections.keep(chosen)
    for row in links.family(person):
        subscribers.select(row, kept)


def _reads_somewhere(person: Subscriber) -> bool:
    return any(is_reader(row) for row in links.family(person))


def _tapped(city: City, person: Subscriber, button: str, known: Sequence[Subject]) -> None:
    """A tap chooses what was not chosen, and the other way round; of everything it leaves this."""
    mine, language = selections.read(person.selection_id), person.language
    tapped = choosing_words.scope_of([one for one in known if button == f"{CHOOSE}{one.name}"])
    if button == ALL:
        _choose(city, person, EVERYTHING)
        return
    first = "" if tapped.names else "topics_no_such"  # of a list of long ago
    if tapped.names and set(tapped.names) <= set(mine.names):
        # The last district taken off means all of them again, as the list then shows.
        left = Scope(_less(mine.topics, tapped.topics), _less(mine.districts, tapped.districts))
        if left == EVERYTHING:
            _ask_what_instead(city, person, language)
            return
        keep(person, left)
    elif tapped.names:
        both = (mine.topics + tapped.topics, mine.districts + tapped.districts)
        keep(person, selections.ordered(*both))
    # It shows what was changed, for the next tap.
    outbox.answer(person, _list(city, person, language, first=first))


def _choose(city: City, person: Subscriber, chosen: Scope, language: str = "") -> None:
    keep(person, chosen)
    key = "topics_chosen" if chosen.names else "topics_everything"
    _say(city, person, key, chosen, language or person.language)


def _say(city: City, person: Subscriber, key: str, scope: Scope, language: str) -> None:
    said = [text(city, person, key, language, chosen=_named(city, scope, language))]
    if not _reads_somewhere(person):
        said.append(text(city, person, "topics_not_yet", language))
    outbox.answer(person, Text("\n\n".join(said)))


def _named(city: City, scope: Scope, language: str) -> str:
    """ "Baustellen, Kultur (in Nordstadt)": both must fit. The little word is the same in each
    language."""
    topics, districts = (
        ", ".join(subjects.labels(city.settings, names, language))
        for names in (scope.topics, scope.districts)
    )
    return f"{topics} (in {districts})" if topics and districts else topics or districts


def _drop(city: City, person: Subscriber, mine: Scope, dropped: Scope, language: str) -> None:
    left = _without(city, mine, dropped)
    if left is None:
        _ask_what_instead(city, person, language)
    else:
        _choose(city, person, left, language)


def _ask_what_instead(city: City, person: Subscriber, language: str) -> None:
    buttons = (
        Button("all_topics", city.texts.get("button_topics_all", language)),
        Button("stop:yes", city.texts.get("button_stop_yes", language)),
    )
    outbox.answer(person, Text(text(city, person, "topics_last", language), buttons))


def _without(city: City, mine: Scope, dropped: Scope) -> Scope | None:
    """None: nothing would be left of a kind, and an empty choice means everything."""
    known = choosing_words.scope_of(subjects.there_are(city.settings))
    topics = _left(mine.topics, known.topics, dropped.topics)
    districts = _left(mine.districts, known.districts, dropped.districts)
    if topics is None or districts is None:
        return None
    return selections.ordered(topics, districts)


def _left(
    mine: tuple[str, ...], known: Sequence[str], dropped: Sequence[str]
) -> tuple[str, ...] | None:
    """Of one kind; who has chosen none of it has all."""
    return (_less(mine or known, dropped) or None) if dropped else mine


def _less(names: Sequence[str], dropped: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in dropped)


def _with(mine: Scope, more: Scope) -> Scope:
    """Of a kind of which they get all they get no less."""
    return selections.ordered(
        mine.topics and mine.topics + more.topics,
        mine.districts and mine.districts + more.districts,
    )


# ------------------------------------------------------------------ the list


def _list(city: City, person: Subscriber, language: str, *, first: str = "") -> Text:
    """`first`: key of what is said above it; two messages might arrive in another order."""
    mine, known = selections.read(person.selection_id), subjects.there_are(city.settings)
    language, lines = spoken(language, city.settings.city.language), []
    for number, one in enumerate(known, start=1):
        if one.is_district and (number == 1 or not known[number - 2].is_district):
            lines.append(text(city, person, "topics_districts", language))
        mark = " ✓" if one.name in mine.names else ""
        lines.append(f"{number} {one.label(language)}{mark}")
    now = (
        text(city, person, "topics_now", language, chosen=_named(city, mine, language))
        if mine.names
        else text(city, person, "topics_now_all", language)
    )
    body = text(city, person, "topics_list", language, now=now, list="\n".join(lines))
    if first:
        body = f"{text(city, person, first, language)}\n\n{body}"
    if not _reads_somewhere(person):
        body += "\n\n" + text(city, person, "topics_not_yet", language)
    rows = [Button(f"{CHOOSE}{one.name}", _row(one, mine, language)) for one in known]
    return Text(
        body,
        options=(*rows, Button(ALL, city.texts.get("button_topics_all", language))),
        options_label=city.texts.get("button_topics_list", language),
    )


def _row(one: Subject, mine: Scope, language: str) -> str:
    """Within what a row of WhatsApp's list holds."""
    label = one.label(language)
    return f"✓ {label}"[: choosing_words.LONGEST_NAME] if one.name in mine.names else label
