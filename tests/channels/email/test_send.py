"""Handing mails over to a real mail server: accepted, refused, hung up on, encrypted."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadcasts.channels.base import Address, Outcome, Result, Text
from broadcasts.channels.email import connections, errors
from broadcasts.channels.email.errors import Step
from broadcasts.channels.email.settings import EmailSecrets
from tests.channels.email import samples
from tests.channels.email.server import (
    PASSWORD,
    USER,
    MailServer,
    make_certificate,
    running,
)

READER = Address(bsuid=samples.PERSON, language="de")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as mails:
        yield mails


def send(port: int, *texts: str, media: Path = Path(), seconds: float = 5.0, **more: Any) -> Any:
    """One after the other over one sender; gives the results."""
    picture = more.pop("picture", None)
    password = more.pop("password", PASSWORD)

    async def run() -> list[Result]:
        channel = samples.channel(port, media, **more)
        channel._secrets = lambda: EmailSecrets(password=password, secret=samples.SECRETS.secret)
        sender = channel.sender(seconds=seconds)
        try:
            return [
                await sender.send(
                    samples.FROM, READER, Text(text, picture=picture), tracker=f"{number}:1"
                )
                for number, text in enumerate(texts, start=1)
            ]
        finally:
            await sender.close()

    return asyncio.run(run())


def test_it_hands_mails_over_on_one_connection(server: MailServer) -> None:
    results = send(server.port, "*Eins*", "*Zwei*", "*Drei*")
    assert [r.outcome for r in results] == [Outcome.ACCEPTED] * 3
    assert [t.mail["Subject"] for t in server.taken] == ["Eins", "Zwei", "Drei"]
    assert len({t.peer for t in server.taken}) == 1
    first = server.taken[0]
    assert (first.sender, first.recipients) == (samples.FROM, [samples.PERSON])
    assert first.mail["Message-ID"] == f"<{results[0].provider_id}>"
    assert samples.PERSON not in results[0].provider_id


def test_it_uses_no_more_connections_than_it_may(server: MailServer) -> None:
    async def run() -> list[Result]:
        sender = samples.channel(server.port, connections=3).sender(seconds=10)
        calls = (
            sender.send(samples.FROM, READER, Text(f"*Nummer {n}*"), tracker=f"{n}:1")
            for n in range(30)
        )
        found = await asyncio.gather(*calls)
        await sender.close()
        return found

    assert {r.outcome for r in asyncio.run(run())} == {Outcome.ACCEPTED}
    assert len(server.taken) == 30
    assert len({t.peer for t in server.taken}) <= 3


def test_it_sends_the_picture_along(server: MailServer, tmp_path: Path) -> None:
    (tmp_path / "markt.png").write_bytes(b"\x89PNG picture")
    send(server.port, "*Markt*", media=tmp_path, picture="markt.png")
    (image,) = [p for p in server.taken[0].mail.walk() if p.get_content_type() == "image/png"]
    assert image.get_content() == b"\x89PNG picture"
    (missing,) = send(server.port, "*Markt*", media=tmp_path, picture="fehlt.png")
    assert missing.outcome is Outcome.MEDIA


@pytest.mark.parametrize(
    ("step", "reply", "outcome", "code"),
    [
        ("MAIL", "550 5.7.1 sender not allowed", Outcome.ACCOUNT, "550 5.7.1"),
        ("MAIL", "530 5.7.0 sign in first", Outcome.CREDENTIALS, "530 5.7.0"),
        ("MAIL", "451 4.3.0 later", Outcome.TRANSIENT, "451 4.3.0"),
        ("RCPT", "550 5.1.1 no such user", Outcome.UNREACHABLE, "550 5.1.1"),
        ("RCPT", "550 nobody", Outcome.UNREACHABLE, "550"),
        ("RCPT", "450 4.2.0 greylisted", Outcome.TRANSIENT, "450 4.2.0"),
        ("RCPT", "452 4.5.3 too many", Outcome.SLOW_DOWN, "452 4.5.3"),
        ("RCPT", "421 4.7.0 too fast", Outcome.PAUSE, "421 4.7.0"),
        ("RCPT", "554 5.7.1 relay access denied", Outcome.OUR_MISTAKE, "554 5.7.1"),
        ("RCPT", "552 5.2.2 full", Outcome.NOT_TODAY, "552 5.2.2"),
        ("DATA", "552 5.3.4 too big", Outcome.OUR_MISTAKE, "552 5.3.4"),
        ("DATA", "554 5.7.1 looks like spam", Outcome.OUR_MISTAKE, "554 5.7.1"),
        ("DATA", "451 4.7.1 later", Outcome.TRANSIENT, "451 4.7.1"),
        ("DATA", "hang up", Outcome.UNKNOWN, "SMTPServerDisconnected"),
    ],
)
def test_it_says_what_a_refusal_means(
    server: MailServer, step: str, reply: str, outcome: Outcome, code: str
) -> None:
    server.plan(step, reply)
    refused, accepted = send(server.port, "*Eins*", "*Zwei*")
    assert (refused.outcome, refused.code) == (outcome, code)
    # The next message goes, whatever became of this one.
    assert accepted.outcome is Outcome.ACCEPTED
    assert [t.mail["Subject"] for t in server.taken] == ["Zwei"]


def test_it_goes_on_where_the_server_has_hung_up_meanwhile(server: MailServer) -> None:
    """A kept connection that is closed for being idle is no outage."""

    async def run() -> list[Result]:
        sender = samples.channel(server.port).sender(seconds=5)
        first = await sender.send(samples.FROM, READER, Text("*Eins*"), tracker="1:1")
        server.plan("MAIL", "421 4.4.2 idle for too long")
        second = await sender.send(samples.FROM, READER, Text("*Zwei*"), tracker="2:1")
        await sender.close()
        return [first, second]

    assert [r.outcome for r in asyncio.run(run())] == [Outcome.ACCEPTED] * 2
    # On a connection just opened the same word counts.
    server.plan("MAIL", "421 4.3.2 closed for the night")
    (paused,) = send(server.port, "*Drei*")
    assert paused.outcome is Outcome.PAUSE


def test_it_says_when_nobody_is_there() -> None:
    (result,) = send(9, "*Eins*")
    assert result.outcome is Outcome.NETWORK


def test_it_encrypts_and_signs_in(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with running(certificate=certificate) as server:
        safe = {"security": "starttls", "user": USER, "ca_file": str(certificate)}
        (accepted,) = send(server.port, "*Eins*", **safe)
        assert accepted.outcome is Outcome.ACCEPTED
        (wrong,) = send(server.port, "*Zwei*", password="falsch", **safe)
        assert (wrong.outcome, wrong.code) == (Outcome.CREDENTIALS, "535 5.7.8")
        # Whoever pretends to be the server gets no password and no mail.
        (stranger,) = send(server.port, "*Drei*", security="starttls", user=USER)
        assert stranger.outcome is Outcome.NETWORK
        assert len(server.taken) == 1


def test_it_encrypts_from_the_first_byte_on(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with running(certificate=certificate, implicit=True) as server:
        (accepted,) = send(server.port, "*Eins*", security="tls", ca_file=str(certificate))
        assert accepted.outcome is Outcome.ACCEPTED


def test_it_sends_nothing_in_the_clear_where_it_should_be_encrypted(server: MailServer) -> None:
    (refused,) = send(server.port, "*Eins*", security="starttls")
    assert refused.outcome is Outcome.ACCOUNT
    assert server.taken == []


@pytest.mark.parametrize(
    ("code", "status", "step", "outcome"),
    [
        (550, "5.1.2", Step.RCPT, Outcome.UNREACHABLE),
        (553, "5.1.8", Step.MAIL, Outcome.ACCOUNT),
        (550, "5.4.1", Step.RCPT, Outcome.UNREACHABLE),
        (500, "5.5.2", Step.DATA, Outcome.OUR_MISTAKE),
        (454, "4.7.0", Step.CONNECT, Outcome.PAUSE),
        (550, "", Step.MAIL, Outcome.ACCOUNT),
        (554, "", Step.CONNECT, Outcome.ACCOUNT),
        (451, "", Step.RCPT, Outcome.TRANSIENT),
        (599, "", Step.RCPT, Outcome.OUR_MISTAKE),
        (550, "5.1.1", Step.RETURNED, Outcome.UNREACHABLE),
        (0, "4.4.7", Step.RETURNED, Outcome.NOT_TODAY),
        (0, "5.0.0", Step.RETURNED, Outcome.NOT_TODAY),
    ],
)
def test_it_knows_codes_and_steps(code: int, status: str, step: Step, outcome: Outcome) -> None:
    assert errors.outcome(code, status, step) is outcome


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("5.1.1 no such user", "5.1.1"),
        ("<a@b.example>: 4.2.0 later", "4.2.0"),
        ("no such user at 10.5.1.1", ""),
        ("version 5.1", ""),
    ],
)
def test_it_finds_the_enhanced_status(words: str, status: str) -> None:
    assert errors.status_of(words) == status


class SlowServer(MailServer):
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(1.0)
        return await super().handle_DATA(server, session, envelope)


def test_it_calls_a_slow_server_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """All connections busy: we are too fast for it, and slow down; it is not away."""
    monkeypatch.setattr(connections, "WAIT", 0.2)
    with running(taker=SlowServer()) as server:

        async def both() -> list[Result]:
            sender = samples.channel(server.port, Path(), connections=1).sender(seconds=10.0)
            calls = (
                sender.send(samples.FROM, READER, Text("Neues"), tracker=f"{number}:1")
                for number in (1, 2)
            )
            found = await asyncio.gather(*calls)
            await sender.close()
            return list(found)

        outcomes = [result.outcome for result in asyncio.run(both())]
    assert outcomes == [Outcome.ACCEPTED, Outcome.SLOW_DOWN]
    assert len(server.taken) == 1
