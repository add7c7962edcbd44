"""Messenger as one Channel.

Owns: what differs from Instagram. Never: how anything is done (channels/meta). Built by the
registry.
"""

from collections.abc import Callable
from pathlib import Path

from broadcasts.channels.base import Account, Unit
from broadcasts.channels.messenger import errors
from broadcasts.channels.messenger.settings import MessengerSecrets, MessengerSettings
from broadcasts.channels.meta.channel import MetaChannel
from broadcasts.channels.meta.dialect import Access, Dialect

DIALECT = Dialect(
    kind="messenger",
    object="page",
    unit=Unit.UTF16,
    # "Less than 2000" (…/messenger-platform/reference/send-api).
    limit=1999,
    # Of 300 (…/messenger-platform/overview/rate-limiting).
    calls=290,
    names_type=True,
    can_be_silent=True,
    outcomes=errors.OUTCOMES,
)

FIELDS = ("messages", "messaging_postbacks", "message_reactions", "messaging_referrals")


def build(
    settings: MessengerSettings, secrets: Callable[[], MessengerSecrets], media: Path
) -> "Messenger":
    return Messenger(settings, secrets, media)


class Messenger(MetaChannel):
    kind = DIALECT.kind
    caption_limit = DIALECT.limit
    """The picture goes as a message of its own, so the text may be as long as without one."""

    def __init__(
        self, settings: MessengerSettings, secrets: Callable[[], MessengerSecrets], media: Path
    ) -> None:
        access = Access(
            graph=f"{settings.graph_url.rstrip('/')}/v{settings.api_version}",
            node=settings.page_id,
            account=settings.page_id,
            name_field="name",
            fields=FIELDS,
            may_tag=settings.human_agent,
        )
        page = Account(
            self.kind,
            settings.page_id,
            f"m.me/{settings.page}",
            settings.messages_per_second,
            join=f"https://m.me/{settings.page}?text={{text}}",
            counts_received=False,
            # A plan of our own, below what Meta takes.
            headroom=1.0,
        )
        super().__init__(DIALECT, access, page, secrets, media)
