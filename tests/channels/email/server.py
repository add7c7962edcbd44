"""A real mail server on this machine: aiosmtpd, which can refuse, hang up and ask for a sign-in."""

import asyncio
import datetime as dt
import email
import ipaddress
import logging
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

logging.getLogger("mail").setLevel(logging.WARNING)

USER, PASSWORD = "newsletter", "password-of-the-test"


@dataclass(frozen=True)
class Taken:
    """One mail as it came over the wire."""

    sender: str
    recipients: list[str]
    raw: bytes
    peer: object
    options: list[str]
    at: float = field(default_factory=time.monotonic)
    """Seconds, to tell two of them apart."""

    @property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=policy.default)


@dataclass
class MailServer:
    """`replies`: step → what is answered there, the next first; else the mail is taken."""

    taken: list[Taken] = field(default_factory=list)
    replies: dict[str, deque[str]] = field(default_factory=dict)
    before_data: Callable[[], None] = lambda: None
    options: list[str] = field(default_factory=list)
    port: int = 0

    def plan(self, step: str, *answers: str) -> None:
        self.replies[step] = deque(answers)

    def _next(self, step: str) -> str | None:
        planned = self.replies.get(step)
        return planned.popleft() if planned else None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refused := self._next("MAIL"):
            return refused
        envelope.mail_from = address
        self.options = list(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refused := self._next("RCPT"):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refused = self._next("DATA")
        if refused == "hang up":
            assert server.transport is not None
            server.transport.abort()
            return "250 2.0.0 too late"
        if refused:
            return refused
        assert envelope.mail_from is not None
        raw = envelope.original_content or b""
        self.taken.append(
            Taken(envelope.mail_from, envelope.rcpt_tos, raw, session.peer, self.options)
        )
        return "250 2.0.0 taken"

    def wait_for(self, number: int, seconds: float = 20.0) -> list[Taken]:
        until = time.monotonic() + seconds
        while len(self.taken) < number:
            assert time.monotonic() < until, f"{len(self.taken)} mails instead of {number}"
            time.sleep(0.02)
        return self.taken


def _is_ours(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    fits = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=fits, handled=False)


@contextmanager
def running(
    *,
    certificate: Path | None = None,
    implicit: bool = False,
    taker: MailServer | None = None,
) -> Iterator[MailServer]:
    """`certificate`: encrypted by STARTTLS and with a sign-in, or from the first byte on. `taker`:
    one with manners of its own."""
    mails = taker or MailServer()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    more: dict[str, Any] = {}
    if context is not None and not implicit:
        more = {
            "tls_context": context,
            "require_starttls": True,
            "authenticator": _is_ours,
            "auth_required": True,
        }
    loop = asyncio.new_event_loop()

    async def serve() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(mails, hostname="mail.test", loop=loop, **more),
            host="127.0.0.1",
            port=0,
            ssl=context if implicit else None,
        )

    server = loop.run_until_complete(serve())
    mails.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="mail server")
    thread.start()
    try:
        yield mails
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        _end(loop)


def _end(loop: asyncio.AbstractEventLoop) -> None:
    async def settle() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    loop.run_until_complete(settle())
    loop.close()


def make_certificate(folder: Path) -> Path:
    """Of this machine's own, key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
