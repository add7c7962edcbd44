"""Citizens' pages: the privacy notice, the pictures of posts.

Owns: what anybody may see without signing in. Never: anything personal. Wired by bot/app.
"""

from datetime import datetime

from flask import Blueprint, Response, abort, render_template, send_from_directory

from bot.city import City
from bot.public import erasing_page, words
from broadcasts.privacy import notice

WORDS = words.section("privacy_notice")
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
