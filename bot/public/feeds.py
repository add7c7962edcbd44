"""What machines read of the archive: the Atom feed, the sitemap, robots.txt.

Owns: these three. Never: more than the archive's pages show. Wired by bot/app.
"""

from collections.abc import Sequence
from xml.etree import ElementTree

from flask import Blueprint, Response, abort

from bot.city import City
from bot.public import site
from bot.public.archive import ROOT, SEARCH, changed_at
from bot.public.site import Page
from broadcasts import clock
from broadcasts.newsroom import archive
from broadcasts.newsroom.archive import Entry
from broadcasts.newsroom.texts import COPY_PATH

NEWEST = 20
"""Entries of the feed: readers ask for it more than once in twenty days."""

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"

HIDDEN = ("/desk/", f"/{COPY_PATH}/", "/abo/", "/webhooks/", SEARCH)


def blueprint(city: City) -> Blueprint:
    made = Blueprint("feeds", __name__, template_folder="templates")

    memory = site.Memory()

    @made.get(f"{ROOT}feed.atom")
    def feed() -> Response:
        return memory.answer("feed", lambda: _feed(city))

    @made.get("/sitemap.xml")
    def sitemaps() -> Response:
        return memory.answer("sitemap", lambda: Page(_sitemaps(city), kind="application/xml"))

    @made.get("/sitemap-<int:year>.xml")
    def sitemap(year: int) -> Response:
        def page() -> Page:
            return Page(_sitemap(city, year), kind="application/xml")

        return memory.answer(("sitemap", year), page)

    @made.get("/robots.txt")
    def robots() -> Response:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in HIDDEN)]
        lines += ["", f"Sitemap: {city.newsroom.public_url}/sitemap.xml", ""]
        return site.answer(Page("\n".join(lines), kind="text/plain", keep=site.A_DAY))

    made.after_request(site.protect)
    return made


def _feed(city: City) -> Page:
    entries = archive.page(clock.now(), limit=NEWEST)
    return Page(_atom(city, entries), changed_at(entries), kind="application/atom+xml")


def _atom(city: City, entries: list[Entry]) -> str:
    """An entry's address is its id: it stays the same when a correction makes it younger."""
    from feedgenerator import Atom1Feed

    language, base = city.settings.city.language, city.newsroom.public_url
    made = Atom1Feed(
        title=city.settings.city.name,
        link=base + ROOT,
        description=site.words(language)["intro"],
        language=language,
        author_name=city.settings.city.name,
        feed_url=f"{base}{ROOT}feed.atom",
    )
    for entry in entries:
        link = base + entry.path
        made.add_item(
            title=title(city, entry, language),
            link=link,
            description=None,
            content=site.part(city, "_entry.html", language, entry=entry, root=base, level=2),
            unique_id=link,
            pubdate=entry.said_at,
            updateddate=entry.changed_at,
        )
    written: str = made.writeString("utf-8")
    return written


def title(city: City, entry: Entry, language: str) -> str:
    """In one line, of a digest, a service notice or an alert."""
    words = site.words(language)
    if entry.items:
        mark = [words["notice"]] if entry.is_notice else []
        return " · ".join([*mark, *(item.title for item in entry.items)])
    first = entry.parts[0]
    said = first.title or words["alert_of"].format(day=site.day(entry.key.on, language))
    state = words[entry.standing].partition("{")[0] if entry.standing == "cleared" else ""
    return " · ".join(filter(None, [words["alert"], said, state]))


def _years() -> range:
    this = clock.now().year
    return archive.years() or range(this, this - 1, -1)


def _sitemaps(city: City) -> bytes:
    """One for each year: none grows with the years (sitemaps.org/protocol.html, "index")."""
    return _xml("sitemapindex", "sitemap", city, [f"/sitemap-{year}.xml" for year in _years()])


def _sitemap(city: City, year: int) -> bytes:
    known = _years()
    if year not in known:
        abort(404)
    first = ("/", ROOT) if year == known[0] else ()
    return _xml("urlset", "url", city, [*first, *archive.paths(year)])


def _xml(root: str, each: str, city: City, paths: Sequence[str]) -> bytes:
    ElementTree.register_namespace("", SITEMAP)
    made = ElementTree.Element(f"{{{SITEMAP}}}{root}")
    for path in paths:
        place = ElementTree.SubElement(made, f"{{{SITEMAP}}}{each}")
        ElementTree.SubElement(place, f"{{{SITEMAP}}}loc").text = city.newsroom.public_url + path
    written: bytes = ElementTree.tostring(made, encoding="utf-8", xml_declaration=True)
    return written
