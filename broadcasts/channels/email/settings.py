"""E-mail's section of config.toml and its secrets.

Owns: names, types and defaults. Never: reads a file or the environment (bot/config.py does).
"""

from dataclasses import dataclass, field

from broadcasts.settings import setting

STARTTLS, TLS, NONE = "starttls", "tls", "none"


@dataclass(frozen=True, kw_only=True)
class EmailSettings:
    host: str = field(metadata=setting("the mail server that takes our messages"))
    from_address: str = field(metadata=setting("the newsletter's own address"))
    from_name: str = field(metadata=setting("the name readers see beside it"))
    port: int = field(default=587, metadata=setting("465 with tls", least=1, most=65535))
    security: str = field(
        default=STARTTLS,
        metadata=setting(
            "starttls, tls, or none: only for a server on this machine",
            choices=(STARTTLS, TLS, NONE),
        ),
    )
    user: str = field(default="", metadata=setting("to sign in with; empty: without signing in"))
    ca_file: str = field(
        default="", metadata=setting("certificate of your own authority, an absolute path")
    )
    reply_to: str = field(default="", metadata=setting("where readers' replies go; empty: as from"))
    bounce_address: str = field(
        default="",
        metadata=setting("where returned mail goes; name+anything@ must reach it, too"),
    )
    list_name: str = field(default="newsletter", metadata=setting("in List-Id; a-z, 0-9 and -"))
    messages_per_second: int = field(
        default=10, metadata=setting("what your mail server allows", least=1, most=500)
    )
    connections: int = field(
        default=4, metadata=setting("kept open to it at the same time", least=1, most=50)
    )


@dataclass(frozen=True, kw_only=True)
class EmailSecrets:
    """From .env, none with a default."""

    password: str = field(
        metadata=setting("of email.user at the mail server", key="EMAIL_PASSWORD", needed_by="user")
    )
    secret: str = field(
        metadata=setting(
            "our own word: makes the links in mails, and the mark of the server that returns some",
            key="EMAIL_SECRET",
            ours=True,
        )
    )

    def __repr__(self) -> str:
        return "EmailSecrets(…)"
