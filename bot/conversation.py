"""Command → what happens to the subscriber, and the reply.

Owns: what each intent does. Never: reads a text (keywords) or sends (the reply is a row in the
outbox, in the caller's transaction). Called by bot/receiver for each message, exactly once.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.city import City
from bot.keywords import Command, Doubt, read, read_answer, read_button, read_yes_or_no
from bot.words import SUBSCRIBING, Intent, first_word
from broadcasts import clock
from broadcasts.channels.base import Button, MessageIn, Text
from broadcasts.delivery import broadcasts, endings, outbox, questions
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import digests, standing
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.people import consent, inbox, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import copies, erasure, opt_outs, summary

RECEIPT_TRIED_FOR = timedelta(seconds=60)
"""After it the address of an erased person is gone, with or without the receipt (invariant 8)."""

ACKNOWLEDGED_AGAIN = timedelta(hours=4)
"""Who writes in the evening what they did not write in the morning wants to know that it came."""

SILENT_KINDS = frozenset({"reaction"})
"""No answer and no inbox entry: a thumb up is not a question."""


def react(city: City, person: Subscriber, message: MessageIn) -> bool:
    """Does what the message asks for and queues the reply.

    True: the person is erased by it, and the caller sweeps up after the commit.
    """
    asked = person.asked_at is not None
    if asked:
        # Whatever it is, it is a sign of life.
        subscribers.note_asked(person, None)
    if message.kind in SILENT_KINDS:
        return False
    command = _understand(person, message) or (_still_there(message) if asked else None)
    if isinstance(command, Doubt):
        # Their words may be a question to people, too: they are kept for them.
        _keep(person, message)
        _ask_back(city, person, command)
        return False
    if command is None:
        _to_inbox(city, person, message)
        return False
    if command.intent is Intent.ERASE:
        _erase(city, person, message, command)
        return True
    _REACTIONS[command.intent](city, person, message, _language(person, command))
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


def _language(person: Subscriber, command: Command | Doubt) -> str:
    """The language of the word used; "Stop" is the same in several, then the person's own."""
    return command.language or person.language


def _reply(city: City, person: Subscriber, key: str, language: str, **values: str) -> None:
    outbox.answer(person, Text(city.texts.get(key, language, **values)))


