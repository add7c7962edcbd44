"""A text's voices: the same in plain words and in other languages, and who reads which.

Owns: what a voice may look like, how it is kept beside its text, and that whoever has none reads
the city's own. Never: translates; a table. Used by posts, alerts, wording and the archive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeVar

from broadcasts.languages import READ, others
from broadcasts.newsroom.wellformed import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    UNPRINTABLE,
    link_problems,
    text_problems,
    whole,
)
from broadcasts.saying import Said, say

Kept = Mapping[str, Mapping[str, str]]
"""Language → title, text and link, as it stands in a column."""


@dataclass(frozen=True)
class Voice:
    """The same in one other language. Without a link, or in an alert a title, those of the text."""

    title: str = ""
    text: str = ""
    link: str = ""

    def __bool__(self) -> bool:
        return bool(self.title.strip() or self.text.strip() or self.link.strip())


Voices = Mapping[str, Voice]


def keep(given: Voices) -> dict[str, dict[str, str]]:
    """As it stands in a column: always in the same order, without those that say nothing."""
    return {
        language: asdict(Voice(one.title.strip(), one.text.strip(), whole(one.link)))
        for language in READ
        if (one := given.get(language))
    }


def kept(column: Kept | None) -> dict[str, Voice]:
    return {language: Voice(**one) for language, one in (column or {}).items()}


# ------------------------------------------------------------------ what one may look like


def language_problems(given: Voices, own: str) -> list[Said]:
    """Languages that no voice can have; `own`: the city's, whose voice is the text itself."""
    known = others(own)
    return [
        say(
            "in %(language)s there is no version (there are %(known)s)",
            language=language,
            known=", ".join(known),
        )
        for language, one in given.items()
        if one and language not in known
    ]


def post_problems(given: Voices, own: str) -> list[Said]:
    """Everything that is wrong with a post's voices, each beside its field ("plain_text")."""
    found = language_problems(given, own)
    for language in others(own):
        if one := given.get(language):
            found += [
                *text_problems(f"{language}_title", one.title, LONGEST_TITLE),
                *text_problems(f"{language}_text", one.text, LONGEST_TEXT),
                *link_problems(whole(one.link), about=f"{language}_link"),
            ]
            if not one.title.strip():
                found.append(say("missing", about=f"{language}_title"))
    return found


def alert_problems(given: Voices) -> list[Said]:
    """The same of an alert's; how long each may be is for its template to say."""
    found = []
    for language, one in given.items():
        if one and not one.text.strip():
            found.append(say("the text is empty", about=f"{language}_text"))
        if UNPRINTABLE.search(one.text + one.title):
            words = say("the text holds signs that cannot be shown", about=f"{language}_text")
            found.append(words)
    return found


# ------------------------------------------------------------------ reading


class Row(Protocol):
    """What has voices beside it, such as a post."""

    __data__: dict[str, Any]
    voices: Any


R = TypeVar("R", bound=Row)


def read(rows: Sequence[R], language: str) -> list[R]:
    """As a reader of this language reads them: where there is a voice, copies that are no rows;
    all others as they are."""
    return [_read(row, language) for row in rows]


def _read(row: R, language: str) -> R:
    found = kept(row.voices).get(language)
    if found is None:
        return row
    link = found.link or row.__data__.get("link", "")
    words = {"title": found.title, "text": found.text, "link": link}
    return type(row)(**{**row.__data__, **words})
