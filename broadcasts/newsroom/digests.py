"""The digest: at most one a day, made of what is queued.

Owns: when it is due, starting it, previewing it, and giving it out again on request. Never: sends
(the outbox does) or keeps time (bot/jobs asks). Called by the job, the command line, the desk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from broadcasts import clock, db
from broadcasts.channels.base import Content, Text
from broadcasts.delivery import broadcasts, outbox
from broadcasts.delivery.broadcasts import Audience, Broadcast, Plan, Wording
from broadcasts.delivery.editions import places
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import budget, posts, pricing, reach, subjects, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import Post
from broadcasts.newsroom.pricing import Cost
from broadcasts.people import pauses
from broadcasts.people.selections import EVERYTHING, Scope
from broadcasts.saying import Refusal, Said, say
from broadcasts.settings import WEEKDAYS


class DigestError(Refusal):
    """A digest cannot go out now; the day is not used up by it."""


class NothingQueuedError(DigestError):
    pass


class QuietHoursError(DigestError):
    pass


class TemplateNotApprovedError(DigestError):
    pass


class OverBudgetError(DigestError):
    """The month's hard cap; the posts wait."""


def due(newsroom: Newsroom, now: datetime) -> date | None:
    """The local date whose digest should start by itself at this moment, else None.

    Everything is read from the wall clock of the city and the database, never from when this was
    last asked: a missed run is caught up until `latest`, after it the posts wait for the next day.
    """
    settings, local = newsroom.settings, now.astimezone(newsroom.zone)
    on, wall = local.date(), local.time().replace(tzinfo=None)
    is_time = (
        WEEKDAYS[on.weekday()] in settings.digest.weekdays
        and settings.digest.time <= wall < settings.digest.latest
        and not settings.quiet_hours.contains(wall)
    )
    if not is_time or broadcasts.digest_of(on) is not None or not posts.queued(on):
        return None
    return on


@dataclass(frozen=True)
class Leaving:
    """When the day's digest leaves by itself, or why it does not."""

    at: datetime | None
    why_not: Said | None = None
    used: Broadcast | None = None
    """It has left."""


def leaves(newsroom: Newsroom, now: datetime) -> Leaving:
    """Of today, as `due` will decide."""
    settings, local = newsroom.settings, now.astimezone(newsroom.zone)
    on, wall = local.date(), local.time().replace(tzinfo=None)
    if (used := broadcasts.digest_of(on)) is not None:
        return Leaving(used.started_at or used.created_at, used=used)
    if not posts.queued(on):
        return Leaving(None, say("no post is queued for %(day)s", day=on))
    if WEEKDAYS[on.weekday()] not in settings.digest.weekdays:
        return Leaving(None, say("this weekday has no digest; it can be sent by hand"))
    if wall >= settings.digest.latest:
        return Leaving(
            None,
            say(
                "it is past %(time)s: the posts go with the next digest",
                time=f"{settings.digest.latest:%H:%M}",
            ),
        )
    at = max(now, clock.at(on, settings.digest.time, newsroom.zone))
    if settings.quiet_hours.contains(at.astimezone(newsroom.zone).time().replace(tzinfo=None)):
        return Leaving(None, say("these are quiet hours: the posts go with the next digest"))
    return Leaving(at)


def keep_posts_of_the_unsent(now: datetime) -> int:
    """A digest of which nothing left before it expired (the provider was away, the token gone) has
    informed nobody: its posts wait for the next one. Not after a panic stop, which was meant.
    Safe to repeat. Returns how many posts."""
    since = now - timedelta(days=2)
    return sum(
        posts.queue_again(row.id)
        for row in broadcasts.finished_since(since, BroadcastKind.DIGEST)
        if posts.are_in(row.id) and outbox.reached_nobody(row.id)
    )


def send(newsroom: Newsroom, *, now: datetime, allow_quiet: bool = False) -> Broadcast:
    """Starts today's digest, whatever `time` and `latest` say.

    Raises AlreadySentError, NothingQueuedError, QuietHoursError, TemplateNotApprovedError,
    OverBudgetError.
    """
    local = now.astimezone(newsroom.zone)
    on = local.date()
    is_quiet = newsroom.settings.quiet_hours.contains(local.time().replace(tzinfo=None))
    if is_quiet and not allow_quiet:
        raise QuietHoursError(say("these are quiet hours (--yes sends all the same)"))
    while True:
        queued = _sendable(on)
        # Counting a million readers takes a second, in which nobody could write: before, not in
        # the transaction. If the press office has changed a post meanwhile, it is done again.
        plan = _plan(newsroom, queued, on, now)
        with db.transaction():
            if posts.as_written(_sendable(on)) == posts.as_written(queued):
                started = broadcasts.start(plan)
                posts.mark_sent([post.id for post in queued], started.id)
                return started


