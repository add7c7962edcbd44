"""Messenger's section of config.toml and its secrets.

Owns: names, types and defaults. Never: reads a file or the environment (bot/config.py does).
"""

from dataclasses import dataclass, field

from broadcasts.settings import setting


@dataclass(frozen=True, kw_only=True)
class MessengerSettings:
    page_id: str = field(metadata=setting("the page's id at Facebook, digits"))
    page: str = field(metadata=setting("the page's name as in facebook.com/NAME"))
    human_agent: bool = field(
        default=True,
        metadata=setting("Meta has approved Human Agent: staff may answer for 7 days, not 24 h"),
    )
    graph_url: str = field(
        default="https://graph.facebook.com", metadata=setting("Meta's address, or a stand-in's")
    )
    api_version: str = field(default="26.0", metadata=setting("version of the Graph API"))
    messages_per_second: int = field(
        default=200, metadata=setting("Meta takes 300 calls", least=1, most=280)
    )


@dataclass(frozen=True, kw_only=True)
class MessengerSecrets:
    """From .env; all required, none with a default."""

    token: str = field(metadata=setting("access token of the Facebook page", key="MESSENGER_TOKEN"))
    app_secret: str = field(metadata=setting("signs what Meta sends", key="MESSENGER_APP_SECRET"))
    verify_token: str = field(
        metadata=setting(
            "our own word for Meta's verification", key="MESSENGER_VERIFY_TOKEN", ours=True
        )
    )

    def __repr__(self) -> str:
        return "MessengerSecrets(…)"
