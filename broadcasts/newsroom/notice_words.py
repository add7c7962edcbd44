"""Every rendition of a service notice, written before anything is sent.

Owns: what one may look like, and how it reads on each channel, in each language, in and out of the
window. Never: who gets it or when (service_notices).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from broadcasts.channels.base import Channel, TemplateMessage, Text, size
from broadcasts.delivery import templates
from broadcasts.delivery.broadcasts import Form, Wording
from broadcasts.languages import spoken
from broadcasts.newsroom import drafts, subjects
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.drafts import BODY_LIMIT
from broadcasts.newsroom.pricing import FREE
from broadcasts.newsroom.shortening import one_line
from broadcasts.newsroom.wellformed import LONGEST_TITLE, link_problems, text_problems, whole
from broadcasts.newsroom.wording import Need
from broadcasts.people.selections import EVERYTHING, Scope
from broadcasts.saying import Said, say
from broadcasts.settings import LANGUAGES


@dataclass(frozen=True)
class Draft:
    """A service notice before it is sent."""

    text: str
    title: str = ""
    link: str = ""
    scope: Scope = EVERYTHING
    """For whom it is; who has chosen other topics or districts does not get it."""

    @property
    def heading(self) -> str:
        """In bold; asterisks of its own would end that."""
        return one_line(self.title.replace("*", ""))

    @property
    def address(self) -> str:
        return whole(self.link)

    @property
    def message(self) -> str:
        """In one line: a template's value may hold no line break (132018)."""
        head = f"*{self.heading}*" if self.heading else ""
        return " ".join(part for part in (head, one_line(self.text), self.address) if part)


def problems(newsroom: Newsroom, draft: Draft) -> list[Said]:
    """Everything that is wrong with it. It is never shortened: what is too long for the approved
    wording in one of the languages goes on no channel."""
    found = text_problems("title", draft.title, LONGEST_TITLE)
    if not draft.text.strip():
        found.append(say("the text is empty", about="text"))
    found += [*text_problems("text", draft.text, BODY_LIMIT), *link_problems(draft.address)]
    found += subjects.problems(newsroom, draft.scope.topics, draft.scope.districts, may_note=False)
    over = max(size(_filled(newsroom, draft, language)) for language in LANGUAGES) - BODY_LIMIT
    if over > 0 and not found:
        found.append(
            say(
                "the text is %(number)s signs too long, with title and link",
                about="text",
                number=over,
            )
        )
    return found


def _filled(newsroom: Newsroom, draft: Draft, language: str) -> str:
    return drafts.filled(drafts.service_body(newsroom, language), (("message", draft.message),))


def is_same(draft: Draft, title: str, text: str, link: str) -> bool:
    """As what was sent stands in its row."""
    return (draft.heading, draft.text.strip(), draft.address) == (title, text, link)


def renditions(
    newsroom: Newsroom, draft: Draft, languages: Sequence[str]
) -> tuple[list[Wording], list[Need]]:
    """All of them, and the templates that are missing for some."""
    found: list[Wording] = []
    needs: list[Need] = []
    for channel in newsroom.channels.values():
        price = FREE if channel.is_free else "service"
        for language in languages:
            free = free_text(newsroom, draft, language, channel)
            found.append(Wording(channel.kind, language, Form.WINDOW, free, price))
            if not channel.has_templates:
                continue
            template = _template(newsroom, draft, language, channel)
            if template is None:
                tongue = spoken(language, newsroom.language)
                needs.append(Need(channel.kind, drafts.SERVICE_NOTICE, tongue))
            else:
                found.append(Wording(channel.kind, language, Form.TEMPLATE, template, "marketing"))
    return found, needs


def free_text(newsroom: Newsroom, draft: Draft, language: str, channel: Channel) -> Text:
    """With line breaks; without a sound where the channel can."""
    texts, by_link = newsroom.texts, channel.pages is not None
    head = f"*{draft.heading}*" if draft.heading else ""
    parts = (
        f"*{texts.get('notice_heading', language)}*",
        "\n".join(part for part in (head, draft.text.strip(), draft.address) if part),
        f"_{texts.get('digest_footer', language, by_link=by_link)}_",
    )
    return Text("\n\n".join(parts), silent=channel.can_be_silent)


def _template(
    newsroom: Newsroom, draft: Draft, language: str, channel: Channel
) -> TemplateMessage | None:
    """In this language, else in the city's; None where neither is approved."""
    for tongue in dict.fromkeys((language, newsroom.language)):
        if templates.is_approved(channel.kind, drafts.SERVICE_NOTICE, tongue):
            return TemplateMessage(drafts.SERVICE_NOTICE, tongue, (("message", draft.message),))
    return None
