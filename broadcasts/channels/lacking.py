"""What most channels do not have, said once: templates, a poller, taps that want a word back.

Owns: the empty answers to what `base.Channel` asks. Never: anything a channel can do: that stands
in its folder, over this. The base of each channel but WhatsApp.
"""

from collections.abc import Sequence
from datetime import timedelta

from broadcasts.channels.base import (
    Address,
    Outcome,
    Pages,
    Poller,
    ProviderError,
    TemplateDraft,
    TemplateState,
)


class Lacking:
    has_templates = False
    tells_receipts = False
    staff_window: timedelta | None = None
    pages: Pages | None = None

    def templates(self) -> list[TemplateState]:
        return []

    def create_template(self, draft: TemplateDraft, *, example_picture: str | None) -> None:
        raise ProviderError(Outcome.OUR_MISTAKE, "", "there are no templates on this channel")

    def can_picture_templates(self) -> bool:
        """Nothing is held up for want of one."""
        return True

    def poller(self) -> Poller | None:
        return None

    def acknowledge(self, taps: Sequence[str]) -> None:
        """Nobody waits for a word back."""

    def forget(self, address: Address) -> None:
        """The provider keeps no book for us that we could ask it to clear."""

    def drop_media(self, media: str) -> None:
        """What somebody has sent is theirs to delete there."""
