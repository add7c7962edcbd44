"""The channels there are: one row each.

Owns: kind → settings, secrets and how to build it. Never: anything about one channel.
Called by bot/config.py (sections) and bot/app.py (building).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broadcasts.channels.base import Channel
from broadcasts.channels.email import build as build_email
from broadcasts.channels.email.settings import EmailSecrets, EmailSettings
from broadcasts.channels.instagram import build as build_instagram
from broadcasts.channels.instagram.settings import InstagramSecrets, InstagramSettings
from broadcasts.channels.messenger import build as build_messenger
from broadcasts.channels.messenger.settings import MessengerSecrets, MessengerSettings
from broadcasts.channels.telegram import build as build_telegram
from broadcasts.channels.telegram.settings import TelegramSecrets, TelegramSettings
from broadcasts.channels.whatsapp import build as build_whatsapp
from broadcasts.channels.whatsapp.settings import WhatsAppSecrets, WhatsAppSettings


@dataclass(frozen=True)
class Entry:
    settings: type[Any]
    """The section [kind] of config.toml."""
    secrets: type[Any]
    """Its lines in .env; required when the section is there."""
    build: Callable[..., Channel]
    """build(settings, secrets: Callable[[], secrets type], media: Path) → Channel; with a fourth,
    `public_url`, where it `has_pages`."""
    is_extra: bool = False
    """Stands commented out in the example: a city starts without it."""
    has_pages: bool = False
    """Its messages hold links to pages of ours: `Channel.pages`."""


REGISTRY: Mapping[str, Entry] = {
    "whatsapp": Entry(WhatsAppSettings, WhatsAppSecrets, build_whatsapp),
    "telegram": Entry(TelegramSettings, TelegramSecrets, build_telegram, is_extra=True),
    "messenger": Entry(MessengerSettings, MessengerSecrets, build_messenger, is_extra=True),
    "instagram": Entry(InstagramSettings, InstagramSecrets, build_instagram, is_extra=True),
    "email": Entry(EmailSettings, EmailSecrets, build_email, is_extra=True, has_pages=True),
}


def build_all(
    sections: Mapping[str, object], secrets: Callable[[str], Any], media: Path, public_url: str = ""
) -> dict[str, Channel]:
    """Builds every configured channel. `secrets(kind)` gives that channel's secrets as they are
    now, read afresh; `media` is the folder of pictures, `public_url` where our own pages are."""
    return {
        kind: REGISTRY[kind].build(
            settings,
            lambda kind=kind: secrets(kind),
            media,
            *((public_url,) if REGISTRY[kind].has_pages else ()),
        )
        for kind, settings in sections.items()
    }
