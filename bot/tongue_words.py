"""The words by which people choose their language: a table, by the names of the intents.

Owns: what each phrase asks for. Never: how tolerantly it is read. Part of bot/words.
"""

from collections.abc import Mapping

LANGUAGES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "language": {
        "de": ("Sprache", "Sprachen", "Sprache ändern", "Sprache wechseln", "Andere Sprache"),
        "en": ("Language", "Languages", "Change language", "Another language"),
        "nl": ("Taal", "Talen", "Taal wijzigen", "Andere taal"),
    },
    "plain": {
        "de": (
            "Einfache Sprache", "Leichte Sprache", "Einfach", "In einfacher Sprache",
            "In leichter Sprache", "Auf einfache Sprache", "Auf leichte Sprache",
        ),
        "en": ("Plain language", "Easy language", "Simple language", "In plain language"),
        "nl": ("Eenvoudige taal", "Makkelijke taal", "Eenvoudig", "In eenvoudige taal"),
    },
    "german": {
        "de": ("Deutsch", "Auf Deutsch"),
        "en": ("German", "In German"),
        "nl": ("Duits", "In het Duits"),
    },
    "english": {
        "de": ("Englisch", "Auf Englisch"),
        "en": ("English", "In English"),
        "nl": ("Engels", "In het Engels"),
    },
    "dutch": {
        "de": ("Niederländisch", "Auf Niederländisch", "Holländisch"),
        "en": ("Dutch", "In Dutch"),
        "nl": ("Nederlands", "In het Nederlands"),
    },
}  # fmt: skip
