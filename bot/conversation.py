"""Command → what happens to the subscriber, and the reply.

Owns: what each intent does. Never: reads a text (keywords) or sends (the reply is a row in the
outbox, in the caller's transaction). Called by bot/receiver for each message, exactly once.
"""

from collections.abc import Callable, Mapping

from bot import answering, choosing, linking, pausing, tongues
from bot.city import City
from bot.keywords import Command, Doubt, read, read_answer, read_button, read_yes_or_no
from bot.replies import catch_up, fitting, is_reader, language_of, reply, say, tell_alerts, text
from bot.words import SUBSCRIBING, Intent, first_word
from broadcasts import clock
from broadcasts.channels.base import Button, MessageIn, Text, Way, waits
from broadcasts.delivery import endings, once, outbox, questions, uncleared
from broadcasts.delivery.states import NEWS
from broadcasts.languages import spoken
from broadcasts.newsroom import digests, subjects, waiting
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.people import consent, links, selections, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import copies, erasure, link_codes, opt_outs, receipts, summary
from broadcasts.privacy.link_codes import Purpose

SILENT_KINDS = frozenset({"reaction", "referral", "details"})
"""No answer and no inbox entry: a thumb up, or a link followed, is not a question."""


def react(city: City, person: Subscriber, message: MessageIn) -> bool:
    """Does what the message asks for and queues the reply.

    True: the person is erased by it, and the caller sweeps up after the commit.
    """
    # A form may have been filled in by anybody.
    asked = person.asked_at is not None and message.way is not Way.FORM
    if asked:
        # Whatever it is, it is a sign of life.
        subscribers.note_asked(person, None)
    _note_called(person, message)
    had = choosing.had(person)
    choosing.note(city, person, message)
    if message.kind not in SILENT_KINDS:
        if linking.redeem(city, person, message):
            return False
        if _respond(city, person, message, asked=asked):
            return True
    choosing.tell_of_more(city, person, had)
    catch_up(city, person)
    return False


def _note_called(person: Subscriber, message: MessageIn) -> None:
    """By which name a reader is addressed is for nobody else to say."""
    if message.called is not None and not (message.way is Way.FORM and is_reader(person)):
        subscribers.call(person, message.called)


def _respond(city: City, person: Subscriber, message: MessageIn, *, asked: bool) -> bool:
    """True: the person is erased by it."""
    if choosing.answer(city, person, message):
        return False
    if (wish := choosing.find(city, message)) is not None:
        if choosing.take(city, person, message, wish):
            _start(city, person, message, language_of(city, person, wish))
        return False
    command = _understand(person, message) or (_still_there(message) if asked else None)
    if not isinstance(command, Command) and pausing.by_words(city, person, message, command):
        return False
    if not isinstance(command, Command) and answering.by_keyword(city, person, message):
        return False
    if isinstance(command, Doubt):
        # Their words may be a question to people, too: they are kept for them.
        answering.keep(city, person, message)
        _ask_back(city, person, command)
        return False
    if command is None:
        answering.to_inbox(city, person, message)
        return False
    if command.intent is Intent.ERASE:
        _erase(city, person, message, command)
        return True
    _REACTIONS[command.intent](city, person, message, language_of(city, person, command))
    return False


def _understand(person: Subscriber, message: MessageIn) -> Command | Doubt | None:
    if message.button is not None:
        return read_button(message.button, message.text)
    if message.kind != "text":
        return None
    found = read(message.text)
    if isinstance(found, Command) and found.intent not in SUBSCRIBING:
        return found
    # "Ja, anmelden" is a word of its own, and may be the answer to "Do you want to sign up?"
    return _answered(person, message) or found


def _still_there(message: MessageIn) -> Command | Doubt | None:
    """A "Ja" or "Nein" to whether they are still there may come weeks after the question; so a
    "Nein" is asked back."""
    is_yes = read_yes_or_no(message.text) if message.kind == "text" else None
    if is_yes is None:
        return None
    return Command(Intent.KEEP) if is_yes else Doubt(Intent.STOP)


def _answered(person: Subscriber, message: MessageIn) -> Command | Doubt | None:
    """A "Ja" means something only right after a question of ours; where it may be the answer to
    either of two, the last one is asked once more."""
    question = questions.open_to(person.id, message.at)
    if question is None:
        return None
    answer = read_answer(message.text, {one.id: one.label for one in question.buttons})
    if answer is not None and not question.is_certain and answer.intent in _QUESTIONS:
        return Doubt(answer.intent, answer.language)
    return answer


