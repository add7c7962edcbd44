"""What an administrator asks of the mail server: does it take our sign-in, can it be relied on.

Owns: the blocking calls beside sending. Never: a message to a person. Each raises ProviderError.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from broadcasts.channels.base import AccountState, Finding, Outcome, ProviderError
from broadcasts.channels.email import connections, door, errors
from broadcasts.channels.email.errors import Step
from broadcasts.channels.email.settings import EmailSecrets, EmailSettings
from broadcasts.saying import Said, say

SECONDS = 15.0
NEEDED = 5 * 1024 * 1024
"""Bytes: a picture of the largest size, as it stands in a mail, and the words."""


class Admin:
    def __init__(self, settings: EmailSettings, secrets: Callable[[], EmailSecrets]) -> None:
        self._settings, self._secrets = settings, secrets

    def _ask(self) -> dict[str, str]:
        """What the server offers, once it has taken our sign-in."""

        async def run() -> dict[str, str]:
            client = await connections.connect(self._settings, self._secrets(), SECONDS)
            try:
                return await _offers(client, self._settings.from_address)
            finally:
                client.close()

        try:
            return asyncio.run(run())
        except SMTPResponseException as error:
            status = errors.status_of(error.message)
            outcome = errors.outcome(error.code, status, Step.CONNECT)
            code = f"{error.code} {status}".strip()
            raise ProviderError(outcome, code, "the mail server refuses it") from None
        except (SMTPException, OSError) as error:
            name = type(error).__name__
            outcome = Outcome.NETWORK if isinstance(error, OSError) else Outcome.ACCOUNT
            raise ProviderError(outcome, name, "the mail server does not answer") from None

    def account_states(self, account: str) -> list[AccountState]:
        self._ask()
        return [AccountState(account, limit=None, quality="UNKNOWN")]

    def look(self, public_url: str) -> list[Finding]:
        offers = self._ask()
        size = offers.get("size", "").split(" ")[0]
        most = int(size) if size.isdigit() else 0
        return [
            Finding(
                "size",
                not most or most >= NEEDED,
                say("takes messages of up to %(number)s bytes", number=most)
                if most
                else say("names no largest message"),
                say("Have the mail server take messages of 5 MB, or use smaller pictures."),
            ),
            Finding(
                "links",
                urlsplit(public_url).scheme == "https",
                say("links in mails go to %(address)s", address=public_url),
                say("One-click leaving needs https (RFC 8058): set city.public_url."),
            ),
            Finding(
                "returned",
                True,  # either will do
                say("returned mail goes to an address of its own")
                if self._settings.bounce_address
                else say("returned mail goes to the newsletter's own address"),
            ),
        ]

    def connect(self, public_url: str) -> Said:
        """Nothing to be told to anybody by us: the city's own mail server is set up by hand."""
        secret = self._secrets().secret
        url = f"{public_url.rstrip('/')}/webhooks/email/{door.path(secret)}"
        command = (
            f"curl --fail --silent --show-error -H 'Content-Type: message/rfc822'"
            f" -H '{door.HEADER}: {door.word(secret)}' --data-binary @- {url}"
        )
        return say("pipe returned mail into: %(command)s", command=command)


async def _offers(client: SMTP, sender: str) -> dict[str, str]:
    """Begins a message, so that a server that wants a sign-in or another sender says so."""
    await client.mail(sender)
    await client.rset()
    return dict(client.esmtp_extensions)
