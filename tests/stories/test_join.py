"""A citizen's first steps: the page, the link with its word, the answer in their language."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from broadcasts.people.consent import Consent, Deed
from tests.stories.telling import person, said
from tests.system import System


@pytest.mark.parametrize(
    ("page", "language", "answer"),
    [
        ("/", "de", "Willkommen beim Messenger-Dienst"),
        ("/en", "en", "Welcome to our messenger service"),
        ("/nl", "nl", "Welkom"),
    ],
)
def test_it_leads_from_the_page_to_an_answer_in_its_language(
    system: System, page: str, language: str, answer: str
) -> None:
    shown = httpx.get(f"{system.url}{page}").text
    (link,) = re.findall(r'class="join" href="([^"]+)"', shown)
    parts = urlsplit(link)
    assert parts.path == "/4917604069000"
    (word,) = parse_qs(parts.query)["text"]
    assert answer in said(system, word)[0]
    assert person().language == language
    assert Consent.get().deed == Deed.OPT_IN
    assert f"„{word}“" in shown or f"“{word}”" in shown, "the page says what will be sent"


def test_it_tells_how_to_leave_in_words_that_work(system: System) -> None:
    shown = httpx.get(f"{system.url}/").text
    leave = [word for word in ("Stopp", "Alle Daten löschen") if f"„{word}“" in shown]
    assert leave == ["Stopp", "Alle Daten löschen"]
    assert "abgemeldet" in said(system, "Start", leave[0])[1]
    assert "Quittung" in said(system, leave[1])[0]