def _start(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if _asks(city, person, message, Wants.EVERYTHING):
        _confirm(city, person, message, language, "start:yes")
    else:
        _start_now(city, person, message, language)


def _asks(city: City, person: Subscriber, message: MessageIn, wants: Wants) -> bool:
    """Whether it must be confirmed first: by a form always, whatever the city has set, and of a
    reader, too."""
    if message.way is Way.FORM:
        asks = person.wants != wants
    else:
        asks = city.settings.consent.asks and not is_reader(person)
    return asks and not subscribers.has_said_later(person, message.at)


def _start_now(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if pausing.end_by_start(city, person, message, language):
        return
    if person.wants == Wants.EVERYTHING:
        say(city, person, ("already_subscribed", _elsewhere(person)), language)
    elif not subscribers.has_said_later(person, message.at):
        back, is_new = person.opted_out_at is not None, not is_reader(person)
        _opt_in(city, person, message, language, Wants.EVERYTHING)
        welcome = "welcome_back" if back else "welcome"
        beside = city.texts.beside
        keys = (welcome, beside, _elsewhere(person), _waits_here(city, person))
        say(city, person, keys, language, more=choosing.told(city, person, language))
        if is_new:
            tell_alerts(city, person, language)


def _elsewhere(person: Subscriber) -> str:
    """Who is linked must know why nothing comes here."""
    return "" if links.preferred(person) is None else "reached_elsewhere"


def _waits_here(city: City, person: Subscriber) -> str:
    """Who joins where nothing reaches a closed window must know what to expect."""
    return "waits_here" if waits(city.channels[person.channel]) else ""


def _confirm(
    city: City, person: Subscriber, message: MessageIn, language: str, button: str
) -> None:
    """Asks once more; what they wrote is kept as the first half of the evidence."""
    subscribers.speak(person, language)
    consent.record(
        person,
        consent.Deed.REQUESTED,
        at=message.at,
        wording=city.texts.consent_version(language),
        message_id=message.id,
        keyword=_written(message),
    )
    kind = "age" if city.settings.consent.age_confirmation else "start"
    buttons = (
        Button(button, city.texts.get(f"button_confirm_{kind}", language)),
        Button("start:no", city.texts.get("button_confirm_no", language)),
    )
    question = text(city, person, f"confirm_{kind}", language)
    if button == "start:yes" and city.texts.beside:
        beside = text(city, person, city.texts.beside, language)
        # A city's own wording may leave no room for it under the buttons.
        question = fitting(question, beside)
    outbox.answer(person, Text(question, buttons))


def _written(message: MessageIn) -> str:
    """With the link by which they came, if any."""
    return f"{message.text} ({message.origin})" if message.origin else message.text


def _alerts_only(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if _asks(city, person, message, Wants.ALERTS_ONLY):
        _confirm(city, person, message, language, "alerts_only:yes")
    else:
        _alerts_only_now(city, person, message, language)


def _alerts_only_now(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    is_same = person.wants == Wants.ALERTS_ONLY
    if not is_same and subscribers.has_said_later(person, message.at):
        return
    is_new = not is_reader(person)
    others = linking.less(person, message)
    if not is_same:
        _opt_in(city, person, message, language, Wants.ALERTS_ONLY)
        endings.skip_broadcasts(person.id, NEWS)
    keys = (
        "already_alerts_only" if is_same else "welcome_alerts_only",
        "counts_for_all" if others else "",
        _elsewhere(person),
        "" if is_same else _waits_here(city, person),
    )
    say(city, person, keys, language)
    if is_new:
        tell_alerts(city, person, language)


def _opt_in(
    city: City, person: Subscriber, message: MessageIn, language: str, wants: Wants
) -> None:
    subscribers.opt_in(person, wants, message.at, language, said_at=message.said_at)
    links.share_choice(person)
    opt_outs.take_back(person, city.key)
    deed = consent.Deed.OPT_IN if wants == Wants.EVERYTHING else consent.Deed.ALERTS_ONLY
    consent.record(
        person,
        deed,
        at=message.at,
        wording=city.texts.consent_version(language),
        message_id=message.id,
        keyword=_written(message),
    )
    once.settle(links.family(person))


def _stop(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """Of the whole person: on every messenger that is linked with this one."""
    rows = links.family(person)
    wanting = [row for row in rows if row.wants not in (Wants.NOTHING, Wants.STOPPED)]
    # A "Start" written earlier may still be under way.
    for row in rows:
        if row not in wanting:
            subscribers.note_stop(row, message.said_at)
    stopped = [row for row in wanting if not _opted_in_after(row, message)]
    for row in stopped:
        subscribers.opt_out(row, message.said_at)
        opt_outs.note(row, city.key)
        linking.keep_word(row, consent.Deed.OPT_OUT, message, said_by=person)
        endings.skip_broadcasts(row.id)
        link_codes.drop(row)
    if not wanting:
        reply(city, person, "not_subscribed", language)
    elif stopped:
        alert = uncleared.alert_in_force(clock.now())
        farewell = "farewell_alert_open" if alert else "farewell"
        say(city, person, (farewell, "counts_for_all" if len(rows) > 1 else ""), language)


def _opted_in_after(row: Subscriber, message: MessageIn) -> bool:
    return row.opted_in_at is not None and message.at < row.opted_in_at


def _current(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    tell_alerts(city, person, language)
    choice = selections.read(person.selection_id)
    digest = digests.current(city.newsroom, person.channel, language, clock.now(), choice=choice)
    if digest is None:
        reply(city, person, "current_none", language)
    else:
        outbox.answer(person, digest)
        waiting.note_digest_given(person)


def _say(key: str) -> Callable[[City, Subscriber, MessageIn, str], None]:
    def tell(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
        reply(city, person, key, language)

    return tell


def _privacy(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """With a word on who carries the messages, of each channel there is one of."""
    key = f"provider_{person.channel}"
    provider = city.texts.get(key, language) if city.texts.has(key) else ""
    reply(city, person, "privacy", language, provider=provider)


def _help(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if is_reader(person):
        keys = (
            "help",
            "help_topics" if subjects.there_are(city.settings) else "",
            "help_linking" if linking.is_possible(city) else "",
        )
        say(city, person, keys, language)
    else:
        reply(city, person, "help_stranger", language)


def _copy(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """In short here; everything behind a link that works once."""
    token = copies.offer(person, key=city.key, now=clock.now())
    link = f"{city.newsroom.public_url}/{COPY_PATH}/{token}"
    outbox.answer(person, Text(summary.write(city.newsroom, person, language, link=link)))


def _drills(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """Only who is a reader: nothing is sent to somebody who has not opted in (invariant 2)."""
    if not is_reader(person):
        reply(city, person, "drills_readers_only", language)
        return
    if consent.is_older_word_on_drills(person, message.at):
        return
    subscribers.volunteer(person, drills=True)
    linking.keep_word(person, consent.Deed.DRILLS, message, said_by=person)
    reply(city, person, "drills_on", language)


def _no_drills(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if consent.is_older_word_on_drills(person, message.at):
        return
    for row in links.family(person):
        if row.drills or row is person:
            subscribers.volunteer(row, drills=False)
            endings.skip_drills(row.id)
            linking.keep_word(row, consent.Deed.NO_DRILLS, message, said_by=person)
    reply(city, person, "drills_off", language)


_REACTIONS: Mapping[Intent, Callable[[City, Subscriber, MessageIn, str], None]] = {
    Intent.START: _start,
    Intent.STOP: _stop,
    Intent.ALERTS_ONLY: _alerts_only,
    Intent.CURRENT: _current,
    Intent.HELP: _help,
    Intent.PRIVACY: _privacy,
    Intent.INFO: _say("info"),
    Intent.KEEP: _say("kept"),
    Intent.HUMAN: answering.hand_over,
    Intent.RATED: answering.rated,
    Intent.TOMORROW: pausing.tomorrow,
    Intent.TOPICS: choosing.ask,
    Intent.ALL_TOPICS: choosing.everything,
    Intent.DRILLS: _drills,
    Intent.NO_DRILLS: _no_drills,
    Intent.PAUSE: pausing.ask,
    Intent.PAUSE_FOR: pausing.for_so_long,
    Intent.RESUME: pausing.resume,
    Intent.NONE_OF_IT: _say("acknowledge"),
    Intent.COPY: _copy,
    Intent.CONNECT: linking.offer(Purpose.CONNECT),
    Intent.MOVE: linking.offer(Purpose.MOVE),
    Intent.PART: linking.part,
    Intent.START_CONFIRMED: _start_now,
    Intent.ALERTS_ONLY_CONFIRMED: _alerts_only_now,
    Intent.NOT_NOW: _say("not_subscribed"),
    **tongues.REACTIONS,
}

_QUESTIONS: Mapping[Intent, tuple[str, tuple[tuple[str, str], ...]]] = {
    Intent.STOP: (
        "confirm_stop",
        (("stop:yes", "button_stop_yes"), ("stop:no", "button_stop_no")),
    ),
    Intent.ERASE: (
        "confirm_erase",
        (("erase:yes", "button_erase_yes"), ("erase:no", "button_erase_no")),
    ),
}
"""Intent in doubt → the question, and its two buttons as (id, text)."""


def _ask_back(city: City, person: Subscriber, doubt: Doubt) -> None:
    language = language_of(city, person, doubt)
    if doubt.intent in _QUESTIONS:
        question, choices = _QUESTIONS[doubt.intent]
        buttons = tuple(Button(id, city.texts.get(label, language)) for id, label in choices)
        outbox.answer(person, Text(text(city, person, question, language), buttons))
        return
    word = first_word(doubt.intent, spoken(language, city.settings.city.language))
    buttons = (
        Button(doubt.intent.value, word),
        Button("mean:no", city.texts.get("button_mean_no", language)),
    )
    outbox.answer(person, Text(city.texts.get("did_you_mean", language, word=word), buttons))


def _erase(city: City, person: Subscriber, message: MessageIn, command: Command) -> None:
    """Everything of the person goes in this transaction; what is left is the receipt's row, and
    that for 60 s at most."""
    channel, account, address = person.channel, person.account, person.address
    language = language_of(city, person, command)
    is_linked = bool(links.others(person))
    receipt = erasure.erase(person, key=city.key, before=message.at, media=city.config.media_dir)
    by_link = city.channels[channel].pages is not None
    words = receipts.words(city.texts, language, receipt.code, is_linked=is_linked, by_link=by_link)
    receipts.send(channel, account, address, words)
