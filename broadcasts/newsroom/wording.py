"""Every rendition of a broadcast, written before anything is sent.

Owns: how a digest and an alert read on each channel, in each language, in and out of the window.
Never: who gets it or when. Called by digests and alerts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from broadcasts import clock
from broadcasts.channels.base import (
    Button,
    Channel,
    Content,
    TemplateMessage,
    Text,
    Unit,
    size,
    waits,
)
from broadcasts.delivery import templates
from broadcasts.delivery.broadcasts import Form, Wording
from broadcasts.delivery.editions import WHOLE, places
from broadcasts.languages import spoken
from broadcasts.newsroom import drafts, voices
from broadcasts.newsroom.alert_words import HEADINGS as HEADINGS
from broadcasts.newsroom.alert_words import AlertWords as AlertWords
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.drafts import BODY_LIMIT, MOST_POSTS
from broadcasts.newsroom.posts import Post
from broadcasts.newsroom.pricing import FREE
from broadcasts.newsroom.shortening import fit_item, one_line, shares
from broadcasts.newsroom.texts import COPY_PATH
from broadcasts.saying import Refusal, say

COPY_LINK = re.compile(rf"(/{COPY_PATH}/)[\w-]+")
"""Whoever has it gets the whole copy of a person: it is for nobody else to see."""


TOMORROW = "tomorrow"
"""Id of a button under a digest: a tap opens the window for the next one."""

NO_LIMIT = 10**9

LONGEST_ALERT = 4096
"""UTF-16 units of an alert as free text; where a message holds less, it comes as several."""


class TooLongError(Refusal):
    """An alert does not fit its template; it is never shortened silently."""


@dataclass(frozen=True)
class Need:
    """A template without which somebody cannot be reached."""

    channel: str
    name: str
    language: str

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


# ------------------------------------------------------------------ digest


def digest(
    newsroom: Newsroom,
    posts: Sequence[Post],
    languages: Sequence[str],
    *,
    on: date,
    editions: Sequence[str] = (WHOLE,),
) -> tuple[list[Wording], list[Need]]:
    """All renditions of a digest, and the templates that are missing for some. `editions`: which
    posts go together, by their places (delivery/editions)."""
    wordings: list[Wording] = []
    needs: dict[Need, None] = {}
    for channel in newsroom.channels.values():
        for language, edition in product(languages, editions):
            held = [posts[place] for place in places(edition, len(posts))]
            free = digest_text(newsroom, held, language, channel, on=on)
            price = _free_form_price(channel)
            wordings.append(Wording(channel.kind, language, Form.WINDOW, free, price, edition))
            if not channel.has_templates:
                continue
            template = _digest_template(newsroom, held, language, channel, on=on)
            if template is None:
                tongue = spoken(language, newsroom.language)
                needs[Need(channel.kind, drafts.digest_name(len(held)), tongue)] = None
            else:
                made = (template, "marketing", edition)
                wordings.append(Wording(channel.kind, language, Form.TEMPLATE, *made))
    return wordings, list(needs)


def digest_text(
    newsroom: Newsroom, posts: Sequence[Post], language: str, channel: Channel, *, on: date
) -> Text:
    """Free-form, with line breaks; the first picture goes along where the words leave it room. Of
    what had to be cut it says where the whole stands; `on`: the digest's day."""
    posts, unit = voices.read(posts, language), channel.text_unit
    greeting = f"*{newsroom.texts.get('digest_greeting', language)}*"
    footer = f"_{_footer(newsroom, 'digest', language, channel)}_"
    room = channel.text_limit - size(f"{greeting}\n\n\n\n{footer}", unit) - 2 * len(posts)
    items, whole = _fitted(posts, room, unit), ""
    if items != _fitted(posts, NO_LIMIT, unit):
        link = newsroom.texts.digest_url(on, language)
        whole = newsroom.texts.get("digest_whole", language, link=link)
        items = _fitted(posts, room - size(f"{whole}\n\n", unit), unit)
    body = "\n\n".join(filter(None, [greeting, *items, whole, footer]))
    pictured = next((post for post in posts if post.image), None)
    again = Button(TOMORROW, newsroom.texts.get("button_tomorrow", language))
    return Text(
        body,
        (again,) if waits(channel) else (),
        picture=pictured.image if pictured and size(body, unit) <= channel.caption_limit else None,
        picture_alt=pictured.image_alt if pictured else "",
        silent=channel.can_be_silent,
    )


def _footer(newsroom: Newsroom, kind: str, language: str, channel: Channel) -> str:
    by_link = channel.pages is not None
    return newsroom.texts.get(f"{kind}_footer", language, by_link=by_link)


