"""Who is writing: known, new, or two rows that turn out to be one person.

Owns: finding a subscriber by either id, joining rows, following an address. Never: guesses; only a
provider's event that carries both ids, or links old and new, joins. Called by the receiver.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from broadcasts.channels.base import Address
from broadcasts.delivery import endings
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import inbox, links, subscribers
from broadcasts.people.consent import Consent
from broadcasts.people.subscribers import Subscriber, Wants


def recognise(
    channel: str, account: str, address: Address, *, language: str, at: datetime
) -> Subscriber:
    """The person with this address, new if need be; a message carrying both ids joins them."""
    found = [row for row in subscribers.matching(channel, address) if _is_same(row, address)]
    if not found:
        return subscribers.create(channel, account, address, language=language, at=at)
    keeper, *others = found
    for other in others:
        join(keeper, other)
    subscribers.learn(keeper, address)
    return keeper


def _is_same(row: Subscriber, address: Address) -> bool:
    """A phone number under another user id belongs to somebody else now (whatsapp.md §6): the
    subscription follows only an event that links old and new. The former owner keeps the id."""
    if not (address.bsuid and row.bsuid) or row.bsuid == address.bsuid:
        return True
    row.wa_id = None
    row.save()
    return False


def move(channel: str, old: Address, new: Address) -> None:
    """The provider links an old address with a new one: the subscription follows."""
    person = subscribers.find(channel, old)
    if person is None:
        return
    whole = Address(new.wa_id, new.bsuid or person.bsuid)
    for other in subscribers.matching(channel, new):
        # A number that was somebody else's: they stay who they are, without it.
        if other.id != person.id and _is_same(other, whole):
            join(person, other)
    subscribers.learn(person, new)


def join(keeper: Subscriber, other: Subscriber) -> None:
    """The older row stays and takes over belongings, ids, rights that were exercised, and the later
    word of what is wanted."""
    _move_deliveries(keeper, other)
    Consent.update(subscriber=keeper).where(Consent.subscriber == other).execute()
    inbox.join(keeper, other)
    said = subscribers.later_word(keeper, other)
    wants, wants_before, language = *_wanted(keeper, other), said.language
    opted_in_at, opted_out_at = said.opted_in_at, said.opted_out_at
    reader_since, drills, selection = said.reader_since, said.drills, said.selection_id
    address, carried = other.address, _carried(keeper, other)
    links.merge(keeper, other)
    other.delete_instance()
    keeper.wants, keeper.language = wants, language
    keeper.opted_in_at, keeper.opted_out_at = opted_in_at, opted_out_at
    keeper.reader_since, keeper.drills, keeper.selection_id = reader_since, drills, selection
    for field, value in carried.items():
        setattr(keeper, field, value)
    keeper.wa_id = keeper.wa_id or address.wa_id
    keeper.bsuid = keeper.bsuid or address.bsuid
    keeper.wants_before = wants_before
    keeper.save()
    links.share_choice(keeper)
    if keeper.wants == Wants.RESTRICTED:
        endings.skip_broadcasts(keeper.id)


def _wanted(keeper: Subscriber, other: Subscriber) -> tuple[Wants, Wants | None]:
    """(what is wanted now, what comes back when a restriction is lifted). One row's restriction is
    the person's; what the other said later waits until it is lifted."""
    said = subscribers.later_word(keeper, other)
    if Wants.RESTRICTED not in (keeper.wants, other.wants):
        return said.wants, keeper.wants_before or other.wants_before
    return Wants.RESTRICTED, said.wants_before if said.wants == Wants.RESTRICTED else said.wants


_CARRIED: Sequence[tuple[Callable[[Any], Any], Sequence[str]]] = (
    (max, ("window_closes_at", "last_inbound_at", "in_touch_on", "asked_at", "paused_until")),
    # A right counts from when it was first exercised, by whichever row.
    (min, ("restricted_at", "objected_at", "paused_from")),
    # A keeper's own note comes first; both stand if they differ.
    (lambda notes: "\n".join(dict.fromkeys(notes)), ("note",)),
    (lambda names: names[0], ("called",)),
)
"""What of either row stays, and which of two values."""


def _carried(keeper: Subscriber, other: Subscriber) -> dict[str, Any]:
    known = {
        field: (choose, [v for v in (getattr(keeper, field), getattr(other, field)) if v])
        for choose, fields in _CARRIED
        for field in fields
    }
    return {field: choose(values) for field, (choose, values) in known.items() if values}


def _move_deliveries(keeper: Subscriber, other: Subscriber) -> None:
    """What both have of one broadcast stays with the keeper: nobody gets it twice. The other
    row's is left without a person (it counts on), and does not leave any more."""
    from_keeper = Delivery.select(Delivery.broadcast).where(
        Delivery.subscriber == keeper, Delivery.broadcast.is_null(False)
    )
    Delivery.update(subscriber=keeper).where(
        Delivery.subscriber == other,
        Delivery.broadcast.is_null() | Delivery.broadcast.not_in(from_keeper),
    ).execute()
    # No erasure would find these again: nothing of the person may stand in them.
    Delivery.update(provider_id=None, content=None).where(Delivery.subscriber == other).execute()
