"""The archive in plain words and in other languages, where there are some.

Owns: which voice of an entry a reader sees. Never: what is public (archive). Called by the
archive's pages; the feed is in the city's language.
"""

from dataclasses import replace

from broadcasts.languages import PLAIN
from broadcasts.newsroom.archive import Entry, Item, Part


def read(entry: Entry, language: str) -> Entry:
    """As a reader of this language reads it: each part in its voice, else as it was written."""
    items = tuple(_item(one, language) for one in entry.items)
    return replace(entry, items=items, parts=tuple(_part(one, language) for one in entry.parts))


def is_in_plain(entry: Entry) -> bool:
    """Some of it, at least."""
    return any(PLAIN in one.voices for one in entry.items) or any(
        PLAIN in one.voices for one in entry.parts
    )


def _item(one: Item, language: str) -> Item:
    voice = one.voices.get(language)
    if voice is None:
        return one
    link = voice.link or one.link
    return replace(one, title=voice.title, text=voice.text, link=link, tongue=_tongue(language))


def _part(one: Part, language: str) -> Part:
    voice = one.voices.get(language)
    if voice is None:
        return one
    title = voice.title or one.title
    return replace(one, title=title, text=voice.text, tongue=_tongue(language))


def _tongue(language: str) -> str:
    """Plain words are the city's language."""
    return "" if language == PLAIN else language
