"""Erasure: everything of one person goes, and a receipt proves it without naming them.

Owns: what belongs to a person in every table, and the log of erasures. Never: asks whether (the
conversation, the command line and the desk do). Invariants 1 and 8 of the design.
"""

import base64
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import Address, Channel, ProviderError
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState
from broadcasts.journal import StrangeEntry
from broadcasts.people import inbox, subscribers
from broadcasts.people.consent import Consent
from broadcasts.people.inbox import Conversation, Message, Picture
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import proofs
from broadcasts.privacy.keys import keyed_hash

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
"""Without 0, 1, I, O: a code is read out on the telephone."""

CODE_LENGTH = 10


class Erasure(db.Model):
    """That an erasure took place: nothing in it names the person without the key."""

    id = db.SerialField()
    code_hash = peewee.CharField(max_length=32, unique=True)
    wa_id_hash = peewee.CharField(max_length=32, null=True, index=True)
    bsuid_hash = peewee.CharField(max_length=32, null=True, index=True)
    channel = peewee.CharField(max_length=20, default="")
    erased_at = db.UTCField(index=True)
    before = db.UTCField()
    """Messages of that address older than this are dropped."""
    counts = db.JSONField()

    class Meta:
        table_name = "erasure"


class NobodyError(Exception):
    """Nothing is held of this address: there is nothing to erase, and nothing to prove."""


@dataclass(frozen=True)
class Receipt:
    code: str
    counts: dict[str, int]
    """Table → rows that went."""
    provider_failed: bool = False


def erase(person: Subscriber, *, key: bytes, before: datetime, media: Path) -> Receipt:
    """Removes everything of a person, in one transaction with the caller's; `media` is the folder
    of pictures.

    The rows of broadcasts stay for their counts, without the person. After the commit the caller
    empties the write-ahead log (`db.truncate_log`).
    """
    with db.transaction():
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
        }
        inbox.drop_files(media, files)
        return _log(person.channel, person.address, key=key, before=before, counts=counts)


def erase_address(
    channel: str, address: Address, *, key: bytes, before: datetime, media: Path
) -> Receipt:
    """The same by address; for somebody without a row too, who may still stand elsewhere. Raises
    NobodyError when nothing at all is found."""
    person = subscribers.find(channel, address)
    if person is not None:
        return erase(person, key=key, before=before, media=media)
    with db.transaction():
        counts = {"strange": _erase_strange(address, [])}
        if ended := proofs.drop(channel, address, key):
            counts["ended_consent"] = ended
        if not any(counts.values()):
            raise NobodyError
        return _log(channel, address, key=key, before=before, counts=counts)


def erase_and_scrub(
    channel: Channel,
    address: Address,
    *,
    key: bytes,
    before: datetime,
    media: Path,
    note: Callable[[str], object] = lambda code: None,
) -> Receipt:
    """What the command line and the desk do: here, in the write-ahead log, at the provider.
    `note` is told the receipt's code in the same transaction. Raises NobodyError."""
    person = subscribers.find(channel.kind, address)
    known = person.address if person is not None else address
    with db.transaction():
        receipt = erase_address(channel.kind, address, key=key, before=before, media=media)
        note(receipt.code)
    db.truncate_log()
    try:
        channel.forget(known)
    except ProviderError:
        return Receipt(receipt.code, receipt.counts, provider_failed=True)
    return receipt


def _delete(table: type[db.Model], condition: object) -> int:
    return int(table.delete().where(condition).execute())


def _erase_deliveries(person: Subscriber) -> dict[str, int]:
    hers = Delivery.select(Delivery.id).where(Delivery.subscriber == person)
    events = _delete(DeliveryEvent, DeliveryEvent.delivery.in_(hers))
    answers = _delete(Delivery, (Delivery.subscriber == person) & Delivery.broadcast.is_null())
    now = clock.now()
    # What is on the wire keeps its state; what is queued never leaves.
    Delivery.update(
        state=DeliveryState.SKIPPED, due_at=None, leased_by=None, changed_at=now, code="erased"
    ).where(Delivery.subscriber == person, Delivery.state == DeliveryState.QUEUED).execute()
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


def names(address: Address, text: str) -> bool:
    """Whether a raw body names this address: as it is, or inside a message id, which holds the
    number in base64 (whatsapp.md §6)."""
    values = [value for value in (address.wa_id, address.bsuid) if value]
    if any(value in text for value in values):
        return True
    decoded = [part for run in BASE64_RUN.findall(text) for part in _decoded(run)]
    return any(value.encode() in part for value in values for part in decoded)


BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}")


def _decoded(run: str) -> Iterator[bytes]:
    """A run may begin with something else ("wamid" without its dot): each of the four places
    where a group can begin is tried."""
    plain = run.replace("-", "+").replace("_", "/")
    for start in range(4):
        part = plain[start:]
        yield base64.b64decode(part[: len(part) // 4 * 4] if len(part) % 4 == 1 else _padded(part))


def _padded(part: str) -> str:
    return part + "=" * (-len(part) % 4)


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


def _log(
    channel: str, address: Address, *, key: bytes, before: datetime, counts: dict[str, int]
) -> Receipt:
    code = new_code()
    Erasure.create(
        code_hash=keyed_hash(key, f"code/{code}"),
        wa_id_hash=_address_hash(key, channel, address.wa_id),
        bsuid_hash=_address_hash(key, channel, address.bsuid),
        channel=channel,
        erased_at=clock.now(),
        before=before,
        counts=counts,
    )
    return Receipt(code, counts)


def _address_hash(key: bytes, channel: str, value: str | None) -> str | None:
    return None if value is None else keyed_hash(key, f"address/{channel}/{value}")


def new_code() -> str:
    """Ten signs of A-Z and 2-9, at least one digit."""
    signs = [secrets.choice(LETTERS + DIGITS) for _ in range(CODE_LENGTH - 1)]
    signs.insert(secrets.randbelow(CODE_LENGTH), secrets.choice(DIGITS))
    return "".join(signs)


def verify(code: str, key: bytes) -> Erasure | None:
    """The erasure that this receipt proves, if there is one."""
    wanted = keyed_hash(key, f"code/{code.strip().upper()}")
    return Erasure.get_or_none(Erasure.code_hash == wanted)


def erased_after(channel: str, address: Address, at: datetime, key: bytes) -> bool:
    """Whether this address was erased by a message or an order from later than `at`."""
    either = [
        field == _address_hash(key, channel, value)
        for field, value in (
            (Erasure.wa_id_hash, address.wa_id),
            (Erasure.bsuid_hash, address.bsuid),
        )
        if value
    ]
    if not either:
        return False
    condition = either[0] if len(either) == 1 else either[0] | either[1]
    return Erasure.select(Erasure.id).where(condition, Erasure.before > at).exists()


def names_erased(channel: str, text: str, key: bytes) -> bool:
    """Whether a raw text names somebody who was erased and has not come back since."""
    words = {word.strip("+.-") for word in WORD.findall(text)}
    decoded = b" ".join(part for run in BASE64_RUN.findall(text) for part in _decoded(run))
    words |= {digits.decode() for digits in NUMBER.findall(decoded)}
    by_hash = {_address_hash(key, channel, word): word for word in sorted(words)[:MOST_WORDS]}
    if not by_hash:
        return False
    hashes = list(by_hash)
    query = Erasure.select(Erasure.wa_id_hash, Erasure.bsuid_hash).where(
        Erasure.wa_id_hash.in_(hashes) | Erasure.bsuid_hash.in_(hashes)
    )
    erased = {by_hash[mark] for row in db.rows(query) for mark in row if mark in by_hash}
    return any(not _is_back(channel, word) for word in erased)


def _is_back(channel: str, word: str) -> bool:
    either = (Address(word), Address(None, word))
    return any(subscribers.find(channel, address) is not None for address in either)


WORD = re.compile(r"[\w.+-]{5,140}")
NUMBER = re.compile(rb"\d{8,15}")
MOST_WORDS = 500
"""Of one text; what holds more is no message."""


def counted(begin: datetime, end: datetime) -> dict[str, int]:
    """Channel → persons who were erased in a span of time; addresses without a row not."""
    query = Erasure.select(Erasure.channel, Erasure.counts)
    rows = db.rows(query.where(Erasure.erased_at >= begin, Erasure.erased_at < end))
    return dict(Counter(channel for channel, counts in rows if counts.get("subscriber")))


def happened_lately(now: datetime) -> bool:
    """Within the last two minutes: the log is emptied again until the receipt is gone too."""
    return Erasure.select(Erasure.id).where(Erasure.erased_at > now - timedelta(minutes=2)).exists()
