"""The words citizens may use, in German, English and Dutch: tables, no rules.

Owns: what each phrase asks for. Never: how tolerantly it is read (keywords). One more word? Here is
its place.
"""

from collections.abc import Mapping
from enum import StrEnum

from bot.polite_words import POLITE as POLITE
from bot.polite_words import POLITE_INSIDE as POLITE_INSIDE
from bot.tongue_words import LANGUAGES


class Intent(StrEnum):
    START = "start"
    STOP = "stop"
    ERASE = "erase"
    ALERTS_ONLY = "alerts_only"
    CURRENT = "current"
    HELP = "help"
    PRIVACY = "privacy"
    INFO = "info"
    DRILLS = "drills"
    """Get drills, too."""
    NO_DRILLS = "no_drills"
    COPY = "copy"
    """A copy of one's own data."""
    CONNECT = "connect"
    """Be the same person on another messenger, too."""
    MOVE = "move"
    """Be it there instead of here."""
    PART = "part"
    """Each messenger on its own again."""
    START_CONFIRMED = "start_confirmed"
    ALERTS_ONLY_CONFIRMED = "alerts_only_confirmed"
    """Asked whether they really want to sign up: yes."""
    NOT_NOW = "not_now"
    """The same: no."""
    HUMAN = "human"
    """Wants to be read by people, not answered by itself."""
    RATED = "rated"
    """Says whether they were helped."""
    TOMORROW = "tomorrow"
    """Wants the next digest, too, where only who writes gets one."""
    TOPICS = "topics"
    """Choose what one gets."""
    ALL_TOPICS = "all_topics"
    PAUSE = "pause"
    """Wants no digests for a while; for how long may stand behind it (pausing_words)."""
    PAUSE_FOR = "pause_for"
    """Has tapped for how long."""
    RESUME = "resume"
    """Wants them again."""
    LANGUAGE = "language"
    """Asks in which languages one can read."""
    PLAIN = "plain"
    GERMAN = "german"
    ENGLISH = "english"
    DUTCH = "dutch"
    KEEP = "keep"
    """Asked back whether to leave or erase: no."""
    NONE_OF_IT = "none_of_it"
    """Asked back whether a command was meant: no, people shall read it."""


SUBSCRIBING = (Intent.START, Intent.ALERTS_ONLY)
LEAVING = (Intent.ERASE, Intent.STOP)
"""What is never guessed; erasing first, because it includes leaving."""


Phrases = Mapping[Intent, Mapping[str, tuple[str, ...]]]

