"""Returned mail and complaints, in the shapes of several servers → neutral events."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.channels.base import (
    Address,
    Event,
    MessageIn,
    Outcome,
    PreferenceIn,
    Receipt,
    StatusIn,
    Strange,
    Way,
)
from tests.channels.email import samples

CHANNEL = samples.channel()


def parse(payload: Any) -> list[Event]:
    return list(CHANNEL.parse(payload))


def one(payload: Any) -> Event:
    (event,) = parse(payload)
    return event


def status(payload: Any) -> StatusIn:
    event = one(payload)
    assert isinstance(event, StatusIn)
    return event


def test_it_reads_what_was_done_on_a_page() -> None:
    event = one(samples.pressed("start", Way.FORM, called="Frau Beispiel", language="nl"))
    assert isinstance(event, MessageIn)
    assert event.sender == Address(bsuid=samples.PERSON)
    assert (event.button, event.kind, event.way) == ("start", "button", Way.FORM)
    assert (event.called, event.language, event.at) == ("Frau Beispiel", "nl", samples.AT)
    details = one(samples.pressed("", Way.LINK, called=""))
    assert isinstance(details, MessageIn)
    assert (details.kind, details.button, details.called) == ("details", None, "")


def test_it_takes_each_press_for_one_of_its_own() -> None:
    first, second = one(samples.pressed()), one(samples.pressed())
    assert isinstance(first, MessageIn)
    assert isinstance(second, MessageIn)
    assert first.id != second.id
    assert samples.PERSON not in first.id


@pytest.mark.parametrize(
    ("payload", "tracker", "outcome", "code"),
    [
        (samples.postfix(), "7:1", Outcome.UNREACHABLE, "550 5.1.1"),
        (samples.postfix("5.2.2"), "7:1", Outcome.NOT_TODAY, "550 5.2.2"),
        (samples.postfix("4.4.7"), "7:1", Outcome.NOT_TODAY, "550 4.4.7"),
        (samples.postfix("5.3.4"), "7:1", Outcome.NOT_TODAY, "550 5.3.4"),
        (samples.exchange(), "8:2", Outcome.UNREACHABLE, "550 5.1.10"),
        (samples.exim(), "9:1", Outcome.NOT_TODAY, "550 5.7.1"),
        (samples.exim("smtp; 550-5.1.1 gone"), "9:1", Outcome.UNREACHABLE, "550 5.1.1"),
        (samples.exim("X-local; odd"), "9:1", Outcome.NOT_TODAY, "5.0.0"),
        (samples.envelope_only(), "6:1", Outcome.UNREACHABLE, "5.2.1"),
    ],
)
def test_it_reads_why_a_mail_came_back(
    payload: Any, tracker: str, outcome: Outcome, code: str
) -> None:
    found = status(payload)
    assert (found.tracker, found.receipt) == (tracker, Receipt.FAILED)
    assert (found.outcome, found.code) == (outcome, code)
    assert found.account == samples.FROM


def test_it_says_when_a_mail_came_back() -> None:
    assert status(samples.postfix()).at == datetime(2026, 11, 24, 16, 0, 2, tzinfo=UTC)
    # Not in the future, whatever the server's clock says.
    with clock.travel(samples.AT - timedelta(days=1)):
        assert status(samples.postfix()).at < samples.AT


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_it_takes_no_notice_of_what_is_no_failure(action: str) -> None:
    assert parse(samples.postfix("4.4.1", action)) == []
    assert parse(samples.absence()) == []


def test_it_believes_no_report_without_our_mark() -> None:
    """Anybody can write to the address for returned mail."""
    forged = samples.postfix()
    forged["message/rfc822"] = forged["message/rfc822"].replace("<7.1.", "<8.1.")
    event = one(forged)
    assert isinstance(event, Strange)
    assert event.reason == "returned_unknown"
    assert samples.PERSON not in str(event.raw)


@pytest.mark.parametrize("kind", ["abuse", "opt-out"])
def test_it_takes_a_complaint_for_a_goodbye(kind: str) -> None:
    payload = samples.complaint(kind)
    event = one(payload)
    assert isinstance(event, PreferenceIn)
    assert event.sender == Address(bsuid=samples.PERSON)
    assert not event.wants_alerts
    assert event == one(payload)


def test_it_knows_who_complains_by_our_own_link_alone() -> None:
    forged = samples.complaint()
    forged["message/rfc822"] = forged["message/rfc822"].replace("/abo/email/gA", "/abo/email/gB")
    event = one(forged)
    assert isinstance(event, Strange)
    assert parse(samples.complaint("not-spam")) == []


def test_it_keeps_nothing_of_a_mail_that_is_no_report() -> None:
    event = one(samples.wrapped("From: a@b.example\nSubject: Hallo\n\nMein Garten, Weg 1"))
    assert isinstance(event, Strange)
    assert (event.reason, event.raw) == ("no_report", {})


def test_it_survives_mails_of_any_kind() -> None:
    """Lines deleted, doubled, swapped, signs replaced: an event or nothing, and never a raise."""
    dice = random.Random(11)
    mails = [samples.postfix(), samples.exchange(), samples.exim(), samples.complaint()]
    for _ in range(400):
        lines = dice.choice(mails)["message/rfc822"].split("\r\n")
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(lines))
            lines[at] = dice.choice(["", "--", lines[at][::-1], "Content-Type: x/y", "\xff" * 20])
            dice.random() < 0.3 and lines.pop(at)
        for event in parse({"message/rfc822": "\r\n".join(lines)}):
            assert isinstance(event, StatusIn | PreferenceIn | Strange)
            if isinstance(event, Strange):
                assert samples.PERSON not in str(event.raw)


@pytest.mark.parametrize(
    "odd",
    [
        {"address": "two words"},
        {"address": None},
        {"way": "chat"},
        {"way": "x"},
        {"at": "2026-11-24T16:00"},
        {"at": 7},
        {"label": "x" * 500},
        {"button": {}},
    ],
)
def test_it_reads_nothing_into_an_odd_press(odd: dict[str, Any]) -> None:
    payload = samples.pressed()
    payload["page"] |= odd
    assert isinstance(one(payload), Strange)
