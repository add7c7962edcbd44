"""The page behind "Meine Daten": a button, and behind it the copy, once.

Owns: this page. Never: says to whom a link belongs before it is used. Wired by bot/app.
"""

from collections.abc import Mapping

from flask import Blueprint, Response, render_template

from bot.city import City
from broadcasts import clock
from broadcasts.languages import spoken
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.privacy import copies
from broadcasts.privacy.portable import archive

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "title": "Kopie Ihrer Daten",
        "text": "Hier bekommen Sie alles, was dieser Dienst über Sie gespeichert hat: eine "
        "ZIP-Datei mit einem Text zum Lesen, derselben Kopie für Computer (JSON) und Ihren "
        "Bildern. Dieser Link gilt nur einmal.",
        "button": "Kopie herunterladen",
        "gone": "Dieser Link gilt nicht mehr",
        "again": "Er ist älter als ein Tag oder wurde schon benutzt. Schreiben Sie dem Dienst noch "
        "einmal „Meine Daten“: Dann bekommen Sie einen neuen.",
    },
    "en": {
        "title": "Copy of your data",
        "text": "Here you get everything this service holds about you: a ZIP file with a text to "
        "read, the same copy for computers (JSON), and your pictures. This link works only once.",
        "button": "Download the copy",
        "gone": "This link does not work any more",
        "again": 'It is older than a day or has been used. Write "My data" to the service once '
        "more: you then get a new one.",
    },
    "nl": {
        "title": "Kopie van uw gegevens",
        "text": "Hier krijgt u alles wat deze dienst over u bewaart: een ZIP-bestand met een tekst "
        "om te lezen, dezelfde kopie voor computers (JSON) en uw foto's. Deze link werkt één keer.",
        "button": "Kopie downloaden",
        "gone": "Deze link werkt niet meer",
        "again": 'Hij is ouder dan een dag of al gebruikt. Schrijf de dienst nog een keer "Mijn '
        'gegevens": dan krijgt u een nieuwe.',
    },
}

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
}

FILE = "stadtbote.zip"

Page = str | tuple[str, int]


def blueprint(city: City) -> Blueprint:
    made = Blueprint("copy", __name__, template_folder="templates", url_prefix=f"/{COPY_PATH}")

    @made.get("/<token>")
    def look(token: str) -> Page:
        """Nothing of the person yet, and the link stays good: messengers look at every link."""
        person = copies.find(token, key=city.key, now=clock.now())
        if person is None:
            return _gone(city), 404
        language = spoken(person.language, city.settings.city.language)
        return _page(city, language, is_good=True)

    @made.post("/<token>")
    def take(token: str) -> Response | Page:
        """Whoever has the link has the right: it stood in a chat that only the person reads."""
        person = copies.take(token, key=city.key, now=clock.now())
        if person is None:
            return _gone(city), 404
        return Response(
            archive(person, city.newsroom),
            mimetype="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{FILE}"'},
        )

    @made.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    return made


def _gone(city: City) -> str:
    """Whose it was is not known any more: in the city's language first, then in the others."""
    return _page(city, city.settings.city.language, is_good=False)


def _page(city: City, language: str, *, is_good: bool) -> str:
    first = language if language in WORDS else "en"
    others = [] if is_good else [(tongue, WORDS[tongue]) for tongue in WORDS if tongue != first]
    return render_template(
        "copy.html",
        city=city.settings.city,
        lang=first,
        words=WORDS[first],
        others=others,
        is_good=is_good,
    )
