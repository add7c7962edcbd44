"""What the bot needs at hand: one frozen value, wired once.

Owns: nothing but the references. Never: a decision. Made by bot/app; given to the receiver, the
conversation, the jobs, the commands and the pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.config import Config
from broadcasts.channels.base import Channel
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.texts import Texts
from broadcasts.privacy.backups import Source
from broadcasts.settings import Settings


@dataclass(frozen=True)
class City:
    config: Config
    newsroom: Newsroom
    key: bytes = field(repr=False)
    """Keyed hashes of message ids and erased addresses; derived from SECRET_KEY."""
    audit_key: bytes = field(repr=False)
    """Marks of the audit trail; derived from SECRET_KEY."""

    def backup_source(self, folder: Path | None = None) -> Source:
        """What is backed up, and where to."""
        config = self.config
        return Source(
            url=config.database_url,
            media=config.media_dir,
            config=config.path,
            folder=folder or config.backup_dir,
            key=config.backup_key(),
            keep_days=config.settings.backup.keep_days,
        )

    @property
    def settings(self) -> Settings:
        return self.config.settings

    @property
    def channels(self) -> Mapping[str, Channel]:
        return self.newsroom.channels

    @property
    def texts(self) -> Texts:
        return self.newsroom.texts

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.city.timezone
