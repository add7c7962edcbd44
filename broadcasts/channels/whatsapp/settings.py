"""WhatsApp's section of config.toml and its secrets.

Owns: names, types and defaults. Never: reads a file or the environment (bot/config.py does).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from broadcasts.settings import setting


@dataclass(frozen=True, kw_only=True)
class WhatsAppNumber:
    phone_id: str = field(metadata=setting("the number's id at Meta (not the number itself)"))
    number: str = field(metadata=setting("the number citizens write to, international"))
    messages_per_second: int = field(
        default=80, metadata=setting("Meta: 80, or 1000 after its upgrade", least=1, most=1000)
    )


@dataclass(frozen=True, kw_only=True)
class WhatsAppSettings:
    phone_id: str = field(metadata=setting("the number's id at Meta (not the number itself)"))
    waba_id: str = field(metadata=setting("id of the WhatsApp Business Account"))
    number: str = field(metadata=setting("the number citizens write to, international"))
    graph_url: str = field(
        default="https://graph.facebook.com", metadata=setting("Meta's address, or a stand-in's")
    )
    api_version: str = field(default="26.0", metadata=setting("version of the Graph API"))
    messages_per_second: int = field(
        default=80, metadata=setting("Meta: 80, or 1000 after its upgrade", least=1, most=1000)
    )
    app_id: str = field(
        default="", metadata=setting("only for templates with a picture; else pictures stay links")
    )
    numbers: Mapping[str, WhatsAppNumber] = field(
        default_factory=dict, metadata=setting("further numbers: [whatsapp.numbers.NAME]")
    )


@dataclass(frozen=True, kw_only=True)
class WhatsAppSecrets:
    """From .env; all required, none with a default."""

    token: str = field(metadata=setting("permanent token of a system user", key="WHATSAPP_TOKEN"))
    app_secret: str = field(metadata=setting("signs what Meta sends", key="WHATSAPP_APP_SECRET"))
    verify_token: str = field(
        metadata=setting(
            "our own word for Meta's verification", key="WHATSAPP_VERIFY_TOKEN", ours=True
        )
    )

    def __repr__(self) -> str:
        return "WhatsAppSecrets(…)"
