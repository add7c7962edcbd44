"""Journal → events → conversation and delivery statuses, in batches, exactly once.

Owns: taking the journal in order, and that one bad item never stops what comes behind it.
Never: what a text means (conversation) or what a status moves (delivery). Run by bot/app.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby, islice
from typing import Any

from bot import conversation
from bot.city import City
from broadcasts import clock, db, journal
from broadcasts.channels.base import (
    AccountNotice,
    AddressChanged,
    Event,
    MessageGone,
    MessageIn,
    PreferenceIn,
    StatusIn,
    Strange,
    TemplateChanged,
    Way,
)
from broadcasts.delivery import accounts, effects, holds, joining, statuses, templates
from broadcasts.faults import where
from broadcasts.journal import JournalEntry
from broadcasts.locks import Lock
from broadcasts.people import consent, inbox, subscribers
from broadcasts.privacy import erasure_log, errands
from broadcasts.settings import LANGUAGES

log = logging.getLogger(__name__)

CHUNK = 300
"""Events applied in one transaction: short enough that webhooks get in between."""


@dataclass(frozen=True)
class Item:
    """One event and where it stands in the journal."""

    entry: JournalEntry
    index: int
    is_last: bool
    event: Event | None
    """None: the entry held nothing (any more)."""


class Receiver:
    def __init__(self, city: City) -> None:
        self._city = city
        self._errands = ThreadPoolExecutor(max_workers=1, thread_name_prefix="forget")
        self._has_erased = self._has_gone = False
        self._taps: dict[str, list[str]] = defaultdict(list)
        self._order = Lock("receiver")
        self._last_parsed: tuple[object, Sequence[Event]] = (None, ())

    def drain(self) -> int:
        """Applies what is waiting, up to CHUNK events of either kind; returns how many entries it
        has looked at. Needs a session that lasts: the lock on the persons' order hangs on it."""
        taken = self._drain(in_order=True) if self._order.acquire() else 0
        return taken + self._drain(in_order=False)

    def _drain(self, *, in_order: bool) -> int:
        with journal.taking(in_order=in_order) as entries:
            items = (item for entry in entries for item in self._items(entry))
            chunk = list(islice(items, CHUNK))
            if chunk:
                self._apply_chunk(chunk)
        self._after_commit()
        return len(entries)

    def close(self) -> None:
        self._errands.shutdown(wait=True)

    def release(self) -> None:
        """Lets another receiver have the persons' messages."""
        self._order.release()

    def _items(self, entry: JournalEntry) -> Iterator[Item]:
        events = self._parsed(entry)
        done = min(entry.applied, len(events))
        if done == len(events):
            yield Item(entry, len(events), True, None)
        for index in range(done, len(events)):
            yield Item(entry, index, index == len(events) - 1, events[index])

    def _parsed(self, entry: JournalEntry) -> Sequence[Event]:
        """A large body is met again until all of it is applied; it is read once."""
        # By its time too: SQLite gives the number of a deleted entry again.
        key = entry.id, entry.received_at
        if self._last_parsed[0] != key:
            self._last_parsed = (key, self._events(entry))
        return self._last_parsed[1]

    def _events(self, entry: JournalEntry) -> Sequence[Event]:
        channel = self._city.channels.get(entry.channel)
        try:
            payload = json.loads(bytes(entry.body))
            if channel is None:
                return [Strange("no_such_channel", {"body": payload})]
            return list(channel.parse(payload))
        except Exception as error:
            # Whatever it is, the next entry must get its turn; this one is kept.
            log.error("unreadable journal=%s error=%s", entry.id, where(error))
            text = bytes(entry.body).decode("utf-8", "replace")
            return [Strange("unreadable", {"body": text})]

    def _apply_chunk(self, chunk: Sequence[Item]) -> None:
        with db.transaction():
            for is_status, group in groupby(chunk, lambda item: isinstance(item.event, StatusIn)):
                items = list(group)
                if is_status:
                    self._apply_statuses(items)
                else:
                    for item in items:
                        self._safely([item], self._apply)
            journal.done([item.entry.id for item in chunk if item.is_last])
            last = chunk[-1]
            if not last.is_last:
                journal.advance(last.entry.id, last.index + 1)

    def _apply_statuses(self, items: Sequence[Item]) -> None:
        """All at once; if that fails, one by one, so that only the bad one is set aside."""
        try:
            with db.transaction():
                self._statuses(items)
        except db.UNAVAILABLE:
            raise
        except Exception as error:
            log.warning("statuses one by one error=%s", where(error))
            for item in items:
                self._safely([item], lambda one: self._statuses([one]))

    def _statuses(self, items: Sequence[Item]) -> None:
        batch = [item.event for item in items if isinstance(item.event, StatusIn)]
        reads = self._city.settings.privacy.read_receipts
        for _ in statuses.apply(batch, self._city.zone, reads=reads):
            # Without its content: it names a person, and perhaps an erased one.
            journal.keep_strange(items[0].entry.channel, "status_of_no_delivery", "")

    def _safely(self, items: Sequence[Item], step: Any) -> None:
        """One item in a savepoint: what fails is kept, counted, shown, and stops nothing."""
        (item,) = items
        try:
            with db.transaction():
                step(item)
        except db.UNAVAILABLE:
            raise
        except Exception as error:
            log.error(
                "failed journal=%s index=%s error=%s", item.entry.id, item.index, where(error)
            )
            self._set_aside(item, f"failed:{type(error).__name__}"[:40], _as_json(item.event))

    def _set_aside(self, item: Item, reason: str, body: str) -> None:
        """Kept and counted. Of somebody erased only the reason: a redelivery brings nothing back
        (invariant 8); and it must not fail, or nothing behind it would get its turn."""
        try:
            if erasure_log.names_erased(item.entry.channel, body, self._city.key):
                body = ""
            with db.transaction():
                journal.keep_strange(item.entry.channel, reason, body)
        except db.UNAVAILABLE:
            raise
        except Exception as error:
            log.error("not kept journal=%s error=%s", item.entry.id, where(error))
            journal.keep_strange(item.entry.channel, reason, "")

    def _apply(self, item: Item) -> None:
        event, channel = item.event, item.entry.channel
        if isinstance(event, MessageIn):
            self._message(channel, event)
        elif isinstance(event, MessageGone):
            self._gone(channel, event)
        elif isinstance(event, PreferenceIn):
            self._preference(channel, event)
        elif isinstance(event, AddressChanged):
            self._moved(channel, event)
        elif isinstance(event, TemplateChanged):
            templates.apply(channel, event)
            if event.state == templates.APPROVED:
                holds.template_approved(channel, event.name, event.language)
        elif isinstance(event, AccountNotice):
            accounts.apply_notice(event)
        elif isinstance(event, Strange):
            self._set_aside(item, event.reason, json.dumps(event.raw, default=str))

    def _message(self, channel: str, event: MessageIn) -> None:
        if event.tap:
            self._taps[channel].append(event.tap)
        if not self._is_new(channel, event):
            return
        accounts.note_received(event.account, 1)
        city = self._city
        if event.way is Way.LINK and subscribers.find(channel, event.sender) is None:
            return  # from an old message to somebody erased since: it brings nobody back
        spoken = event.language if event.language in LANGUAGES else city.settings.city.language
        person = joining.recognise(
            channel,
            event.account,
            event.sender,
            language=spoken,
            at=event.at,
        )
        if event.way is not Way.FORM:
            window = city.channels[channel].window
            subscribers.heard_from(person, event.account, event.at, window)
            consent.bring_back(person)
        if conversation.react(city, person, event):
            self._has_erased = True

    def _gone(self, channel: str, event: MessageGone) -> None:
        if not self._is_new(channel, event):
            return
        # Should it be brought only after this: nobody has read it, and nobody is to.
        journal.first_time(self._city.key, event.message_id)
        person = subscribers.find(channel, event.sender)
        if person is None:
            return
        mark = journal.mark_of(self._city.key, event.message_id)
        if inbox.take_back(person, mark, media=self._city.config.media_dir):
            self._has_gone = True

    def _is_new(
        self, channel: str, event: MessageIn | MessageGone | PreferenceIn | AddressChanged
    ) -> bool:
        """Exactly once, and nothing from before an erasure (invariant 1)."""
        if not journal.first_time(self._city.key, event.id):
            return False
        sender = event.old if isinstance(event, AddressChanged) else event.sender
        return not erasure_log.erased_after(channel, sender, event.at, self._city.key)

    def _preference(self, channel: str, event: PreferenceIn) -> None:
        person = subscribers.find(channel, event.sender)
        if person is None or not self._is_new(channel, event):
            return
        if not event.wants_alerts:
            effects.refuse_everything(person, event.id, event.at)
        elif event.wants_digests:
            effects.allow_digests(person, event.id, event.at)
        else:
            effects.refuse_digests(person, event.id, event.at)

    def _moved(self, channel: str, event: AddressChanged) -> None:
        if self._is_new(channel, event):
            joining.move(channel, event.old, event.new)

    def _after_commit(self) -> None:
        """An erasure's rest: out of the write-ahead log, and out of the provider's book. And the
        taps that want a word back: nothing hangs on it."""
        for kind, taps in self._taps.items():
            self._errands.submit(self._city.channels[kind].acknowledge, taps)
        self._taps.clear()
        if self._has_erased or self._has_gone:
            db.truncate_log()
        self._has_gone = False
        if self._has_erased:
            self._has_erased = False
            self._errands.submit(self._run_errands)

    def _run_errands(self) -> None:
        """At once; the job of the same name tries again what fails or is lost here."""
        try:
            with db.session():
                errands.run_due(self._city.channels, clock.now() + errands.AT_ONCE)
        except Exception as error:
            log.error("errands error=%s", where(error))


def _as_json(event: Event | None) -> str:
    # ASCII: half a character (a lone surrogate) can be written too.
    return json.dumps(asdict(event) if event else {}, default=str)
