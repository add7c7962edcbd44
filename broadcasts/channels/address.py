"""Where a person is reached on a channel.

Owns: this one value. Never: how an address is spelled (each channel reads its own). Known to
everybody else through `base`.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Address:
    """A subscriber's ids on a channel; at least one is known, either finds the person.

    `wa_id`: the phone number as digits without `+`. `bsuid`: the id under which the provider knows
    the person on this channel alone (WhatsApp's business-scoped user id, Telegram's chat id).
    The rest is no part of who they are, but told to a sender who speaks to them.
    """

    wa_id: str | None = None
    bsuid: str | None = None
    language: str = field(default="", compare=False)
    """Empty: nobody who is known, the receipt of an erasure goes there."""
    called: str = field(default="", compare=False)
    """How a reader wants to be addressed."""

    def __bool__(self) -> bool:
        return bool(self.wa_id or self.bsuid)

    @property
    def key(self) -> str:
        """One word for the person, the same as long as the ids are."""
        return self.bsuid or self.wa_id or ""

    def __repr__(self) -> str:
        return "Address(…)"  # rule 9: no number in any log line
