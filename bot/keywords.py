"""Pure: text → Command.

Owns: how tolerantly a citizen's words are read. Never: guesses about leaving or erasing (see
Doubt); touches anything. The words themselves stand in bot/words. Called by bot/conversation.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby, product

from bot.words import (
    BUTTONS,
    HINTS,
    LEAVING,
    MAYBE,
    NEGATIONS,
    NO,
    POLITE,
    POLITE_INSIDE,
    REAL_WORDS,
    SOMETHING_ELSE,
    SUBSCRIBING,
    WANTS_OUT,
    WORDS,
    YES,
    Intent,
    Phrases,
)


@dataclass(frozen=True)
class Command:
    """What a text surely means. `language` of the word used; empty when it is the same in
    several."""

    intent: Intent
    language: str = ""


@dataclass(frozen=True)
class Doubt:
    """Probably this, a slip of the finger or a longer sentence: to be asked back with two buttons.
    Leaving and erasing come from nothing less than a word that is surely meant."""

    intent: Intent
    language: str = ""


LONGEST_RAW, LONGEST = 4096, 400
"""Signs as they come and after `simplify`: what is longer is a letter, not a command."""

MOST_WORDS, MOST_POLITE = 8, 5
"""Words of a command, and of a courtesy; no table holds more."""

SHORT_WORD, MEDIUM_WORD, LONG_WORD = 4, 5, 8
"""Letters: shorter than the first nothing is a slip, from the last on one wrong letter plainly is;
between them it may be ("Stoppt"), and is asked back; "Stadt" is not "Start"."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "ø": "oe"})
_UNDOTTED = str.maketrans("äöüÄÖÜ", "aouAOU")
_FILLERS = "\u115f\u1160\u3164\uffa0"  # letters by category, yet nothing to see
# Emoji that compatibility normalisation would turn into letters or digits: "ℹ️ Info", "1️⃣ Start".
_LETTERED_EMOJI = re.compile("[0-9#*]\ufe0f?\u20e3|[Ⓜ㊗㊙]\ufe0f|[ℹ™\U0001f200-\U0001f265]")
_RUN = re.compile(r"(\w)\1{2,}")
_SIGNATURE = r"\b(?:\w+e )?(?:grüße|gruß|mfg|lg|vg|regards|groeten?|mvg)\b"
_CLAUSE_END = re.compile(rf"[.,;:!?\n\r]+|\s[-–—]+\s|{_SIGNATURE}", re.IGNORECASE)


def simplify(text: str) -> str:
    """Small letters, digits and single spaces: what is left of a text when only words count.

    Applied twice it changes nothing more.
    """
    # Before look-alikes are unified, because an "ℹ️" would become the word "i".
    text = _LETTERED_EMOJI.sub(" ", unicodedata.normalize("NFC", text).replace("´", "'"))
    # Invisible signs may stand inside a word, or part an "a" from its dots: they go first.
    text = "".join(sign for sign in text if not _is_invisible(sign))
    # Full-width, bold and circled letters become plain, capitals small, "ß" → "ss"; an umlaut
    # in two signs (NFD, as Apple devices may send it) becomes one, so that the next line sees it.
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # "ä" and "ae" are the same; every other accent goes ("beëindigen").
    text = unicodedata.normalize("NFD", text.translate(_UMLAUTS))
    # What is no letter or digit parts words: punctuation, quotes, slashes, emoji, "*", "_".
    signs = (sign if sign.isalnum() and sign != "ʼ" else _in_place_of(sign) for sign in text)
    return " ".join("".join(signs).split())


def _is_invisible(sign: str) -> bool:
    """Zero width, right-to-left marks, soft hyphen, BOM."""
    return sign in _FILLERS or unicodedata.category(sign) == "Cf"


def _in_place_of(sign: str) -> str:
    """Nothing for an accent, a variation selector or an apostrophe, a space for any other sign."""
    return "" if unicodedata.category(sign) in ("Mn", "Me") or sign in "'’‘`ʼ" else " "


