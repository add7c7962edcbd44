"""Pure: text → Command.

Owns: the words citizens may use, in German, English and Dutch, and how tolerantly they are read.
Never: guesses about leaving or erasing (see Doubt); touches anything. Called by bot/conversation.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Intent(StrEnum):
    START = "start"
    STOP = "stop"
    ERASE = "erase"
    ALERTS_ONLY = "alerts_only"
    CURRENT = "current"
    HELP = "help"
    PRIVACY = "privacy"
    INFO = "info"
    KEEP = "keep"
    """Asked back whether to leave or erase: no."""


@dataclass(frozen=True)
class Command:
    """What a text surely means. `language` of the word used; empty when it is the same in
    several."""

    intent: Intent
    language: str = ""


@dataclass(frozen=True)
class Doubt:
    """Probably leaving or erasing: to be asked back with two buttons."""

    intent: Intent
    language: str = ""


# One more word? Here is its place. Written as people would read it; compared after `simplify`.
WORDS: Mapping[Intent, Mapping[str, tuple[str, ...]]] = {
    Intent.START: {
        "de": (
            "Start", "Starten", "Anmelden", "Anmeldung", "Abonnieren", "Abo", "Los",
            "Los geht's", "Ich möchte mich anmelden", "Ja, anmelden", "Newsletter starten",
            "Newsletter abonnieren", "Wieder anmelden",
        ),
        "en": ("Start", "Subscribe", "Sign up", "Join", "Opt in", "Sign me up"),
        "nl": ("Start", "Starten", "Aanmelden", "Abonneren", "Inschrijven", "Meld mij aan"),
    },
    Intent.STOP: {
        "de": (
            "Stopp", "Stop", "Stoppen", "Abmelden", "Abmeldung", "Abbestellen", "Beenden",
            "Kündigen", "Newsletter abbestellen", "Newsletter abmelden", "Newsletter stoppen",
            "Stopp alles", "Alles stoppen", "Ja, abmelden",
        ),
        "en": (
            "Stop", "Unsubscribe", "Sign off", "Opt out", "Quit", "Cancel", "End", "Stop all",
            "Unsubscribe me", "Yes, unsubscribe",
        ),
        "nl": (
            "Stop", "Stoppen", "Afmelden", "Uitschrijven", "Opzeggen", "Beëindigen",
            "Meld mij af", "Ja, afmelden",
        ),
    },
    Intent.ERASE: {
        "de": (
            "Alle Daten löschen", "Alle meine Daten löschen", "Meine Daten löschen",
            "Daten löschen", "Lösche alle Daten", "Lösche alle meine Daten",
            "Lösche meine Daten", "Löschen Sie alle meine Daten", "Löschen Sie meine Daten",
            "Löscht meine Daten", "Ja, alles löschen",
        ),
        "en": (
            "Delete all data", "Delete all my data", "Delete my data", "Delete data",
            "Erase all data", "Erase all my data", "Erase my data", "Remove all my data",
            "Remove my data", "Yes, delete all",
        ),
        "nl": (
            "Alle gegevens verwijderen", "Alle gegevens wissen", "Al mijn gegevens verwijderen",
            "Al mijn gegevens wissen", "Mijn gegevens verwijderen", "Mijn gegevens wissen",
            "Gegevens verwijderen", "Gegevens wissen", "Verwijder al mijn gegevens",
            "Verwijder alle gegevens", "Verwijder mijn gegevens", "Wis al mijn gegevens",
            "Wis mijn gegevens", "Alle data verwijderen", "Ja, alles wissen",
        ),
    },
    Intent.ALERTS_ONLY: {
        "de": (
            "Nur Notfälle", "Nur Notfall", "Nur Warnungen", "Nur Warnung", "Notfälle",
            "Nur Katastrophenwarnungen", "Nur Alarm", "Nur Alarme",
        ),
        "en": ("Alerts only", "Only alerts", "Emergencies only", "Only emergencies"),
        "nl": (
            "Alleen noodgevallen", "Alleen waarschuwingen", "Alleen alarm", "Alleen alarmen",
            "Alleen nood",
        ),
    },
    Intent.CURRENT: {
        "de": ("Aktuell", "Aktuelles", "Heute", "Was gibt es heute", "Neues", "Nachrichten"),
        "en": ("Today", "Latest", "News", "Current"),
        "nl": ("Vandaag", "Actueel", "Nieuws"),
    },
    Intent.HELP: {
        "de": ("Hilfe", "Befehle", "Menü", "Was kannst du", "?"),
        "en": ("Help", "Commands", "Menu"),
        "nl": ("Hulp", "Help", "Menu", "Commando's"),
    },
    Intent.PRIVACY: {
        "de": ("Datenschutz", "Datenschutzerklärung", "Datenschutzhinweise", "DSGVO"),
        "en": ("Privacy", "Privacy notice", "Privacy policy", "Data protection", "GDPR"),
        "nl": ("Privacy", "Privacyverklaring", "Gegevensbescherming", "AVG"),
    },
    Intent.INFO: {
        "de": ("Info", "Infos", "Information", "Informationen", "Impressum", "Über"),
        "en": ("Info", "Information", "About", "Imprint"),
        "nl": ("Info", "Informatie", "Over", "Colofon"),
    },
    Intent.KEEP: {
        "de": ("Nein, bleiben", "Nein, behalten"),
        "en": ("No, stay", "No, keep"),
        "nl": ("Nee, blijven", "Nee, bewaren"),
    },
}  # fmt: skip

POLITE: tuple[str, ...] = (
    "bitte", "bitte sehr", "danke", "danke schön", "vielen dank", "besten dank", "dankeschön",
    "hallo", "hi", "hey", "moin", "servus", "guten tag", "guten morgen", "guten abend", "gruß",
    "grüße", "viele grüße", "liebe grüße", "mfg", "lg", "mit freundlichen grüßen", "jetzt", "ok",
    "okay", "ja", "please", "thanks", "thank you", "hello", "good morning", "good evening", "now",
    "yes", "kind regards", "graag", "alstublieft", "alsjeblieft", "aub", "bedankt", "dank u",
    "dank je", "goedemorgen", "goedenavond", "goedendag", "dag", "nu",
)  # fmt: skip
"""Before or after a command these change nothing."""

LEAVING: Mapping[Intent, Mapping[str, tuple[str, ...]]] = {
    Intent.ERASE: {
        "de": ("lösche", "löschen", "löscht", "gelöscht", "löschung"),
        "en": ("delete", "erase", "deleted", "erased", "deletion"),
        "nl": ("verwijder", "verwijderen", "wis", "wissen", "gewist", "verwijderd"),
    },
    Intent.STOP: {
        "de": (
            "abmelden", "abbestellen", "stopp", "abmeldung", "kündigen", "austragen",
            "abbestelle", "abgemeldet", "abmelde",
        ),
        "en": ("unsubscribe", "unsubscribing", "opt out"),
        "nl": ("afmelden", "uitschrijven", "opzeggen", "afgemeld"),
    },
}  # fmt: skip
"""Words that let a sentence look like leaving: together with a word of oneself they are doubt."""

ABOUT_ONESELF: tuple[str, ...] = (
    "ich", "mich", "mir", "mein", "meine", "meinen", "meiner", "man", "wie", "newsletter",
    "nummer", "nachrichten", "daten", "i", "me", "my", "how", "number", "data", "ik", "mij", "me",
    "mijn", "hoe", "nummer", "gegevens",
)  # fmt: skip

NEGATIONS: tuple[str, ...] = (
    "nicht", "nie", "niemals", "kein", "keine", "keinen", "not", "dont", "don't", "never", "no",
    "niet", "geen", "nooit",
)  # fmt: skip
"""With one of these nothing is even asked back: "Bitte nicht alle Daten löschen"."""

AMBIGUOUS: Mapping[str, tuple[str, ...]] = {
    "de": ("Löschen", "Lösche", "Alles löschen"),
    "en": ("Delete", "Delete all", "Erase"),
    "nl": ("Verwijderen", "Alles verwijderen", "Wissen", "Alles wissen"),
}
"""Erase what? Alone they are doubt."""

BUTTONS: Mapping[str, Intent] = {
    "start": Intent.START,
    "stop": Intent.STOP,
    "stop:yes": Intent.STOP,
    "stop:no": Intent.KEEP,
    "erase:yes": Intent.ERASE,
    "erase:no": Intent.KEEP,
    "current": Intent.CURRENT,
    "alerts_only": Intent.ALERTS_ONLY,
    "help": Intent.HELP,
}
"""Ids of our own buttons."""

LONGEST = 400
"""Signs: what is longer is a letter, not a command."""

_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae"})


def simplify(text: str) -> str:
    """Small letters, digits and single spaces: what is left of a text when only words count."""
    # Full-width and other look-alikes become plain, decomposed umlauts become one sign.
    text = unicodedata.normalize("NFKC", text).casefold()
    # "ä", "ae" are the same; remaining accents go ("beëindigen").
    text = unicodedata.normalize("NFD", text.translate(_FOLDED))
    kept = (sign for sign in text if not unicodedata.combining(sign))
    # Invisible signs (category C, variation selectors) vanish: they may stand inside a word.
    # Everything else that is no letter or digit parts words.
    shown = (
        sign if sign.isalnum() else "" if _is_invisible(sign) or sign in "'’" else " "
        for sign in kept
    )
    return " ".join("".join(shown).split())


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cf", "Cn", "Co", "Cs") or "\ufe00" <= sign <= "\ufe0f"


def _table() -> dict[str, tuple[Intent, str]]:
    """Simplified phrase → (intent, language); language empty where several share the phrase."""
    found: dict[str, tuple[Intent, str]] = {}
    for intent, languages in WORDS.items():
        for language, phrases in languages.items():
            for phrase in phrases:
                for key in {simplify(phrase), _plain(phrase)}:
                    known = found.get(key)
                    shared = known is not None and known[1] != language
                    found[key] = (intent, "" if shared else language)
    del found[""]
    return found


def _plain(phrase: str) -> str:
    """The phrase with its umlauts dropped ("loschen")."""
    return simplify(phrase.translate(str.maketrans("äöüÄÖÜ", "aouAOU")))


_PHRASES = _table()
_POLITE = sorted((simplify(word).split() for word in POLITE), key=len, reverse=True)
_LEAVING = {
    simplify(word): (intent, language)
    for intent, languages in LEAVING.items()
    for language, words in languages.items()
    for word in words
} | {
    _plain(word): (intent, language)
    for intent, languages in LEAVING.items()
    for language, words in languages.items()
    for word in words
}
_ABOUT_ONESELF = frozenset(simplify(word) for word in ABOUT_ONESELF)
_NEGATIONS = frozenset(simplify(word) for word in NEGATIONS)


def read(text: str) -> Command | Doubt | None:
    """What a text asks for; None: a free text for people to read. Never raises."""
    if text.strip() in ("?", "??", "???"):
        return Command(Intent.HELP)
    words = simplify(text[: LONGEST + 1]).split()
    if not words or len(text) > LONGEST:
        return None
    return _command(words) or _ambiguous(words) or _doubt(words)


def _command(words: list[str]) -> Command | None:
    for rest in (words, _without_courtesy(words)):
        found = _PHRASES.get(" ".join(rest))
        if found:
            return Command(*found)
    return None


def _without_courtesy(words: list[str]) -> list[str]:
    """Takes polite words off both ends, as long as there are any."""
    changed = True
    while changed:
        changed = False
        for polite in _POLITE:
            size = len(polite)
            if len(words) > size and words[:size] == polite:
                words, changed = words[size:], True
            if len(words) > size and words[-size:] == polite:
                words, changed = words[:-size], True
    return words


def _ambiguous(words: list[str]) -> Doubt | None:
    text = " ".join(_without_courtesy(words))
    for language, phrases in AMBIGUOUS.items():
        if text in {form(phrase) for phrase in phrases for form in (simplify, _plain)}:
            return Doubt(Intent.ERASE, language)
    return None


def _doubt(words: list[str]) -> Doubt | None:
    """A sentence of somebody about themselves with a word of leaving in it: worth asking back."""
    if _NEGATIONS & set(words) and not _wants_no_more(words):
        return None
    if not _ABOUT_ONESELF & set(words):
        return None
    for intent in LEAVING:
        for word in words:
            found = _LEAVING.get(word)
            if found and found[0] is intent:
                return Doubt(*found)
    return None


def _wants_no_more(words: list[str]) -> bool:
    """ "Ich will das nicht mehr, stopp": here the "nicht" is the wish itself."""
    pairs = set(pairwise(words))
    return bool(
        pairs & {("nicht", "mehr"), ("keine", "mehr"), ("niet", "meer"), ("not", "anymore")}
    )


def read_button(button: str, label: str) -> Command | Doubt | None:
    """A tap: by its id where it is ours, else as if its label had been typed."""
    intent = BUTTONS.get(button)
    if intent is None:
        return read(label)
    known = _PHRASES.get(simplify(label))
    return Command(intent, known[1] if known and known[0] is intent else "")
