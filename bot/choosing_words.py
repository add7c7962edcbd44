"""Pure: text → which topics and districts somebody wants, or wants no more.

Owns: how tolerantly their names are read. Never: what comes of it (bot/choosing); a text that asks
for anything else beside them. Called by bot/choosing, and bot/config for names nobody could type.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.keywords import (
    LONGEST_RAW,
    MEDIUM_WORD,
    Command,
    Doubt,
    forms,
    is_slip,
    phrases,
    read,
    read_exactly,
    simplify,
)
from bot.words import LEAVING
from broadcasts.newsroom.subjects import Subject
from broadcasts.people.selections import Scope, ordered
from broadcasts.settings import SubjectSettings


class Verb(StrEnum):
    ADD = "add"
    """These, too; of somebody who gets nothing yet: these."""
    ONLY = "only"
    DROP = "drop"


VERBS: Mapping[Verb, Mapping[str, tuple[str, ...]]] = {
    Verb.ADD: {
        "de": ("Start", "Starten", "Anmelden", "Abonnieren", "Abo", "Auch"),
        "en": ("Start", "Subscribe", "Subscribe to", "Sign up for", "Join", "Also"),
        "nl": ("Start", "Starten", "Aanmelden", "Aanmelden voor", "Abonneren", "Ook"),
    },
    Verb.ONLY: {
        "de": ("Nur", "Nur noch", "Start nur", "Ausschließlich"),
        "en": ("Only", "Just", "Start only"),
        "nl": ("Alleen", "Alleen nog", "Start alleen"),
    },
    Verb.DROP: {
        "de": ("Stopp", "Stop", "Abbestellen", "Abmelden", "Nicht mehr"),
        "en": ("Stop", "Unsubscribe", "Unsubscribe from", "No more"),
        "nl": ("Stop", "Afmelden", "Afmelden voor", "Niet meer"),
    },
}
"""Before or after the names. Not "kein" or "ohne": "Kein Strom" is a report for people to read."""

JUST_CHOOSING = (
    *("Nur", "Nur noch", "Ausschließlich", "Auch", "Only", "Just", "Also"),
    *("Alleen", "Alleen nog", "Ook"),
)
"""Of these: they ask for nothing that somebody does not get yet."""

BETWEEN = frozenset(["und", "and", "en", "sowie", "plus", "auch", "also", "ook"])
EVERYTHING_WORDS = frozenset(
    simplify(word) for word in ("0", "Alle", "Alles", "All", "Everything", "Alle Themen")
)
"""In answer to the list."""

LONGEST_NAME = 24
"""Signs of a name: a row of WhatsApp's list holds no more."""

MOST_NAMES = 20
"""In one text; what has more is a letter."""


@dataclass(frozen=True)
class Wish:
    verb: Verb
    scope: Scope
    language: str = ""
    """Of the verb; empty when it is the same in several."""
    signs_up: bool = True
    """False: of somebody who gets warnings only it says nothing about news."""


def _verbs() -> dict[str, tuple[Verb, str]]:
    found: dict[str, tuple[Verb, str]] = {}
    for verb, languages in VERBS.items():
        for language, said in languages.items():
            for form in forms(said):
                found[form] = (verb, "" if form in found else language)
    return found


_VERBS = _verbs()
_JUST_CHOOSING = forms(JUST_CHOOSING)
_LONGEST_VERB = max(len(verb.split()) for verb in _VERBS)


def read_wish(text: str, subjects: Sequence[Subject]) -> Wish | None:
    """ "Start Baustellen", "nur Nordstadt", "Baustellen abbestellen": a verb and names, and nothing
    else. None: anything else."""
    if "?" in text or not subjects:
        return None
    for core in _cores(text):
        for said, (verb, language), rest in _parted(core.split()):
            scope = _scope(rest, subjects)
            if scope is not None:
                return Wish(verb, scope, language, signs_up=said not in _JUST_CHOOSING)
    return None


STARTING = frozenset(forms(("Start", "Starten", "Abonnieren", "Abo", "Subscribe", "Abonneren")))
MOST_UNKNOWN = 2
"""Words behind one of these: more are a sentence, for people to read."""


def is_unknown(text: str) -> bool:
    """ "Start Fussball": somebody believes that there is such a topic."""
    words = simplify(text[:LONGEST_RAW]).split()
    return "?" not in text and 1 < len(words) <= 1 + MOST_UNKNOWN and words[0] in STARTING


def read_answer(text: str, subjects: Sequence[Subject]) -> Scope | None:
    """After our list: its numbers, or names. No name at all: everything. None: neither."""
    for core in _cores(text):
        if core in EVERYTHING_WORDS:
            return Scope()
        words = [word for word in core.split() if word not in BETWEEN]
        are_digits = words and all(word.isascii() and word.isdigit() for word in words)
        scope = _numbered(words, subjects) if are_digits else _scope(core.split(), subjects)
        if scope is not None:
            return scope
    return None


def _cores(text: str) -> list[str]:
    """The longest first: a courtesy may be part of a name."""
    return sorted(phrases(text), key=lambda core: (-len(core), core))


def are_numbers(text: str) -> bool:
    """Nothing but numbers, whichever."""
    words = simplify(text[:LONGEST_RAW]).split()
    return bool(words) and all(word.isdigit() or word in BETWEEN for word in words)