def _start(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if person.wants == Wants.EVERYTHING:
        _reply(city, person, "already_subscribed", language)
    elif _is_outdated(person, message):
        return
    elif city.settings.consent.asks and not _is_reader(person):
        _confirm(city, person, message, language, "start:yes")
    else:
        _start_now(city, person, message, language)


def _start_now(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if person.wants == Wants.EVERYTHING:
        _reply(city, person, "already_subscribed", language)
    elif not _is_outdated(person, message):
        back, is_new = person.opted_out_at is not None, not _is_reader(person)
        _opt_in(city, person, message, language, Wants.EVERYTHING)
        _reply(city, person, "welcome_back" if back else "welcome", language)
        if is_new:
            _tell_alerts(city, person, language)


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
    outbox.answer(person, Text(city.texts.get(f"confirm_{kind}", language), buttons))


def _written(message: MessageIn) -> str:
    """With the link by which they came, if any."""
    return f"{message.text} ({message.origin})" if message.origin else message.text


def _alerts_only(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if person.wants == Wants.ALERTS_ONLY:
        _reply(city, person, "already_alerts_only", language)
    elif _is_outdated(person, message):
        return
    elif city.settings.consent.asks and not _is_reader(person):
        _confirm(city, person, message, language, "alerts_only:yes")
    else:
        _alerts_only_now(city, person, message, language)


def _alerts_only_now(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if person.wants == Wants.ALERTS_ONLY:
        _reply(city, person, "already_alerts_only", language)
    elif not _is_outdated(person, message):
        is_new = not _is_reader(person)
        _opt_in(city, person, message, language, Wants.ALERTS_ONLY)
        endings.skip_broadcasts(person.id, [BroadcastKind.DIGEST])
        _reply(city, person, "welcome_alerts_only", language)
        if is_new:
            _tell_alerts(city, person, language)


def _is_reader(person: Subscriber) -> bool:
    return person.wants in subscribers.REACHED_BY_ALERTS


def _tell_alerts(city: City, person: Subscriber, language: str) -> None:
    """What is in force reaches who has joined too late for its audience, or asks."""
    now, channel = clock.now(), city.channels[person.channel]
    found = standing.in_force(city.newsroom, channel, language, now, is_reader=_is_reader(person))
    for alert in found:
        latest = min(alert.expires_at, person.window_closes_at or alert.expires_at)
        for text in alert.texts:
            outbox.answer(person, text, expires_at=latest, tells_of=alert.alert)


def _opt_in(
    city: City, person: Subscriber, message: MessageIn, language: str, wants: Wants
) -> None:
    subscribers.opt_in(person, wants, message.at, language)
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


def _is_outdated(person: Subscriber, message: MessageIn) -> bool:
    """A late "Start" from before the person's own "Stopp" must not undo it, nor what they have
    chosen since. The platform's opt-out does not count: it is of no text they wrote."""
    left = person.opted_out_at if person.wants in (Wants.NOTHING, Wants.STOPPED) else None
    later = max(filter(None, (person.opted_in_at, left)), default=None)
    return later is not None and message.at < later


def _stop(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if person.wants in (Wants.NOTHING, Wants.STOPPED):
        # A "Start" written earlier may still be under way.
        subscribers.note_stop(person, message.at)
        _reply(city, person, "not_subscribed", language)
        return
    if person.opted_in_at is not None and message.at < person.opted_in_at:
        return
    subscribers.opt_out(person, message.at)
    opt_outs.note(person, message.at, city.key)
    _keep_word(person, consent.Deed.OPT_OUT, message)
    endings.skip_broadcasts(person.id)
    alert = broadcasts.open_alert(clock.now())
    _reply(city, person, "farewell_alert_open" if alert else "farewell", language)


def _keep_word(person: Subscriber, deed: consent.Deed, message: MessageIn) -> None:
    consent.record(person, deed, at=message.at, message_id=message.id, keyword=message.text)


def _current(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    _tell_alerts(city, person, language)
    digest = digests.current(city.newsroom, person.channel, language, clock.now())
    if digest is None:
        _reply(city, person, "current_none", language)
    else:
        outbox.answer(person, digest)


def _say(key: str) -> Callable[[City, Subscriber, MessageIn, str], None]:
    def say(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
        _reply(city, person, key, language)

    return say


def _help(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    _reply(city, person, "help" if _is_reader(person) else "help_stranger", language)


def _copy(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """In short here; everything behind a link that works once."""
    token = copies.offer(person, key=city.key, now=clock.now())
    link = f"{city.newsroom.public_url}/{COPY_PATH}/{token}"
    outbox.answer(person, Text(summary.write(city.newsroom, person, language, link=link)))


def _drills(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    """Only who is a reader: nothing is sent to somebody who has not opted in (invariant 2)."""
    if not _is_reader(person):
        _reply(city, person, "drills_readers_only", language)
        return
    if consent.is_older_word_on_drills(person, message.at):
        return
    subscribers.volunteer(person, drills=True)
    _keep_word(person, consent.Deed.DRILLS, message)
    _reply(city, person, "drills_on", language)


def _no_drills(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    if consent.is_older_word_on_drills(person, message.at):
        return
    subscribers.volunteer(person, drills=False)
    endings.skip_drills(person.id)
    _keep_word(person, consent.Deed.NO_DRILLS, message)
    _reply(city, person, "drills_off", language)


_REACTIONS: Mapping[Intent, Callable[[City, Subscriber, MessageIn, str], None]] = {
    Intent.START: _start,
    Intent.STOP: _stop,
    Intent.ALERTS_ONLY: _alerts_only,
    Intent.CURRENT: _current,
    Intent.HELP: _help,
    Intent.PRIVACY: _say("privacy"),
    Intent.INFO: _say("info"),
    Intent.KEEP: _say("kept"),
    Intent.DRILLS: _drills,
    Intent.NO_DRILLS: _no_drills,
    Intent.NONE_OF_IT: _say("acknowledge"),
    Intent.COPY: _copy,
    Intent.START_CONFIRMED: _start_now,
    Intent.ALERTS_ONLY_CONFIRMED: _alerts_only_now,
    Intent.NOT_NOW: _say("not_subscribed"),
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
    language = _language(person, doubt)
    if doubt.intent in _QUESTIONS:
        question, choices = _QUESTIONS[doubt.intent]
        buttons = tuple(Button(id, city.texts.get(label, language)) for id, label in choices)
        outbox.answer(person, Text(city.texts.get(question, language), buttons))
        return
    word = first_word(doubt.intent, language)
    buttons = (
        Button(doubt.intent.value, word),
        Button("mean:no", city.texts.get("button_mean_no", language)),
    )
    outbox.answer(person, Text(city.texts.get("did_you_mean", language, word=word), buttons))


def _erase(city: City, person: Subscriber, message: MessageIn, command: Command) -> None:
    """Everything of the person goes in this transaction; what is left is the receipt's row, and
    that for 60 s at most."""
    channel, account, address = person.channel, person.account, person.address
    language = _language(person, command)
    receipt = erasure.erase(person, key=city.key, before=message.at, media=city.config.media_dir)
    outbox.receipt(
        channel,
        account,
        address,
        Text(city.texts.get("erased", language, code=receipt.code)),
        expires_at=clock.now() + RECEIPT_TRIED_FOR,
    )


def _keep(person: Subscriber, message: MessageIn) -> None:
    if person.objected_at is not None:
        return
    inbox.receive(person, kind=message.kind, text=message.text, media=message.media, at=message.at)


def _to_inbox(city: City, person: Subscriber, message: MessageIn) -> None:
    """For people to read; acknowledged, but not again and again."""
    _keep(person, message)
    if person.objected_at is not None:
        _reply(city, person, "not_kept", person.language)
        return
    now, last = clock.now(), person.acknowledged_at
    if last is not None and last <= now < last + ACKNOWLEDGED_AGAIN:
        return
    person.acknowledged_at = now
    person.save()
    key = "acknowledge" if message.kind in ("text", "button") else "media_received"
    _reply(city, person, key, person.language)