# Written as people would read it, without a polite word: case,
# punctuation, emoji and the spellings "ä", "ae", "a" are taken care of. A word that is the same
# in several languages stands in each of them, or some readers are answered in the wrong one.
WORDS: Phrases = {
    Intent.START: {
        "de": (
            "Start", "Starten", "Anmelden", "Abonnieren", "Abo", "Los geht's",
            "Ich möchte mich anmelden", "Mich anmelden", "Ja, anmelden", "Wieder anmelden",
            "Newsletter starten", "Newsletter abonnieren", "Newsletter anmelden",
        ),
        "en": ("Start", "Subscribe", "Subscribe me", "Sign up", "Sign me up", "Join", "Opt in"),
        "nl": ("Start", "Starten", "Aanmelden", "Abonneren", "Inschrijven", "Meld mij aan"),
    },
    Intent.STOP: {
        "de": (
            "Stopp", "Stop", "Stoppen", "Abmelden", "Abmeldung", "Abbestellen", "Beenden",
            "Kündigen", "Mich abmelden", "Melden Sie mich ab", "Melde mich ab", "Meldet mich ab",
            "Ich melde mich ab", "Newsletter abbestellen", "Newsletter abmelden",
            "Newsletter stoppen", "Stopp alles", "Alles stoppen", "Ja, abmelden", "Nein, abmelden",
        ),
        "en": (
            "Stop", "Unsubscribe", "Sign off", "Opt out", "Quit", "Cancel", "End", "Stop all",
            "Unsubscribe me", "Yes, unsubscribe", "No, unsubscribe",
        ),
        "nl": (
            "Stop", "Stoppen", "Afmelden", "Uitschrijven", "Opzeggen", "Beëindigen", "Meld mij af",
            "Meld me af", "Schrijf mij uit", "Schrijf me uit", "Ja, afmelden", "Nee, afmelden",
        ),
    },
    Intent.ERASE: {
        "de": (
            "Alle Daten löschen", "Alle meine Daten löschen", "Meine Daten löschen",
            "Daten löschen", "Lösche alle Daten", "Lösche alle meine Daten", "Lösche meine Daten",
            "Löschen Sie alle Daten", "Löschen Sie alle meine Daten", "Löschen Sie meine Daten",
            "Löscht alle meine Daten", "Löscht meine Daten", "Ja, alles löschen",
        ),
        "en": (
            "Delete all data", "Delete all my data", "Delete my data", "Delete data",
            "Erase all data", "Erase all my data", "Erase my data", "Erase data",
            "Remove all my data", "Remove my data", "Yes, delete all",
        ),
        "nl": (
            "Alle gegevens verwijderen", "Alle gegevens wissen", "Al mijn gegevens verwijderen",
            "Al mijn gegevens wissen", "Mijn gegevens verwijderen", "Mijn gegevens wissen",
            "Gegevens verwijderen", "Gegevens wissen", "Verwijder al mijn gegevens",
            "Verwijder alle gegevens", "Verwijder mijn gegevens", "Wis al mijn gegevens",
            "Wis alle gegevens", "Wis mijn gegevens", "Alle data verwijderen", "Ja, alles wissen",
        ),
    },
    Intent.ALERTS_ONLY: {
        "de": (
            "Nur Notfälle", "Nur Notfall", "Nur im Notfall", "Nur bei Notfällen", "Notfälle",
            "Nur Warnungen", "Nur Warnung", "Nur Katastrophenwarnungen", "Nur Alarm", "Nur Alarme",
        ),
        "en": ("Alerts only", "Only alerts", "Emergencies only", "Warnings only"),
        "nl": (
            "Alleen noodgevallen", "Alleen waarschuwingen", "Alleen alarm", "Alleen alarmen",
            "Alleen nood", "Alleen bij nood",
        ),
    },
    Intent.CURRENT: {
        "de": ("Aktuell", "Aktuelles", "Heute", "Was gibt es heute", "Neues", "Nachrichten"),
        "en": ("Today", "Latest", "News", "Current"),
        "nl": ("Vandaag", "Actueel", "Nieuws"),
    },
    Intent.HUMAN: {
        "de": (
            "Mitarbeiter", "Mitarbeiterin", "Mensch", "Einen Menschen", "Ansprechpartner",
            "Ansprechpartnerin", "Mit einem Menschen sprechen", "Mit einem Menschen schreiben",
        ),
        "en": ("Human", "A human", "Staff", "Talk to a human", "Talk to a person"),
        "nl": ("Medewerker", "Een medewerker", "Een mens", "Met een mens praten"),
    },
    Intent.TOMORROW: {
        "de": ("Morgen wieder", "Bis morgen"),
        "en": ("Again tomorrow", "See you tomorrow"),
        "nl": ("Morgen weer", "Tot morgen"),
    },
    Intent.HELP: {
        "de": ("Hilfe", "Befehle", "Menü", "Was kannst du"),
        "en": ("Help", "Commands", "Menu"),
        "nl": ("Hulp", "Help", "Menu", "Commando's"),
    },
    Intent.PRIVACY: {
        "de": ("Datenschutz", "Datenschutzerklärung", "Datenschutzhinweise", "DSGVO", "Privacy"),
        "en": ("Privacy", "Privacy notice", "Privacy policy", "Data protection", "GDPR"),
        "nl": ("Privacy", "Privacyverklaring", "Gegevensbescherming", "AVG"),
    },
    Intent.INFO: {
        "de": ("Info", "Infos", "Information", "Informationen", "Impressum", "Über"),
        "en": ("Info", "Information", "About", "Imprint"),
        "nl": ("Info", "Informatie", "Over", "Colofon"),
    },
    Intent.COPY: {
        "de": (
            "Meine Daten", "Auskunft", "Datenauskunft", "Kopie meiner Daten", "Meine Daten zeigen",
            "Welche Daten habt ihr von mir", "Was wisst ihr über mich",
        ),
        "en": ("My data", "Copy of my data", "Show my data", "What do you know about me"),
        "nl": ("Mijn gegevens", "Kopie van mijn gegevens", "Inzage", "Toon mijn gegevens"),
    },
    Intent.DRILLS: {
        "de": ("Probealarm", "Probealarme", "Übung", "Übungen", "Probewarnung"),
        "en": ("Drill", "Drills", "Test alert", "Test alerts"),
        "nl": ("Oefenalarm", "Oefenalarmen", "Oefening"),
    },
    Intent.NO_DRILLS: {
        "de": ("Probealarm aus", "Probealarme aus", "Probealarm Ende", "Übung aus"),
        "en": ("Drills off", "Drill off", "Test alerts off"),
        "nl": ("Oefenalarm uit", "Oefenalarmen uit", "Oefening uit"),
    },
    Intent.CONNECT: {
        "de": (
            "Verbinden", "Messenger verbinden", "Anderen Messenger verbinden",
            "Zweiten Messenger verbinden", "Mit anderem Messenger verbinden",
        ),
        "en": ("Connect", "Connect messenger", "Connect messengers", "Connect another messenger"),
        "nl": ("Koppelen", "Messenger koppelen", "Andere messenger koppelen"),
    },
    Intent.MOVE: {
        "de": (
            "Umziehen", "Messenger wechseln", "Zu anderem Messenger wechseln",
            "Auf anderen Messenger umziehen",
        ),
        "en": ("Move", "Switch messenger", "Change messenger", "Move to another messenger"),
        "nl": ("Verhuizen", "Van messenger wisselen", "Naar andere messenger verhuizen"),
    },
    Intent.PART: {
        "de": ("Trennen", "Messenger trennen", "Verbindung trennen"),
        "en": ("Disconnect", "Disconnect messengers", "Disconnect messenger"),
        "nl": ("Ontkoppelen", "Messenger ontkoppelen", "Koppeling verbreken"),
    },
    Intent.TOPICS: {
        "de": (
            "Themen", "Thema", "Stadtteile", "Stadtteil", "Auswahl", "Themen auswählen",
            "Themen ändern", "Meine Themen", "Stadtteile auswählen",
        ),
        "en": ("Topics", "Districts", "Choose topics", "Change topics", "My topics"),
        "nl": ("Onderwerpen", "Onderwerp", "Wijken", "Onderwerpen kiezen", "Mijn onderwerpen"),
    },
    Intent.ALL_TOPICS: {
        "de": ("Alles bekommen", "Alle Themen", "Alle Stadtteile"),
        "en": ("Get everything", "All topics", "All districts"),
        "nl": ("Alles ontvangen", "Alle onderwerpen", "Alle wijken"),
    },
    Intent.PAUSE: {
        "de": (
            "Pause", "Pausieren", "Pause machen", "Eine Pause", "Newsletter pausieren",
            "Ich möchte pausieren", "Ich möchte eine Pause",
        ),
        "en": ("Pause", "Pause please", "Take a break", "Pause newsletter"),
        "nl": ("Pauze", "Pauzeren", "Even pauze", "Nieuwsbrief pauzeren"),
    },
    Intent.RESUME: {
        "de": (
            "Weiter", "Pause beenden", "Pause aus", "Pause Ende", "Pause vorbei", "Fortsetzen",
            "Weitermachen", "Pause aufheben",
        ),
        "en": ("Resume", "Continue", "End pause", "Pause off", "End the pause", "Unpause"),
        "nl": (
            "Verder", "Hervatten", "Pauze beëindigen", "Pauze uit", "Pauze voorbij",
            "Pauze opheffen",
        ),
    },
    **{Intent(name): phrases for name, phrases in LANGUAGES.items()},
    Intent.KEEP: {
        "de": ("Nein, bleiben", "Nein, behalten", "Ja, weiter"),
        "en": ("No, stay", "No, keep", "Yes, go on"),
        "nl": ("Nee, blijven", "Nee, bewaren", "Ja, verder"),
    },
}  # fmt: skip


