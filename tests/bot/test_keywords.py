"""Keywords: tolerant of how people write, deaf to what is not a command."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.keywords import (
    POLITE,
    WORDS,
    Command,
    Doubt,
    Intent,
    read,
    read_button,
    simplify,
)

S, T, E = Intent.START, Intent.STOP, Intent.ERASE
A, C, H, P, F = (
    Intent.ALERTS_ONLY,
    Intent.CURRENT,
    Intent.HELP,
    Intent.PRIVACY,
    Intent.INFO,
)

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
    ("Privacy", P), ("Privacyverklaring", P), ("Info", F), ("Impressum", F), ("About", F),
]  # fmt: skip

FREE_TEXTS = [
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
]  # fmt: skip

DOUBTS = [
    ("Ich möchte mich abmelden", T), ("Ich will das nicht mehr, stopp", T),
    ("Wie kann ich mich abmelden?", T), ("Ich möchte den Newsletter abbestellen", T),
    ("How do I unsubscribe?", T), ("Hoe kan ik mij afmelden?", T),
    ("Kann man seine Daten löschen?", E), ("Bitte meine Nummer löschen", E),
    ("Ich möchte dass alle meine Daten gelöscht werden", E), ("Löschen", E), ("Delete", E),
    ("Alles wissen", E), ("Could you delete all of my data?", E),
    ("Ik wil mijn gegevens laten verwijderen", E),
]  # fmt: skip


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


DECORATIONS = [
    str.upper,
    str.lower,
    lambda text: f"  {text}!!! ",
    lambda text: f"„{text}“",
    lambda text: f"/{text}",
    lambda text: f"{text} 🙏🏽❤️",
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
        text = decorate(text)  # type: ignore[operator]
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


@given(st.text())
def test_it_never_stumbles(text: str) -> None:
    read(text)
    assert simplify(simplify(text)) == simplify(text)


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
    ],
)
def test_it_reads_a_tap(button: str, label: str, expected: object) -> None:
    assert read_button(button, label) == expected