def _sendable(on: date) -> list[Post]:
    """Raises AlreadySentError, NothingQueuedError."""
    if broadcasts.digest_of(on) is not None:
        raise broadcasts.AlreadySentError(on)
    queued = posts.queued(on)
    if not queued:
        raise NothingQueuedError(say("no post is queued for %(day)s", day=on))
    return queued


def _plan(newsroom: Newsroom, queued: list[Post], on: date, now: datetime) -> Plan:
    scopes = posts.scopes(newsroom, queued)
    found = reach.fitted(reach.groups(newsroom, Audience.DIGEST_READERS, now), scopes)
    tongues, editions = reach.languages(newsroom, found), reach.editions(found)
    wordings, needs = wording.digest(newsroom, queued, tongues, on=on, editions=editions)
    counts, without = reach.by_wording(newsroom, BroadcastKind.DIGEST, wordings, found)
    waiting = reach.waiting(newsroom, without)
    if missing := [group for group in without if group not in waiting]:
        names = ", ".join(str(need) for need in needs)
        raise TemplateNotApprovedError(
            say(
                "%(number)s readers can only be reached by a template that is not approved:"
                " %(names)s (see: stadtbote templates list, templates sync)",
                number=reach.total(missing),
                names=names,
            )
        )
    _check_budget(newsroom, reach.prices_of(counts), on)
    return Plan(
        kind=BroadcastKind.DIGEST,
        on=on,
        audience=Audience.DIGEST_READERS,
        expires_at=expiry(newsroom, now),
        wordings=wordings,
        scopes=scopes,
        title=queued[0].title,
    )


def _check_budget(newsroom: Newsroom, messages: Mapping[tuple[str, str], int], on: date) -> None:
    """Raises OverBudgetError."""
    if not newsroom.settings.budget.hard_cap:
        return
    budget.bring_up_to_date(on)
    said = budget.over(newsroom, on, pricing.estimate(newsroom.settings.prices, messages, on))
    if said is not None:
        raise OverBudgetError(said)


def expiry(newsroom: Newsroom, now: datetime) -> datetime:
    """Until when it may leave: the next begin of quiet hours, and never beyond the time of the
    next day's digest, so that two never run together."""
    quiet, zone = newsroom.settings.quiet_hours, newsroom.zone
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    next_digest = clock.at(tomorrow, newsroom.settings.digest.time, zone)
    if quiet.start == quiet.end:
        return next_digest
    return min(clock.next_at(now, quiet.start, zone), next_digest)


@dataclass(frozen=True)
class Preview:
    """What would go out, word for word."""

    on: date
    posts: list[Post]
    recipients: int
    chosen_otherwise: int
    """Readers who have chosen topics or districts, and nothing of these."""
    in_window: int
    outside_window: int
    unreachable: int
    """Want a template that is not approved."""
    waiting: int
    """On a channel where nothing reaches a closed window: they get it when they next write."""
    paused: int
    """Left out, because they pause."""
    renditions: list[tuple[Wording, int, str]]
    """(rendition, recipients, as the phone shows it); Wording.edition says which posts it holds"""
    cost: Cost
    duration: timedelta
    warnings: list[Said] = field(default_factory=list)
    over_budget: Said | None = None
    """In the warnings, too; with a hard cap it does not go."""

    def places(self, row: Wording) -> list[int]:
        """Which of the posts it holds."""
        return places(row.edition, len(self.posts))

    def as_json(self) -> dict[str, Any]:
        return {
            "on": self.on.isoformat(),
            "posts": [
                {"id": post.id, "title": post.title, "versions": list(post.voices or {})}
                for post in self.posts
            ],
            "recipients": self.recipients,
            "chosen_otherwise": self.chosen_otherwise,
            "in_window": self.in_window,
            "outside_window": self.outside_window,
            "unreachable": self.unreachable,
            "waiting": self.waiting,
            "paused": self.paused,
            "renditions": [
                {
                    **wording.as_json(row, number, shown),
                    "posts": [self.posts[at].id for at in self.places(row)],
                    "picture": row.content.picture is not None,
                }
                for row, number, shown in self.renditions
            ],
            "cost": self.cost.as_json(),
            "minutes": round(self.duration.total_seconds() / 60, 1),
            "warnings": self.warnings,
        }


