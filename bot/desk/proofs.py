"""What a data protection officer must be able to prove: receipts, and what is left of a person.

Owns: these pages. Never: an erasure (person), or an address that outlives its search: it stands in
no table, no address line and no file; what is kept is where something was found, and of the number
its last two digits. Part of the desk.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from bot.desk import here, places
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy
from broadcasts import db, figures
from broadcasts.channels.base import Address
from broadcasts.people.staff import Role
from broadcasts.privacy import backups, erasure_log, search
from broadcasts.privacy.erasure_log import Provider

pages = Blueprint("proofs", __name__, url_prefix="/subscribers/proofs")
ACCESS = dict.fromkeys(("page", "receipt", "look", "found", "live"), only(Role.PRIVACY))
MENU = ()

Page = str | tuple[str, int]

PROVIDER: Mapping[str, Any] = {
    Provider.NOTHING: lazy("was not asked"),
    Provider.ASKED: lazy("is just being asked"),
    Provider.DONE: lazy("has confirmed that it dropped its own entry"),
    Provider.NOT_REACHED: lazy("could not be reached within a minute and may keep its own entry"),
}


class ReceiptForm(DeskForm):
    code = StringField(
        lazy("Receipt"),
        filters=[stripped],
        validators=[InputRequired()],
        render_kw={"autocomplete": "off", "maxlength": 40},
    )


class SearchForm(DeskForm):
    address = StringField(
        lazy("Telephone number or user id"),
        filters=[stripped],
        validators=[InputRequired()],
        render_kw={"autocomplete": "off"},
    )
    also = StringField(
        lazy("Look for this, too (may stay empty)"),
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )


@pages.get("")
def page() -> str:
    return _page()


def _page(receipt: ReceiptForm | None = None, look: SearchForm | None = None, **more: Any) -> str:
    return render_template(
        "proofs/page.html",
        receipt=receipt or ReceiptForm(formdata=None, prefix="receipt-"),
        look=look or SearchForm(formdata=None, prefix="search-"),
        provider=PROVIDER,
        gone=places.GONE,
        mark_least=erasure_log.LONGEST_BACKUP.days,
        mark_most=erasure_log.KEY_KEPT_FOR.days,
        **more,
    )


@pages.post("/receipt")
def receipt() -> Page:
    typed = ReceiptForm(prefix="receipt-")
    if not typed.validate():
        return _page(receipt=typed), 422
    found = erasure_log.verify(typed.code.data or "", here.city().key)
    with db.transaction():
        here.note("receipt checked", found=found is not None)
    if found is None:
        typed.code.errors = [gettext("No erasure has this receipt. Is each sign right?")]
        return _page(receipt=typed), 422
    return _page(receipt=typed, erased=found)


# ------------------------------------------------------------------ what is left


def _name() -> str:
    """Under which the result of this account's last search is kept."""
    return f"remnants by {here.me().name}"


def _meant(who: Sequence[Address], *, with_words: bool) -> dict[str, Any]:
    """What the result says of whom was looked for: not more than a list of the inbox does."""
    digits = next((address.wa_id[-2:] for address in who if address.wa_id), "")
    return {"digits": digits, "with_words": with_words}


@pages.post("/search")
def look() -> Page | Response:
    """Reads every table and file: behind the page's back, it may take minutes."""
    typed, city = SearchForm(prefix="search-"), here.city()
    if not typed.validate():
        return _page(look=typed), 422
    try:
        who = search.meant(city.channels, typed.address.data or "")
    except ValueError:
        text = gettext("Type a telephone number like +49 176 …, or the user id as it was given.")
        typed.address.errors = [text]
        return _page(look=typed), 422
    words = (typed.also.data,) if typed.also.data else ()
    config = city.config
    where = search.Places(folder=config.folder, media=config.media_dir, logs=config.logs)
    with db.transaction():
        here.note("remnants searched")
    meant = _meant(who, with_words=bool(words))
    figures.keep(_name(), {"meant": meant, "finds": None})
    figures.renew(
        _name(),
        lambda: {
            "meant": meant,
            "finds": [find.as_json() for find in search.everywhere(where, who, words)],
        },
    )
    return redirect(url_for("proofs.found"))


def _result() -> dict[str, Any]:
    # Looked at first: what ends in between is then shown as under way, not as nothing.
    is_looking = figures.is_being_counted(_name())
    kept = figures.kept(_name())
    finds = kept.data["finds"] if kept else None
    main = PurePath(db.database.database).name if db.is_sqlite() else ""
    own = [main, PurePath(db.erasures_file(main)).name] if main else []
    return {
        "is_looking": is_looking,
        "meant": kept.data["meant"] if kept else None,
        "finds": None if finds is None else list(places.in_words(finds, own)),
        "at": kept.computed_at if kept else None,
    }


@pages.get("/live")
def live() -> str:
    """The part of the page that changes when the search is through."""
    return render_template("proofs/_found.html", **_result())


@pages.get("/found")
def found() -> str:
    city = here.city()
    keep_days = city.settings.backup.keep_days
    return render_template(
        "proofs/found.html",
        **_result(),
        backups=[
            (one.path.name, one.gone_on(keep_days, city.zone))
            for one in backups.listing(city.config.backup_dir)
        ],
    )