def _fitted(posts: Sequence[Post], room: int, unit: Unit) -> list[str]:
    """Each post in its share of the room."""
    wishes = [size(post.title + post.text + post.link, unit) + 8 for post in posts]
    return [
        fit_item(post.title, post.text, post.link, limit, gap="\n", unit=unit)
        for post, limit in zip(posts, shares(wishes, room), strict=True)
    ]


def _digest_template(
    newsroom: Newsroom, posts: Sequence[Post], language: str, channel: Channel, *, on: date
) -> TemplateMessage | None:
    """With picture where that template is approved, else without; in this language, else in the
    city's; None where no template is approved."""
    picture = next((post.image for post in posts if post.image), None)
    for tongue in dict.fromkeys((language, newsroom.language)):
        for with_picture in (True, False) if picture else (False,):
            name = drafts.digest_name(len(posts), picture=with_picture)
            if templates.is_approved(channel.kind, name, tongue):
                values = digest_values(
                    newsroom,
                    posts,
                    language,
                    tongue=tongue,
                    on=on,
                    pictures_as_links=not with_picture,
                )
                return TemplateMessage(name, tongue, values, picture if with_picture else None)
    return None


def digest_values(
    newsroom: Newsroom,
    posts: Sequence[Post],
    language: str,
    *,
    tongue: str = "",
    on: date,
    pictures_as_links: bool,
) -> tuple[tuple[str, str], ...]:
    """One value per post, none with a line break, the filled body within its limit. `language`: the
    reader's; `tongue`: the template's, where it is the city's instead."""
    posts, tongue = voices.read(posts, language), tongue or spoken(language, newsroom.language)
    shown, rest = posts[:MOST_POSTS], len(posts) - MOST_POSTS
    more = ""
    if rest > 0:
        link = newsroom.texts.digest_url(on, language)
        more = " " + newsroom.texts.get("digest_more", tongue, count=str(rest), link=link)
    body = drafts.digest_body(newsroom, len(posts), tongue)
    empty = drafts.filled(body, tuple((f"post_{i}", "") for i in range(1, len(shown) + 1)))
    items = [_item(newsroom, post, pictures_as_links=pictures_as_links) for post in shown]
    wishes = [size(" ".join(item)) + 4 for item in items]
    parts = shares(wishes, BODY_LIMIT - size(empty) - size(more))
    values = [
        fit_item(title, text, link, limit, gap=" ")
        for (title, text, link), limit in zip(items, parts, strict=True)
    ]
    values[-1] += one_line(more) if not more else " " + one_line(more)
    return tuple((f"post_{i}", value) for i, value in enumerate(values, start=1))


def _item(newsroom: Newsroom, post: Post, *, pictures_as_links: bool) -> tuple[str, str, str]:
    link = post.link
    if pictures_as_links and post.image and not link:
        link = f"{newsroom.public_url}/media/{post.image}"
    return one_line(post.title), one_line(post.text), one_line(link)


def preview_of_one(newsroom: Newsroom, post: Post, language: str) -> list[tuple[Form, str, int]]:
    """(form, as the phone shows it, its limit) of a digest with only this post: what its writer
    looks at. Cut where a longer one would be cut."""
    channel = next(iter(newsroom.channels.values()))
    on = post.on or clock.today(newsroom.zone)
    free = digest_text(newsroom, [post], language, channel, on=on)
    shown = [(Form.WINDOW, free.body, channel.text_limit)]
    if channel.has_templates:
        tongue = spoken(language, newsroom.language)
        values = digest_values(newsroom, [post], language, on=on, pictures_as_links=False)
        template = TemplateMessage(drafts.digest_name(1), tongue, values)
        row = Wording(channel.kind, language, Form.TEMPLATE, template, "marketing")
        shown.append((Form.TEMPLATE, as_shown(newsroom, row), BODY_LIMIT))
    return shown


# ------------------------------------------------------------------ alert


def alert(
    newsroom: Newsroom,
    name: str,
    suffix: str,
    *,
    words: AlertWords,
    languages: Iterable[str],
) -> tuple[list[Wording], list[Need]]:
    """All renditions of an alert or its follow-up. `name`: alert, alert_update, alert_clear.

    Always the template where one is approved; free-form only while none is. Raises TooLongError.
    """
    template = f"{words.template(name)}_{suffix}"
    wordings: list[Wording] = []
    needs: list[Need] = []
    for channel in newsroom.channels.values():
        for language in languages:
            found = (
                _alert_templates(newsroom, template, name, words, language, channel)
                if channel.has_templates
                else []
            )
            if not found and channel.has_templates:
                needs.append(Need(channel.kind, template, spoken(language, newsroom.language)))
            wordings += found or _alert_texts(newsroom, name, words, language, channel)
    return wordings, needs


