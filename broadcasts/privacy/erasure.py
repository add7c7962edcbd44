"""Erasure: everything of one person goes, and a receipt proves it without naming them.

Owns: what belongs to a person in every table. Never: asks whether (the conversation, the command
line and the desk do); keeps the log (erasure_log) or tells the provider (errands). Invariants 1
and 8 of the design.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from broadcasts import clock, db
from broadcasts.channels.base import Address, Channel
from broadcasts.delivery import endings, heartbeats
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.journal import JournalEntry, StrangeEntry
from broadcasts.newsroom import answers, interrupted
from broadcasts.newsroom.texts import Texts
from broadcasts.people import inbox, links, subscribers
from broadcasts.people.consent import Consent
from broadcasts.people.inbox import Conversation, Message, Picture
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure_log, errands, opt_outs, proofs, receipts
from broadcasts.privacy.erasure_log import Provider
from broadcasts.privacy.traces import names

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
"""Without 0, 1, I, O: a code is read out on the telephone."""

CODE_LENGTH = 10


class NobodyError(Exception):
    """Nothing is held of this address: there is nothing to erase, and nothing to prove."""


@dataclass(frozen=True)
class Receipt:
    code: str
    counts: dict[str, int]
    """Table → rows that went."""
    provider_failed: bool = False
    is_sent: bool = False
    """Queued for the person, too."""


def erase(person: Subscriber, *, key: bytes, before: datetime, media: Path) -> Receipt:
    """Removes everything of a person, on every channel on which they are linked, in one transaction
    with the caller's; `media` is the folder of pictures.

    The rows of broadcasts stay for their counts, without the person. Each address has its own entry
    in the log; the receipt is of this one, its counts are of all. After the commit the caller
    empties the write-ahead log (`db.truncate_log`).
    """
    with db.transaction():
        first, *more = [
            erase_row(row, key=key, before=before, media=media) for row in links.family(person)
        ]
    counts = Counter(first.counts)
    for receipt in more:
        counts.update(receipt.counts)
    return Receipt(first.code, dict(counts))


def erase_row(person: Subscriber, *, key: bytes, before: datetime, media: Path) -> Receipt:
    """The same of this channel alone: what goes by age."""
    with db.transaction():
        media_ids = _media_ids(person)
        counts = remove(person, key=key, media=media)
        logged = _log(person.channel, person.address, key=key, before=before, counts=counts)
        errands.make(logged.entry, person.address, media_ids)
        return logged.receipt


def remove(person: Subscriber, *, key: bytes, media: Path) -> dict[str, int]:
    """What `erase` does, without its entry in the log: for an erasure that is repeated after a
    restore. Returns table → rows that went."""
    with db.transaction():
        links.part(person)
        files = inbox.files_of(person)
        # Before the rows that know them go.
        known = _message_ids(person)
        hers = Message.select(Message.id).where(Message.subscriber == person)
        counts = {
            "picture": _delete(Picture, Picture.message.in_(hers)),
            "message": _delete(Message, Message.subscriber == person),
            "conversation": _delete(Conversation, Conversation.subscriber == person),
            "consent": _delete(Consent, Consent.subscriber == person),
            **_erase_deliveries(person),
            "strange": _erase_strange(person.address, known),
            "ended_consent": proofs.drop(person.channel, person.address, key),
            "subscriber": _delete(Subscriber, Subscriber.id == person.id),
            "reader": int(subscribers.would_read(person)),
        }
        if person.selection_id is not None:
            subscribers.drop_if_unselected(person.selection_id)
        opt_outs.take_back(person, key)
        inbox.drop_files(media, files)
        interrupted.forget_all()
    return counts


def erase_address(
    channel: str, address: Address, *, key: bytes, before: datetime, media: Path
) -> Receipt:
    """The same by address; for somebody without a row too, who may still stand elsewhere. Raises
    NobodyError when nothing at all is found."""
    with db.transaction():
        interrupted.forget_all()
        person = subscribers.find(channel, address)
        rows = [] if person is None else links.family(person)
        named = [(row.channel, row.address) for row in rows] or [(channel, address)]
        waiting = sum(_erase_waiting(kind, known) for kind, known in named)
        if person is not None:
            return erase(person, key=key, before=before, media=media)
        counts = {"strange": _erase_strange(address, [])}
        if ended := proofs.drop(channel, address, key):
            counts["ended_consent"] = ended
        if not any(counts.values()) and not waiting:
            raise NobodyError
        logged = _log(channel, address, key=key, before=before, counts=counts)
        errands.make(logged.entry, address, [])
        return logged.receipt


def erase_and_scrub(
    channel: Channel,
    address: Address,
    *,
    key: bytes,
    before: datetime,
    media: Path,
    texts: Texts,
    note: Callable[[str], object] = lambda code: None,
) -> Receipt:
    """What the command line and the desk do: here, in the write-ahead log, at the provider; the
    person gets the receipt where they can be written to. `note` is told the receipt's code in the
    same transaction. Raises NobodyError."""
    with db.transaction():
        person = subscribers.find(channel.kind, address)
        can_be_sent = person is not None and answers.may_write(channel, person, clock.now())
        is_linked = person is not None and bool(links.others(person))
        receipt = erase_address(channel.kind, address, key=key, before=before, media=media)
        if person is not None and can_be_sent:
            words = receipts.words(
                texts,
                person.language,
                receipt.code,
                is_linked=is_linked,
                by_link=channel.pages is not None,
            )
            receipts.send(channel.kind, person.account, person.address, words)
        note(receipt.code)
    db.truncate_log()
    now = clock.now()
    errands.run_due({channel.kind: channel}, now + errands.AT_ONCE, only=channel.kind)
    if not heartbeats.alive("scheduler", now):
        errands.give_up()
    found = erasure_log.verify(receipt.code, key)
    failed = found is None or found.provider is not Provider.DONE
    return replace(receipt, provider_failed=failed, is_sent=can_be_sent)


def _delete(table: type[db.Model], condition: object) -> int:
    return int(table.delete().where(condition).execute())


def _erase_deliveries(person: Subscriber) -> dict[str, int]:
    hers = Delivery.select(Delivery.id).where(Delivery.subscriber == person)
    events = _delete(DeliveryEvent, DeliveryEvent.delivery.in_(hers))
    answers = _delete(Delivery, (Delivery.subscriber == person) & Delivery.broadcast.is_null())
    # What is on the wire keeps its state; what is queued never leaves.
    endings.skip_all(person.id, "erased")
    kept = (
        Delivery.update(subscriber=None, provider_id=None, content=None, address=None)
        .where(Delivery.subscriber == person)
        .execute()
    )
    return {"delivery_event": events, "answer": answers, "delivery_made_anonymous": int(kept)}


def _message_ids(person: Subscriber) -> list[str]:
    sent = Delivery.select(Delivery.provider_id).where(
        Delivery.subscriber == person, Delivery.provider_id.is_null(False)
    )
    wrote = Consent.select(Consent.message_id).where(
        Consent.subscriber == person, Consent.message_id.is_null(False)
    )
    return [row[0] for query in (sent, wrote) for row in db.rows(query)]


def _media_ids(person: Subscriber) -> list[str]:
    """What the person sent, as the provider knows it."""
    query = Message.select(Message.media).where(
        Message.subscriber == person, Message.media.is_null(False)
    )
    return [row[0] for row in db.rows(query)]


def _erase_waiting(channel: str, address: Address) -> int:
    """What only this person wrote and nobody has read yet: it is older than the order to erase and
    would be dropped as soon as it is read. Where others stand in it too, that is what happens."""
    hers = {value for value in (address.wa_id, address.bsuid) if value}
    query = JournalEntry.select(JournalEntry.id, JournalEntry.writers).where(
        JournalEntry.channel == channel, JournalEntry.writers.is_null(False)
    )
    ids = [id for id, writers in db.rows(query) if set(writers.split(" ")) <= hers]
    return _delete(JournalEntry, JournalEntry.id.in_(ids)) if ids else 0


def _erase_strange(address: Address, message_ids: Iterable[str]) -> int:
    """What nobody could read may still name the person."""
    wanted = list(message_ids)
    last, gone = 0, 0
    while page := _strange_after(last):
        last = page[-1].id
        hers = [
            row.id
            for row in page
            if names(address, row.body) or any(known in row.body for known in wanted)
        ]
        if hers:
            gone += _delete(StrangeEntry, StrangeEntry.id.in_(hers))
    return gone


def _strange_after(last: int) -> Sequence[StrangeEntry]:
    query = StrangeEntry.select().where(StrangeEntry.id > last).order_by(StrangeEntry.id)
    return list(query.limit(500))


@dataclass(frozen=True)
class _Logged:
    receipt: Receipt
    entry: dict[str, object]


def _log(
    channel: str, address: Address, *, key: bytes, before: datetime, counts: dict[str, int]
) -> _Logged:
    code = new_code()
    gone = proofs.marks(channel, address, key) if counts.get("ended_consent") else ()
    entry = erasure_log.entry(
        code, channel, address, key=key, before=before, counts=counts, proof_hashes=gone
    )
    erasure_log.enter(entry)
    return _Logged(Receipt(code, counts), entry)


def new_code(length: int = CODE_LENGTH) -> str:
    """So many signs of A-Z and 2-9, at least one digit."""
    signs = [secrets.choice(LETTERS + DIGITS) for _ in range(length - 1)]
    signs.insert(secrets.randbelow(length), secrets.choice(DIGITS))
    return "".join(signs)