def forms(phrases: Iterable[str]) -> frozenset[str]:
    """As people type them: "löschen" or "loeschen" and, the dots forgotten, "loschen"."""
    return frozenset(simplify(p) for typed in phrases for p in (typed, typed.translate(_UNDOTTED)))


def _index(table: Phrases) -> dict[str, tuple[Intent, str]]:
    """Simplified phrase → (intent, language); language empty where several share the phrase."""
    index: dict[str, tuple[Intent, str]] = {}
    for intent, languages in table.items():
        for language, phrases in languages.items():
            for form in forms(phrases):
                shared = form in index and index[form][1] != language
                index[form] = (intent, "" if shared else language)
    return index


_PHRASES = _index(WORDS)
_LEAVING = {form: meaning for form, meaning in _PHRASES.items() if meaning[0] in LEAVING}
_LONG_ENOUGH = [form for form in _PHRASES if len(form) >= SHORT_WORD]
_ALMOST = [
    (form, meaning)
    for form, meaning in _PHRASES.items()
    if len(form) >= MEDIUM_WORD and meaning[0] is not Intent.KEEP
]
_REAL_WORDS = forms(REAL_WORDS.split())
_MAYBE = _index(MAYBE)
_WANTS_OUT = _index(WANTS_OUT)
_POLITE = {tuple(form.split()) for form in forms(POLITE)}
_POLITE_BACKWARDS = {words[::-1] for words in _POLITE}
_YES, _NO = forms(YES), forms(NO)
_DECLINING = (Intent.KEEP, Intent.NONE_OF_IT, Intent.NOT_NOW)
_NEGATIONS = forms(NEGATIONS.split())
_STAFF_ONLY = _NEGATIONS | forms(SOMETHING_ELSE.split())
_HINTS = [(i, tongue, forms(a.split()), forms(b.split())) for i, tongue, a, b in HINTS]


def read(text: str) -> Command | Doubt | None:
    """What a text asks for; None: a free text for people to read. Never raises."""
    if len(text) > LONGEST_RAW:
        return None
    simple = simplify(text)
    asks = "?" in unicodedata.normalize("NFKC", text)
    if not simple:
        return Command(Intent.HELP) if asks else None
    if len(simple) > LONGEST:
        return None
    cores = list(_cores(simple)) or [simple]
    return (
        _exact(cores, asks=asks)
        or _mistyped(cores, asks=asks)
        or _doubt(text, simple, cores)
        or _almost(cores[-1])
    )


def read_exactly(text: str) -> Command | Doubt | None:
    """What `read` makes of a text in which nothing is mistyped; much quicker."""
    return _exact(list(_cores(simplify(text))), asks=False)


def _exact(cores: list[str], *, asks: bool) -> Command | Doubt | None:
    """A known phrase; "Alle Daten löschen?" only asks about it."""
    meaning = next((_PHRASES[core] for core in cores if core in _PHRASES), None)
    if meaning is None:
        return None
    if asks and meaning[0] in LEAVING:
        return Doubt(*meaning)
    if asks and meaning[0] in SUBSCRIBING:
        # "Anmeldung?" asks what this is; a question is no consent.
        return Command(Intent.HELP, meaning[1])
    return Command(*meaning)


def _mistyped(cores: list[str], *, asks: bool) -> Command | Doubt | None:
    """ "Amelden" may be "Anmelden" or "Abmelden": leaving comes first, and is asked back."""
    typed = _RUN.sub(r"\1\1", cores[-1])  # "STOPPPPP"
    if typed in _REAL_WORDS or _holds(typed, _NEGATIONS):
        # "Nie abmelden" is a letter away from "Nee, afmelden".
        return None
    near = [_PHRASES[phrase] for phrase in _of_about(len(typed)) if is_slip(typed, phrase)]
    leaving = [meaning for meaning in near if meaning[0] in LEAVING]
    if leaving:
        return Doubt(*leaving[0])
    # Of several words one may be "nich": too near to "mich" to be sure.
    is_sure = {intent for intent, _ in near} == {Intent.START} and " " not in typed and not asks
    return Command(*near[0]) if is_sure else None


