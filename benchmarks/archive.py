"""How many pages of the public archive a second, beside a static page of the same server.

Owns: ten years of digests, and asking for pages over real HTTP. Never: asserts a time. The baseline
of each page is the stylesheet, and the same page with one month of digests, in the same run.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from urllib.parse import quote

import aiohttp

from benchmarks.ground import Ground, cpu, ground
from benchmarks.report import Row
from bot.app import create_web
from bot.public import site
from broadcasts import clock, db
from broadcasts.delivery.broadcasts import Audience, Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import archive
from broadcasts.newsroom.posts import Post, PostState

YEARS = 10
DAYS = YEARS * 365
POSTS = 10_000
ALERT_EVERY = 45
"""Days."""

AT_ONCE = 16
SEARCHING = 4
"""As many as may search at once."""
SECONDS = 4.0
MADE = 25

TEXT = (
    "Ab Montag ist die {number}. Straße zwischen Markt und Bahnhof wegen Bauarbeiten gesperrt."
    " Eine Umleitung ist ausgeschildert; Fußgänger und Radfahrer kommen durch. "
) * 3


def run(rounds: int) -> Iterator[Row]:
    """Requests a second and CPU-ms each, and what a page takes that nobody has asked for lately."""
    with ground(1, rate=80) as here:
        fill(here, 0, 30)
        yield from _measure(here, "with 80 posts", rounds)
        fill(here, 30, DAYS)
        db.database.execute_sql("ANALYZE")
        yield from _measure(here, "with 10,000 posts", rounds)


def fill(here: Ground, first: int, upto: int) -> None:
    """A digest with some posts for each of these days, counted back from today; now and then an
    alert with its all-clear."""
    today = clock.today(here.city.zone)
    with db.transaction():
        for days in range(first, upto):
            on = today - timedelta(days=days)
            digest = _broadcast(BroadcastKind.DIGEST, days, on=on, digest_on=on)
            number = POSTS * (days + 1) // DAYS - POSTS * days // DAYS
            values = {"on": on, "state": PostState.SENT, "created_at": digest.created_at}
            for each in range(number):
                title = f"Sperrung {days}.{each}: was Sie jetzt wissen müssen"
                text = TEXT.format(number=days)
                Post.create(title=title, text=text, broadcast=digest, **values)
            if days % ALERT_EVERY == 0:
                warned = _broadcast(BroadcastKind.ALERT, days, on=on, title="Unwetter")
                _broadcast(BroadcastKind.CLEAR, days, on=on, follows=warned)


def _broadcast(kind: BroadcastKind, days: int, **more: object) -> Broadcast:
    at = clock.now() - timedelta(days=days)
    times = dict.fromkeys(("audience_at", "created_at", "started_at", "finished_at"), at)
    made: Broadcast = Broadcast.create(
        kind=kind,
        state=BroadcastState.FINISHED,
        audience=Audience.DIGEST_READERS,
        cut_off=0,
        expires_at=at + timedelta(hours=2),
        text="Ab 16 Uhr wird schwerer Sturm erwartet." if kind != BroadcastKind.DIGEST else "",
        **times,
        **more,
    )
    return made


def _pages(here: Ground) -> dict[str, str]:
    """Name → path."""
    newest, first = archive.page(clock.now(), limit=1)[0], archive.years()[-1]
    of_first = archive.paths(first)
    oldest = [path for path in of_first if "beitrag" not in path][-1]
    return {
        "the stylesheet": site.style_address(),
        "robots.txt": "/robots.txt",
        "the join page": "/",
        "the newest digest": newest.path if newest.items else f"/archiv/{newest.key.on}",
        "the oldest digest": oldest,
        "the oldest post": of_first[-1],
        "the list": "/archiv/",
        "a page of the list far back": f"/archiv/?vor={oldest.rpartition('/')[2][:10]}.999999999",
        "a search that finds": "/archiv/suche?q=sperrung",
        "a search that finds nothing": "/archiv/suche?q=seilbahn",
        "a search of umlauts alone": f"/archiv/suche?q={quote('äöü')}",
        "a search of two signs": f"/archiv/suche?q={quote('öl')}",
        "a search of one sign": "/archiv/suche?q=e",
        "the feed": "/archiv/feed.atom",
        "the sitemap": "/sitemap.xml",
        "the sitemap of a year": f"/sitemap-{newest.key.on.year}.xml",
    }


def _measure(here: Ground, who: str, rounds: int) -> Iterator[Row]:
    for name, taken in _make(here):
        yield Row("archive", f"ms to make {name} anew", who, taken)
    serve = here.serve()
    try:
        for _ in range(rounds):
            for name, path in _pages(here).items():
                before = cpu(serve.process.pid)
                at_once = SEARCHING if "search" in name else AT_ONCE
                number, seconds = asyncio.run(_ask(f"{serve.url}{path}", at_once))
                used = cpu(serve.process.pid) - before
                yield Row("archive", f"requests/s of {name}", who, number / seconds)
                yield Row("archive", f"CPU-ms for {name}", who, used * 1000 / number)
    finally:
        serve.stop()


def _make(here: Ground) -> Iterator[tuple[str, float]]:
    """(name, median milliseconds) of each page where nothing is remembered, in this process."""
    client, remembered = create_web(here.city).test_client(), site.FRESH
    site.FRESH = 0.0
    try:
        for name, path in _pages(here).items():
            taken = []
            for _ in range(MADE):
                began = time.perf_counter()
                assert client.get(path).status_code == 200
                taken.append((time.perf_counter() - began) * 1000)
            yield name, median(taken)
    finally:
        site.FRESH = remembered


async def _ask(url: str, at_once: int) -> tuple[int, float]:
    """(answers, seconds), so many at once without a pause."""
    began = time.perf_counter()
    until = began + SECONDS
    async with aiohttp.ClientSession() as session:
        found = await asyncio.gather(*(_keep_asking(session, url, until) for _ in range(at_once)))
    return sum(found), time.perf_counter() - began


async def _keep_asking(session: aiohttp.ClientSession, url: str, until: float) -> int:
    number = 0
    while time.perf_counter() < until:
        async with session.get(url) as answer:
            assert answer.status == 200, f"{url}: {answer.status}"
            await answer.read()
        number += 1
    return number
