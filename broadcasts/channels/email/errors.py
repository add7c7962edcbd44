"""What a mail server's codes mean: our closed list of outcomes.

Owns: the tables. Never: decides on a server's words (they differ), or what follows
(delivery/policy). Sources: RFC 5321 section 4.2 (replies), RFC 3463 and the IANA registry "SMTP
Enhanced Status Codes".
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from broadcasts.channels.base import Outcome


class Step(StrEnum):
    """How far a message has come when the server refuses."""

    CONNECT = "connect"
    """Greeting, encryption, sign-in: before there is a message."""
    MAIL = "mail"
    """Who sends it."""
    RCPT = "rcpt"
    """Who gets it."""
    DATA = "data"
    """The message itself."""
    RETURNED = "returned"
    """It was taken, and came back later."""


ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

STATUSES: Mapping[str, Outcome] = {
    # Of the mailbox.
    "5.1.7": Outcome.ACCOUNT,  # our own address is malformed
    "5.1.8": Outcome.ACCOUNT,  # our own domain is unknown
    "5.1": Outcome.UNREACHABLE,
    "5.2.2": Outcome.NOT_TODAY,  # full
    "5.2.3": Outcome.OUR_MISTAKE,  # too long for this mailbox
    "5.2": Outcome.UNREACHABLE,
    # Of systems and ways between them.
    "5.3.4": Outcome.OUR_MISTAKE,  # too long
    "5.3": Outcome.NOT_TODAY,
    "5.4": Outcome.UNREACHABLE,
    "5.5": Outcome.OUR_MISTAKE,
    "5.6": Outcome.OUR_MISTAKE,
    "5.7.8": Outcome.CREDENTIALS,
    "5.7.9": Outcome.CREDENTIALS,
    "5.7.11": Outcome.CREDENTIALS,
    "5.7.13": Outcome.ACCOUNT,
    "4.5.3": Outcome.SLOW_DOWN,  # too many recipients
    "4.3.2": Outcome.PAUSE,  # takes no mail at the moment
}
"""Enhanced status, whole or its first two parts → outcome, whatever the step."""

BY_STEP: Mapping[tuple[str, Step], Outcome] = {
    # "Not allowed" is said of our account, of one recipient's rules, or of what we write.
    ("5.7", Step.CONNECT): Outcome.ACCOUNT,
    ("5.7", Step.MAIL): Outcome.ACCOUNT,
    # Ten of them in a row without one success hold the broadcast: a relay that wants a sign-in
    # says it of everybody, and nobody must be taken for gone because of it.
    ("5.7", Step.RCPT): Outcome.OUR_MISTAKE,
    ("5.7", Step.DATA): Outcome.OUR_MISTAKE,
    ("5.7", Step.RETURNED): Outcome.NOT_TODAY,
    # Not tried again: the other server has tried for days.
    ("4", Step.RETURNED): Outcome.NOT_TODAY,
    ("5", Step.RETURNED): Outcome.NOT_TODAY,
}
"""The same where it depends on the step."""

REPLIES: Mapping[tuple[int, Step], Outcome] = {
    (421, Step.DATA): Outcome.PAUSE,
    (421, Step.RCPT): Outcome.PAUSE,
    (421, Step.MAIL): Outcome.PAUSE,
    (421, Step.CONNECT): Outcome.PAUSE,
    (450, Step.CONNECT): Outcome.PAUSE,
    (451, Step.CONNECT): Outcome.PAUSE,
    (452, Step.MAIL): Outcome.SLOW_DOWN,
    (452, Step.RCPT): Outcome.SLOW_DOWN,
    (454, Step.CONNECT): Outcome.PAUSE,
    (550, Step.MAIL): Outcome.ACCOUNT,
    (550, Step.RCPT): Outcome.UNREACHABLE,
    (551, Step.RCPT): Outcome.UNREACHABLE,
    (552, Step.RCPT): Outcome.NOT_TODAY,
    (553, Step.MAIL): Outcome.ACCOUNT,
    (553, Step.RCPT): Outcome.UNREACHABLE,
    (554, Step.CONNECT): Outcome.ACCOUNT,
    (554, Step.MAIL): Outcome.ACCOUNT,
    (556, Step.RCPT): Outcome.UNREACHABLE,
}
"""Reply code and step → outcome, where no enhanced status says more."""

ALWAYS: Mapping[int, Outcome] = {
    530: Outcome.CREDENTIALS,
    534: Outcome.CREDENTIALS,
    535: Outcome.CREDENTIALS,
    538: Outcome.CREDENTIALS,
    421: Outcome.PAUSE,
}
"""Reply codes that mean one thing, whatever stands beside them."""


def outcome(code: int, status: str = "", step: Step = Step.RCPT) -> Outcome:
    """`status`: the enhanced one (`5.1.1`), empty where the server gives none."""
    if code in ALWAYS:
        return ALWAYS[code]
    first_two, first = status.rpartition(".")[0], status[:1]
    for found in (
        STATUSES.get(status),
        STATUSES.get(first_two),
        BY_STEP.get((first_two, step)),
        BY_STEP.get((first, step)),
        REPLIES.get((code, step)),
    ):
        if found is not None:
            return found
    if 400 <= code < 500:
        return Outcome.TRANSIENT
    return Outcome.OUR_MISTAKE


def status_of(words: str) -> str:
    """The enhanced status at the beginning of a reply, or in a report's diagnostic code; empty
    where there is none."""
    found = ENHANCED.search(words)
    return ".".join(found.groups()) if found else ""
