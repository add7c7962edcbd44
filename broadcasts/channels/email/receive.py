"""What comes in for e-mail: what was done on our pages, and mail that came back.

Owns: reading both into neutral events. Never: a table; an exception out of `parse`; keeps an
address or a text of a mail that it cannot use.
"""

import hashlib
import logging
from collections.abc import Iterator
from typing import Any

from broadcasts import clock
from broadcasts.channels import onpage
from broadcasts.channels.base import Event, Outcome, PreferenceIn, Receipt, StatusIn, Strange
from broadcasts.channels.email import errors, reports, tokens
from broadcasts.channels.email.errors import Step
from broadcasts.channels.pages import LinkError

log = logging.getLogger(__name__)

MAIL = "message/rfc822"
"""Key under which the door keeps a mail (bot/webhooks)."""

UNWANTED = frozenset({"abuse", "opt-out", "opt-out-list", "fraud"})
"""Kinds of complaint by which somebody says that they want no more (RFC 5965, section 7.3)."""


def parse(payload: Any, account: str, secret: str) -> Iterator[Event]:
    """Neutral events in order; none for what says nothing of anybody (a delay, an absence)."""
    try:
        yield from list(_read(payload, account, secret))
    except Exception as error:
        # Whatever it is; it is counted, without what may name somebody.
        log.warning("unreadable body error=%s", type(error).__name__)
        yield Strange("unreadable", {"kind": type(payload).__name__})


def _read(payload: Any, account: str, secret: str) -> Iterator[Event]:
    if onpage.is_one(payload):
        yield onpage.read(payload, "email", account)
    elif isinstance(payload, dict) and isinstance(payload.get(MAIL), str):
        yield from _mail(reports.read(payload[MAIL]), account, secret)
    else:
        yield Strange("unreadable", {"kind": type(payload).__name__})


def _mail(report: reports.Report, account: str, secret: str) -> Iterator[Event]:
    if report.complaint:
        yield from _complaint(report, account, secret)
    elif report.failures:
        yield from _returned(report, account, secret)
    elif not report.is_automatic:
        yield Strange("no_report", {})


def _returned(report: reports.Report, account: str, secret: str) -> Iterator[Event]:
    failed = next((one for one in report.failures if one.action == "failed"), None)
    if failed is None:
        return
    tracker = tokens.find_tracker(secret, report.traces)
    if tracker is None:
        # Not of a mail of ours, or its server has sent nothing of it back.
        yield Strange("returned_unknown", {"status": failed.status})
        return
    outcome = errors.outcome(failed.code, failed.status, Step.RETURNED)
    code = f"{failed.code or ''} {failed.status}".strip() or "returned"
    yield StatusIn(
        account=account,
        provider_id="",
        tracker=tracker,
        receipt=Receipt.FAILED,
        at=report.at,
        outcome=outcome if outcome in _FINAL else Outcome.NOT_TODAY,
        code=code,
    )


_FINAL = (Outcome.UNREACHABLE, Outcome.NOT_TODAY)
"""What a report may say: it concerns one person, is not tried again, and stops nobody's account."""


def _complaint(report: reports.Report, account: str, secret: str) -> Iterator[Event]:
    """Who it was is told by our own link in the mail that came back: it cannot be forged, and many
    reports leave the address out."""
    if report.complaint not in UNWANTED:
        return
    for token in report.tokens:
        try:
            link = tokens.read(secret, token, clock.now())
        except LinkError:
            continue
        once = hashlib.sha256(f"{token} {report.at.isoformat()}".encode()).hexdigest()[:32]
        yield PreferenceIn(
            id=f"email.complaint.{once}",
            account=account,
            sender=link.address,
            at=report.at,
            wants_digests=False,
            wants_alerts=False,
        )
        return
    yield Strange("complaint_unknown", {"kind": report.complaint})