def counted(newsroom: Newsroom, now: datetime) -> list[dict[str, Any]]:
    """The readers of a digest now, ready to be kept for `preview`."""
    return [asdict(group) for group in reach.groups(newsroom, Audience.DIGEST_READERS, now)]


def preview(
    newsroom: Newsroom,
    on: date,
    now: datetime,
    *,
    readers: Sequence[Mapping[str, Any]] | None = None,
) -> Preview:
    """Every rendition of that day's digest, to how many, at what cost. `readers`: what `counted`
    gave a moment ago, where counting a million anew would take too long."""
    queued = posts.expected(newsroom, on)
    everybody = (
        reach.groups(newsroom, Audience.DIGEST_READERS, now)
        if readers is None
        else [reach.Group(**group) for group in readers]
    )
    found = reach.fitted(everybody, posts.scopes(newsroom, queued))
    tongues, editions = reach.languages(newsroom, found), reach.editions(found)
    wordings, needs = (
        wording.digest(newsroom, queued, tongues, on=on, editions=editions) if queued else ([], [])
    )
    counts, without = reach.by_wording(newsroom, BroadcastKind.DIGEST, wordings, found)
    everyone = reach.total(found)
    cost = pricing.estimate(newsroom.settings.prices, reach.prices_of(counts), on)
    over = budget.over(newsroom, on, cost) if queued else None
    warnings = _warnings(newsroom, on, queued, needs, reach.duration(newsroom, found), now)
    inside = reach.total([group for group in found if group.window_open])
    waiting = reach.total(reach.waiting(newsroom, without))
    return Preview(
        on=on,
        posts=queued,
        recipients=everyone,
        chosen_otherwise=reach.total(everybody) - everyone,
        in_window=inside,
        outside_window=everyone - inside,
        unreachable=reach.total(without) - waiting if queued else 0,
        waiting=waiting if queued else 0,
        paused=pauses.count(now.astimezone(newsroom.zone).date()),
        renditions=[(row, counts[row], wording.as_shown(newsroom, row)) for row in wordings],
        cost=cost,
        duration=reach.duration(newsroom, found),
        warnings=[*warnings, over] if over is not None else warnings,
        over_budget=over,
    )


def _warnings(
    newsroom: Newsroom,
    on: date,
    queued: list[Post],
    needs: list[wording.Need],
    duration: timedelta,
    now: datetime,
) -> list[Said]:
    said = []
    if not queued:
        said.append(say("nothing is queued: nothing will be sent"))
    if broadcasts.digest_of(on) is not None:
        said.append(say("the digest of %(day)s has been sent already", day=on))
    if needs:
        names = ", ".join(str(need) for need in needs)
        said.append(say("not approved: %(names)s", names=names))
    said.extend(
        say(
            "“%(title)s”: not configured, and so not heeded: %(names)s",
            title=post.title,
            names=", ".join(unknown),
        )
        for post in queued
        if (unknown := subjects.not_configured(newsroom.settings, post.scope))
    )
    begin = max(now, clock.at(on, newsroom.settings.digest.time, newsroom.zone))
    if begin + duration > expiry(newsroom, begin):
        said.append(say("not everybody can be reached before the quiet hours begin"))
    if sum(bool(post.image) for post in queued) > 1:
        said.append(say("several posts have a picture: only that of the first one is sent"))
    if any(post.image for post in queued) and not all(
        channel.can_picture_templates() for channel in newsroom.channels.values()
    ):
        said.append(say("outside the window pictures go as links (no app_id is configured)"))
    return said


def current(
    newsroom: Newsroom, channel: str, language: str, now: datetime, *, choice: Scope = EVERYTHING
) -> Content | None:
    """Today's digest for somebody who asks for it ("Aktuell"), as far as it fits their choice;
    None: there was none today.

    It answers the person's own message and does not count as their digest (invariant 4).
    """
    today = broadcasts.digest_of(now.astimezone(newsroom.zone).date())
    if today is None or today.state == BroadcastState.STOPPED:
        return None  # what was stopped was wrong
    held = posts.of_broadcast(today.id)
    if not held:
        return None  # a day that a restore has used up
    chosen = posts.fitting(newsroom, held, choice)
    if not chosen:
        link = newsroom.texts.digest_url(today.on, language)
        return Text(newsroom.texts.get("current_not_chosen", language, link=link))
    # Whoever asks may hear it.
    text = wording.digest_text(newsroom, chosen, language, newsroom.channels[channel], on=today.on)
    return replace(text, silent=False)
