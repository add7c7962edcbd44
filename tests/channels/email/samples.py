"""What comes in for e-mail, in the shapes of several servers, with values of our own."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from broadcasts.channels import onpage
from broadcasts.channels.base import Address
from broadcasts.channels.email import build, compose, door, tokens
from broadcasts.channels.email.channel import Email
from broadcasts.channels.email.settings import EmailSecrets, EmailSettings
from broadcasts.channels.pages import Link, OnPage, Way

PERSON = "anna.beispiel@reader.example"
SECRETS = EmailSecrets(password="password-of-the-test", secret="word-of-the-test-nobody-guesses")
FROM = "newsletter@musterstadt.example"
URL = "https://bote.musterstadt.example"
AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def settings(port: int = 9, **more: Any) -> EmailSettings:
    known = {
        "host": "localhost",
        "port": port,
        "security": "none",
        "from_address": FROM,
        "from_name": "Stadt Müsterstadt",
    }
    return EmailSettings(**{**known, **more})


def channel(port: int = 9, media: Path = Path(), **more: Any) -> Email:
    return build(settings(port, **more), lambda: SECRETS, media, URL)


def sign(raw: bytes) -> Mapping[str, str]:
    return {door.HEADER: door.word(SECRETS.secret)}


def forge(raw: bytes) -> Mapping[str, str]:
    return {door.HEADER: door.word("another word")}


def pressed(button: str = "start", way: Way = Way.FORM, **more: Any) -> dict[str, Any]:
    """What was done on a page."""
    known = {"label": "Start", "language": "de", "origin": "Formular", "at": AT}
    said = OnPage(Address(bsuid=PERSON), way, button=button, **{**known, **more})
    body: dict[str, Any] = json.loads(onpage.entry(said))
    return body


def mark(tracker: str = "7:1") -> str:
    return tokens.mark(SECRETS.secret, tracker)


def link(button: str = "stop") -> str:
    return f"{URL}/abo/email/{token(button)}"


@cache
def token(button: str = "stop", at: datetime = AT) -> str:
    """Encrypted once: each time it would look different."""
    return tokens.make(SECRETS.secret, Link(Address(bsuid=PERSON), button), at)


def wrapped(text: str) -> dict[str, Any]:
    """As the door keeps a mail."""
    return {"message/rfc822": text.strip().replace("\n", "\r\n") + "\r\n"}


def returned_head(tracker: str = "7:1") -> str:
    return f"""\
Date: Tue, 24 Nov 2026 17:00:00 +0100
From: Stadt Musterstadt <{FROM}>
To: {PERSON}
Subject: Neues
Message-ID: <{mark(tracker)}@musterstadt.example>
List-Unsubscribe: <{link()}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
"""


def postfix(status: str = "5.1.1", action: str = "failed", tracker: str = "7:1") -> dict[str, Any]:
    """Postfix: headers of the returned mail in a part of their own."""
    return wrapped(
        f"""\
Return-Path: <>
Date: Tue, 24 Nov 2026 17:00:02 +0100 (CET)
From: MAILER-DAEMON@mail.musterstadt.example (Mail Delivery System)
To: {FROM}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
    boundary="8A1C2.1764000002/mail.musterstadt.example"

--8A1C2.1764000002/mail.musterstadt.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I am sorry to have to tell you that your message could not be delivered.

--8A1C2.1764000002/mail.musterstadt.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.musterstadt.example
X-Postfix-Queue-ID: 8A1C2
Arrival-Date: Tue, 24 Nov 2026 17:00:00 +0100 (CET)

Final-Recipient: rfc822; {PERSON}
Original-Recipient: rfc822;{PERSON}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.reader.example
Diagnostic-Code: smtp; 550 {status} <{PERSON}>: Recipient address rejected: User
    unknown in virtual mailbox table

--8A1C2.1764000002/mail.musterstadt.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{returned_head(tracker)}
--8A1C2.1764000002/mail.musterstadt.example--
"""
    )


def exchange() -> dict[str, Any]:
    """Exchange: alternative parts first, the whole mail last, the code in its own tongue."""
    return wrapped(
        f"""\
