"""Until when: what people write of a pause, what is asked back, and never an error."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.keywords import Command, read
from bot.pausing_words import TONGUES
from bot.public.signing import WORDS as WORDS_ON_PAGE
from bot.until_when import SOON, Days, Problem, Wish
from bot.until_when import read as until
from bot.words import WORDS, Intent
from broadcasts.people.pauses import LONGEST
from broadcasts.settings import LANGUAGES

TODAY = date(2027, 8, 20)
"""A Friday."""
DAYS = Days(TODAY, TODAY)
THIRD = date(2027, 9, 3)


def day(text: str, days: Days = DAYS) -> date | None:
    wish = until(text, days)
    return wish.until if wish else None


@pytest.mark.parametrize(
    "text",
    [
        "Pause bis 3.9.", "pause bis 3.9", "Pause bis 03.09.", "PAUSE BIS 3. SEPTEMBER!",
        "Pause bis zum 3. September", "Pause bis 3.9.2027", "Pause bis 03.09.2027",
        "Pause bis 3.9.27", "Pause bis 3/9", "Pause bis 2027-09-03", "Pause bis 3. Sept.",
        "Bitte Pause bis 3.9.", "Pause bis 3.9., danke", "Pause bis einschließlich 3.9.",
        "Pause bis 3. September, viele Grüße, Anna Beispiel", "Ich mache Pause bis 3.9.",
        "Ich möchte gern eine Pause bis 3.9.", "Hallo, bis 3.9. Pause bitte", "Pause 3.9.",
        "Pause bis Freitag, 3.9.", "Pause bis Freitag, den 3. September",
        "Pause ab sofort bis 3.9.",
        "Pause von heute bis 3.9.", "Urlaub bis 3.9.", "Pause bis 3.9. 18 Uhr", "Pause bis 3.",
        "Pasue bis 3.9.", "Puase bis 3.9.", "Pause bis 3. Setpember", "Pause bis 3. Septmber",
        "ＰＡＵＳＥ bis ３.９.", "Pause\u200b bis 3.9.", "Pause bis 3\u00a0.\u00a09.",
        "pause until 3 September", "Pause until September 3", "pause until September 3rd",
        "Pause until the 3rd of September", "please pause till 3 Sept", "pause through 3 Sep 2027",
        "I want a break until September 3, 2027, thanks",
        "pauze tot 3 september", "Pauze t/m 3 sept.", "Pauze tot en met 3 september 2027",
        "Graag pauze tot 3e september", "pauzeren tot vrijdag 3 september",
    ],
)  # fmt: skip
def test_it_reads_a_day_however_it_is_written(text: str) -> None:
    assert day(text) == THIRD


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_reads_what_the_page_of_ones_own_data_sends(language: str) -> None:
    """There the day is picked, and goes the way of a text (bot/public/signing)."""
    assert day(f"{WORDS_ON_PAGE[language]['pause_until']} 03.09.2027") == THIRD


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Pause 1 Woche", 6), ("Pause eine Woche", 6), ("Pause 2 Wochen", 13),
        ("Pause zwei Wochen", 13), ("2 Wochen Pause bitte", 13), ("Pause für 10 Tage", 9),
        ("Pause fuer 14 Tage", 13), ("Pause 14tage", 13), ("Pause 1 Tag", 0),
        ("Pause bis heute", 0),
        ("Pause bis morgen", 1), ("Pause bis übermorgen", 2), ("Pause bis Montag", 3),
        ("Pause bis nächsten Mo", 3), ("Pause bis Monatg", 3), ("Pause bis Freitag", 7),
        ("Pause bis Ende des Monats", 11), ("Pause bis Ende August", 11),
        ("Pause bis Ende der Woche", 2), ("Pause einen Monat", 30), ("Pause 1 Jahr", 365),
        ("pause for two weeks", 13), ("pause for a week", 6), ("Pause 10 days please", 9),
        ("pause until next monday", 3), ("pause until tomorrow", 1),
        ("pause till end of August", 11),
        ("pauze voor twee weken", 13), ("Pauze een week", 6), ("pauze tot maandag", 3),
        ("Pauze 10 dagen", 9), ("pauze tot overmorgen", 2), ("pauze tot eind augustus", 11),
    ],
)  # fmt: skip
def test_it_reads_a_length_of_time_and_a_day_by_its_name(text: str, last: int) -> None:
    assert day(text) == TODAY + timedelta(days=last)


def test_it_counts_from_the_first_digest_that_has_not_left() -> None:
    gone = Days(TODAY, TODAY + timedelta(days=1))
    assert day("Pause 1 Woche", gone) == TODAY + timedelta(days=7)
    assert day("Pause 1 Monat", gone) == date(2027, 9, 20)
    assert day("Pause bis Montag", gone) == TODAY + timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Pause bis 31.2.", Problem.NO_SUCH_DAY), ("Pause bis 0.0.", Problem.NO_SUCH_DAY),
        ("Pause bis 99.99.9999", Problem.NO_SUCH_DAY), ("Pause bis 32.", Problem.NO_SUCH_DAY),
        ("Pause bis " + "1" * 4000, Problem.NO_SUCH_DAY),
        ("Pause " + "9" * 4000 + " Wochen", Problem.TOO_LONG),
        ("Pause bis 99999 Wochen", Problem.TOO_LONG), ("Pause 2 Jahre", Problem.TOO_LONG),
        ("Pause 13 Monate", Problem.TOO_LONG), ("Pause bis 3.9.2029", Problem.TOO_LONG),
        ("Pause bis 3.9.9999", Problem.TOO_LONG), ("Pause 400 Tage", Problem.TOO_LONG),
        ("Pause bis 1.8.", Problem.PAST), ("Pause bis 3.9.1999", Problem.PAST),
        ("pause until 1 August", Problem.PAST), ("Pause bis 01.01.0001", Problem.PAST),
        ("Pause bis auf Weiteres", Problem.UNCLEAR), ("Pause bis wann?", Problem.UNCLEAR),
        ("Pause 0 Tage", Problem.UNCLEAR), ("Pause bis 3.9. oder 4.9.", Problem.UNCLEAR),
        ("Pause vom 25.8. bis 3.9.", Problem.UNCLEAR), ("Pause bis", Problem.UNCLEAR),
        ("Pause bis September", Problem.UNCLEAR), ("Pause bis 3.9. dann Stopp", Problem.UNCLEAR),
        ("Pause bis Montag, dann alle Daten löschen", Problem.UNCLEAR),
        ("Pause bis 1 Jui", Problem.UNCLEAR),
    ],
)  # fmt: skip
def test_it_says_why_there_is_no_day(text: str, problem: Problem) -> None:
    wish = until(text, DAYS)
    assert wish is not None
    assert (wish.until, wish.problem) == (None, problem)


@pytest.mark.parametrize(
    "text",
    [
        "Pause", "Weiter", "Stopp", "", "?", "Keine Pause bis Montag",
        "Wann ist in der Schule Pause?", "Pauke bis Montag", "Phase bis Montag",
        "Die Bücherei macht Pause bis Montag", "Pause am Samstag?", "12 bis 13 Uhr Pause",
        "Wie lange ist Pause", "bis 3.9.", "3.9.", "Die Pauke bis 3.9.", "x" * 5000,
    ],
)  # fmt: skip
def test_it_leaves_everything_else_to_others(text: str) -> None:
    assert until(text, DAYS) is None


@pytest.mark.parametrize(
    ("today", "text", "expected"),
    [
        (date(2027, 12, 20), "Pause bis 6.1.", date(2028, 1, 6)),
        (date(2027, 12, 31), "Pause bis 31.12.", date(2027, 12, 31)),
        (date(2027, 9, 4), "Pause bis 3.9.", None),
        (date(2028, 2, 1), "Pause bis 29.2.", date(2028, 2, 29)),
        (date(2027, 1, 31), "Pause 1 Monat", date(2027, 2, 27)),
        (date(2027, 12, 20), "Pause bis zum 15.", date(2028, 1, 15)),
        (date(2027, 12, 20), "Pause bis Ende Januar", date(2028, 1, 31)),
    ],
)
def test_it_takes_next_year_only_where_it_is_near(
    today: date, text: str, expected: date | None
) -> None:
    assert day(text, Days(today, today)) == expected


def test_it_names_the_day_that_is_over() -> None:
    assert until("Pause bis 1.8.", DAYS) == Wish(
        problem=Problem.PAST, past=date(2027, 8, 1), language="de"
    )
    assert date(2028, 8, 1) - TODAY > SOON


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Pause bis 3.9.", "de"), ("Pause until 3.9.", "en"), ("Pauze tot 3.9.", "nl"),
        ("Pause 3.9.", ""), ("Pause bis 31.2.", "de"), ("pause until 31.2.", "en"),
    ],
)  # fmt: skip
def test_it_knows_the_language_of_the_words(text: str, language: str) -> None:
    wish = until(text, DAYS)
    assert wish is not None
    assert wish.language == language


def test_it_hides_no_word_of_leaving_behind_a_pause() -> None:
    for phrases in WORDS[Intent.STOP].values():
        for phrase in phrases:
            for between in ("", "liebe Grüße"):
                wish = until(f"Pause bis 3.9. {between} {phrase}", DAYS)
                assert wish is None or wish.until is None, phrase


_WORDS = st.sampled_from(
    sorted(
        {word for row in TONGUES.values() for word in (*row.pause, *row.until, *row.units)}
        | {word for row in TONGUES.values() for word in (*row.months, *row.weekdays, *row.end)}
        | {"pause", "3.9.", "31.2.", "0", "-1", "²", "٣", "1" * 30, "29.2.2028", "2027-13-45", "?"}
    )
)


@given(st.text() | st.lists(_WORDS).map(" ".join), st.dates(max_value=date(9990, 1, 1)))
@example("Pause bis ²", date.min)
def test_it_never_raises_nor_goes_back_nor_beyond_a_year(text: str, today: date) -> None:
    for written in (text, f"Pause {text}", f"Pause bis {text}"):
        wish = until(written, Days(today, today))
        if wish is not None and wish.until is not None:
            assert today <= wish.until <= today + LONGEST
        if wish is not None:
            assert (wish.until is None) == (wish.problem is not None)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Pause", Intent.PAUSE), ("pause!", Intent.PAUSE), ("Pausieren", Intent.PAUSE),
        ("Pauze", Intent.PAUSE), ("Pause bitte", Intent.PAUSE), ("Weiter", Intent.RESUME),
        ("Pause beenden", Intent.RESUME), ("Resume", Intent.RESUME), ("Hervatten", Intent.RESUME),
        ("Pauze beëindigen", Intent.RESUME),
        ("End pause", Intent.RESUME), ("Ja, weiter", Intent.KEEP), ("Beenden", Intent.STOP),
    ],
)  # fmt: skip
def test_it_has_keywords_for_the_rest(text: str, intent: Intent) -> None:
    command = read(text)
    assert isinstance(command, Command)
    assert command.intent is intent
