"""What a reader has chosen of the city's topics and districts; without a choice, everything.

Owns: the table of choices, one row for each combination, and the rule by which a choice and what a
post is about fit together. Never: which topics there are (newsroom/subjects), or what a text means.
Called by bot/choosing, delivery/audience, delivery/wire and newsroom.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import peewee

from broadcasts import db


@dataclass(frozen=True)
class Scope:
    """Topics and districts by their names in the configuration. Of a post: what it is about and
    where; of a reader: what they have asked for. None of a kind means all of it."""

    topics: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return self.topics + self.districts

    def fits(self, other: "Scope") -> bool:
        """Whether a reader with one gets a post with the other."""
        kinds = zip(astuple(self), astuple(other), strict=True)
        return all(not mine or not theirs or set(mine) & set(theirs) for mine, theirs in kinds)


EVERYTHING = Scope()


class Selection(db.Model):
    """One combination, shared by all who have chosen it; never changed, so it may be remembered."""

    id = db.SerialField()  # never given twice: the sender remembers what an id means
    scope = peewee.TextField(unique=True)
    """As `_pack` writes it."""

    class Meta:
        table_name = "selection"


def ordered(topics: Iterable[str], districts: Iterable[str]) -> Scope:
    """Each name once; two who choose the same share a row."""
    return Scope(tuple(sorted(set(topics))), tuple(sorted(set(districts))))


def keep(scope: Scope) -> int | None:
    """The id of this combination, made if need be; None: everything."""
    scope = ordered(scope.topics, scope.districts)
    if scope == EVERYTHING:
        return None
    packed = _pack(scope)
    kept = Selection.select(Selection.id).where(Selection.scope == packed)
    # Nobody throws it away before whoever has just chosen it points to it.
    while not (found := db.rows(db.for_update(kept))):
        Selection.insert(scope=packed).on_conflict_ignore().execute()
    return int(found[0][0])


def read(selection_id: int | None) -> Scope:
    """Of an id that a reader has; one that is gone means everything."""
    if selection_id is None:
        return EVERYTHING
    return known([selection_id]).get(selection_id, EVERYTHING)


def known(ids: Sequence[int] | None = None) -> dict[int, Scope]:
    """Every combination somebody has chosen, or these."""
    query = Selection.select(Selection.id, Selection.scope)
    if ids is not None:
        query = query.where(db.among(Selection.id, ids))
    return {id: _unpack(scope) for id, scope in db.rows(query)}


def chosen() -> set[str]:
    """Every name in any combination."""
    return {name for scope in known().values() for name in scope.names}


def drop_unused(selection_id: int, who: Any) -> int:
    """A combination that nobody has any more: a rare one could tell of the one person who had it.
    `who`: a query of those who have it. Returns how many."""
    is_unused = ~peewee.fn.EXISTS(who)
    try:
        with db.transaction():
            query = Selection.delete().where(Selection.id == selection_id, is_unused)
            return int(query.execute())
    except peewee.IntegrityError:
        return 0  # somebody has chosen it just now: next time


def pack(scopes: Sequence[Scope]) -> list[list[list[str]]]:
    """As a broadcast keeps what its parts are about; empty where every part is for everybody."""
    named = any(scope.names for scope in scopes)
    return [[list(scope.topics), list(scope.districts)] for scope in scopes] if named else []


def unpack(packed: Sequence[Sequence[Sequence[str]]] | None) -> list[Scope]:
    return [Scope(tuple(topics), tuple(districts)) for topics, districts in packed or ()]


def _pack(scope: Scope) -> str:
    return json.dumps(astuple(scope), ensure_ascii=False, separators=(",", ":"))


def _unpack(packed: str) -> Scope:
    return unpack([json.loads(packed)])[0]