def first_word(intent: Intent, language: str) -> str:
    """How a command is called when people are told of it."""
    languages = WORDS[intent]
    return languages.get(language, languages["de"])[0]


MAYBE: Phrases = {
    Intent.ERASE: {
        "de": ("Löschen", "Lösche", "Löschung", "Alles löschen", "Nummer löschen", "Vergesst mich"),
        "en": ("Delete", "Delete all", "Delete everything", "Erase", "Forget me"),
        "nl": ("Verwijderen", "Alles verwijderen", "Wissen", "Alles wissen", "Vergeet mij"),
    },
    Intent.STOP: {
        "de": (
            "Kündigung",
            "Ende",
            "Schluss",
            "Aufhören",
            "Raus",
            "Spam",
            "Kein Interesse",
            "Stoppen Sie das",
            "Stoppen Sie",
            "Stoppt das",
            "Hört auf",
            "Hören Sie auf",
            "Hören Sie damit auf",
            "Hört auf damit",
            "Schluss damit",
        ),
        "en": (
            "Remove me",
            "Leave",
            "Leave me alone",
            "Not interested",
            "Spam",
            "Stop this",
            "Stop it",
        ),
        "nl": (
            "Einde",
            "Geen interesse",
            "Laat me met rust",
            "Spam",
            "Geen berichten",
            "Stop hiermee",
            "Hou op",
        ),
    },
}
"""As the whole text these are doubt, never a command."""

WANTS_OUT: Phrases = {
    Intent.STOP: {
        "de": (
            "will das nicht mehr", "möchte das nicht mehr", "keine Nachrichten mehr",
            "keine weiteren Nachrichten", "kann mich nicht abmelden", "lasst mich in Ruhe",
        ),
        "en": ("no more messages", "no longer want", "stop sending", "can't unsubscribe"),
        "nl": ("geen berichten meer", "wil dit niet meer", "kan me niet afmelden"),
    },
}  # fmt: skip
"""Anywhere in a text these are doubt; the "nicht" in them is the wish itself."""

