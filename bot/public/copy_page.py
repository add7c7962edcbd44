"""The page behind "Meine Daten": a button, and behind it the copy, once.

Owns: this page. Never: says to whom a link belongs before it is used. Wired by bot/app.
"""

from flask import Blueprint, Response, render_template

from bot.city import City
from bot.public import words
from broadcasts import clock
from broadcasts.languages import spoken
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.privacy import copies
from broadcasts.privacy.portable import archive

WORDS = words.section("copy")

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
