"""Beginning and ending a pause, and the one message after it: welcome back, and what was missed.

Owns: what a pause changes on all rows of a person, and who is told that it is over: once, whatever
crashes or runs twice, because taking the pause away and queueing the message are one transaction.
Never: reads a text (bot/until_when), or decides who gets a digest (people/pauses does, by the day).
Called by bot/pausing, the desk, the command line, and a job.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from broadcasts import clock, db
from broadcasts.channels.base import Content, TemplateMessage, Text
from broadcasts.delivery import broadcasts, endings, outbox, templates, wire
from broadcasts.delivery.states import NEWS, BroadcastKind
from broadcasts.newsroom import archive, drafts, reach
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.texts import ARCHIVE_PATH
from broadcasts.people import links
from broadcasts.people.pauses import Span, pauses_on
from broadcasts.people.subscribers import REACHED_BY_DIGESTS, Subscriber
from broadcasts.settings import LANGUAGES

MOST_AT_ONCE = 500
"""Persons told in one run, a minute apart: holidays end for thousands on the same day, and their
messages must not stand before everybody's answers."""

KEPT_FOR = timedelta(days=30)
"""Whoever cannot be told is told when they write within that time; then what they missed is old."""

SINCE, UNTIL = "von", "bis"
"""What follows the archive's address: the days of a pause."""


# ------------------------------------------------------------------ beginning, ending


def first_day(today: date) -> date:
    """The first whose digest has not left yet."""
    return today if broadcasts.digest_of(today) is None else today + timedelta(days=1)


def begin(person: Subscriber, until: date, today: date) -> date:
    """From now on up to that day no digest, on all rows of theirs; what has not left yet does not.
    Returns the first day of the pause; one that runs already only gets another end."""
    with db.transaction():
        rows = links.family(person)
        skipped = sum(endings.skip_broadcasts(row.id, [BroadcastKind.DIGEST]) for row in rows)
        for row in rows:
            endings.skip_broadcasts(row.id, NEWS)
        since = min(today if skipped else first_day(today), until)
        if person.paused_from is not None and pauses_on(person.paused_until, today):
            since = min(person.paused_from, since)
        for row in rows:
            row.paused_from, row.paused_until = since, until
            row.save()
    return since


def end(person: Subscriber, today: date, *, over: bool = False) -> Span:
    """Takes the pause from all rows of theirs. Returns it; nothing where there is none any more,
    or, with `over`, where it still runs: of several who try at once one gets it."""
    ids = [row.id for row in links.family(person)]
    with db.transaction():
        query = Subscriber.select().where(Subscriber.id.in_(ids)).order_by(Subscriber.id)
        rows = [row for row in db.for_update(query) if row.paused_until is not None]
        if not rows or (over and any(pauses_on(row.paused_until, today) for row in rows)):
            return None, None
        Subscriber.update(paused_from=None, paused_until=None).where(
            Subscriber.id.in_([row.id for row in rows])
        ).execute()
    person.paused_from = person.paused_until = None
    return min(row.paused_from for row in rows), max(row.paused_until for row in rows)


# ------------------------------------------------------------------ what was missed


def link(newsroom: Newsroom, since: date, until: date, language: str) -> str:
    """To the archive of just these days."""
    tongue = "" if language == newsroom.language or language not in LANGUAGES else language
    address = f"{newsroom.public_url}/{ARCHIVE_PATH}/{tongue}"
    return f"{address}?{SINCE}={since.isoformat()}&{UNTIL}={until.isoformat()}"


def missed(newsroom: Newsroom, span: Span, today: date, language: str) -> str:
    """The link, if there was a digest in that time; today's may still come by itself."""
    since, until = span
    if since is None or until is None:
        return ""
    until = min(until, today)
    return link(newsroom, since, until, language) if archive.has_digest(since, until) else ""


# ------------------------------------------------------------------ back


def tell_when_written(newsroom: Newsroom, person: Subscriber, now: datetime) -> bool:
    """The same as an answer, where nothing else reached them. Part of the transaction that applies
    their message."""
    today = now.astimezone(newsroom.zone).date()
    if person.paused_until is None or pauses_on(person.paused_until, today):
        return False
    if person.wants not in REACHED_BY_DIGESTS or not _is_open(newsroom, person, now):
        return False
    message = _message(newsroom, person, now)
    return message is not None and _tell_once(newsroom, person, message, now, archive.has_digest)


