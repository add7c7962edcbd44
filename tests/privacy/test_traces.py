"""A number in every spelling that people and machines write, and nobody else's."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.channels.base import Address
from broadcasts.privacy import traces
from broadcasts.privacy.traces import wanted

HERS = Address("4917604069001", "DE.geheim1")


@pytest.mark.parametrize(
    "text",
    [
        "4917604069001",
        '{"from":"4917604069001"}',
        "+49 176 04069001",
        "+49-176-0406-9001",
        "0049 (176) 04 06 90 01",
        "0176/04069001",
        "0176 0406 9001",
        "17604069001",
        "+49\u00a0176\u202f04069001",
        "DE.geheim1",
        b"4917604069001".hex(),
        "wamid.HBgNNDkxNzYwNDA2OTAwMRUCABE=",
    ],
)
def test_it_finds_her_in_every_spelling(text: str) -> None:
    assert wanted(HERS).is_in(f"x {text} y".encode())


@pytest.mark.parametrize(
    "text", ["4917604069002", "0176 0406 9002", "99176040690014", "DE.geheim2", ""]
)
def test_it_takes_nobody_else_for_her(text: str) -> None:
    assert not wanted(HERS).is_in(f"x {text} y".encode())


def test_it_finds_a_number_that_stands_right_behind_another_in_a_raw_file() -> None:
    assert wanted(HERS).is_in(b"whatsapp12345678904917604069001DE")


@pytest.mark.parametrize("text", ["Jörg Ü.", r"J\u00f6rg \u00dc."])
def test_it_finds_a_name_in_json_too(text: str) -> None:
    assert wanted(Address("4917604069009"), ("Jörg Ü.",)).is_in(text.encode())


@given(
    st.binary(max_size=5), st.binary(max_size=5), st.sampled_from(["DE.geheim1", "4917604069001"])
)
def test_it_finds_base64_at_any_place(before: bytes, after: bytes, value: str) -> None:
    encoded = base64.urlsafe_b64encode(before + value.encode() + after)
    assert wanted(HERS).is_in(b"wamid." + encoded)


def test_it_finds_a_short_id_only_by_itself() -> None:
    person = Address(bsuid="55500")
    assert traces.names(person, '{"from": {"id": 55500}}')
    assert not traces.names(person, '{"date": 1755500111}')
    assert traces.wanted(person).is_in(b"chat=55500 sent")
    assert not traces.wanted(person).is_in(b"155500 2")


def test_it_sees_a_mail_address_in_a_text() -> None:
    """However it was written there: it is kept in small letters."""
    words = traces.possible_addresses('{"to": "<Anna.B+x@Reader.example>, y"} o\'k@x.example.')
    assert {"anna.b+x@reader.example", "o'k@x.example"} <= set(words)
    hers = Address(bsuid="anna.b+x@reader.example")
    assert wanted(hers).is_in(b"rcpt=anna.b+x@reader.example;")
    assert not wanted(hers).is_in(b"rcpt=hanna.b@reader.example;")
