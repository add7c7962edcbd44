"""Citizens' pages: the privacy notice, the pictures of posts.

Owns: what anybody may see without signing in. Never: anything personal. Wired by bot/app.
"""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, Response, abort, render_template, send_from_directory

from bot.city import City
from bot.public import erasing_page
from broadcasts.privacy import notice

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "name": "Deutsch",
        "version": "Fassung",
        "since": "gilt seit",
        "was": "galt ab",
        "earlier": "Alle Fassungen",
        "old": "Das ist eine frühere Fassung.",
        "newest": "Zur heutigen",
        "back": "Zurück",
        "erase": "Alle Daten löschen lassen",
    },
    "en": {
        "name": "English",
        "version": "Version",
        "since": "in force since",
        "was": "in force from",
        "earlier": "All versions",
        "old": "This is an earlier version.",
        "newest": "Go to today's",
        "back": "Back",
        "erase": "Have all your data deleted",
    },
    "nl": {
        "name": "Nederlands",
        "version": "Versie",
        "since": "geldt sinds",
        "was": "gold vanaf",
        "earlier": "Alle versies",
        "old": "Dit is een eerdere versie.",
        "newest": "Naar die van vandaag",
        "back": "Terug",
        "erase": "Alle gegevens laten wissen",
    },
}
"""What stands around the privacy notice, in each of its languages."""


def blueprint(city: City) -> Blueprint:
    public = Blueprint("public", __name__, template_folder="templates")

    @public.get("/datenschutz")
    @public.get("/datenschutz/<language>")
    @public.get("/datenschutz/<language>/<int:version>")
    def privacy(language: str = "", version: int | None = None) -> str:
        """Every version that was ever shown stays at its address."""
        language = language or city.settings.city.language
        kept = notice.find(language, version)
        if kept is None:
            abort(404)
        return render_template(
            "privacy.html",
            city=city.settings.city,
            lang=language,
            kept=kept,
            versions=list(notice.versions(language)),
            words=WORDS[language],
            languages=[(tongue, WORDS[tongue]["name"]) for tongue in WORDS if tongue != language],
            erasing=erasing_page.PATH,
            day=lambda at: _day(at.astimezone(city.zone), language),
        )

    @public.get(erasing_page.PATH)
    @public.get(f"{erasing_page.PATH}/<language>")
    def erasing(language: str = "") -> str:
        return erasing_page.show(city, language)

    @public.get("/media/<name>")
    def picture(name: str) -> Response:
        """A post's picture. Its name cannot be guessed; other files of the folder are not here."""
        if not name.endswith((".jpg", ".png")):
            abort(404)
        return send_from_directory(city.config.media_dir.resolve(), name, max_age=86400)

    @public.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; img-src 'self'; style-src 'self' 'unsafe-inline';"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return public


def _day(at: datetime, language: str) -> str:
    # Imported when somebody reads the notice: it takes memory that a city at night does not need.
    from babel.dates import format_date

    return format_date(at, locale=language)
