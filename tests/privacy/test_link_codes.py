"""Codes: in a form people can type, hashed, used once, soon over."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.privacy import link_codes
from broadcasts.privacy.link_codes import LinkCode, Purpose
from tests.delivery.makers import reader

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("K7QM3XH", True),
        ("K7QM3XHK7Q", True),
        ("2345678", True),
        ("KQMWXHA", False),  # a word
        ("K7QM3X", False),
        ("K7QM3XHK", False),
        ("K7QM0XH", False),
        ("K7QMIXH", False),
        ("k7qm3xh", False),
        ("K7QM3XÄ", False),
    ],
)
def test_it_knows_its_form(text: str, fits: bool) -> None:
    assert link_codes.is_form(text) is fits


@pytest.mark.usefixtures("database")
class TestCodes:
    def test_it_finds_whose_it_is_until_it_is_over(self) -> None:
        person, now = reader(1), clock.now()
        code = link_codes.make(person, Purpose.MOVE, key=KEY, now=now)
        assert link_codes.is_form(code)
        row = link_codes.find(code, key=KEY, now=now)
        assert row is not None
        assert (row.subscriber, row.purpose) == (person, Purpose.MOVE)
        assert code not in str(LinkCode.get().__data__)
        assert link_codes.find(code, key=b"other", now=now) is None
        later = now + timedelta(minutes=15)
        assert link_codes.find(code, key=KEY, now=later) is None
        assert link_codes.forget_old(later) == 1

    def test_it_has_one_for_each_person(self) -> None:
        person, now = reader(1), clock.now()
        first = link_codes.make(person, Purpose.CONNECT, key=KEY, now=now)
        second = link_codes.make(person, Purpose.CONNECT, key=KEY, now=now)
        assert link_codes.find(first, key=KEY, now=now) is None
        assert link_codes.find(second, key=KEY, now=now) is not None
        assert link_codes.open_until(person) == now + link_codes.VALID

    def test_it_goes_with_the_person(self) -> None:
        person = reader(1)
        link_codes.make(person, Purpose.CONNECT, key=KEY, now=clock.now())
        person.delete_instance()
        assert LinkCode.select().count() == 0