NEGATIONS = "nicht nie niemals kein keine keinen ohne not don't never without niet geen nooit"
"""With one of these a sentence is not asked back about: "Bitte nicht alle Daten löschen"."""

REAL_WORDS = (
    "notfall stadt staat state star stark starr stars smart stoep stopf hilft huelle neue neuer"
    " neuen neuem uebel ueben eben aber abort haute heuer drall cancer nieuw nieuwe latent"
    # Too near to "Abmeldung".
    " anmeldung anmeldungen"
    " pauke phase passe weiher weite weitere weiteren weiterer weiteres"
)
"""Not mistyped, although one letter away from a command."""

SOMETHING_ELSE = "auto kfz hund wohnsitz wohnung gewerbe kind strom feuer brand car dog fire hond"
"""What people deregister or put out at a town hall too: a sentence with it goes to the staff."""

HINTS: tuple[tuple[Intent, str, str, str], ...] = (
    (Intent.ERASE, "de", "löschen lösche löscht gelöscht löschung entfernen",
     "daten nummer handynummer telefonnummer konto profil kontakt mich"),
    (Intent.ERASE, "en", "delete deleted deletion erase erased remove", "data number account me"),
    (Intent.ERASE, "nl", "verwijder verwijderen verwijderd wis wissen gewist",
     "gegevens data nummer telefoonnummer account profiel mij me"),
    (Intent.STOP, "de", "abmelden abmelde abgemeldet abmeldung abbestellen abbestelle austragen",
     "ich mich mir man uns wie hier newsletter dienst nachrichten"),
    (Intent.STOP, "de", "stopp stop stoppen stoppt beenden kündigen kündige aufhören",
     "newsletter nachrichten meldungen dienst abo"),
    (Intent.STOP, "en", "unsubscribe unsubscribing", "i me my we how want newsletter messages"),
    (Intent.STOP, "en", "stop cancel quit end leave", "newsletter messages subscription"),
    (Intent.STOP, "nl", "afmelden afgemeld uitschrijven uitgeschreven opzeggen",
     "ik mij me mijn hoe we hier nieuwsbrief dienst berichten"),
    (Intent.STOP, "nl", "stop stoppen beëindigen", "nieuwsbrief berichten abonnement dienst"),
)  # fmt: skip
"""(intent, language, words of leaving, words beside): a sentence with one of each is doubt."""

YES: tuple[str, ...] = (
    "Ja", "Jawohl", "Ja klar", "Ja gern", "Ja gerne", "Ja sicher", "Yes", "Yes sure", "Ja zeker",
)  # fmt: skip
NO: tuple[str, ...] = (
    "Nein", "Nö", "Nein doch nicht", "Lieber nicht", "Nein lieber nicht", "No", "Nope", "Nee",
    "Nee hoor", "Liever niet",
)  # fmt: skip
"""Only as the whole text, and only after a question of ours."""

BUTTONS: Mapping[str, Intent] = {
    "start": Intent.START,
    "stop": Intent.STOP,
    "stop:yes": Intent.STOP,
    "stop:no": Intent.KEEP,
    "erase:yes": Intent.ERASE,
    "erase:no": Intent.KEEP,
    "mean:no": Intent.NONE_OF_IT,
    "start:yes": Intent.START_CONFIRMED,
    "alerts_only:yes": Intent.ALERTS_ONLY_CONFIRMED,
    "start:no": Intent.NOT_NOW,
    "copy": Intent.COPY,
    "current": Intent.CURRENT,
    "alerts_only": Intent.ALERTS_ONLY,
    "help": Intent.HELP,
    "privacy": Intent.PRIVACY,
    "info": Intent.INFO,
    "drills": Intent.DRILLS,
    "no_drills": Intent.NO_DRILLS,
    "connect": Intent.CONNECT,
    "move": Intent.MOVE,
    "part": Intent.PART,
    "tomorrow": Intent.TOMORROW,
    "topics": Intent.TOPICS,
    "all_topics": Intent.ALL_TOPICS,
    "pause": Intent.PAUSE,
    "pause:7": Intent.PAUSE_FOR,
    "pause:14": Intent.PAUSE_FOR,
    "pause:28": Intent.PAUSE_FOR,
    "resume": Intent.RESUME,
    **{name: Intent(name) for name in LANGUAGES},
    "human": Intent.HUMAN,
    "rate:good": Intent.RATED,
    "rate:fair": Intent.RATED,
    "rate:poor": Intent.RATED,
}
"""Ids of our own buttons."""
