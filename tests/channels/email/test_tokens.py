"""Links nobody else can read or make, and addresses in one spelling."""

from datetime import timedelta

import pytest

from broadcasts.channels.base import Address
from broadcasts.channels.email import tokens
from broadcasts.channels.email.address import read
from broadcasts.channels.pages import Link, LinkError
from tests.channels.email import samples

SECRET = samples.SECRETS.secret


@pytest.mark.parametrize("button", ["stop", "", "erase:yes", "copy"])
def test_it_lets_people_leave_by_the_oldest_mail(button: str) -> None:
    token = samples.token(button)
    later = samples.AT + timedelta(days=4000)
    assert tokens.read(SECRET, token, later) == Link(Address(bsuid=samples.PERSON), button)


@pytest.mark.parametrize("button", ["start:yes", "alerts_only:yes"])
def test_it_confirms_for_two_days(button: str) -> None:
    token = samples.token(button)
    assert tokens.read(SECRET, token, samples.AT + timedelta(hours=47)).button == button
    with pytest.raises(LinkError):
        tokens.read(SECRET, token, samples.AT + timedelta(hours=49))


@pytest.mark.parametrize("odd", ["", "x", "gAAAAA", "ü" * 80, "A" * 5000, "../..", "a" * 101])
def test_it_opens_no_other_link(odd: str) -> None:
    with pytest.raises(LinkError):
        tokens.read(SECRET, odd, samples.AT)


def test_it_opens_no_link_of_another_city() -> None:
    with pytest.raises(LinkError):
        tokens.read("another word of another city", samples.token(), samples.AT)
    changed = samples.token()
    changed = changed[:40] + ("A" if changed[40] != "A" else "B") + changed[41:]
    with pytest.raises(LinkError):
        tokens.read(SECRET, changed, samples.AT)


def test_it_knows_its_own_mark_among_others() -> None:
    text = f"<1.1.{'0' * 20}@a.example> x {samples.mark('12:3')} y"
    assert tokens.find_tracker(SECRET, text) == "12:3"
    assert tokens.find_tracker("another word", text) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna.Beispiel@Reader.Example ", "anna.beispiel@reader.example"),
        ("mailto:a+b@x.example", "a+b@x.example"),
        ("post@bürgeramt.example", "post@xn--brgeramt-65a.example"),
        ("post@straße.example", "post@xn--strae-oqa.example"),
        ("a'b/c@x.example", "a'b/c@x.example"),
    ],
)
def test_it_keeps_an_address_in_one_spelling(typed: str, kept: str) -> None:
    assert read(typed) == Address(bsuid=kept)


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "anna",
        "@x.example",
        "anna@",
        "anna@localhost",
        "anna@1.2.3.4",
        "an na@x.example",
        "anna@@x.example",
        ".anna@x.example",
        "an..na@x.example",
        "jörg@x.example",
        '"a b"@x.example',
        "a@x.example, b@x.example",
        "a@x.example\r\nBcc: b@x.example",
        "Anna <a@x.example>",
        "a" * 65 + "@x.example",
        "a@" + "x" * 130 + ".example",
        "a@xn--.example",
        "+49 176 04069001",
    ],
)
def test_it_takes_nothing_else_for_an_address(odd: str) -> None:
    with pytest.raises(ValueError, match="no e-mail address"):
        read(odd)
