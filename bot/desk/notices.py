"""What all staff must hear stands above every page until they have said that they have seen it.

Owns: saying so. Never: writes a notice (people/notices, from where something happens). Part of the
desk.
"""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.desk import here
from bot.desk.access import ANYBODY
from broadcasts import db
from broadcasts.people import notices

pages = Blueprint("notices", __name__, url_prefix="/notices")
ACCESS = {"mark_seen": ANYBODY}
MENU = ()


@pages.post("/<int:id>/seen")
def mark_seen(id: int) -> Response:
    with db.transaction():
        if notices.mark_seen(id, here.me()):
            here.note("notice seen", f"notice {id}")
    # Only a path of the desk's own: an address in the form would be an open redirect.
    back = request.form.get("back", "")
    is_ours = back.startswith("/") and not back.startswith("//") and "\\" not in back
    return redirect(f"{request.root_path}{back}" if is_ours else url_for("today.page"))
