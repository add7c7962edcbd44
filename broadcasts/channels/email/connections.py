"""Open connections to the mail server, kept and shared.

Owns: encryption, sign-in, how many there are and for how long one is kept. Never: a message.
Belongs to one event loop. aiosmtplib speaks the protocol. Used by send and admin.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from functools import lru_cache

from aiosmtplib import SMTP, SMTPException

from broadcasts.channels.email.settings import STARTTLS, TLS, EmailSecrets, EmailSettings

KEPT_FOR = 20.0
"""Seconds without work: servers hang up on idle ones after some minutes, and doing nothing in one
must not be taken for an outage."""


WAIT = 5.0
"""Seconds for one of our own connections to become free. Longer means that the server takes fewer
mails than we mean to send: that is no outage of it."""


class BusyError(Exception):
    """All connections are in use: we are too fast for this server."""


@lru_cache(maxsize=4)
def _tls(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


class _Client(SMTP):
    def close(self) -> None:
        """At once: an encrypted connection that waits for the other side's goodbye would outlive
        the loop it belongs to. Whatever has been said on it is answered by then."""
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.Transport):
            transport.abort()


async def connect(settings: EmailSettings, secrets: EmailSecrets, seconds: float) -> SMTP:
    """Greeted, encrypted, signed in. Raises SMTPException, OSError."""
    is_encrypted = settings.security in (STARTTLS, TLS)
    client = _Client(
        hostname=settings.host,
        port=settings.port,
        username=settings.user or None,
        password=secrets.password if settings.user else None,
        timeout=seconds,
        use_tls=settings.security == TLS,
        start_tls=settings.security == STARTTLS,
        tls_context=_tls(settings.ca_file) if is_encrypted else None,
    )
    await client.connect()
    return client


class Connections:
    def __init__(
        self, settings: EmailSettings, secrets: Callable[[], EmailSecrets], *, seconds: float
    ) -> None:
        self._settings, self._secrets, self._seconds = settings, secrets, seconds
        self._idle: list[tuple[SMTP, float]] = []
        self._room = asyncio.Semaphore(settings.connections)

    async def lend(self, *, fresh: bool = False) -> tuple[SMTP, bool]:
        """(a connection, whether it was used before); waits for one where all are busy. `fresh`:
        none that was kept. It must be given back. Raises BusyError, SMTPException,
        OSError."""
        try:
            async with asyncio.timeout(WAIT):
                await self._room.acquire()
        except TimeoutError:
            raise BusyError from None
        try:
            while self._idle and not fresh:
                client, since = self._idle.pop()
                if client.is_connected and time.monotonic() - since < KEPT_FOR:
                    return client, True
                client.close()
            return await connect(self._settings, self._secrets(), self._seconds), False
        except BaseException:
            self._room.release()
            raise

    def take_back(self, client: SMTP, *, is_sound: bool) -> None:
        """`is_sound`: the server waits for the next message on it."""
        if is_sound and client.is_connected:
            self._idle.append((client, time.monotonic()))
        else:
            client.close()
        self._room.release()

    async def close(self) -> None:
        while self._idle:
            client, _ = self._idle.pop()
            try:
                await client.quit(timeout=2)
            except (SMTPException, OSError):
                client.close()
