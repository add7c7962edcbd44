"""Keywords: tolerant of how people write, deaf to what is not a command."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import keywords
from bot.keywords import (
    LONGEST_RAW,
    MOST_POLITE,
    MOST_WORDS,
    Command,
    Doubt,
    read,
    read_answer,
    read_button,
    simplify,
)
from bot.words import BUTTONS, HINTS, LEAVING, MAYBE, POLITE, WORDS, Intent

D, N = Intent.DRILLS, Intent.NO_DRILLS
S, T, E = Intent.START, Intent.STOP, Intent.ERASE
A, C, H, P, F = (
    Intent.ALERTS_ONLY,
    Intent.CURRENT,
    Intent.HELP,
    Intent.PRIVACY,
    Intent.INFO,
)
N = Intent.NO_DRILLS

COMMANDS = [
    ("Start", S), ("start", S), ("START!!!", S), ("/start", S), ("»Start«", S), ("„Start“", S),
    ("*Start*", S), ("_Start_", S), ("Start.", S), ("  Start  ", S), ("Start\n", S),
    ("Start 😀", S), ("👉🏽 Start", S), ("St\u00adart", S), ("\ufeffStart", S), ("\u202eStart", S),
    ("ＳＴＡＲＴ", S), ("Bitte Start", S), ("Start bitte", S), ("Hallo, Start", S),
    ("Guten Tag, Start, danke", S), ("Moin Start", S), ("Start danke schön", S),
    ("Anmelden", S), ("anmelden bitte", S), ("Abonnieren", S), ("Abo", S), ("Los geht's", S),
    ("Ja, anmelden", S), ("Subscribe", S), ("please subscribe", S), ("Sign up", S), ("join", S),
    ("Aanmelden", S), ("Aanmelden graag", S), ("Meld mij aan", S), ("Inschrijven aub", S),
    ("Stopp", T), ("Stop", T), ("STOPP", T), ("stop.", T), ("/stop", T), ("Stopp!!!", T),
    ("Bitte stopp", T), ("Stopp bitte", T), ("Stopp, danke", T), ("Stopp MfG", T),
    ("Stopp mit freundlichen Grüßen", T), ("s\u200btop", T), ("'Stopp'", T), ("Stopp 🛑", T),
    ("Abmelden", T), ("abmelden bitte", T), ("Abbestellen", T), ("Kündigen", T),
    ("Kuendigen", T), ("Newsletter abbestellen", T), ("Beenden", T), ("Unsubscribe", T),
    ("please unsubscribe", T), ("Opt out", T), ("opt-out", T), ("Afmelden", T),
    ("Uitschrijven", T), ("Opzeggen", T), ("Beëindigen", T), ("afmelden graag", T),
    ("Alle Daten löschen", E), ("alle daten löschen", E), ("ALLE DATEN LÖSCHEN", E),
    ("Alle Daten loeschen", E), ("Alle Daten loschen", E), ("Alle Daten lo\u0308schen", E),
    ("Alle Daten löschen!", E), ("/alle daten löschen", E), ("Bitte alle Daten löschen", E),
    ("Alle  Daten\nlöschen", E), ("Alle meine Daten löschen", E), ("Meine Daten löschen", E),
    ("Lösche alle meine Daten", E), ("Löschen Sie meine Daten bitte", E),
    ("Delete all my data", E), ("delete my data please", E), ("Erase all data", E),
    ("Alle gegevens verwijderen", E), ("Alle gegevens wissen", E),
    ("Verwijder al mijn gegevens", E), ("Wis mijn gegevens alstublieft", E),
    ("Nur Notfälle", A), ("nur notfaelle", A), ("nur notfalle", A), ("Nur Warnungen bitte", A),
    ("Alerts only", A), ("Emergencies only", A), ("Alleen noodgevallen", A),
    ("Alleen waarschuwingen", A), ("Aktuell", C), ("Aktuelles", C), ("Heute", C), ("Today", C),
    ("Latest", C), ("Vandaag", C), ("Actueel", C), ("Hilfe", H), ("hilfe!", H), ("?", H),
    ("Menü", H), ("Help", H), ("Hulp", H), ("Datenschutz", P), ("Datenschutzerklärung", P),
    ("Probealarm", D), ("probealarme bitte", D), ("Drill", D), ("Oefenalarm", D),
    ("Probealarm aus", N), ("Bitte Probealarm aus", N), ("Drills off", N), ("Oefening uit", N),
    ("Privacy", P), ("Privacyverklaring", P), ("Info", F), ("Impressum", F), ("About", F),
    # looks: circled, bold, high quotes, emoji that would turn into letters, Hangul filler
    ("ⓢⓣⓞⓟⓟ", T), ("𝐒𝐭𝐨𝐩𝐩", T), ("‚Stopp‘", T), ("«Start»", S), ("ℹ️ Info", F), ("1️⃣ Start", S),
    ("Sto\u3164pp", T), ("Sta\ufe0frt", S), ("Start 🫨", S), ("？", H), ("Commando’s", H),
    ("Commando\u1ffds", H), ("Beeindigen", T), ("Los gehts", S),
    # politeness: around, between, twice over, and as the beginning of a phrase
    ("Guten Tag, bitte abmelden, danke", T), ("Alle Daten bitte löschen", E), ("Hoi, start", S),
    ("Sehr geehrte Damen und Herren,\nbitte abmelden\nMit freundlichen Grüßen", T),
    ("Stopp\n\nVon meinem iPhone gesendet", T), ("Bitte: Ja, alles löschen, danke", E),
    ("Melden Sie mich bitte ab", T), ("Stop Stop Stop", T), ("Afmelden, dank u wel", T),
    ("Hallo, guten Tag, abmelden, danke, viele Grüße", T),
    # slips of the finger, where nothing but beginning can be meant
    ("Strat", S), ("Satrt", S), ("Startt", S), ("Abonieren", S), ("Subcribe", S), ("Aanmeldn", S),
]  # fmt: skip

FREE_TEXTS = [
    "Anmeldung", "Anmeldung bitte", "Anmeldungen",
    "", " ", "😀", "👍🏽", "...", "Danke", "Bitte", "ok", "Hallo", "Moin",
    "Stopp sagen wir nicht", "Bitte nicht alle Daten löschen", "Start nicht",
    "Wann ist der Start des Marathons?", "Der Bus stop am Markt ist kaputt", "don't stop",
    "Ich möchte mich nicht abmelden", "Heute ist die Straße gesperrt", "Hilfe, bei uns brennt es",
    "Hilfe die Ampel ist aus", "Info zum Markt?", "Wo ist der Start", "Nicht stoppen",
    "Stopp doch mal die Raser", "Warum löscht die Feuerwehr nicht?", "Stoppschild fehlt",
    "Can you stop the noise", "The data is wrong", "Ik wil niet afmelden", "Geen gegevens wissen",
    "Never delete my data", "Wie komme ich heute zum Rathaus?", "Das Abo der Monatskarte",
    "Gibt es nur Notfälle in der Praxis am Sonntag", "Meine Daten haben sich geändert",
    "x" * 5000, "Stopp " * 200,
    # a slip is not a new word: neither a city nor a star nor a pavement is a command
    "Stadt", "Star", "Smart", "Stoep", "Nich anmelden", "Lso",
    # emergencies, and what people deregister or put out at a town hall
    "Notfall!", "Feuer am Markt, bitte löschen!", "Ich möchte meinen Hund abmelden",
    "Wie kann ich mein Auto abmelden?", "Ich will nicht mehr warten, wann kommt der Bus",
    "Stopp, nicht!", "Stopp, sagen wir nicht", "I don´t want to unsubscribe",
    "I don’t want to unsubscribe", "I dont want to unsubscribe", "Don’t delete my data!",
    "Ja", "Nein", "❓", "ℹ️", "1️⃣", "Was passiert, wenn ich „Stopp“ schreibe",
    "Het stopcontact is kapot", "Wie ist die Datenlöschung geregelt",
]  # fmt: skip

DOUBTS = [
    ("Ich möchte mich abmelden", T), ("Ich will das nicht mehr, stopp", T),
    ("Wie kann ich mich abmelden?", T), ("Ich möchte den Newsletter abbestellen", T),
    ("How do I unsubscribe?", T), ("Hoe kan ik mij afmelden?", T),
    ("Kann man seine Daten löschen?", E), ("Bitte meine Nummer löschen", E),
    ("Ich möchte dass alle meine Daten gelöscht werden", E), ("Löschen", E), ("Delete", E),
    ("Alles wissen", E), ("Could you delete all of my data?", E),
    ("Ik wil mijn gegevens laten verwijderen", E),
    # asked, not said
    ("Stopp?", T), ("Alle Daten löschen?", E), ("Delete my data？", E), ("Afmelden??", T),
    # mistyped, or either of two
    ("Amelden", T), ("nsubscribe", T), ("Stpo", T), ("Stopen", T), ("STOPPPPP!", T),
    ("Ale Daten löschen", E),
    # a command in a part of the text
    ("Das nervt. Stopp!", T), ("Das ist nicht gut. Stopp", T), ("No, stop", T),
    ("Stop LG Anna", T), ("Stopp liebe Grüße Anna", T), ("Stopp, alle Daten löschen", E),
    ("Abmelden und alle Daten löschen", E), ("Stopp - ich ziehe weg", T),
    # the wish is in the negation
    ("Bitte keine Nachrichten mehr", T), ("Ich kann mich nicht abmelden!", T),
    ("Please stop sending me this", T), ("I can’t unsubscribe", T), ("Geen berichten meer aub", T),
    ("I want to cancel my subscription", T), ("Hoe stop ik de berichten", T), ("Spam", T),
]  # fmt: skip


MISTYPED = [
    ("Stoppt", T), ("Stopt!", T), ("Sopp", T), ("Stpp", T), ("Stoppt bitte", T),
    ("Strat?", S), ("Stardt", S), ("Startet", S), ("Hifle", H), ("Hilfee", H), ("Hife!", H),
    ("Aktuel", C), ("Heut", C), ("Nur Notfäle", A), ("Datnschutz", P), ("Probealrm aus", N),
]  # fmt: skip


@pytest.mark.parametrize(("text", "intent"), MISTYPED)
def test_it_asks_whether_a_mistyped_word_was_meant(text: str, intent: Intent) -> None:
    found = read(text)
    assert isinstance(found, Doubt)
    assert found.intent is intent


@pytest.mark.parametrize(("text", "intent"), COMMANDS)
def test_it_understands(text: str, intent: Intent) -> None:
    found = read(text)
    assert isinstance(found, Command)
    assert found.intent is intent


@pytest.mark.parametrize("text", FREE_TEXTS)
def test_it_leaves_to_people(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(("text", "intent"), DOUBTS)
def test_it_asks_back(text: str, intent: Intent) -> None:
    found = read(text)
    assert isinstance(found, Doubt)
    assert found.intent is intent


@pytest.mark.parametrize(
    ("text", "language"),
    [("Abmelden", "de"), ("Unsubscribe", "en"), ("Afmelden", "nl"), ("Start", ""), ("Stop", "")],
)
def test_it_tells_the_language_of_the_word(text: str, language: str) -> None:
    found = read(text)
    assert found is not None
    assert found.language == language


PHRASES = [
    (intent, phrase)
    for intent, languages in WORDS.items()
    for phrases in languages.values()
    for phrase in phrases
    if simplify(phrase)
]


def test_it_gives_no_phrase_two_meanings() -> None:
    meanings: dict[str, set[Intent]] = {}
    for intent, phrase in PHRASES:
        meanings.setdefault(simplify(phrase), set()).add(intent)
    assert {phrase for phrase, intents in meanings.items() if len(intents) > 1} == set()


def test_it_holds_no_phrase_that_is_longer_than_it_reads() -> None:
    assert max(len(simplify(phrase).split()) for _, phrase in PHRASES) <= MOST_WORDS
    assert max(len(simplify(polite).split()) for polite in POLITE) <= MOST_POLITE


def test_it_doubts_only_about_leaving() -> None:
    assert {*MAYBE, *(intent for intent, *_ in HINTS)} <= set(LEAVING)


def test_it_never_doubts_and_knows_the_same_phrase() -> None:
    doubtful = {simplify(p) for rows in MAYBE.values() for ps in rows.values() for p in ps}
    assert doubtful & {simplify(phrase) for _, phrase in PHRASES} == set()


DECORATIONS = [
    str.upper,
    str.lower,
    lambda text: f"  {text}!!! ",
    lambda text: f"„{text}“",
    lambda text: f"/{text}",
    lambda text: f"{text} 🙏🏽❤️",
    lambda text: f"*{text}*",
    lambda text: f"«{text}» …",
    lambda text: f"\ufeff\u200f{text}\u2069\ufe0e",
    lambda text: text.replace(" ", "\u00a0\n "),
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: "\u200b".join(text),
    lambda text: text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"),
]


@given(
    st.sampled_from(PHRASES),
    st.lists(st.sampled_from(DECORATIONS), max_size=3),
    st.sampled_from(["", *POLITE]),
    st.sampled_from(["", *POLITE]),
)
def test_it_understands_every_phrase_however_it_is_dressed(
    phrase: tuple[Intent, str], dress: list[object], before: str, after: str
) -> None:
    intent, text = phrase
    for decorate in dress:
        text = decorate(text)
    found = read(f"{before} {text} {after}")
    assert isinstance(found, Command)
    assert found.intent is intent


STREET = st.sampled_from(
    ["Ampel", "Brücke", "Marktplatz", "kaputt", "gesperrt", "gestern", "wegen", "Rathaus"]
)


@given(st.sampled_from(PHRASES), st.lists(STREET, min_size=1), st.lists(STREET, min_size=1))
def test_it_never_leaves_or_erases_inside_a_sentence(
    phrase: tuple[Intent, str], before: list[str], after: list[str]
) -> None:
    assert not isinstance(read(" ".join([*before, phrase[1], *after])), Command)


@given(st.sampled_from(PHRASES), st.sampled_from(["nicht", "nie", "kein", "not", "niet", "geen"]))
def test_it_never_acts_on_a_negation(phrase: tuple[Intent, str], word: str) -> None:
    for text in (f"{phrase[1]} {word}", f"{word} {phrase[1]}", f"bitte {word} {phrase[1]}"):
        assert read(text) is None


LEAVING_PHRASES = [row for row in PHRASES if row[0] in LEAVING]
WORD = st.text("bcdfghklmnrsvwxz", min_size=4, max_size=9)  # none is in a table


SMALL = st.sampled_from([*POLITE, "ich", "wir", "das", "the", "de"])


@given(st.sampled_from(LEAVING_PHRASES), SMALL, WORD, st.integers(0, 2))
def test_it_never_leaves_when_any_other_word_is_there(
    phrase: tuple[Intent, str], small: str, other: str, order: int
) -> None:
    words = [phrase[1], small, other]
    found = read(" ".join(words[order:] + words[:order]))
    assert not isinstance(found, Command)


@given(st.sampled_from(LEAVING_PHRASES), st.data())
def test_it_never_leaves_for_a_slip_of_the_finger(
    phrase: tuple[Intent, str], data: st.DataObject
) -> None:
    known = {simplify(text) for _, text in LEAVING_PHRASES}
    text = simplify(phrase[1])
    at = data.draw(st.integers(0, len(text) - 1))
    typed = text[:at] + data.draw(st.sampled_from("aenrstx")) + text[at + 1 :]
    found = read(typed)
    # "lxschen" is one; "loschen" and "ende" are not: whoever types them means them.
    if isinstance(found, Command) and found.intent in LEAVING and typed not in known:
        assert typed in {simplify(w.replace("ö", "o")) for _, w in LEAVING_PHRASES}


LETTER = st.sampled_from("abcdefghijklmnopqrstuvwxyz")


@given(st.sampled_from(sorted({simplify(text) for _, text in PHRASES})), LETTER, st.data())
def test_it_acts_on_no_slip_that_leaves(phrase: str, letter: str, data: st.DataObject) -> None:
    """A letter more, less or another: whatever it looks like then, leaving is asked back."""
    at = data.draw(st.integers(0, len(phrase) - 1))
    known = {core for _, text in PHRASES for core in keywords.forms([text])}
    for typed in (phrase[:at] + phrase[at + 1 :], phrase[:at] + letter + phrase[at:]):
        found = read(typed)
        if isinstance(found, Command) and found.intent in LEAVING:
            assert known & keywords.phrases(typed)


@given(st.lists(st.one_of(STREET, SMALL, WORD), min_size=3, max_size=8).map(" ".join))
def test_it_takes_no_ordinary_sentence_for_leaving(text: str) -> None:
    assert not isinstance(read(text), Command)


@given(st.text())
def test_it_never_stumbles(text: str) -> None:
    found = read(text)
    plain = simplify(text)
    assert simplify(plain) == plain
    if isinstance(found, Command) and plain:
        assert read(plain) == found


@given(st.text())
def test_it_reads_composed_and_decomposed_alike(text: str) -> None:
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    assert len({read(form) for form in forms}) == 1


def test_it_takes_what_is_longer_than_a_message_for_a_letter() -> None:
    assert read("Stopp".ljust(LONGEST_RAW)) == Command(T, "de")
    assert read("Stopp".ljust(LONGEST_RAW + 1)) is None


@pytest.mark.parametrize(
    "text", ["ok hi ", "a", "\u0301", "\ufdfa", ". ", "stopp, ", "🙂", "\u200b", "ok stopp "]
)
def test_it_is_done_soon_whatever_comes(text: str) -> None:
    started = time.process_time()
    for size in (100, 390, LONGEST_RAW, 100_000):
        read((text * size)[:size])
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("button", "label", "expected"),
    [
        ("stop:yes", "Ja, abmelden", Command(T, "de")),
        ("stop:no", "Nein, bleiben", Command(Intent.KEEP, "de")),
        ("erase:yes", "Yes, delete all", Command(E, "en")),
        ("erase:no", "Nee, bewaren", Command(Intent.KEEP, "nl")),
        ("stop:yes", "Etwas anderes", Command(T, "")),
        ("unbekannt", "Stopp", Command(T, "de")),
        ("unbekannt", "Guten Morgen", None),
        ("unbekannt", "Löschen", Doubt(E, "de")),
        ("start", "Stopp", Command(S, "")),
        ("stop:no", "", Command(Intent.KEEP, "")),
    ],
)
def test_it_reads_a_tap(button: str, label: str, expected: object) -> None:
    assert read_button(button, label) == expected


@pytest.mark.parametrize("button", BUTTONS)
def test_it_knows_its_own_buttons_under_any_label(button: str) -> None:
    assert read_button(button, "🙂") == Command(BUTTONS[button])


# ------------------------------------------------------------------ an answer typed, not tapped

ERASING = {"erase:yes": "Ja, alles löschen", "erase:no": "Nein, behalten"}
LEAVING_FOR_GOOD = {"stop:yes": "Adieu", "stop:no": "Doch nicht"}


@pytest.mark.parametrize("text", ["Ja", "JA!", "ja bitte", "Ja, danke", "Yes", "Ja, löschen"])
def test_it_takes_a_plain_yes(text: str) -> None:
    assert read_answer(text, ERASING) == Command(E, "de")


@pytest.mark.parametrize("text", ["Nein", "nein danke", "Nö", "Nee hoor", "Ja, nein", "Nein, ja!"])
def test_it_takes_a_plain_no(text: str) -> None:
    assert read_answer(text, ERASING) == Command(Intent.KEEP, "de")


def test_it_takes_the_words_on_a_citys_own_button() -> None:
    assert read_answer("adieu", LEAVING_FOR_GOOD) == Command(T, "")
    assert read_answer("Doch nicht.", LEAVING_FOR_GOOD) == Command(Intent.KEEP, "")


@pytest.mark.parametrize(
    "text",
    ["", "Ja?", "Ja, aber nicht alles", "ok", "👍", "vielleicht", "Ja, abmelden", "nicht nein",
     "Ja, ich will meine Daten löschen, aber erst morgen", "Ja" * 3000],
)  # fmt: skip
def test_it_takes_nothing_else_for_consent_to_an_erasure(text: str) -> None:
    assert read_answer(text, ERASING) is None


def test_it_answers_only_what_has_a_yes_and_a_no() -> None:
    assert read_answer("Ja", {}) is None
    assert read_answer("Ja", {"start": "Start", "stop": "Stopp", "mean:no": "Nein"}) is None
    assert read_answer("Ja", {"unbekannt": "Ja!!", "stop:no": "Nein"}) is None


@given(st.lists(st.one_of(STREET, SMALL, WORD), min_size=1, max_size=6).map(" ".join))
def test_it_erases_for_no_ordinary_sentence(text: str) -> None:
    found = read_answer(f"{text} kaputt", ERASING)
    assert found is None


@pytest.mark.parametrize("text", ["Stoppen Sie das bitte", "Hört auf damit!", "Stop it please"])
def test_it_asks_back_where_somebody_probably_has_enough(text: str) -> None:
    assert read(text) in [Doubt(Intent.STOP, language) for language in ("de", "en")]
