"""One person on two messengers: the words "Verbinden", "Umziehen", "Trennen", and their code.

Owns: what each of them does and says; what one word changes on the other messengers. Never: which
rows belong together (people/links). Called by bot/conversation for each message, exactly once.
"""

from collections.abc import Callable

from bot.city import City
from bot.keywords import Code, Command, Doubt, read_code
from bot.replies import is_reader, language_of, reply, tell_alerts
from bot.words import Intent
from broadcasts import clock
from broadcasts.channels.base import MessageIn, Text
from broadcasts.delivery import endings, once, outbox
from broadcasts.delivery.states import NEWS
from broadcasts.languages import answered
from broadcasts.newsroom import answers
from broadcasts.people import consent, links, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import link_codes, opt_outs, relocating
from broadcasts.privacy.link_codes import LinkCode, Purpose

EXPECTING = (Intent.CONNECT, Intent.MOVE, Intent.START)
"""After one of these a code that is none is answered, not left to people: behind "Start" stands
what a link has typed in."""

TEXTS = {Purpose.CONNECT: "link_code", Purpose.MOVE: "link_code_move"}


# ------------------------------------------------------------------ asking for a code


def is_possible(city: City) -> bool:
    """There are two channels on which a code can be written."""
    return sum(channel.pages is None for channel in city.channels.values()) > 1


def offer(purpose: Purpose) -> Callable[[City, Subscriber, MessageIn, str], None]:
    def make(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
        if not is_possible(city):
            reply(city, person, "link_alone", language)
        elif not is_reader(person):
            reply(city, person, "link_readers_only", language)
        else:
            _offer(city, person, purpose, language)

    return make


def _offer(city: City, person: Subscriber, purpose: Purpose, language: str) -> None:
    code = link_codes.make(person, purpose, key=city.key, now=clock.now())
    text = city.texts.get(TEXTS[purpose], language, code=code)
    others = (channel for kind, channel in city.channels.items() if kind != person.channel)
    ways = [relocating.way(channel, code) for channel in others]
    outbox.answer(person, Text("\n".join([text, *filter(None, ways)])))


# ------------------------------------------------------------------ using it


def redeem(city: City, person: Subscriber, message: MessageIn) -> bool:
    """True: the text was a code, or was meant to be one, and is answered."""
    read = read_code(message.text) if message.kind == "text" else None
    if read is None or not link_codes.is_form(read.code):
        return False
    row = link_codes.find(read.code, key=city.key, now=clock.now())
    if row is not None and is_reader(row.subscriber):
        if not subscribers.has_said_later(person, message.at):
            _use(city, person, message, row, read)
        return True
    if read.after is None or read.after.intent not in EXPECTING:
        return False
    reply(city, person, "link_unknown", language_of(city, person, read.after))
    return True


def _use(city: City, person: Subscriber, message: MessageIn, row: LinkCode, read: Code) -> None:
    source = row.subscriber
    language = _language(city, person, source, read.after)
    if not links.may_connect(source, person):
        reply(city, person, "link_same", language)
    elif person.wants == Wants.RESTRICTED:
        reply(city, person, "link_restricted", language)
    else:
        link_codes.drop(source)
        _connect(city, person, source, message, language, is_move=row.purpose == Purpose.MOVE)


def _language(
    city: City, person: Subscriber, source: Subscriber, word: Command | Doubt | None
) -> str:
    """Of the word; else a newcomer is spoken to as before."""
    theirs = (person if is_reader(person) else source).language
    return answered(theirs, word.language if word else "", city.settings.city.language)


def _connect(
    city: City,
    person: Subscriber,
    source: Subscriber,
    message: MessageIn,
    language: str,
    *,
    is_move: bool,
) -> None:
    is_new = not is_reader(person)
    links.connect(source, person, _word(city, message, language), move=is_move)
    if is_new:
        opt_outs.take_back(person, city.key)
    once.settle(links.family(person), on=person)
    reply(city, person, "moved" if is_move else "linked", language)
    if is_move:
        # No opt-out for a restore to repeat: it would bring back neither of the two.
        if is_new:
            tell_alerts(city, person, language)
        if answers.may_write(city.channels.get(source.channel), source, clock.now()):
            reply(city, source, "moved_farewell", source.language)


def _word(city: City, message: MessageIn, language: str) -> links.Word:
    return links.Word(
        at=message.at,
        message_id=message.id,
        # Without the code itself.
        keyword=" ".join(message.text.split()[:-1]) or "Code",
        wording=city.texts.consent_version(language),
        language=language,
    )


# ------------------------------------------------------------------ words that count for all rows


def less(person: Subscriber, message: MessageIn) -> list[Subscriber]:
    """ "Nur Notfälle": whoever gets more on another messenger gets alerts only there, too. Returns
    these rows."""
    changed = [row for row in links.others(person) if _take_less(row, message)]
    for row in changed:
        keep_word(row, consent.Deed.ALERTS_ONLY, message, said_by=person)
        endings.skip_broadcasts(row.id, NEWS)
    return changed


def _take_less(row: Subscriber, message: MessageIn) -> bool:
    if row.wants == Wants.EVERYTHING and not subscribers.has_said_later(row, message.at):
        said_at = message.said_at
        subscribers.opt_in(row, Wants.ALERTS_ONLY, message.at, row.language, said_at=said_at)
        return True
    if row.wants == Wants.RESTRICTED and row.wants_before == Wants.EVERYTHING:
        # Counts from when the restriction is lifted.
        row.wants_before = Wants.ALERTS_ONLY
        row.save()
        return True
    return False


def keep_word(
    row: Subscriber, deed: consent.Deed, message: MessageIn, *, said_by: Subscriber
) -> None:
    """The evidence of what a message changes, on the writer's row or another one of theirs."""
    consent.record(
        row,
        deed,
        at=message.said_at,
        message_id=message.id,
        keyword=message.text,
        evidence=None if row.id == said_by.id else f"written on {said_by.channel}",
    )


# ------------------------------------------------------------------ parting


def part(city: City, person: Subscriber, message: MessageIn, language: str) -> None:
    rows = links.family(person)
    if len(rows) == 1:
        reply(city, person, "not_linked", language)
        return
    links.part_by(person, _word(city, message, language))
    once.settle(rows)
    reply(city, person, "parted", language)