@cache
def _of_about(length: int) -> list[str]:
    """Phrases that a slip can lead to: it adds or takes one letter at most."""
    return [form for form in _LONG_ENOUGH if abs(len(form) - length) <= 1]


def _almost(typed: str) -> Doubt | None:
    """One wrong letter, yet the first one right: "Meinten Sie …?" rather than silence."""
    if typed in _REAL_WORDS or _holds(typed, _NEGATIONS) or len(typed) < SHORT_WORD:
        return None
    near = [
        meaning
        for phrase, meaning in _ALMOST
        if typed[0] == phrase[0] and is_slip(typed, phrase, long=MEDIUM_WORD)
    ]
    leaving = [meaning for meaning in near if meaning[0] in LEAVING]
    return Doubt(*(leaving or near)[0]) if near else None


def _doubt(text: str, simple: str, cores: list[str]) -> Doubt | None:
    """No command, but it speaks of leaving: worth asking back."""
    maybe = [_MAYBE[core] for core in cores if core in _MAYBE] + _leaving_clauses(text)
    maybe += [meaning for wish, meaning in _WANTS_OUT.items() if _holds(simple, [wish])]
    if maybe:
        return Doubt(*min(maybe, key=lambda meaning: LEAVING.index(meaning[0])))
    if _holds(simple, _STAFF_ONLY):
        return None
    for intent, language, words, beside in _HINTS:
        if _holds(simple, words) and _holds(simple, beside):
            return Doubt(intent, language)
    return None


def _leaving_clauses(text: str) -> list[tuple[Intent, str]]:
    """ "Ich will das nicht mehr, stopp": a part of the text is a command of leaving by itself."""
    clauses = _CLAUSE_END.split(unicodedata.normalize("NFKC", text))
    parts = [simplify(clause) for clause in clauses]
    # "Stopp, nicht!" takes it back; "Das ist nicht gut. Stopp" does not.
    if any(_holds(part, _NEGATIONS) and len(part.split()) <= 3 for part in parts):
        return []
    return [_LEAVING[core] for part in parts for core in _cores(part) if core in _LEAVING]


def _holds(simple: str, phrases: Iterable[str]) -> bool:
    return any(f" {phrase} " in f" {simple} " for phrase in phrases)


def _cores(simple: str) -> Iterator[str]:
    """What may be meant, with ever fewer polite words around it; "stopp stopp" is said once."""
    words = [word for word, _ in groupby(simple.split())]
    ends = [len(words) - taken for taken in _courtesy(words[::-1], _POLITE_BACKWARDS)]
    for start, end in product(_courtesy(words, _POLITE), ends):
        if 0 < end - start <= MOST_WORDS:
            yield " ".join(words[start:end])
            yield " ".join(word for word in words[start:end] if word not in POLITE_INSIDE)


def phrases(text: str) -> frozenset[str]:
    """What a text may be as a whole, courtesies aside; to compare with words kept elsewhere."""
    simple = simplify(text) if len(text) <= LONGEST_RAW else ""
    if not simple or len(simple) > LONGEST:
        return frozenset()
    return frozenset((simple, *_cores(simple)))


def _courtesy(words: list[str], polite: Collection[tuple[str, ...]]) -> list[int]:
    """How many words may be taken off the beginning, in every way: "dank u wel" is 0, 2 or 3."""
    taken = [0]
    for start in taken:
        for end in range(start + 1, min(start + MOST_POLITE, len(words)) + 1):
            if tuple(words[start:end]) in polite and end not in taken:
                taken.append(end)
    return sorted(taken)


