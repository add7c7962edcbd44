"""What keeps a broadcast from going on: held as a whole, or templates the provider has refused.

Owns: both, and their end. Never: what a refusal means (effects), what goes instead (wire), or the
hold that the clock writes and lifts (keeping_hours). Called by those, the sender, staff's pages and
commands, and whoever hears that a template is approved again.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import peewee

from broadcasts import db
from broadcasts.delivery import hours
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.renditions import Key
from broadcasts.delivery.states import LIVE, UNFINISHED, BroadcastState

PASSING = ("template_paused", "template_disabled")
"""How reasons begin that an approval takes away; of a template that does not fit it takes none."""


@dataclass(frozen=True)
class RefusedTemplate:
    """One that the provider would not send on a broadcast's way."""

    channel: str
    name: str
    language: str
    reason: str
    """The outcome and the provider's code, as in a broadcast's `held_reason`."""

    @property
    def key(self) -> Key:
        return self.channel, self.name, self.language

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


def hold(broadcast_id: int, reason: str, *also: Any) -> bool:
    """Nothing more of it leaves until `resume`; nothing is lost. False: it was not live, or what
    must hold of it `also` (conditions) does not."""
    query = Broadcast.update(state=BroadcastState.HELD, held_reason=reason)
    live = (Broadcast.id == broadcast_id, Broadcast.state.in_(LIVE))
    return bool(query.where(*live, *also).execute())


def hold_refused(broadcast_id: int) -> bool:
    """The same where the refused templates leave nothing for somebody. False: none is refused any
    more."""
    refused = unpack(Broadcast.get_by_id(broadcast_id).refused)
    is_refused = Broadcast.refused.is_null(False)
    return bool(refused) and hold(broadcast_id, refused[-1].reason, is_refused)


def refuse(broadcast_id: int, refused: RefusedTemplate) -> None:
    """Its template is tried no more on this broadcast's way; part of the caller's transaction."""
    known = unpack(Broadcast.get_by_id(broadcast_id).refused)
    if any(one.key == refused.key for one in known):
        return  # of all that were on their way when the first was refused
    others = [one for one in _locked(broadcast_id) if one.key != refused.key]
    _keep(broadcast_id, [*others, refused])


def unpack(packed: Sequence[Sequence[str]] | None) -> list[RefusedTemplate]:
    """From a broadcast's column."""
    return [RefusedTemplate(*one) for one in packed or ()]


def resume(broadcast_id: int) -> bool:
    """Goes on, and tries what was refused anew. WRITING is right whatever has been written: the
    writer finds out by itself. False: nothing kept it, or the clock, which lets it go on by
    itself."""
    chosen = Broadcast.id == broadcast_id
    goes_on = _let_go_on(chosen)
    # Afterwards: what the clock holds is not live, and keeps what was refused.
    refused = (Broadcast.state.in_(LIVE), Broadcast.refused.is_null(False))
    tries = Broadcast.update(refused=None).where(chosen, *refused).execute()
    return bool(goes_on or tries)


def template_approved(channel: str, name: str, language: str) -> int:
    """Used again wherever it was refused in passing; what is held because of it goes on. Returns
    how many broadcasts do."""
    key: Key = (channel, name, language)
    return sum(_approved(id, key) for id, refused in _refused_now() if _passing(refused, key))


def all_approved(is_approved: Callable[[str, str, str], bool]) -> None:
    """The same of whatever is by now: the provider's notice may have been lost."""
    for key in {one.key for _, refused in _refused_now() for one in refused}:
        if is_approved(*key):
            template_approved(*key)


def _refused_now() -> list[tuple[int, list[RefusedTemplate]]]:
    found = Broadcast.select(Broadcast.id, Broadcast.refused).where(
        Broadcast.state.in_(UNFINISHED), Broadcast.refused.is_null(False)
    )
    return [(id, unpack(refused)) for id, refused in db.rows(found)]


def _passing(refused: Sequence[RefusedTemplate], key: Key) -> bool:
    return any(one.key == key and one.reason.startswith(PASSING) for one in refused)


def _approved(broadcast_id: int, key: Key) -> int:
    with db.transaction():
        _keep(broadcast_id, [one for one in _locked(broadcast_id) if one.key != key])
        # What another template is needed for finds it refused, and is held again.
        because = Broadcast.held_reason.startswith("template_")
        return _let_go_on(Broadcast.id == broadcast_id, because)


def _locked(broadcast_id: int) -> list[RefusedTemplate]:
    kept = Broadcast.select(Broadcast.refused).where(Broadcast.id == broadcast_id)
    return unpack(db.rows(db.for_update(kept, by_key=False))[0][0])


def _keep(broadcast_id: int, refused: Sequence[RefusedTemplate]) -> None:
    packed = [list(astuple(one)) for one in refused] or None
    Broadcast.update(refused=packed).where(Broadcast.id == broadcast_id).execute()


def _let_go_on(*which: Any) -> int:
    by_the_clock = peewee.fn.COALESCE(Broadcast.held_reason, "") == hours.OUTSIDE
    query = Broadcast.update(state=BroadcastState.WRITING, held_reason=None)
    held = (*which, Broadcast.state == BroadcastState.HELD, ~by_the_clock)
    return int(query.where(*held).execute())
