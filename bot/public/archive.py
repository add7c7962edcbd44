"""The archive's pages: the list by day, a digest, an alert with its thread, the search.

Owns: these addresses, which stand for good. Never: decides what is public (newsroom/archive), says
anything of a person, or waits for the desk. Wired by bot/app.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from urllib.parse import quote

from flask import Blueprint, Response, abort, request

from bot.city import City
from bot.public import site
from bot.public.site import Page
from broadcasts import clock, db
from broadcasts.languages import PLAIN
from broadcasts.newsroom import archive, archive_voices, pausing
from broadcasts.newsroom.archive import Entry, Key, Standing
from broadcasts.newsroom.texts import ARCHIVE_PATH, IN_PLAIN
from broadcasts.people.pauses import LONGEST

ROOT = f"/{ARCHIVE_PATH}/"
SEARCH = f"{ROOT}suche"

AT_ONCE = threading.BoundedSemaphore(4)
"""Searches under way: each looks through all posts, on a thread that webhooks may want."""

FINDS = {"warnung": archive.alert, "hinweis": archive.notice}
"""What has a page of its own within its day."""
ALONE = f"<any({', '.join(FINDS)}):what>"

_KEY = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,9})", re.ASCII)


def blueprint(city: City) -> Blueprint:
    made = Blueprint("archive", __name__, template_folder="templates", url_prefix=ROOT)
    own = city.settings.city.language
    memory = site.Memory()

    @made.get("/")
    @made.get(f"/{site.ANY}")
    def listing(language: str = own) -> Response:
        typed = request.args.get("vor", "")
        before, days = _key(typed) if typed else None, _days()
        found = memory.answer(
            (language, before, days), lambda: _listing(city, language, before, days)
        )
        if days is not None:
            # Any two days make an address; what stands there stands elsewhere, too.
            found.headers["X-Robots-Tag"] = "noindex"
        return found

    @made.get("/suche")
    @made.get(f"/suche/{site.ANY}")
    def search(language: str = own) -> Response:
        if not AT_ONCE.acquire(blocking=False):
            return _later(language)
        try:
            return _search(city, language)
        finally:
            AT_ONCE.release()

    _entries(made, city, memory)

    @made.get("/<path:rest>")
    def elsewhere(rest: str) -> Response:
        abort(404)

    _errors(made, city)
    made.after_request(site.protect)
    return made


def _entries(made: Blueprint, city: City, memory: site.Memory) -> None:
    own = city.settings.city.language

    @made.get("/<day>")
    @made.get(f"/<day>/{site.ANY}")
    def digest(day: str, language: str = own) -> Response:
        on = _day(day)

        def page() -> Page:
            return _show(city, archive.digest(on, clock.now()), language, read=_read(language, own))

        return memory.answer((language, on, _read(language, own)), page)

    @made.get(f"/<day>/{ALONE}-<int:number>")
    @made.get(f"/<day>/{ALONE}-<int:number>/{site.ANY}")
    def alone(day: str, what: str, number: int, language: str = own) -> Response:
        if number >= 2**31:
            abort(404)  # no row can have it
        key = Key(_day(day), number)

        def page() -> Page:
            found = FINDS[what](key, clock.now())
            return _show(city, found, language, read=_read(language, own))

        return memory.answer((language, what, key, _read(language, own)), page)

    @made.get("/<day>/beitrag-<int:number>")
    @made.get(f"/<day>/beitrag-<int:number>/{site.ANY}")
    def post(day: str, number: int, language: str = own) -> Response:
        on, read = _day(day), _read(language, own)
        path = archive.item_path(on, number)

        def page() -> Page:
            entry = _alone(archive.digest(on, clock.now()), number)
            return _show(city, entry, language, read=read, path=path, name="post.html")

        return memory.answer((language, read, path), page)


def _errors(made: Blueprint, city: City) -> None:
    own = city.settings.city.language

    @made.errorhandler(404)
    def nothing(error: Exception) -> Response:
        language = (request.view_args or {}).get("language", own)
        page = site.render(city, "nothing.html", language, ROOT)
        # Not to be kept: the digest of a day may leave in a moment.
        return site.answer(Page(page, keep=site.NEVER), status=404)

    @made.errorhandler(db.DatabaseError)
    def away(error: Exception) -> Response:
        return _later(own)


def _later(language: str) -> Response:
    said = site.words(language)["not_now"]
    response = site.answer(Page(said, kind="text/plain", keep=site.NEVER), status=503)
    response.headers["Retry-After"] = "60"
    return response


def _read(language: str, own: str) -> str:
    """In which language the texts are: the page's, or the city's in plain words."""
    return PLAIN if language == own and request.args.get("sprache") == PLAIN else language


def _day(text: str) -> date:
    """In the one spelling that an address has."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if on.isoformat() != text:
        abort(404)
    return on


