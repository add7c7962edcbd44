"""Plain language is the city's own language; a word decides about an answer, not about a choice."""

import pytest

from broadcasts.languages import PLAIN, READ, answered, others, spoken
from broadcasts.people.subscribers import Subscriber
from broadcasts.settings import LANGUAGES


@pytest.mark.parametrize("own", LANGUAGES)
def test_it_speaks_the_citys_language_in_plain_words(own: str) -> None:
    assert spoken(PLAIN, own) == own
    assert spoken("xx", own) == own
    assert [spoken(one, own) for one in LANGUAGES] == list(LANGUAGES)


@pytest.mark.parametrize(
    ("theirs", "word", "answer"),
    [
        ("plain", "de", "plain"),
        ("plain", "", "plain"),
        ("plain", "en", "en"),
        ("en", "de", "de"),
        ("de", "en", "en"),
        ("de", "", "de"),
    ],
)
def test_it_answers_in_the_language_of_the_word(theirs: str, word: str, answer: str) -> None:
    assert answered(theirs, word, "de") == answer


@pytest.mark.parametrize("own", LANGUAGES)
def test_it_has_a_version_in_every_language_but_the_citys(own: str) -> None:
    assert {*others(own), own} == set(READ)
    assert len(others(own)) == 3  # no message holds more buttons


def test_it_fits_its_column() -> None:
    assert max(map(len, READ)) <= Subscriber.language.max_length
