"""The templates we want approved: names, bodies, limits.

Owns: which templates there are and what stands fixed in them. Never: talks to a provider
(template_sync) or fills values (wording). Limits: whatsapp.md §3.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from broadcasts.channels.base import TemplateDraft
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.shortening import shorten
from broadcasts.newsroom.texts import ARCHIVE_PATH
from broadcasts.saying import Said, say
from broadcasts.settings import LANGUAGES

MOST_POSTS = 5
"""Posts in one template; more are summarised with a link."""

BODY_LIMIT = 1024
"""Of the filled body
(developers.facebook.com/documentation/business-messaging/whatsapp/templates/components)."""

LIFETIMES: tuple[tuple[str, timedelta], ...] = (
    ("30m", timedelta(minutes=30)),
    ("2h", timedelta(hours=2)),
    ("12h", timedelta(hours=12)),
)
"""Time-to-live of alert templates, shortest first; undelivered for longer, a warning is given up
instead of arriving next month (whatsapp.md §2)."""

DRILL_LIFETIMES = LIFETIMES[1:2]
"""One is enough to practise with: each template has to be approved in each language."""

ALERT_INTROS = {
    "alert": "template_alert_intro",
    "alert_update": "template_update_intro",
    "alert_clear": "template_clear_intro",
    "drill": "template_drill_intro",
}
ALERT_OUTROS = {
    "alert": "template_alert_outro",
    "alert_update": "template_alert_outro",
    "alert_clear": "template_clear_outro",
    "drill": "template_drill_outro",
}
DRILL = "drill"
"""Of every part of a drill: no phone may show "Warning" before it shows that it is none."""


STILL_THERE = "still_there"
"""Asks somebody of whom nothing was heard for a year and more; without a value."""

PAUSE_OVER = "pause_over"
"""Tells somebody that their pause is over, with the link to what they have missed."""


@dataclass(frozen=True)
class Notice:
    """A template in which stands no post and no alert: it is about the person's own subscription,
    and so utility to Meta (whatsapp.md §2)."""

    texts: Sequence[str]
    """Keys of its paragraphs."""
    purpose: Said
    used_by: Said
    value: str = ""
    """Name of the one that stands behind the first paragraph, and must not be last."""
    buttons: Sequence[str] = ()
    """Keys of their labels."""


NOTICES: Mapping[str, Notice] = {
    STILL_THERE: Notice(
        ("template_still_there",),
        say("Question to readers of whom nothing was heard for long"),
        say("the question to silent readers"),
        buttons=("button_still_there", "button_stop_after_all"),
    ),
    PAUSE_OVER: Notice(
        ("template_pause_over_intro", "template_pause_over_outro"),
        say("Welcome back after a pause, with the link to what was missed"),
        say("the welcome after a pause"),
        value="link",
    ),
}


SERVICE_NOTICE = "notice"
"""A service notice outside the window; wanted only where the city has business hours."""


def lifetimes(name: str) -> Sequence[tuple[str, timedelta]]:
    """Those in which there is a template of this name, shortest first."""
    return DRILL_LIFETIMES if name == DRILL else LIFETIMES


def lifetime(name: str, expires_in: timedelta) -> tuple[str, timedelta]:
    """The shortest that covers it; the longest there is when none does."""
    known = lifetimes(name)
    return next((row for row in known if row[1] >= expires_in), known[-1])


def digest_name(posts: int, *, picture: bool = False) -> str:
    return f"digest_{min(posts, MOST_POSTS)}{'_image' if picture else ''}"


def _fixed(newsroom: Newsroom, key: str, language: str) -> str:
    """Fixed words of a template: braces in a city's name must not look like a variable."""
    return newsroom.texts.get(key, language).replace("{", "(").replace("}", ")")


