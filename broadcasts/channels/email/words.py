"""What the channel itself says around every message: greeting, leaving, one's details.

Owns: these sentences. Never: a message's own words (newsroom/texts).
"""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "greeting": "Guten Tag {called},",
        "leave": "Abmelden",
        "details": "Ihre Angaben ändern, Kopie Ihrer Daten, alles löschen",
        "why": "Sie bekommen diese Nachricht, weil diese Adresse bei uns angegeben wurde ({city}).",
    },
    "en": {
        "greeting": "Hello {called},",
        "leave": "Unsubscribe",
        "details": "Change your details, a copy of your data, delete everything",
        "why": "You get this message because this address was given to us ({city}).",
    },
    "nl": {
        "greeting": "Beste {called},",
        "leave": "Afmelden",
        "details": "Uw gegevens wijzigen, een kopie van uw gegevens, alles wissen",
        "why": "U krijgt dit bericht omdat dit adres bij ons is opgegeven ({city}).",
    },
}


def of(language: str) -> Mapping[str, str]:
    return WORDS.get(language, WORDS["de"])
