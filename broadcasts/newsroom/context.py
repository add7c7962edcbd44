"""What the newsroom needs at hand: one frozen value, passed to every function.

Owns: nothing but the references. Never: a decision. Made by bot/app.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from broadcasts.channels.base import Channel
from broadcasts.newsroom.texts import Texts
from broadcasts.settings import Settings


@dataclass(frozen=True)
class Newsroom:
    settings: Settings
    texts: Texts
    channels: Mapping[str, Channel]
    media: Path
    """Folder of pictures."""

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.city.timezone

    @property
    def language(self) -> str:
        return self.settings.city.language

    @property
    def public_url(self) -> str:
        return self.settings.city.public_url.rstrip("/")