def digest_body(newsroom: Newsroom, posts: int, language: str) -> str:
    intro = _fixed(newsroom, "template_digest_intro", language)
    outro = _fixed(newsroom, "template_digest_outro", language)
    places = [f"{{{{post_{number}}}}}" for number in range(1, min(posts, MOST_POSTS) + 1)]
    return "\n\n".join([intro, *places, outro])


def alert_body(newsroom: Newsroom, name: str, language: str) -> str:
    intro = _fixed(newsroom, ALERT_INTROS[name], language)
    outro = _fixed(newsroom, ALERT_OUTROS[name], language)
    return f"{intro}\n\n{{{{message}}}}\n\n{outro}"


def all_drafts(newsroom: Newsroom, *, pictures: bool) -> Iterator[TemplateDraft]:
    """Everything that `templates sync` creates, in every language."""
    for language in LANGUAGES:
        for posts in range(1, MOST_POSTS + 1):
            for picture in (False, True) if pictures else (False,):
                yield _digest(newsroom, posts, language, picture=picture)
        for name in ALERT_INTROS:
            for suffix, ttl in lifetimes(name):
                yield _alert(newsroom, name, suffix, ttl, language)
        for name in NOTICES:
            yield _notice(newsroom, name, language)
        if newsroom.settings.business_hours is not None:
            yield _service_notice(newsroom, language)


def _digest(newsroom: Newsroom, posts: int, language: str, *, picture: bool) -> TemplateDraft:
    example = newsroom.texts.get("example_post", language)
    return TemplateDraft(
        name=digest_name(posts, picture=picture),
        language=language,
        category="MARKETING",  # a city's news is marketing to Meta (whatsapp.md §2)
        body=digest_body(newsroom, posts, language),
        examples=tuple((f"post_{number}", example) for number in range(1, posts + 1)),
        footer=shorten(newsroom.texts.get("digest_footer", language), 60),
        picture=picture,
    )


def _alert(
    newsroom: Newsroom, name: str, suffix: str, ttl: timedelta, language: str
) -> TemplateDraft:
    return TemplateDraft(
        name=f"{name}_{suffix}",
        language=language,
        category="UTILITY",
        body=alert_body(newsroom, name, language),
        examples=(("message", newsroom.texts.get("example_alert", language)),),
        footer=shorten(newsroom.texts.get("alert_footer", language), 60),
        time_to_live=ttl,
    )


def service_body(newsroom: Newsroom, language: str) -> str:
    intro = _fixed(newsroom, "template_notice_intro", language)
    outro = _fixed(newsroom, "template_notice_outro", language)
    return f"{intro}\n\n{{{{message}}}}\n\n{outro}"


def _service_notice(newsroom: Newsroom, language: str) -> TemplateDraft:
    return TemplateDraft(
        name=SERVICE_NOTICE,
        language=language,
        category="MARKETING",  # like a digest: a city's news is marketing to Meta
        body=service_body(newsroom, language),
        examples=(("message", newsroom.texts.get("example_notice", language)),),
        footer=shorten(newsroom.texts.get("digest_footer", language), 60),
    )


def notice_body(newsroom: Newsroom, name: str, language: str) -> str:
    notice = NOTICES[name]
    first, *others = (_fixed(newsroom, key, language) for key in notice.texts)
    value = [f"{{{{{notice.value}}}}}"] if notice.value else []
    return "\n\n".join([first, *value, *others])


def _notice(newsroom: Newsroom, name: str, language: str) -> TemplateDraft:
    notice, example = NOTICES[name], f"{newsroom.public_url}/{ARCHIVE_PATH}/"
    return TemplateDraft(
        name=name,
        language=language,
        category="UTILITY",
        body=notice_body(newsroom, name, language),
        examples=((notice.value, example),) if notice.value else (),
        buttons=tuple(newsroom.texts.get(key, language) for key in notice.buttons),
    )


def filled(body: str, values: tuple[tuple[str, str], ...]) -> str:
    """The body as the phone shows it."""
    for name, value in values:
        body = body.replace(f"{{{{{name}}}}}", value)
    return body
