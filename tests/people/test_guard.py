"""What is for few eyes in a citizen's text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.people import guard


def test_it_reads_the_longest_text_once() -> None:
    # Read anew from each sign, this would take minutes.
    assert not guard.is_delicate("a" * 200_000)


@pytest.mark.parametrize(
    ("before", "delicate", "after"),
    [
        ("Meine IBAN: ", "DE02 1203 0000 0000 2020 51", ", danke"),
        ("", "DE02120300000000202051", ""),
        ("an ", "leser@stadt.example", " bitte"),
        ("Zähler ", "1EMH0012345678", " steht"),
        ("Kundennummer ", "4711-0815-9", ""),
        ("Rufen Sie ", "+49 176 04069001", " an"),
    ],
)
def test_it_hides_what_is_for_few_eyes(before: str, delicate: str, after: str) -> None:
    text = before + delicate + after
    assert guard.masked(text) == before + "•" * len(delicate) + after
    assert guard.is_delicate(text)


@pytest.mark.parametrize(
    "text",
    [
        "Am 24.11.2026 um 17:00 Uhr, Gartenstraße 12a",
        "Geboren 2001-02-03? Nein.",
        "12345 Musterstadt",
        "Linie 5 und 10, Tor 3",
        "",
    ],
)
def test_it_leaves_dates_and_small_numbers(text: str) -> None:
    assert guard.masked(text) == text


@given(st.text())
def test_it_loses_no_sign(text: str) -> None:
    assert "".join(part.text for part in guard.parts(text)) == text
    assert len(guard.masked(text)) == len(text)
