"""Any spelling of a number, or a user id."""

import pytest

from broadcasts.channels.base import Address
from tests.channels.whatsapp.samples import channel

CHANNEL = channel()


@pytest.mark.parametrize(
    "text",
    [
        "+49 176 04069001",
        "0049 176 04069001",
        "0176 0406 9001",
        "(0176) 04069001",
        "4917604069001",
        "+49-176-0406-9001",
        " +49 (176) 04069001 ",
    ],
)
def test_it_reads_every_spelling(text: str) -> None:
    assert CHANNEL.address(text) == Address(wa_id="4917604069001")


def test_it_reads_a_foreign_number() -> None:
    assert CHANNEL.address("+1 202 555 0100") == Address(wa_id="12025550100")


def test_it_reads_a_user_id() -> None:
    assert CHANNEL.address("DE.aB12x") == Address(bsuid="DE.aB12x")


@pytest.mark.parametrize("text", ["", "Rathaus", "12", "+", "DE.", "de.abc", "DE.a b", "+49"])
def test_it_says_what_it_expects(text: str) -> None:
    with pytest.raises(ValueError, match="phone number"):
        CHANNEL.address(text)
