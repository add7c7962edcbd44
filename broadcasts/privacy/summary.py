"""What is held of a person, told to themselves in the chat: short, with the way to the whole.

Owns: the sentence. Never: the whole copy (export, copies). Called by bot/conversation.
"""

from datetime import datetime

from broadcasts import clock
from broadcasts.newsroom import subjects
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import selections
from broadcasts.people.pauses import pauses_on
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import holding

MOST_NAMES = 10
"""Of chosen topics and districts; the whole copy has them all."""


def write(newsroom: Newsroom, person: Subscriber, language: str, *, link: str) -> str:
    """Below a message's limit, whatever they have."""
    held, zone = holding.of(person), newsroom.zone

    def day(at: datetime | None) -> str:
        return "–" if at is None else f"{at.astimezone(zone):%d.%m.%Y}"

    channel = newsroom.channels.get(person.channel)
    return newsroom.texts.get(
        "copy",
        language,
        by_link=channel is not None and channel.pages is not None,
        called=person.called or "–",
        address=f"+{person.wa_id}" if person.wa_id else person.bsuid or "",
        known=day(person.created_at),
        wants=_wants(newsroom, person, language),
        last=day(person.last_inbound_at),
        evidence=str(len(held.evidence)),
        messages=str(held.messages),
        broadcasts=str(held.broadcasts),
        answers=str(held.answers),
        link=link,
    )


def _wants(newsroom: Newsroom, person: Subscriber, language: str) -> str:
    """What they get, and by their own choice do not get."""
    said = [newsroom.texts.get(f"copy_wants_{person.wants}", language)]
    names = selections.read(person.selection_id).names
    if names:
        shown = subjects.labels(newsroom.settings, names[:MOST_NAMES], language)
        more = ["…"] if len(names) > MOST_NAMES else []
        said.append(newsroom.texts.get("copy_chosen", language, chosen=", ".join(shown + more)))
    until = person.paused_until
    if until is not None and pauses_on(until, clock.today(newsroom.zone)):
        said.append(newsroom.texts.get("copy_paused", language, day=f"{until:%d.%m.%Y}"))
    return "; ".join(said)
