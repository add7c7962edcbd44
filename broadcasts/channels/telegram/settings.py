"""Telegram's section of config.toml and its secrets.

Owns: names, types and defaults. Never: reads a file or the environment (bot/config.py does).
"""

from dataclasses import dataclass, field

from broadcasts.settings import setting

WEBHOOK, POLLING = "webhook", "polling"


@dataclass(frozen=True, kw_only=True)
class TelegramSettings:
    username: str = field(metadata=setting("the bot's name at Telegram, without @"))
    receive: str = field(
        default=WEBHOOK,
        metadata=setting(
            "webhook: Telegram knocks at public_url; polling: we ask, for a machine behind a"
            " firewall; then: stadtbote connect telegram",
            choices=(WEBHOOK, POLLING),
        ),
    )
    api_url: str = field(
        default="https://api.telegram.org",
        metadata=setting("Telegram's address, or a stand-in's"),
    )
    messages_per_second: int = field(
        default=25, metadata=setting("Telegram: about 30, and no more without paying", most=30)
    )


@dataclass(frozen=True, kw_only=True)
class TelegramSecrets:
    """From .env; all required, none with a default."""

    token: str = field(metadata=setting("what BotFather gave for the bot", key="TELEGRAM_TOKEN"))
    webhook_secret: str = field(
        metadata=setting(
            "our own word by which we know Telegram (A-Z a-z 0-9 _ -)",
            key="TELEGRAM_WEBHOOK_SECRET",
            ours=True,
        )
    )

    def __repr__(self) -> str:
        return "TelegramSecrets(…)"