def _numbered(words: Sequence[str], subjects: Sequence[Subject]) -> Scope | None:
    chosen = {word.lstrip("0")[:4] for word in words[: MOST_NAMES + 1]}
    by_number = {str(number): one for number, one in enumerate(subjects, start=1)}
    if len(words) > MOST_NAMES or not chosen <= by_number.keys():
        return None
    return scope_of(by_number[number] for number in chosen)


def scope_of(subjects: Iterator[Subject] | Sequence[Subject]) -> Scope:
    held = list(subjects)
    return ordered(
        (one.name for one in held if not one.is_district),
        (one.name for one in held if one.is_district),
    )


def _parted(words: Sequence[str]) -> Iterator[tuple[str, tuple[Verb, str], Sequence[str]]]:
    """The verb before or after, the longest first."""
    for taken in range(min(_LONGEST_VERB, len(words) - 1), 0, -1):
        for verb, rest in (
            (" ".join(words[:taken]), words[taken:]),
            (" ".join(words[-taken:]), words[:-taken]),
        ):
            if (known := _verb(verb)) is not None:
                yield verb, known, rest


def _verb(typed: str) -> tuple[Verb, str] | None:
    """A slip of the finger is forgiven to who wants something, not read into who wants no more."""
    if typed in _VERBS:
        return _VERBS[typed]
    near = {_VERBS[verb] for verb in _VERBS if len(verb) >= MEDIUM_WORD and is_slip(typed, verb)}
    wanting = [found for found in near if found[0] is Verb.ADD]
    return wanting[0] if len(near) == 1 and wanting else None


def _scope(words: Sequence[str], subjects: Sequence[Subject]) -> Scope | None:
    """None: there is a word that is none of them."""
    names = {form: one for one in subjects for form in forms(one.phrases)}
    longest = max(len(name.split()) for name in names)
    found: list[Subject] = []
    at = 0
    while at < len(words):
        if words[at] in BETWEEN:
            at += 1
            continue
        for taken in range(min(longest, len(words) - at), 0, -1):
            if one := _named(" ".join(words[at : at + taken]), names):
                found.append(one)
                at += taken
                break
        else:
            return None
    return scope_of(found) if 0 < len(found) <= MOST_NAMES else None


def _named(typed: str, names: Mapping[str, Subject]) -> Subject | None:
    """One wrong letter, yet the first one right, and near to one only."""
    if typed in names:
        return names[typed]
    parts = {
        one for name, one in names.items() if len(typed) >= MEDIUM_WORD and typed in name.split()
    }
    if len(parts) == 1:
        return parts.pop()
    near = {
        one
        for name, one in names.items()
        if len(name) >= MEDIUM_WORD and typed[:1] == name[0] and is_slip(typed, name, long=5)
    }
    return near.pop() if len(near) == 1 else None


# ------------------------------------------------------------------ what no name may be


def problems(kinds: Mapping[str, Mapping[str, SubjectSettings]]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong) of the sections [topics.NAME] and [districts.NAME]."""
    seen: dict[str, str] = {}
    for kind, named in kinds.items():
        for name, one in named.items():
            key = f"{kind}.{name}"
            yield from ((key, text) for text in _problems_of(one))
            for form in {form for said in (name, *one.phrases) for form in forms((said,))}:
                if seen.setdefault(form, key) != key:
                    yield key, f"has a name or word that {seen[form]} has, too"
                if _is_command(form):
                    yield key, f'"{form}" is one of the words that mean something else already'
                elif _may_mean_leaving(form):
                    yield key, f'"Stopp {form}" may mean leaving, and must be asked back'
            yield from ((key, text) for text in _unreadable(Subject(name, False, one)))


def _problems_of(one: SubjectSettings) -> Iterator[str]:
    shown = (one.name, one.de, one.en, one.nl)
    if not all(said.isprintable() for said in shown):
        yield "its name must be one line"
    if max(map(len, shown)) > LONGEST_NAME:
        yield f"its name is longer than {LONGEST_NAME} signs"
    if not all(simplify(said) for said in (one.name, *one.phrases)):
        yield "its name has neither letters nor digits"
    if any(simplify(said).isdigit() for said in one.phrases):
        yield "its name is a number: the list's own numbers are answered"


def _is_command(form: str) -> bool:
    """Alone or after a verb it is read as something else, and that must stay so."""
    beside = (pair for verb in _VERBS for pair in (f"{verb} {form}", f"{form} {verb}"))
    # A pair of words is never taken for a command with a slip in it; only asked back.
    return isinstance(read(form), Command) or any(map(read_exactly, beside))


def _may_mean_leaving(form: str) -> bool:
    """ "Stopp alle Nachrichten" is asked back; it must not become a topic that is dropped."""
    return any(
        isinstance(found, Doubt) and found.intent in LEAVING
        for found in map(read, (form, *(f"{verb} {form}" for verb in VERBS[Verb.DROP]["de"])))
    )


def _unreadable(one: Subject) -> Iterator[str]:
    """Our own links type them so."""
    for said in one.phrases:
        if simplify(said) and read_wish(f"Start {said}", [one]) is None:
            yield f'"{said}" is not understood after a verb'