def tell_returned(newsroom: Newsroom, now: datetime, *, limit: int = MOST_AT_ONCE) -> int:
    """Whose pause is over, once a person: bounded, safe to repeat and to run twice. Where nothing
    was missed nothing is said: their digests come again by themselves. Returns how many."""
    today = now.astimezone(newsroom.zone).date()
    _forget_old(today)
    query = Subscriber.select().where(
        Subscriber.paused_until < today,
        Subscriber.wants.in_(REACHED_BY_DIGESTS),
        Subscriber.restricted_at.is_null(),
        reach.is_open(newsroom, now) | _has_template(newsroom),
    )
    # Thousands have paused on the same days.
    has_digest = cache(archive.has_digest)
    people = list(query.order_by(Subscriber.id).limit(limit))
    return sum(_tell(newsroom, person, now, has_digest) for person in people)


def _tell(
    newsroom: Newsroom,
    person: Subscriber,
    now: datetime,
    has_digest: Callable[[date, date], bool],
) -> bool:
    found = _where(newsroom, person, now)
    return found is not None and _tell_once(newsroom, *found, now, has_digest)


def _has_template(newsroom: Newsroom) -> Any:
    """Whom free text does not reach, but the approved wording does."""
    found = Subscriber.channel.in_([])
    for kind, channel in newsroom.channels.items():
        if not channel.has_templates:
            continue
        spoken = [one for one in LANGUAGES if templates.is_approved(kind, drafts.PAUSE_OVER, one)]
        in_theirs = True if newsroom.language in spoken else Subscriber.language.in_(spoken)
        found |= (Subscriber.channel == kind) & in_theirs
    return found


def _forget_old(today: date) -> None:
    """Who could not be told, and whoever gets no digests any more."""
    old = Subscriber.paused_until < today - KEPT_FOR
    is_none = (Subscriber.paused_until < today) & Subscriber.wants.not_in(REACHED_BY_DIGESTS)
    Subscriber.update(paused_from=None, paused_until=None).where(
        old | is_none, Subscriber.paused_until.is_null(False), Subscriber.restricted_at.is_null()
    ).execute()


def _tell_once(
    newsroom: Newsroom,
    person: Subscriber,
    message: Content,
    now: datetime,
    has_digest: Callable[[date, date], bool],
) -> bool:
    with db.transaction():
        since, until = end(person, now.astimezone(newsroom.zone).date(), over=True)
        if since is None or until is None or not has_digest(since, until):
            return False
        outbox.answer(person, message, expires_at=_latest(newsroom, now))
    return True


def _where(
    newsroom: Newsroom, person: Subscriber, now: datetime
) -> tuple[Subscriber, Content] | None:
    """The row on which a linked person is told: the preferred one, if that can be."""
    rows = sorted(links.family(person), key=lambda row: (row.prefers is not None, row.id))
    for row in rows:
        if row.wants in REACHED_BY_DIGESTS and (message := _message(newsroom, row, now)):
            return row, message
    return None


def _is_open(newsroom: Newsroom, person: Subscriber, now: datetime) -> bool:
    channel = newsroom.channels.get(person.channel)
    return channel is not None and wire.terms(channel).is_open(person.window_closes_at, now)


def _message(newsroom: Newsroom, person: Subscriber, now: datetime) -> Content | None:
    """Free text where it reaches them: it costs nothing. Else the approved wording, which costs a
    utility message. None: neither does, or somebody was quicker."""
    since, until = person.paused_from, person.paused_until
    if since is None or until is None:
        return None
    if _is_open(newsroom, person, now):
        if newsroom.channels[person.channel].pages is not None:
            # Nobody writes there.
            missed_at = link(newsroom, since, until, person.language)
            return Text(newsroom.texts.get("pause_over_mail", person.language, link=missed_at))
        body = drafts.notice_body(newsroom, drafts.PAUSE_OVER, person.language)
        value = ("link", link(newsroom, since, until, person.language))
        return Text(drafts.filled(body, (value,)))
    spoken = (person.language, newsroom.language)
    language = templates.first_approved(person.channel, drafts.PAUSE_OVER, spoken)
    if language is None:
        return None
    value = ("link", link(newsroom, since, until, language))
    return TemplateMessage(drafts.PAUSE_OVER, language, (value,))


def _latest(newsroom: Newsroom, now: datetime) -> datetime:
    """It rings on no telephone at night."""
    quiet, tomorrow = newsroom.settings.quiet_hours, now + timedelta(days=1)
    if quiet.start == quiet.end:
        return tomorrow
    return min(clock.next_at(now, quiet.start, newsroom.zone), tomorrow)
