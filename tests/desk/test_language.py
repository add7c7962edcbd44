"""German and English: nothing is left in the other language."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask, g

from bot.desk import here, language
from broadcasts import clock
from tests.desk.words import sentences, translated
from tests.newsroom.makers import BERLIN, local


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


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(here, "city", lambda: SimpleNamespace(zone=BERLIN))
    with Flask("page").test_request_context(), clock.travel(local("2026-11-24", "12:00")):
        g.language = "de"
        yield


@pytest.mark.usefixtures("page")
def test_it_says_of_old_prices_that_they_are() -> None:
    assert language.rates(date(2026, 7, 1)) == "Preise vom 1. Juli 2026"
    assert language.rates(date(2025, 7, 1)) == "Preise vom 1. Juli 2025; bitte prüfen"


@pytest.mark.usefixtures("page")
def test_it_measures_no_few_seconds() -> None:
    assert language.soon(timedelta(seconds=2)) == "wenigen Sekunden"
    assert language.soon(timedelta(minutes=5)) == "5 Minuten"
