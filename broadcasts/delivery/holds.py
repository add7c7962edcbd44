"""What keeps a broadcast from going on: held as a whole, or wordings the provider has refused.

Owns: both, and their end. Never: what a refusal means (effects), what goes instead (wire), or the
hold that the clock writes and lifts (keeping_hours). Called by those, the sender, staff's pages and
commands, and the receiver when a template is approved again.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

import peewee

from broadcasts import db
from broadcasts.delivery import hours
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import LIVE, UNFINISHED, BroadcastState


@dataclass(frozen=True)
class Refused:
    """A template that the provider would not send on a broadcast's way."""

    channel: str
    name: str
    language: str
    reason: str
    """The outcome and the provider's code, as in a broadcast's `held_reason`."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.channel, self.name, self.language

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


def hold(broadcast_id: int, reason: str) -> bool:
    """Nothing more of it leaves until `resume`; nothing is lost. False: it was not live."""
    query = Broadcast.update(state=BroadcastState.HELD, held_reason=reason)
    return bool(query.where(Broadcast.id == broadcast_id, Broadcast.state.in_(LIVE)).execute())


def refuse(broadcast_id: int, refused: Refused) -> None:
    """Its template is tried no more on this broadcast's way; part of the caller's transaction."""
    known = unpack(Broadcast.get_by_id(broadcast_id).refused)
    if any(one.key == refused.key for one in known):
        return  # of all that were on their way when the first was refused
    kept = Broadcast.select(Broadcast.refused).where(Broadcast.id == broadcast_id)
    known = unpack(db.rows(db.for_update(kept, by_key=False))[0][0])
    packed = [list(astuple(one)) for one in (*known, refused)]
    Broadcast.update(refused=packed).where(Broadcast.id == broadcast_id).execute()


def unpack(packed: Sequence[Sequence[str]] | None) -> list[Refused]:
    """From a broadcast's column."""
    return [Refused(*one) for one in packed or ()]


def resume(broadcast_id: int) -> bool:
    """Goes on, and tries what was refused anew. WRITING is right whatever has been written: the
    writer finds out by itself. False: nothing kept it, or the clock, which lets it go on by
    itself."""
    chosen = Broadcast.id == broadcast_id
    is_live = Broadcast.state.in_(LIVE)
    tried = Broadcast.update(refused=None).where(chosen, is_live, Broadcast.refused.is_null(False))
    return bool(_let_go_on(chosen) + int(tried.execute()))


def template_approved() -> int:
    """What a paused template has kept goes on; returns how many."""
    Broadcast.update(refused=None).where(
        Broadcast.state.in_(UNFINISHED), Broadcast.refused.is_null(False)
    ).execute()
    return _let_go_on(Broadcast.held_reason.startswith("template_paused"))


def _let_go_on(which: Any) -> int:
    by_the_clock = peewee.fn.COALESCE(Broadcast.held_reason, "") == hours.OUTSIDE
    query = Broadcast.update(state=BroadcastState.WRITING, held_reason=None, refused=None)
    return int(query.where(which, Broadcast.state == BroadcastState.HELD, ~by_the_clock).execute())