From: <postmaster@reader.example>
To: <bounce+{mark("8:2")}@musterstadt.example>
Date: Tue, 24 Nov 2026 16:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
 boundary="_4b1f_"
Content-Language: de-DE
Subject: Unzustellbar: Neues
Auto-Submitted: auto-replied
MIME-Version: 1.0

--_4b1f_
Content-Type: multipart/alternative; boundary="_4b1f_a"

--_4b1f_a
Content-Type: text/plain; charset="utf-8"

Ihre Nachricht konnte nicht zugestellt werden.

--_4b1f_a
Content-Type: text/html; charset="utf-8"

<p>Ihre Nachricht konnte nicht zugestellt werden.</p>

--_4b1f_a--

--_4b1f_
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.reader.example
Received-From-MTA: dns;mail.musterstadt.example
Arrival-Date: Tue, 24 Nov 2026 16:00:04 +0000

Final-Recipient: rfc822;{PERSON}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found

--_4b1f_
Content-Type: message/rfc822

{returned_head("8:2")}
Content-Type: text/plain

Neues

--_4b1f_--
"""
    )


def exim(diagnostic: str = "smtp; 550 5.7.1 refused by local policy") -> dict[str, Any]:
    """Exim: a status that says nothing, the real one beside the reply."""
    return wrapped(
        f"""\
From: Mail Delivery System <Mailer-Daemon@mx.reader.example>
To: {FROM}
References: <{mark("9:1")}@musterstadt.example>
Date: Tue, 24 Nov 2026 17:00:03 +0100
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=1764-eximdsn
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1764-eximdsn
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered.

--1764-eximdsn
Content-type: message/delivery-status

Reporting-MTA: dns; mx.reader.example

Action: failed
Final-Recipient: rfc822;{PERSON}
Status: 5.0.0
Remote-MTA: dns; mx2.reader.example
Diagnostic-Code: {diagnostic}

--1764-eximdsn
Content-type: message/rfc822

{returned_head("9:1")}

--1764-eximdsn--
"""
    )


def envelope_only(tracker: str = "6:1") -> dict[str, Any]:
    """A server that sends nothing back but the id of the envelope (RFC 3461)."""
    return wrapped(
        f"""\
From: postmaster@mx.reader.example
To: {FROM}
Date: Tue, 24 Nov 2026 17:00:03 +0100
Content-Type: multipart/report; report-type=delivery-status; boundary=b
MIME-Version: 1.0

--b
Content-Type: text/plain

Leider nicht.

--b
Content-Type: message/delivery-status

Original-Envelope-Id: {mark(tracker)}
Reporting-MTA: dns; mx.reader.example

Final-Recipient: rfc822; {PERSON}
Action: failed
Status: 5.2.1

--b--
"""
    )


def complaint(kind: str = "abuse", button: str = "stop") -> dict[str, Any]:
    """A complaint as providers of mailboxes send it, the address left out."""
    return wrapped(
        f"""\
From: <fbl@reader.example>
To: <abuse@musterstadt.example>
Date: Tue, 24 Nov 2026 18:00:00 +0000
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain; charset="US-ASCII"

This is an abuse report.

--part
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Reports/1.0
Version: 1
Original-Rcpt-To: redacted@reader.example

--part
Content-Type: message/rfc822

{returned_head().replace(link(), f"{URL}/abo/email/{token(button)}")}
Neues

--part--
"""
    )


def absence() -> dict[str, Any]:
    """A machine's answer that says nothing of a mailbox."""
    return wrapped(
        f"""\
From: {PERSON}
To: bounce+{mark()}@musterstadt.example
Date: Tue, 24 Nov 2026 17:10:00 +0100
Auto-Submitted: auto-replied
Subject: Abwesend
Content-Type: text/plain; charset=utf-8

Ich bin im Urlaub.
"""
    )


def post(port: int = 9, **more: Any) -> compose.Post:
    return compose.Post(settings(port, **more), URL, SECRETS.secret, AT)
