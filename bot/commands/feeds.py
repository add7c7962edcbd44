"""`stadtbote feeds …`: news of the city's website."""

import argparse
from typing import Any
from urllib.parse import urlsplit

from bot import feeds
from bot.city import City
from bot.commands.base import Answer, Refused, city, session, table
from broadcasts import clock, db
from broadcasts.newsroom import feed_items, proposals
from broadcasts.newsroom import feeds as known_feeds
from broadcasts.newsroom.posts import OPEN, PostError
from broadcasts.newsroom.proposals import CorrectionProposal

COLUMNS = ["name", "host", "queue", "fetched_at", "came_in", "failures", "trouble"]


def listing(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        rows = list(_rows(here))
    return Answer(rows, table(COLUMNS, [[row[column] for column in COLUMNS] for row in rows]))


def _rows(here: City) -> list[dict[str, Any]]:
    fares, came_in = known_feeds.known(), feed_items.came_in()
    rows = []
    for name, settings in here.settings.feeds.items():
        feed = fares.get(name)
        rows.append(
            {
                "name": name,
                "host": urlsplit(settings.url).hostname,  # the rest may hold a password
                "queue": settings.queue,
                "fetched_at": feed.fetched_at if feed else None,
                "came_in": came_in.get(name, 0),
                "failures": feed.failures if feed else 0,
                "trouble": feed.wrong if feed else None,
            }
        )
    return rows


def fetch(options: argparse.Namespace) -> Answer:
    """At once, here; a worker that is at it is not disturbed."""
    here = city(options)
    configured = here.settings.feeds
    names = [options.name] if options.name else list(configured)
    if unknown := set(names) - configured.keys():
        known = ", ".join(configured) or "none"
        raise Refused(f"no such feed: {unknown.pop()} (there are: {known})")
    with session():
        known_feeds.ensure(configured, clock.now())
        known_feeds.ask_now(names, clock.now())
        reports = []
        while report := feeds.fetch_next(here, only=names):
            reports.append(report)
    left = set(names) - {report.feed for report in reports}
    if left:
        raise Refused(
            f"another worker is at it: {', '.join(sorted(left))}; see stadtbote feeds list"
        )
    failed = ", ".join(f"{one.feed}: {one.trouble}" for one in reports if one.trouble)
    return Answer(
        [report.as_json() for report in reports],
        [str(report) for report in reports],
        complaint=failed,
    )


def proposed(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        rows = [_proposal(row) for row in proposals.waiting()]
    columns = ["id", "feed", "post", "state", "title", "correction"]
    return Answer(rows, table(columns, [[row[column] for column in columns] for row in rows]))


def _proposal(row: CorrectionProposal) -> dict[str, Any]:
    return {
        "id": row.id,
        "feed": row.feed,
        "post": row.post_id,
        "state": str(row.post.state),
        "title": row.post.title,
        "proposed_at": row.proposed_at,
        "correction": "" if row.post.state in OPEN else proposals.correction(row),
    }


def correct(options: argparse.Namespace) -> Answer:
    """With the website's words, or with others."""
    city(options)
    with session():
        found = {row.id: row for row in proposals.waiting()}.get(options.id)
        text = options.text or (proposals.correction(found) if found else "")
        try:
            with db.transaction():
                post = proposals.correct(options.id, text, by="")
        except PostError as error:
            raise Refused(str(error)) from error
    done = {"post": post.id, "correction": text}
    return Answer(done, [f"The correction of post {post.id} stands in the archive."])
