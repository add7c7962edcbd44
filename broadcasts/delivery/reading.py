"""Who has read what: whether a figure of it may be shown.

Owns: that one rule. Never: counts. Used by whatever shows or gives out how many have read: pages,
files, pictures. (`stadtbote broadcast show` keeps its exact states: whoever runs it can read the
database anyway.)
"""

from collections.abc import Mapping

FEWEST = 5
"""Of fewer reached persons the figure would tell what a single one has read."""


def shown(read: int, *, reached: int) -> int | None:
    """How many have read; None: too few were reached to say it."""
    return read if reached >= FEWEST else None


def tellable(counts: Mapping[str, int], *, reached: int) -> dict[str, int | None]:
    """Deliveries by state, as outbox.figures gives them. Where nothing is said of reading, the
    read ones stand among the delivered: else the difference would say it."""
    if shown(counts["read"], reached=reached) is not None:
        return dict(counts)
    return {**counts, "delivered": counts["delivered"] + counts["read"], "read": None}
