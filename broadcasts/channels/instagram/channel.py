"""Instagram as one Channel.

Owns: what differs from Messenger. Never: how anything is done (channels/meta). Built by the
registry.
"""

from collections.abc import Callable
from pathlib import Path

from broadcasts.channels.base import HEADROOM, Account, Unit
from broadcasts.channels.instagram import errors
from broadcasts.channels.instagram.settings import InstagramSecrets, InstagramSettings
from broadcasts.channels.meta.channel import MetaChannel
from broadcasts.channels.meta.dialect import Access, Dialect

DIALECT = Dialect(
    kind="instagram",
    object="instagram",
    # "UTF-8 and 1000 bytes or less" (…/instagram-messaging/features/send-message).
    unit=Unit.BYTES,
    limit=1000,
    calls=int(100 * HEADROOM),
    names_type=False,
    can_be_silent=False,
    outcomes=errors.OUTCOMES,
)

FIELDS = ("messages", "messaging_postbacks", "message_reactions", "messaging_referral")

OF_THE_PAGE = ("messages",)
"""With Facebook Login the page is asked for something, whatever it is; Instagram's own fields are
chosen in the app's settings."""


def build(
    settings: InstagramSettings, secrets: Callable[[], InstagramSecrets], media: Path
) -> "Instagram":
    return Instagram(settings, secrets, media)


class Instagram(MetaChannel):
    kind = DIALECT.kind
    caption_limit = 0
    """No picture goes along: Meta wants to fetch pictures from us, once for each reader (decision
    0018)."""

    def __init__(
        self, settings: InstagramSettings, secrets: Callable[[], InstagramSecrets], media: Path
    ) -> None:
        through_page = bool(settings.through_page)
        access = Access(
            graph=f"{settings.graph_url.rstrip('/')}/v{settings.api_version}",
            node=settings.through_page or settings.account_id,
            account=settings.account_id,
            name_field="name" if through_page else "username",
            fields=OF_THE_PAGE if through_page else FIELDS,
            may_tag=settings.human_agent,
            tells_token=through_page,
        )
        account = Account(
            self.kind,
            settings.account_id,
            f"ig.me/m/{settings.profile}",
            settings.messages_per_second,
            join=f"https://ig.me/m/{settings.profile}?ref={{text}}",
            join_takes_text=False,
            counts_received=False,
        )
        super().__init__(
            DIALECT, access, account, secrets, media, token_until=settings.token_expires_on
        )
