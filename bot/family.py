"""Which loops there are, and which of them a web part answers for in /healthz.

Owns: their names, one frozen value. Never: looks whether they live (health). Made by bot/processes.
"""

from dataclasses import dataclass

PARTS = ("receiver", "writer", "sender", "upkeep", "scheduler")
"""The loops of a process that works."""


@dataclass(frozen=True)
class Family:
    parts: tuple[str, ...] = ()
    process: str = ""
    door: str = ""
    """The web server's own process, where it takes webhooks in."""


NO_LOOPS = Family()
