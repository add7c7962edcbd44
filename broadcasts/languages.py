"""Which languages are read here; plain language is the city's own, in other words.

Owns: what `Subscriber.language` may hold, and which catalogue, template or page goes with it.
Never: a text. Used wherever a language becomes words, a date, a template or a `lang`.
"""

from broadcasts.settings import LANGUAGES

PLAIN = "plain"
"""No language of its own: only what somebody has written in plain words differs."""

READ = (*LANGUAGES, PLAIN)
"""What a reader may choose."""


def spoken(language: str, own: str) -> str:
    """The language whose catalogue, templates and dates are meant. `own`: the city's."""
    return language if language in LANGUAGES else own


def answered(theirs: str, word: str, own: str) -> str:
    """In which an answer to a word is given. `word`: its language; empty where it is the same in
    several. A word of the city's language keeps whoever reads it in plain words with these."""
    return theirs if not word or (theirs == PLAIN and word == own) else word


def others(own: str) -> tuple[str, ...]:
    """What a text may have a voice in, besides the city's language."""
    return (PLAIN, *(language for language in LANGUAGES if language != own))
