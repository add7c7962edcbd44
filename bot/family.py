"""Which loops a web part answers for in /healthz, and in which process they run.

Owns: one frozen value. Never: looks whether they live (health). Made by bot/processes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    parts: tuple[str, ...] = ()
    process: str = ""


NO_LOOPS = Family()