def _days() -> tuple[date, date] | None:
    """Of a pause, as its link says; None: of all time."""
    typed = [request.args.get(name, "") for name in (pausing.SINCE, pausing.UNTIL)]
    if not any(typed):
        return None
    since, until = map(_day, typed)
    if since > until or until - since > LONGEST:
        abort(404)
    return since, until


def _listing(city: City, language: str, before: Key | None, days: tuple[date, date] | None) -> Page:
    found = archive.page(clock.now(), before=before, days=days)
    entries = [archive_voices.read(entry, language) for entry in found]
    span = f"{pausing.SINCE}={days[0]}&{pausing.UNTIL}={days[1]}" if days else ""
    more = len(entries) == archive.ON_A_PAGE
    page = site.render(
        city,
        "archive.html",
        language,
        ROOT,
        query=_query(span, f"vor={_text(before)}" if before else ""),
        period=days,
        within=f"{span}&" if span else "",
        days=by_day(entries),
        is_newest=before is None,
        older=_text(entries[-1].key) if more else "",
        years=_years_since(entries) if entries and not days else (),
    )
    return Page(page, changed_at(entries))


def _query(*parts: str) -> str:
    said = "&".join(part for part in parts if part)
    return f"?{said}" if said else ""


def _years_since(entries: Sequence[Entry]) -> list[int]:
    return [year for year in archive.years() if year <= entries[0].key.on.year]


def by_day(entries: Sequence[Entry]) -> list[tuple[date, list[Entry]]]:
    return [(on, list(rows)) for on, rows in groupby(entries, key=lambda entry: entry.key.on)]


def changed_at(entries: Sequence[Entry]) -> datetime | None:
    return max((entry.changed_at for entry in entries), default=None)


def _key(text: str) -> Key:
    found = _KEY.fullmatch(text)
    if found is None:
        abort(404)
    return Key(_day(found[1]), int(found[2]))


def _text(key: Key) -> str:
    return f"{key.on.isoformat()}.{key.id}"


def _show(
    city: City, entry: Entry | None, language: str, *, read: str, path: str = "", name: str = ""
) -> Page:
    """`path` and `name` of its template: where it is not the entry's own page."""
    if entry is None:
        abort(404)
    path = path or entry.path
    own = city.settings.city.language
    page = site.render(
        city,
        name or ("alert.html" if entry.parts else "digest.html"),
        language,
        path,
        entry=archive_voices.read(entry, read),
        is_plain=read == PLAIN,
        in_plain=f"{path}?{IN_PLAIN}" if archive_voices.is_in_plain(entry) else "",
        plain_name=site.words(own)["in_plain"],
    )
    is_live = entry.standing is Standing.IN_FORCE
    return Page(page, entry.changed_at, keep=site.AT_ONCE if is_live else site.A_MINUTE)


def _alone(digest: Entry | None, number: int) -> Entry | None:
    """A digest as if it held one of its posts only."""
    found = tuple(item for item in digest.items if item.id == number) if digest else ()
    if digest is None or not found:
        return None
    changed = max([digest.said_at, *(at for at, _ in found[0].corrections)])
    return replace(digest, items=found, changed_at=changed)


def _search(city: City, language: str) -> Response:
    typed = request.args.get("q", "")[: archive.LONGEST_SEARCH].strip()
    words = archive.read_words(typed)
    page = site.render(
        city,
        "search.html",
        language,
        SEARCH,
        query=f"?q={quote(typed)}" if words else "",
        typed=typed if words else "",
        hits=archive.search(words),
        most=archive.MOST_FOUND,
    )
    response = site.answer(Page(page, keep=site.NEVER))
    response.headers["X-Robots-Tag"] = "noindex"
    return response
