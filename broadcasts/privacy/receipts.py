"""An erasure's receipt on its way to the person: the last message, and the last thing kept of them.

Owns: whether it can be sent, and for how long it is tried. Never: erases (erasure), or what it
says (newsroom/texts). Used by the conversation, the desk and the command line through erasure.
"""

from datetime import datetime, timedelta

from broadcasts import clock
from broadcasts.channels.base import Address, Channel, Text
from broadcasts.delivery import outbox
from broadcasts.newsroom import answers
from broadcasts.newsroom.texts import Texts
from broadcasts.people.subscribers import Subscriber

TRIED_FOR = timedelta(seconds=60)
"""After it the address of an erased person is gone, with or without the receipt (invariant 8)."""


def can_be_sent(channel: Channel, person: Subscriber | None, now: datetime) -> bool:
    """Their window is open, or the channel needs none."""
    return person is not None and not answers.way_to({channel.kind: channel}, person, now).shut


def send(channel: str, account: str, address: Address, text: Text) -> None:
    """In the transaction of the erasure: one does not happen without the other."""
    outbox.receipt(channel, account, address, text, expires_at=clock.now() + TRIED_FOR)


def words(texts: Texts, language: str, code: str, *, is_linked: bool = False) -> Text:
    """`is_linked`: rows on other channels went with it."""
    told = [texts.get("erased", language, code=code)]
    if is_linked:
        told.append(texts.get("counts_for_all", language))
    return Text("\n\n".join(told))