def _alert_texts(
    newsroom: Newsroom, name: str, words: AlertWords, language: str, channel: Channel
) -> list[Wording]:
    """Free-form; where no status tells whether one has arrived, the same saying that it may be a
    repeat, too. Raises TooLongError."""
    words = words.read(language)
    texts = {Form.WINDOW: alert_text(newsroom, name, words, language, channel)}
    if not channel.tells_receipts:
        texts[Form.REPEAT] = alert_text(newsroom, name, words, language, channel, may_repeat=True)
    over = max(size(text.body) for text in texts.values()) - LONGEST_ALERT
    if over > 0:
        raise TooLongError(
            say("the text is %(number)s signs too long", about=words.about, number=over)
        )
    price = _free_form_price(channel)
    return [Wording(channel.kind, language, form, text, price) for form, text in texts.items()]


def _free_form_price(channel: Channel) -> str:
    return FREE if channel.is_free else "service"


def _alert_templates(
    newsroom: Newsroom,
    template: str,
    name: str,
    words: AlertWords,
    language: str,
    channel: Channel,
) -> list[Wording]:
    for tongue in dict.fromkeys((language, newsroom.language)):
        if templates.is_approved(channel.kind, template, tongue):
            return [
                Wording(
                    channel.kind,
                    language,
                    form,
                    TemplateMessage(template, tongue, (("message", message),)),
                    "utility",
                )
                for form, message in alert_messages(newsroom, name, words.read(language), tongue)
            ]
    return []


def alert_messages(
    newsroom: Newsroom, name: str, words: AlertWords, language: str
) -> list[tuple[Form, str]]:
    """The template's value, and the same saying that it may be a repeat. Raises TooLongError."""
    head = (
        words.heading(newsroom, name, language)
        if words.is_drill
        else words.headline(newsroom, language)
    )
    message = one_line(f"*{head}* {words.text}" if head else words.text)
    repeat = f"{message} {one_line(newsroom.texts.get('alert_possible_repeat', language))}"
    body = drafts.alert_body(newsroom, words.template(name), language)
    room = BODY_LIMIT - size(drafts.filled(body, (("message", ""),)))
    if size(repeat) > room:
        raise TooLongError(
            say(
                "the text is %(number)s signs too long for its template (at most %(most)s with the"
                " title)",
                about=words.about,
                number=size(repeat) - room,
                most=room - size(repeat) + size(message),
            )
        )
    return [(Form.TEMPLATE, message), (Form.REPEAT, repeat)]


def alert_text(
    newsroom: Newsroom,
    name: str,
    words: AlertWords,
    language: str,
    channel: Channel,
    *,
    may_repeat: bool = False,
) -> Text:
    mark = f"*{newsroom.texts.get('drill_mark', language)}*\n" if words.is_drill else ""
    first = f"{mark}*{words.heading(newsroom, name, language)}*"
    footer = _footer(newsroom, "alert", language, channel)
    repeat = newsroom.texts.get("alert_possible_repeat", language) if may_repeat else ""
    parts = [first, words.text.strip(), repeat, f"_{footer}_"]
    return Text("\n\n".join(part for part in parts if part))


def as_json(row: Wording, number: int, shown: str) -> dict[str, Any]:
    """One rendition of a preview, and to how many it would go."""
    return {
        "channel": row.channel,
        "language": row.language,
        "form": str(row.form),
        "template": getattr(row.content, "name", None),
        "recipients": number,
        "characters": len(shown),
        "text": shown,
    }


def as_shown(newsroom: Newsroom, wording: Wording) -> str:
    """Word for word as the phone shows it, the template's frame included."""
    return content_as_shown(newsroom, wording.content)


def in_each(
    newsroom: Newsroom, wordings: Sequence[Wording], languages: Iterable[str]
) -> dict[str, str]:
    """Language → as the phone shows it, on the first channel."""
    first = {row.language: row for row in reversed(wordings)}
    return {language: as_shown(newsroom, first[language]) for language in languages}


def content_as_shown(newsroom: Newsroom, content: Content) -> str:
    """The same of what has gone out."""
    if isinstance(content, Text):
        return COPY_LINK.sub(r"\1…", content.body)
    if content.name in drafts.NOTICES:
        body = drafts.notice_body(newsroom, content.name, content.language)
        return drafts.filled(body, content.values)
    if content.name == drafts.SERVICE_NOTICE:
        body, footer = drafts.service_body(newsroom, content.language), "digest_footer"
    elif content.name.startswith("digest"):
        body = drafts.digest_body(newsroom, len(content.values), content.language)
        footer = "digest_footer"
    else:
        body = drafts.alert_body(newsroom, content.name.rsplit("_", 1)[0], content.language)
        footer = "alert_footer"
    shown = drafts.filled(body, content.values)
    return f"{shown}\n\n{newsroom.texts.get(footer, content.language)}"
