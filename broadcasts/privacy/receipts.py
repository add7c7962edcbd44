"""An erasure's receipt on its way to the person: the last message, and the last thing kept of them.

Owns: for how long it is tried, and which texts it is made of. Never: erases (erasure), or whether
somebody can be written to (newsroom/answers). Used by the conversation and erasure.
"""

from datetime import timedelta

from broadcasts import clock
from broadcasts.channels.base import Address, Text
from broadcasts.delivery import outbox
from broadcasts.newsroom.texts import Texts

TRIED_FOR = timedelta(seconds=60)
"""After it the address of an erased person is gone, with or without the receipt (invariant 8)."""


def send(channel: str, account: str, address: Address, text: Text) -> None:
    """In the transaction of the erasure: one does not happen without the other."""
    outbox.receipt(channel, account, address, text, expires_at=clock.now() + TRIED_FOR)


def words(
    texts: Texts, language: str, code: str, *, is_linked: bool = False, by_link: bool = False
) -> Text:
    """`is_linked`: rows on other channels went with it. `by_link`: the channel has no chat."""
    told = [texts.get("erased", language, by_link=by_link, code=code)]
    if is_linked:
        told.append(texts.get("counts_for_all", language))
    return Text("\n\n".join(told))
