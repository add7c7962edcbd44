"""How to have everything deleted, on each messenger there is: what Meta wants an address of.

Owns: this page. Never: erases (the keyword does), or knows who reads it. Wired by bot/public/pages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import abort, render_template

from bot.city import City
from bot.names import CHANNELS
from bot.words import Intent, first_word
from broadcasts.channels.base import Account

PATH = "/datenschutz/loeschen"

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "name": "Deutsch",
        "title": "Alle Daten löschen lassen",
        "intro": "So löschen Sie alles, was der Nachrichtendienst von {city} über Sie gespeichert "
        "hat: Ihre Anmeldung, was Sie geschrieben und geschickt haben, und Ihre Nummer oder "
        "Kennung. Das geht ohne Konto und ohne Begründung.",
        "how": "Mit einer Nachricht",
        "step": "Öffnen Sie das Gespräch mit uns:",
        "write": "Schreiben Sie dort:",
        "done": "Nach wenigen Sekunden ist alles gelöscht. Sie bekommen noch eine Nachricht mit "
        "einer Quittung, sonst keine mehr. Haben Sie mehrere Messenger miteinander verbunden, "
        "gilt es für alle; sonst schreiben Sie es bitte auf jedem.",
        "otherwise": "Ohne Messenger",
        "contact": "Wenn Sie dort nicht mehr schreiben können, wenden Sie sich an: {contact}. "
        "Nennen Sie die Nummer, unter der Sie angemeldet sind. Bei Messenger, Instagram und "
        "Telegram kennen wir keinen Namen; dort finden wir Sie nur über eine Nachricht von Ihnen.",
        "left": "Was bleibt",
        "kept": "Ein Vermerk, wann wie viel gelöscht wurde, und eine Zeit lang eine Prüfsumme, "
        "damit nichts Älteres Sie zurückbringt. Wie lange, steht in der Datenschutzerklärung. "
        "Den Verlauf auf Ihrem Gerät und beim Anbieter des Messengers können nur Sie selbst "
        "löschen.",
        "privacy": "Datenschutzerklärung",
    },
    "en": {
        "name": "English",
        "title": "Have all your data deleted",
        "intro": "This is how you delete everything that the messenger service of {city} holds "
        "about you: your subscription, what you have written and sent, and your number or id. It "
        "takes no account and no reason.",
        "how": "With one message",
        "step": "Open the conversation with us:",
        "write": "Write there:",
        "done": "Everything is deleted within seconds. You get one more message with a receipt, "
        "and none after it. If you have linked several messengers, it counts for all of them; "
        "otherwise please write it on each.",
        "otherwise": "Without a messenger",
        "contact": "If you can no longer write there, please turn to: {contact}. Say under which "
        "number you are subscribed. On Messenger, Instagram and Telegram we know no name; there we "
        "only find you by a message of yours.",
        "left": "What remains",
        "kept": "A note of when how much was deleted, and for a time a checksum, so that nothing "
        "older brings you back. For how long is said in the privacy notice. What is shown on "
        "your device and kept by the provider of the messenger only you can delete.",
        "privacy": "Privacy notice",
    },
    "nl": {
        "name": "Nederlands",
        "title": "Alle gegevens laten wissen",
        "intro": "Zo wist u alles wat de berichtendienst van {city} over u bewaart: uw aanmelding, "
        "wat u hebt geschreven en gestuurd, en uw nummer of aanduiding. Dat kan zonder account en "
        "zonder reden.",
        "how": "Met één bericht",
        "step": "Open het gesprek met ons:",
        "write": "Schrijf daar:",
        "done": "Binnen enkele seconden is alles gewist. U krijgt nog één bericht met een "
        "ontvangstbewijs, daarna geen meer. Hebt u meerdere messengers gekoppeld, dan geldt het "
        "voor alle; schrijf het anders op elk.",
        "otherwise": "Zonder messenger",
        "contact": "Kunt u daar niet meer schrijven, wend u dan tot: {contact}. Noem het nummer "
        "waarmee u bent aangemeld. Bij Messenger, Instagram en Telegram kennen wij geen naam; daar "
        "vinden wij u alleen via een bericht van u.",
        "left": "Wat blijft",
        "kept": "Een aantekening wanneer hoeveel is gewist, en een tijdlang een controlesom, zodat "
        "niets ouders u terugbrengt. Hoe lang, staat in de privacyverklaring. Het verloop op uw "
        "toestel en bij de aanbieder van de messenger kunt alleen u zelf wissen.",
        "privacy": "Privacyverklaring",
    },
}


@dataclass(frozen=True)
class Way:
    name: str
    address: str
    link: str
    """Opens the conversation; empty where there is no such address."""


def show(city: City, language: str) -> str:
    settings = city.settings
    language = language or settings.city.language
    if language not in WORDS:
        abort(404)
    names = {
        "city": settings.city.name,
        "contact": settings.privacy.officer or settings.privacy.controller or settings.city.name,
    }
    return render_template(
        "erasing.html",
        city=settings.city,
        lang=language,
        words={key: text.format(**names) for key, text in WORDS[language].items()},
        keyword=first_word(Intent.ERASE, language),
        ways=list(_ways(city)),
        languages=[(tongue, WORDS[tongue]["name"]) for tongue in WORDS if tongue != language],
        path=PATH,
    )


def _ways(city: City) -> Iterator[Way]:
    for kind, channel in city.channels.items():
        for account in channel.accounts:
            yield Way(CHANNELS.get(kind, kind), account.address, _link(account))


def _link(account: Account) -> str:
    """Without a text typed in: not every messenger takes one, and a tap must not be half of it."""
    return account.join.partition("?")[0]
