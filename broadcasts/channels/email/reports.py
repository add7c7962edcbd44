"""Returned mail and complaints, taken apart.

Owns: reading reports (RFC 3464 of what was not delivered, RFC 5965 of complaints) as servers write
them. Never: an event or an outcome (receive), a table. Nothing of a person leaves it but what our
own links and marks say.
"""

import email
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from broadcasts import clock
from broadcasts.channels.email import errors

DELIVERY, COMPLAINT = "message/delivery-status", "message/feedback-report"
RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")

TO = ("To", "X-Original-To", "Delivered-To", "Envelope-To")
"""Where the address stands to which a report came: one of its own for each mail, where the city
has that."""

OURS = ("Message-ID", "References", "In-Reply-To", "Original-Envelope-Id")

REPLY = re.compile(r"(?:^|;)\s*([245]\d\d)[ -]")
LINK = re.compile(r"/abo/email/([A-Za-z0-9_-]{60,600})")


@dataclass(frozen=True)
class Failure:
    """What a server says of one recipient."""

    action: str
    """failed, delayed, delivered, relayed, expanded"""
    code: int
    """Of the reply that it got; 0: not told."""
    status: str
    """Enhanced, e.g. `5.1.1`."""


@dataclass(frozen=True)
class Report:
    at: datetime
    failures: tuple[Failure, ...]
    complaint: str
    """abuse, opt-out, …; empty: it is none."""
    traces: str
    """Everything in which our mark may stand."""
    tokens: tuple[str, ...]
    """Of the links in the headers of the mail that came back."""
    is_automatic: bool
    """A machine's answer: an absence note, for example."""


def read(text: str) -> Report:
    """`text`: a mail as it came, each byte one sign. Never raises for what servers send."""
    mail = email.message_from_bytes(text.encode("latin-1", "replace"))
    parts = list(mail.walk())
    returned = [head for part in parts for head in _returned(part)]
    groups = [group for part in parts for group in _groups(part, DELIVERY)]
    feedback = [group for part in parts for group in _groups(part, COMPLAINT)]
    traces = [str(mail.get(name, "")) for name in TO]
    traces += [str(head.get(name, "")) for head in (*groups, *returned) for name in OURS]
    links = [str(head.get("List-Unsubscribe", "")) for head in returned]
    return Report(
        at=_moment(str(mail.get("Date", ""))),
        failures=tuple(found for group in groups for found in _failures(group)),
        complaint=next((_word(group, "Feedback-Type") for group in feedback), ""),
        traces="\n".join(traces),
        tokens=tuple(token for line in links for token in LINK.findall(_joined(line))),
        is_automatic=_word(mail, "Auto-Submitted") not in ("", "no"),
    )


def _groups(part: Message, kind: str) -> Iterator[Message]:
    """The groups of fields of a report's machine-readable part."""
    if part.get_content_type() != kind:
        return
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (group for group in payload if isinstance(group, Message))
    else:
        # Python reads only delivery-status into groups by itself.
        for block in re.split(r"\r?\n\s*\r?\n", _decoded(part)):
            yield email.message_from_string(block.strip())


def _returned(part: Message) -> Iterator[Message]:
    """The headers of the mail that came back, whole or by themselves."""
    if part.get_content_type() not in RETURNED:
        return
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (head for head in payload if isinstance(head, Message))
    else:
        yield email.message_from_string(_decoded(part))


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("latin-1") if isinstance(payload, bytes) else ""


def _failures(group: Message) -> Iterator[Failure]:
    action = _word(group, "Action")
    if not action:
        return
    diagnostic = _joined(str(group.get("Diagnostic-Code", "")))
    status = errors.status_of(str(group.get("Status", "")))
    if status.endswith(".0.0") or not status:
        # Says nothing: some servers name the real one only beside the reply they got.
        status = errors.status_of(diagnostic) or status
    reply = REPLY.search(diagnostic)
    yield Failure(action, int(reply[1]) if reply else 0, status)


def _word(part: Mapping[str, str] | Message, name: str) -> str:
    return str(part.get(name, "")).split(";")[0].split("(")[0].strip().lower()


def _joined(line: str) -> str:
    return re.sub(r"\s*\r?\n\s+", " ", line)


def _moment(date: str) -> datetime:
    """When the report was written; now, where that cannot be."""
    now = clock.now()
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return now
    return min(at, now) if at.tzinfo is not None else now
