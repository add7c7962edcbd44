"""One broadcast in several editions: each reader gets the parts that fit what they have chosen.

Owns: which parts those are. Never: what a part says (newsroom/wording) or what somebody has chosen
(people/selections). Called by delivery/audience and wire, and by newsroom to write and to count.
"""

from collections.abc import Sequence

from broadcasts.people import selections
from broadcasts.people.selections import Scope

WHOLE = ""
"""Every part. Always written, so that there is one for whoever changes their choice meanwhile."""


def edition(choice: Scope, parts: Sequence[Scope]) -> str | None:
    """The places of the parts that fit, like "0.2"; WHOLE: all of them; None: not one."""
    fitting = [str(place) for place, part in enumerate(parts) if choice.fits(part)]
    if len(fitting) == len(parts):
        return WHOLE
    return ".".join(fitting) or None


def places(edition: str, number: int) -> list[int]:
    """Which of a broadcast's `number` parts an edition holds."""
    return [int(place) for place in edition.split(".")] if edition else list(range(number))


def left_out(parts: Sequence[Scope]) -> list[int]:
    """The choices (ids of selections) that no part fits: no message is for them."""
    if not parts:
        return []
    known = selections.known()
    return [id for id, choice in known.items() if edition(choice, parts) is None]
