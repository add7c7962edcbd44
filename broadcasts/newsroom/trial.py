"""A test to one's own telephone, before the city reads it.

Owns: sending the coming digest to one member of staff, marked as a test. Never: counts as a digest
or costs a template: it answers the person's own message, so their window must be open.
"""

from datetime import date, datetime

from broadcasts.channels.base import Address, Channel, Text
from broadcasts.delivery import outbox
from broadcasts.newsroom import posts, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.people import subscribers
from broadcasts.saying import Refusal, say


class TrialError(Refusal):
    """It cannot go; says why."""


def number(newsroom: Newsroom, kind: str, typed: str) -> str:
    """The number (or address, or id) in the channel's spelling. Raises TrialError."""
    return _address(_channel(newsroom, kind), typed).key


def _channel(newsroom: Newsroom, kind: str) -> Channel:
    """The city's first one where none is named."""
    first = next(iter(newsroom.channels.values()))
    return newsroom.channels.get(kind, first)


def _address(channel: Channel, typed: str) -> Address:
    try:
        return channel.address(typed)
    except ValueError as error:
        raise TrialError(say("is no number or address of this channel", about="number")) from error


def send(newsroom: Newsroom, kind: str, typed: str, on: date, now: datetime) -> None:
    """Queues it as an answer, in the caller's transaction. Raises TrialError."""
    channel = _channel(newsroom, kind)
    address = _address(channel, typed)
    queued = posts.queued(on)
    if not queued:
        raise TrialError(say("no post is queued for %(day)s", day=on))
    person = subscribers.find(channel.kind, address)
    if person is None:
        raise TrialError(say("nobody with this number has written to the city yet", about="number"))
    if channel.window is not None and (
        person.window_closes_at is None or person.window_closes_at <= now
    ):
        raise TrialError(
            say(
                "write any message to the city's number first: it opens your 24-hour window",
                about="number",
            )
        )
    digest = wording.digest_text(newsroom, queued, person.language, channel, on=on)
    mark = newsroom.texts.get("test_mark", person.language)
    outbox.answer(person, Text(f"{mark}\n\n{digest.body}", picture=digest.picture))
