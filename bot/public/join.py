"""How to join: what one gets, a link and a code for each channel, the contact card, how to leave.

Owns: the page at `/`, the codes, `/kontakt.vcf`. Never: signs anybody up; knows a channel by more
than its name and what its accounts say. Wired by bot/app.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urljoin

from flask import Blueprint, Response, abort

from bot.city import City
from bot.names import CHANNELS
from bot.public import contact, site
from bot.public.archive import by_day
from bot.public.site import Page
from broadcasts import clock, db
from broadcasts.channels.base import Account, waits
from broadcasts.newsroom import archive, subjects
from broadcasts.newsroom.archive import Entry
from broadcasts.newsroom.subjects import Subject
from broadcasts.settings import WEEKDAYS

NEWEST = 5
"""Entries of the archive that are shown."""

NO_BREAK = "\u00a0"
"""A number stays on its line."""

CARD = "/kontakt.vcf"

START = "Start"
"""What is typed in already. It is the same in every language: whoever comes from a page in another
one types a word of that, and is answered in it."""


@dataclass(frozen=True)
class Entrance:
    """One way to become a reader."""

    channel: str
    address: str
    """What one writes to; empty where there is a form instead."""
    link: str
    """Empty where no address opens a chat."""
    qr: str
    """Address of the code that says the same as the link."""
    is_waiting: bool = False
    """What is sent there reaches only who has written lately."""


@dataclass(frozen=True)
class Choice:
    """One topic or district, and the ways to begin with it alone."""

    label: str
    is_district: bool
    ways: list[Entrance]


def blueprint(city: City) -> Blueprint:
    made = Blueprint("join", __name__, template_folder="templates")
    own = city.settings.city.language
    memory = site.Memory()

    @made.get("/")
    @made.get(f"/{site.ANY}")
    def page(language: str = own) -> Response:
        return memory.answer(language, lambda: _page(city, language))

    @made.get("/qr/<kind>-<int:number>.svg")
    @made.get(f"/qr/{site.ANY}/<kind>-<int:number>.svg")
    def qr(kind: str, number: int, language: str = own) -> Response:
        return _drawn(city, _entrances(city, language), _qr(city, language, kind, number))

    @made.get("/qr/<kind>-<int:number>-<name>.svg")
    @made.get(f"/qr/{site.ANY}/<kind>-<int:number>-<name>.svg")
    def qr_of_one(kind: str, number: int, name: str, language: str = own) -> Response:
        one = next((one for one in subjects.there_are(city.settings) if one.name == name), None)
        if one is None:
            abort(404)
        return _drawn(
            city, _entrances(city, language, one), _qr(city, language, kind, number, name)
        )

    @made.get(CARD)
    def card() -> Response:
        return _card(city)

    made.after_request(site.protect)
    return made


def _page(city: City, language: str) -> Page:
    entries = _newest()
    body = site.render(
        city,
        "join.html",
        language,
        "/",
        digest=_digest(city, language),
        beside=city.texts.get(city.texts.beside, language) if city.texts.beside else "",
        word=_word(city, language),
        entrances=list(_entrances(city, language)),
        choices=list(_choices(city, language)),
        has_forms=any(channel.pages for channel in city.channels.values()),
        has_card=bool(_numbers(city)),
        days=by_day(entries),
        who=city.settings.privacy.controller,
    )
    # Without Last-Modified: a new number in config.toml changes the page, too.
    return Page(body)


def _newest() -> list[Entry]:
    """None while the database is away: how to join is known all the same."""
    try:
        return archive.page(clock.now(), limit=NEWEST)
    except db.DatabaseError:
        return []


def _digest(city: City, language: str) -> str:
    """How often: when, and on which days unless it is all of them."""
    settings, words = city.settings.digest, site.words(language)
    said = words["what_digest"].format(time=f"{settings.time:%H:%M}")
    if set(settings.weekdays) == set(WEEKDAYS):
        return f"{said}."
    days = ", ".join(site.weekday(WEEKDAYS.index(day), language) for day in settings.weekdays)
    return words["what_days"].format(digest=said, days=days)


def _word(city: City, language: str) -> str:
    return START if language == city.settings.city.language else site.words(language)["keyword"]


def _entrances(city: City, language: str, one: Subject | None = None) -> Iterator[Entrance]:
    """Every way in; with `one`, beginning with that topic or district alone."""
    name = one.name if one is not None else ""
    for kind, channel in city.channels.items():
        called = CHANNELS.get(kind, kind)
        if channel.pages is not None:
            form = _form(city, language, kind, name)
            yield Entrance(called, "", form, _qr(city, language, kind, 0, name))
            continue
        for number, account in enumerate(channel.accounts):
            yield Entrance(
                called,
                account.address.replace(" ", NO_BREAK),
                account.join.replace("{text}", quote(_typed(city, language, account, one))),
                _qr(city, language, kind, number, name),
                is_waiting=waits(channel),
            )


def _form(city: City, language: str, kind: str, name: str) -> str:
    asked = {
        "choose": name,
        "language": language if language != city.settings.city.language else "",
    }
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"/anmelden/{kind}" + (f"?{query}" if query else "")


def _typed(city: City, language: str, account: Account, one: Subject | None) -> str:
    """What stands in the chat already, or what the link says of where somebody comes from."""
    if one is None:
        return _word(city, language)
    return f"{START} {one.label(language)}" if account.join_takes_text else one.name


def _choices(city: City, language: str) -> Iterator[Choice]:
    for one in subjects.there_are(city.settings):
        ways = [way for way in _entrances(city, language, one) if way.link]
        yield Choice(one.label(language), one.is_district, ways)


def _qr(city: City, language: str, kind: str, number: int, name: str = "") -> str:
    which = f"{kind}-{number}-{name}" if name else f"{kind}-{number}"
    return f"{site.address(city, '/qr', language)}/{which}.svg"


def _drawn(city: City, ways: Iterator[Entrance], address: str) -> Response:
    links = (one.link for one in ways if one.qr == address)
    if not (link := next(links, "")):
        abort(404)
    whole = urljoin(city.newsroom.public_url, link)
    return site.answer(Page(draw(whole), kind="image/svg+xml"))


def draw(link: str) -> bytes:
    """A QR code as SVG: dark on light whatever is behind it, with the quiet zone it needs."""
    import segno

    out = io.BytesIO()
    made = segno.make(link, micro=False, error="m")
    made.save(out, kind="svg", border=4, light="white", omitsize=True, nl=False)
    return out.getvalue()


def _numbers(city: City) -> list[str]:
    """What a telephone can keep: addresses that are telephone numbers, in one spelling."""
    said = (account.address for channel in city.channels.values() for account in channel.accounts)
    found = (re.sub(r"[^\d+]", "", address) for address in said if address.startswith("+"))
    return list(dict.fromkeys(found))


def _card(city: City) -> Response:
    own = city.settings.city.language
    numbers = _numbers(city)
    if not numbers:
        abort(404)
    words = site.words(own)
    made = contact.card(
        name=city.settings.city.name,
        numbers=numbers,
        url=city.newsroom.public_url,
        note=words["contact_note"].format(city=city.settings.city.name, word=START),
        picture=city.config.picture,
    )
    response = site.answer(Page(made, kind="text/vcard"))
    response.headers["Content-Disposition"] = 'inline; filename="kontakt.vcf"'
    return response
