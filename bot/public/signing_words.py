"""What stands on the pages to sign up and to change one's details, in each language.

Owns: the words. Never: what a button does (signing).
"""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "name": "Deutsch",
        "title": "Anmelden",
        "intro": "Höchstens eine Nachricht am Tag mit Neuigkeiten, dazu Warnungen im Notfall. Sie "
        "müssen mindestens {age} Jahre alt sein. Der Dienst ist freiwillig; abmelden können Sie "
        "sich jederzeit über einen Link in jeder Nachricht.",
        "careful": "Eine solche Nachricht kann spät ankommen oder gar nicht: Verlassen Sie sich im "
        "Notfall nicht allein auf sie.",
        "called": "Anrede und Name (freiwillig)",
        "called_hint": "So sprechen wir Sie an, zum Beispiel „Frau Beispiel“.",
        "wants": "Was möchten Sie bekommen?",
        "everything": "Neuigkeiten und Warnungen",
        "alerts_only": "nur Warnungen im Notfall",
        "sign_up": "Anmelden",
        "privacy": "Was mit Ihren Daten geschieht: Datenschutz",
        "wrong_address": "Bitte prüfen Sie diese Adresse.",
        "wrong_called": "Bitte nur Buchstaben, Punkte und Bindestriche, höchstens 80 Zeichen.",
        "wrong_wants": "Bitte wählen Sie eines von beiden.",
        "too_many": "Von hier kamen gerade viele Anmeldungen. Bitte versuchen Sie es in einer "
        "Stunde noch einmal.",
        "almost": "Fast geschafft",
        "almost_text": "Wir haben an die Adresse geschrieben, die Sie angegeben haben. Bitte "
        "öffnen Sie diese Nachricht und bestätigen Sie Ihre Anmeldung; erst dann sind Sie dabei. "
        "Kommt in den nächsten Minuten nichts an, sehen Sie bitte auch im Spam-Ordner nach.",
        "leave": "Abmelden",
        "leave_title": "Möchten Sie sich abmelden?",
        "leave_text": "Dann bekommen Sie keine Nachrichten und keine Warnungen mehr.",
        "press_text": "Bitte bestätigen Sie es mit diesem Knopf: Manche Programme öffnen Links von "
        "selbst, darum allein soll nichts geschehen.",
        "details": "Ihre Angaben",
        "details_text": "Hier ändern Sie, wie wir Sie ansprechen und was Sie bekommen.",
        "not_reading": "Zurzeit bekommen Sie nichts von uns.",
        "save": "Speichern",
        "more": "Abmelden, Kopie, Löschen",
        "language": "Einfache Sprache oder eine andere",
        "ask_copy": "Kopie meiner Daten anfordern",
        "erase": "Alle Daten löschen",
        "erase_text": "Alles, was wir über Sie gespeichert haben, wird sofort gelöscht. Damit sind "
        "Sie auch abgemeldet. Sie bekommen eine Quittung.",
        "erase_yes": "Ja, alles löschen",
        "done": "Danke, das ist angekommen",
        "done_text": "Es gilt sofort. Wo es etwas zu sagen gibt, bekommen Sie dazu eine Nachricht.",
        "gone": "Dieser Link gilt nicht mehr",
        "gone_text": "Er ist zu alt, oder Ihre Daten sind schon gelöscht: Dann bekommen Sie nichts "
        "mehr von uns. Anmelden können Sie sich jederzeit neu.",
    },
    "en": {
        "name": "English",
        "title": "Sign up",
        "intro": "At most one message a day with news, and warnings in an emergency. You must be "
        "at least {age} years old. It is up to you; you can leave at any time by a link in each "
        "message.",
        "careful": "Such a message may arrive late or not at all: do not rely on it alone in an "
        "emergency.",
        "called": "Title and name (optional)",
        "called_hint": 'How we address you, for example "Ms Example".',
        "wants": "What would you like to get?",
        "everything": "News and warnings",
        "alerts_only": "only warnings in an emergency",
        "sign_up": "Sign up",
        "privacy": "What happens to your data: privacy notice",
        "wrong_address": "Please check this address.",
        "wrong_called": "Please only letters, dots and hyphens, at most 80 signs.",
        "wrong_wants": "Please choose one of the two.",
        "too_many": "Many sign-ups came from here just now. Please try again in an hour.",
        "almost": "Almost done",
        "almost_text": "We have written to the address that you gave. Please open that message and "
        "confirm that you want to sign up; only then are you in. If nothing arrives in the next "
        "minutes, please look into your spam folder, too.",
        "leave": "Unsubscribe",
        "leave_title": "Do you want to leave?",
        "leave_text": "You will then get no messages and no warnings any more.",
        "press_text": "Please confirm it with this button: some programs open links by themselves, "
        "and nothing shall happen by that alone.",
        "details": "Your details",
        "details_text": "Here you change how we address you and what you get.",
        "not_reading": "You get nothing from us at the moment.",
        "save": "Save",
        "more": "Leaving, copy, deleting",
        "language": "Plain language, or another one",
        "ask_copy": "Ask for a copy of my data",
        "erase": "Delete all data",
        "erase_text": "Everything that we hold about you is deleted at once. You are then no "
        "longer signed up. You get a receipt.",
        "erase_yes": "Yes, delete all",
        "done": "Thank you, we have got it",
        "done_text": "It counts at once. Where there is something to say you get a message.",
        "gone": "This link does not work any more",
        "gone_text": "It is too old, or your data is deleted already: then you get nothing from us "
        "any more. You can sign up again at any time.",
    },
    "nl": {
        "name": "Nederlands",
        "title": "Aanmelden",
        "intro": "Hoogstens één bericht per dag met nieuws, en waarschuwingen bij nood. U moet "
        "minstens {age} jaar oud zijn. Het is vrijwillig; afmelden kan altijd via een link in elk "
        "bericht.",
        "careful": "Zo'n bericht kan laat of helemaal niet aankomen: vertrouw er in nood niet "
        "alleen op.",
        "called": "Aanhef en naam (niet verplicht)",
        "called_hint": "Zo spreken wij u aan, bijvoorbeeld „mevrouw Voorbeeld”.",
        "wants": "Wat wilt u krijgen?",
        "everything": "Nieuws en waarschuwingen",
        "alerts_only": "alleen waarschuwingen bij nood",
        "sign_up": "Aanmelden",
        "privacy": "Wat er met uw gegevens gebeurt: privacyverklaring",
        "wrong_address": "Controleer dit adres alstublieft.",
        "wrong_called": "Alleen letters, punten en streepjes, hoogstens 80 tekens.",
        "wrong_wants": "Kies alstublieft een van beide.",
        "too_many": "Van hieruit kwamen net veel aanmeldingen. Probeer het over een uur opnieuw.",
        "almost": "Bijna klaar",
        "almost_text": "Wij hebben geschreven naar het adres dat u hebt opgegeven. Open dat "
        "bericht en bevestig uw aanmelding; pas dan bent u erbij. Komt er de komende minuten "
        "niets aan, kijk dan ook in uw spammap.",
        "leave": "Afmelden",
        "leave_title": "Wilt u zich afmelden?",
        "leave_text": "U krijgt dan geen berichten en geen waarschuwingen meer.",
        "press_text": "Bevestig het met deze knop: sommige programma's openen links vanzelf, en "
        "daardoor alleen mag er niets gebeuren.",
        "details": "Uw gegevens",
        "details_text": "Hier wijzigt u hoe wij u aanspreken en wat u krijgt.",
        "not_reading": "U krijgt op dit moment niets van ons.",
        "save": "Opslaan",
        "more": "Afmelden, kopie, wissen",
        "language": "Eenvoudige taal, of een andere",
        "ask_copy": "Kopie van mijn gegevens aanvragen",
        "erase": "Alle gegevens wissen",
        "erase_text": "Alles wat wij over u bewaren, wordt meteen gewist. Daarmee bent u ook "
        "afgemeld. U krijgt een ontvangstbewijs.",
        "erase_yes": "Ja, alles wissen",
        "done": "Dank u, het is aangekomen",
        "done_text": "Het geldt meteen. Als er iets te zeggen is, krijgt u een bericht.",
        "gone": "Deze link werkt niet meer",
        "gone_text": "Hij is te oud, of uw gegevens zijn al gewist: dan krijgt u niets meer van "
        "ons. U kunt zich altijd opnieuw aanmelden.",
    },
}
