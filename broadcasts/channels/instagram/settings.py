"""Instagram's section of config.toml and its secrets.

Owns: names, types and defaults. Never: reads a file or the environment (bot/config.py does).
"""

from dataclasses import dataclass, field

from broadcasts.settings import setting


@dataclass(frozen=True, kw_only=True)
class InstagramSettings:
    account_id: str = field(metadata=setting("the professional account's id at Meta, digits"))
    profile: str = field(metadata=setting("the account's name as in instagram.com/NAME"))
    through_page: str = field(
        default="",
        metadata=setting(
            "only with Facebook Login: id of the page that belongs to it; then graph_url is"
            " https://graph.facebook.com"
        ),
    )
    token_expires_on: str = field(
        default="",
        metadata=setting(
            "only with Instagram Login: last day of the token, like 2027-01-31; doctor warns before"
        ),
    )
    human_agent: bool = field(
        default=True,
        metadata=setting("Meta has approved Human Agent: staff may answer for 7 days, not 24 h"),
    )
    graph_url: str = field(
        default="https://graph.instagram.com", metadata=setting("Meta's address, or a stand-in's")
    )
    api_version: str = field(default="26.0", metadata=setting("version of the Graph API"))
    messages_per_second: int = field(
        default=100, metadata=setting("Meta takes 100 calls", least=1, most=100)
    )


@dataclass(frozen=True, kw_only=True)
class InstagramSecrets:
    """From .env; all required, none with a default."""

    token: str = field(
        metadata=setting("access token of the Instagram account", key="INSTAGRAM_TOKEN")
    )
    app_secret: str = field(metadata=setting("signs what Meta sends", key="INSTAGRAM_APP_SECRET"))
    verify_token: str = field(
        metadata=setting(
            "our own word for Meta's verification", key="INSTAGRAM_VERIFY_TOKEN", ours=True
        )
    )

    def __repr__(self) -> str:
        return "InstagramSecrets(…)"
