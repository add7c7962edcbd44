"""What the public site's pages share: words in three languages, headers, answering from memory.

Owns: layout and stylesheet, how a page is cached and asked for anew. Never: what a page shows.
Used by archive, feeds and join; knows nothing of the desk.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, render_template, request

from bot import markup
from bot.city import City
from bot.public.words import words as words
from broadcasts import clock
from broadcasts.settings import LANGUAGES

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)

A_MINUTE = "public, max-age=60"
AT_ONCE = "public, no-cache"
"""Asked for anew each time, and mostly answered "as before": an alert in force."""
A_DAY = "public, max-age=86400"
NEVER = "no-store"
"""Whatever somebody has typed."""

SETTLES = timedelta(seconds=2)
"""Last-Modified tells seconds: younger than this, the same second may bring another change."""

FRESH = 1.0
"""Seconds for which a page is shown as it was made."""
MOST_KEPT = 100

ANY = "<any(de, en, nl):language>"
"""What an address in another language ends with; the city's own has the shortest."""

STYLE = "/public.css"


def day(on: date, language: str, *, form: str = "full") -> str:
    # Imported when somebody reads a page: it takes memory that a city at night does not need.
    from babel.dates import format_date

    return format_date(on, form, locale=language)


def weekday(number: int, language: str) -> str:
    """0 is Monday."""
    from babel.dates import get_day_names

    name: str = get_day_names("wide", locale=language)[number]
    return name


def moment(city: City, at: datetime, language: str) -> str:
    """Date and time in the city's zone."""
    local = at.astimezone(city.zone)
    on = day(local.date(), language, form="long")
    return words(language)["at"].format(day=on, time=f"{local:%H:%M}")


def address(city: City, base: str, language: str) -> str:
    """Of a page in this language."""
    if language == city.settings.city.language:
        return base
    return f"{base.rstrip('/')}/{language}"


def render(city: City, template: str, language: str, base: str, **values: Any) -> str:
    """A page; `base`: its address in the city's language. `values["query"]`: what follows it."""
    query = values.get("query", "")
    return render_template(
        template,
        city=city.settings.city,
        lang=language,
        base=base,
        style=style_address(),
        to=lambda path: address(city, path, language),
        tongues=[
            (tongue, words(tongue)["name"], address(city, base, tongue) + query)
            for tongue in LANGUAGES
        ],
        root_url=city.newsroom.public_url,
        canonical=city.newsroom.public_url + address(city, base, language),
        **_in_words(city, language),
        **values,
    )


def part(city: City, template: str, language: str, **values: Any) -> str:
    """A part of a page by itself, as a feed holds it."""
    return render_template(template, **_in_words(city, language), **values)


def _in_words(city: City, language: str) -> dict[str, Any]:
    """What every template may ask for."""
    known = words(language)
    return {
        "words": known,
        "own": city.settings.city.language,
        "put": lambda key, **filled: known[key].format(**filled),
        "day": lambda on, form="full": day(on, language, form=form),
        "moment": lambda at: moment(city, at, language),
        "severity": lambda name: city.texts.get(f"severity_{name}", language) if name else "",
        "marked": markup.page,
        "in_short": markup.phone,
    }


@dataclass(frozen=True)
class Page:
    """What is answered. `keep`: how long it may be shown without asking; `changed_at`: when what it
    shows last changed."""

    body: str | bytes
    changed_at: datetime | None = None
    kind: str = "text/html"
    keep: str = A_MINUTE

    @cached_property
    def raw(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()[:20]


def answer(page: Page, *, status: int = 200) -> Response:
    """The page, or 304 where the reader has it already."""
    response = Response(page.raw, status=status, mimetype=page.kind)
    response.headers["Cache-Control"] = page.keep
    if status == 200 and page.keep != NEVER:
        # Weak: a proxy that compresses it leaves it the same page.
        response.set_etag(page.tag, weak=True)
        if page.changed_at is not None and clock.now() - page.changed_at > SETTLES:
            response.last_modified = page.changed_at
        response.make_conditional(request)
        # The server says it, too.
        response.headers.pop("Date", None)
    return response


class Memory:
    """Pages as they were a moment ago: thousands follow the same link at once, and the machine has
    messages to send."""

    def __init__(self) -> None:
        self._kept: dict[object, tuple[float, Page]] = {}

    def answer(self, key: object, make: Callable[[], Page]) -> Response:
        """`make` is asked when the page is not there or older than `FRESH`."""
        now = time.monotonic()
        made_at, page = self._kept.get(key, (now - FRESH, None))
        if page is None or now - made_at >= FRESH:
            page = make()
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = now, page
        return answer(page)


def protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@cache
def _file(name: str) -> bytes:
    return (files("bot.public") / "static" / name).read_bytes()


@cache
def style_address() -> str:
    """Another one with each change, so that it may be kept for long."""
    return f"{STYLE}?{hashlib.sha256(_file('public.css')).hexdigest()[:8]}"


def blueprint() -> Blueprint:
    made = Blueprint("site", __name__)

    @made.get(STYLE)
    def style() -> Response:
        return answer(Page(_file("public.css"), kind="text/css", keep=A_DAY))

    @made.get("/icon.svg")
    def icon() -> Response:
        return answer(Page(_file("icon.svg"), kind="image/svg+xml", keep=A_DAY))

    made.after_request(protect)
    return made
