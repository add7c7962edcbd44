"""What is held of a person, told to themselves in the chat: short, with the way to the whole.

Owns: the sentence. Never: the whole copy (export, copies). Called by bot/conversation.
"""

from datetime import datetime

from broadcasts.newsroom.context import Newsroom
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import holding


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
        wants=newsroom.texts.get(f"copy_wants_{person.wants}", language),
        last=day(person.last_inbound_at),
        evidence=str(len(held.evidence)),
        messages=str(held.messages),
        broadcasts=str(held.broadcasts),
        answers=str(held.answers),
        link=link,
    )