def is_slip(typed: str, phrase: str, *, long: int = LONG_WORD) -> bool:
    """One slip of the finger: two letters swapped, one doubled; in a long word any one letter."""
    is_long = len(phrase) >= long
    at = next((i for i, (a, b) in enumerate(zip(typed, phrase, strict=False)) if a != b), None)
    at = min(len(typed), len(phrase)) if at is None else at
    typed, phrase, last = typed[at:], phrase[at:], phrase[at - 1 : at] if at else ""
    is_swap = typed[:2] == phrase[1::-1] and typed[2:] == phrase[2:]
    is_double = typed == last + phrase or last + typed == phrase
    is_near = typed[1:] == phrase[1:] or typed[1:] == phrase or typed == phrase[1:]
    return is_swap or is_double or (is_long and is_near)


@dataclass(frozen=True)
class Code:
    """A text that is nothing but a code, alone or after one word."""

    code: str
    """In capitals; whether it is one is for others to say."""
    after: Command | Doubt | None
    """What the word before it means."""


def read_code(text: str) -> Code | None:
    """The word before a code may be any, but none of leaving: "Stopp" is never anything else."""
    if len(text) > LONGEST_RAW:
        return None
    words = simplify(text).split()
    if not 1 <= len(words) <= 2:
        return None
    after = read(words[0]) if len(words) == 2 else None
    is_leaving = after is not None and after.intent in LEAVING
    return None if is_leaving else Code(words[-1].upper(), after)


def read_button(button: str, label: str) -> Command | Doubt | None:
    """A tap: by its id where it is ours, else as if its label had been typed."""
    return _tapped(button, label) if button in BUTTONS else read(label)


def _tapped(button: str, label: str) -> Command:
    intent = BUTTONS[button]
    meaning = _PHRASES.get(simplify(label))
    return Command(intent, meaning[1] if meaning and meaning[0] is intent else "")


def read_answer(text: str, buttons: Mapping[str, str]) -> Command | None:
    """A question's answer typed instead of tapped: "Ja", "Nein danke", or a button's own words.

    `buttons` of that question, id → label. None: neither, or not surely ("Ja?", "Ja, aber …").
    """
    simple = simplify(text) if len(text) <= LONGEST_RAW else ""
    if not simple or len(simple) > LONGEST or "?" in unicodedata.normalize("NFKC", text):
        return None
    typed = {simple, *_cores(simple)}
    for button, label in buttons.items():
        if button in BUTTONS and simplify(label) in typed:
            return _tapped(button, label)
    is_no = not typed.isdisjoint(_NO)
    meant = [button for button in buttons if (BUTTONS.get(button) in _DECLINING) == is_no]
    if len(meant) != 1 or meant[0] not in BUTTONS:
        return None
    intent = BUTTONS[meant[0]]
    # "Ja, löschen" says what the question said.
    agrees = simple.split()[0] in _YES and any(
        _MAYBE[core][0] is intent for core in typed if core in _MAYBE
    )
    if is_no or agrees or not typed.isdisjoint(_YES):
        return _tapped(meant[0], buttons[meant[0]])
    return None


def read_yes_or_no(text: str) -> bool | None:
    """A text that is nothing but a yes or a no; None: neither."""
    simple = simplify(text) if len(text) <= LONGEST_RAW else ""
    if not simple or len(simple) > LONGEST or "?" in unicodedata.normalize("NFKC", text):
        return None
    typed = {simple, *_cores(simple)}
    if not typed.isdisjoint(_NO):
        return False
    return True if not typed.isdisjoint(_YES) else None


def is_mistyped(typed: str, word: str) -> bool:
    """One wrong letter in a word of five or more, yet the first one right; both as `simplify` gives
    them."""
    is_alike = len(word) >= MEDIUM_WORD and typed[:1] == word[0]
    return is_alike and is_slip(typed, word, long=MEDIUM_WORD)
