"""Citizens' pages: how to join, the privacy notice, the pictures of posts.

Owns: what anybody may see without signing in. Never: anything personal. Wired by bot/app.
"""

from flask import Blueprint, Response, abort, render_template, send_from_directory

from bot.city import City


def blueprint(city: City) -> Blueprint:
    public = Blueprint("public", __name__, template_folder="templates")

    @public.get("/")
    def join() -> str:
        accounts = [a for channel in city.channels.values() for a in channel.accounts]
        return render_template("join.html", city=city.settings.city, accounts=accounts)

    @public.get("/datenschutz")
    def privacy() -> str:
        return render_template("privacy.html", city=city.settings.city)

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
