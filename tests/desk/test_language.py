"""German and English: nothing is left in the other language."""

import re

from tests.desk.words import sentences, translated


def test_it_has_german_for_every_sentence() -> None:
    german = translated("de")
    missing = [one for one in sentences() if one not in german or not german[one]]
    assert missing == []


def test_it_keeps_no_german_for_what_is_not_said_any_more() -> None:
    assert set(translated("de")) - sentences() == set()


def test_it_keeps_each_sentences_values() -> None:
    for english, german in translated("de").items():
        for one in german if isinstance(german, tuple) else (german,):
            source = english[-1] if isinstance(english, tuple) else english
            assert set(re.findall(r"%\(\w+\)s", one)) <= set(re.findall(r"%\(\w+\)s", source)), one
