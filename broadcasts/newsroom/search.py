"""Looking for words in what was sent: each database's own full-text index, hidden from who asks.

Owns: how SQLite's FTS5 and PostgreSQL's tsvector are asked. Never: fills the index (triggers do,
migration 0031: nobody can forget it), or decides what is public. Called by archive.
"""

import functools
import operator
from collections.abc import Sequence
from typing import Any

import peewee

from broadcasts import db

POSTS, BROADCASTS = TABLES = ("post_search", "broadcast_search")
"""By post: title, text and corrections, once it is sent; by broadcast: all but digests."""

ROUTINES = ("archive_endings(text)", "archive_put_post()", "archive_put_broadcast()")
"""What the index is filled by (PostgreSQL): a restore clears it away beside the tables."""

SHORTEST = 3
"""Signs: SQLite's index holds them three at a time."""
LONGEST = 40
"""Signs of a word that PostgreSQL's index holds; a longer one is found by its beginning."""

HIGHEST = "\U0010ffff"


def holding(name: str, words: Sequence[str]) -> tuple[Any, Any] | None:
    """(an index to be joined by its `rowid`, the condition that a row of it holds each of the words
    as a part of one). `words`: in small letters. None: there is no such row."""
    index = peewee.Table(name)
    plain = [word.replace("ß", "ss")[:LONGEST] for word in words]
    if not db.is_sqlite():
        asked = " & ".join(f"{_quoted(word)}:*" for word in plain)
        return index, peewee.Expression(index.c.words, "@@", peewee.Value(asked).cast("tsquery"))
    choices = [_in_threes(name, word) for word in plain if len(word) > 1]
    if not all(choices):
        return None
    # One sign stands in most of what is read, the newest first: no index finds it sooner.
    conditions = [
        index.c.words.contains(word) | index.c.words.contains(word.upper())
        for word in plain
        if len(word) == 1
    ]
    if choices:
        asked = " AND ".join(f"({' OR '.join(choice)})" for choice in choices)
        # FTS5 is asked by the table's hidden column of its own name (sqlite.org/fts5.html).
        conditions.append(peewee.Expression(getattr(index.c, name), "MATCH", asked))
    return index, functools.reduce(operator.and_, conditions)


def _quoted(word: str) -> str:
    """As a lexeme, whatever is in it (PostgreSQL, "Text Search Types")."""
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _in_threes(name: str, word: str) -> list[str]:
    """What FTS5 is to look for, as strings of its language; of a word too short for it: whatever
    three signs begin so."""
    found = [word]
    if len(word) < SHORTEST:
        parts = peewee.Table(f"{name}_parts")
        begin_so = (parts.c.term >= word) & (parts.c.term < word + HIGHEST)
        found = [
            row[0] for row in db.rows(parts.select(parts.c.term).where(begin_so).bind(db.database))
        ]
    return ['"' + part.replace('"', '""') + '"' for part in found]
