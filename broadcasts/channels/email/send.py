"""A rendition → one mail handed to the city's mail server → its result.

Owns: the exchange with the server (RFC 5321; with RFC 3461 where it is offered). Never: a table, a
second try of a message (what was lost after DATA may have been taken), a log line with a person.
"""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected

from broadcasts import clock
from broadcasts.channels.base import Address, Content, Outcome, Result, Text
from broadcasts.channels.email import compose, errors, tokens
from broadcasts.channels.email.compose import Picture, Post
from broadcasts.channels.email.connections import BusyError, Connections
from broadcasts.channels.email.errors import Step
from broadcasts.channels.email.settings import EmailSecrets, EmailSettings

CLOSING = 421


class _Exchange:
    """One message on its way; `step` is how far it has come."""

    def __init__(self, sender: str, recipient: str, envelope_id: str, body: bytes) -> None:
        self.step = Step.CONNECT
        self._sender, self._recipient = sender, recipient
        self._envelope_id, self._body = envelope_id, body

    async def run(self, client: SMTP) -> None:
        """Raises SMTPException, OSError."""
        self.step = Step.MAIL
        reports = client.supports_extension("dsn")
        # Headers are enough to know it by, and hold less of anybody.
        options = ["RET=HDRS", f"ENVID={self._envelope_id}"] if reports else []
        await client.mail(self._sender, options=options)
        self.step = Step.RCPT
        await client.rcpt(self._recipient, options=["NOTIFY=FAILURE"] if reports else [])
        self.step = Step.DATA
        await client.data(self._body)


class EmailSender:
    """The outgoing half. Made outside the loop; its connections open with the first call."""

    def __init__(
        self,
        settings: EmailSettings,
        secrets: Callable[[], EmailSecrets],
        media: Path,
        public_url: str,
        *,
        seconds: float,
    ) -> None:
        self._settings, self._secrets = settings, secrets
        self._media, self._public_url = media, public_url
        self._seconds = seconds
        self._connections = Connections(settings, secrets, seconds=seconds)

    async def send(
        self,
        account: str,
        address: Address,
        content: Content,
        *,
        tracker: str,
        media: str | None = None,
    ) -> Result:
        if not isinstance(content, Text) or address.bsuid is None:
            return Result(Outcome.OUR_MISTAKE, code="no_text")
        post = Post(self._settings, self._public_url, self._secrets().secret, clock.now())
        try:
            picture = _picture(self._media, content) if content.picture else None
        except OSError as error:
            return Result(Outcome.MEDIA, code=type(error).__name__)
        message = compose.compose(post, content, address, tracker=tracker, picture=picture)
        exchange = _Exchange(
            compose.envelope_sender(post, tracker),
            address.bsuid,
            tokens.mark(post.secret, tracker),
            compose.as_bytes(message),
        )
        return await self._handed_over(exchange, compose.message_id(post, tracker))

    async def _handed_over(self, exchange: _Exchange, provider_id: str) -> Result:
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(exchange)
        except BusyError:
            return Result(Outcome.SLOW_DOWN, code="busy")
        except SMTPResponseException as error:
            status = errors.status_of(error.message)
            outcome = errors.outcome(error.code, status, exchange.step)
            return Result(outcome, code=f"{error.code} {status}".strip())
        except (SMTPException, OSError) as error:
            name = type(error).__name__
            if exchange.step is Step.DATA:
                return Result(Outcome.UNKNOWN, code=name)
            # Lost before there was a message, or a server that cannot encrypt.
            known = isinstance(error, OSError)
            return Result(Outcome.NETWORK if known else Outcome.ACCOUNT, code=name)
        return Result(Outcome.ACCEPTED, provider_id)

    async def _exchange(self, exchange: _Exchange) -> None:
        client, was_used = await self._connections.lend()
        try:
            await self._run(exchange, client)
        except (SMTPServerDisconnected, SMTPResponseException) as error:
            # The server has hung up on a connection that we had kept: nothing has been said on it.
            is_stale = was_used and exchange.step is Step.MAIL
            if not is_stale or getattr(error, "code", CLOSING) != CLOSING:
                raise
            exchange.step = Step.CONNECT
            client, _ = await self._connections.lend(fresh=True)
            await self._run(exchange, client)

    async def _run(self, exchange: _Exchange, client: SMTP) -> None:
        """Gives the connection back, whatever comes of it."""
        is_sound = False
        try:
            await exchange.run(client)
            is_sound = True
        except SMTPResponseException:
            is_sound = await _is_reset(client)
            raise
        finally:
            self._connections.take_back(client, is_sound=is_sound)

    async def upload(self, account: str, path: str) -> str:
        """A picture goes within each mail: nothing of it lies anywhere to be fetched, and so
        nobody learns who has looked."""
        return path

    async def close(self) -> None:
        await self._connections.close()


async def _is_reset(client: SMTP) -> bool:
    """After a refusal: whether the next message can go on the same connection."""
    try:
        await client.rset(timeout=5)
    except (SMTPException, OSError):
        return False
    return True


@lru_cache(maxsize=8)
def _picture(media: Path, content: Text) -> Picture:
    """Raises OSError."""
    name = content.picture or ""
    subtype = "png" if name.endswith(".png") else "jpeg"
    return Picture((media / name).read_bytes(), subtype, content.picture_alt)
