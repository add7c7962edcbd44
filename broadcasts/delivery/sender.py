"""The sender: one asyncio loop that puts claimed rows on the wire and writes the answers back.

Owns: the calls under way. Never: decides who gets what (lane, wire) or what an answer means
(policy). Run by bot/app in a thread of its own; its database connection belongs to that thread.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from broadcasts import clock, db
from broadcasts.channels.base import (
    Channel,
    Outcome,
    ProviderError,
    Result,
    Sender,
    TemplateMessage,
    Text,
)
from broadcasts.delivery import accounts, broadcasts, holds, media, results, wire
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.lane import Lane
from broadcasts.delivery.outbox import LEASE
from broadcasts.delivery.progress import Progress
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.results import Answered
from broadcasts.delivery.states import LIVE
from broadcasts.delivery.statuses import tracker
from broadcasts.delivery.wire import Outgoing
from broadcasts.faults import where
from broadcasts.wakeups import Wakeups

log = logging.getLogger(__name__)

TICK = 0.03
"""Seconds between two looks; what is found costs one transaction."""

LOOK_AGAIN = 1.0
"""Seconds after which the database is asked even if nobody has written anything: for retries."""

MISTAKES_IN_A_ROW = 10
"""So many refusals for our own mistake without one success are the broadcast's fault."""


class SendLoop:
    def __init__(
        self,
        channels: Mapping[str, Channel],
        *,
        default_language: str,
        in_flight: int,
        request_timeout: timedelta = timedelta(seconds=15),
        beat: Callable[[], None] = lambda: None,
        wakeups: Wakeups | None = None,
    ) -> None:
        self._channels = channels
        self._in_flight = in_flight
        self._reserve = in_flight // 5
        self._seconds = request_timeout.total_seconds()
        self._beat = beat
        self._wakeups = wakeups or Wakeups()
        self._worker = f"{db.process_name()}:{threading.get_ident() % 10000}"
        self._renditions = Renditions(default_language)
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: list[Answered] = []
        self._uploads: dict[tuple[str, str], asyncio.Task[str]] = {}
        # The upload and the call after it together stay within the lease.
        self._upload_seconds = max(1.0, LEASE.total_seconds() - self._seconds - 3)
        self._mistakes: dict[int, int] = {}
        self._progress = Progress()
        self._live: list[Broadcast] = []
        self._lanes: dict[str, Lane] = {}

    def run(self, stop: threading.Event) -> None:
        """Sends until `stop` is set; then lets the calls under way come back."""
        asyncio.run(self._run(stop))

    async def _run(self, stop: threading.Event) -> None:
        self._something = asyncio.Event()
        deafen = self._wakeups.listen(self._wake_in(asyncio.get_running_loop()))
        self._senders = {
            kind: channel.sender(seconds=self._seconds) for kind, channel in self._channels.items()
        }
        try:
            while not stop.is_set():
                await self._while_connected(stop)
        finally:
            deafen()
            for sender in self._senders.values():
                await sender.close()

    async def _while_connected(self, stop: threading.Event) -> None:
        """Sends on one database connection. Its trouble is waited out: nothing is lost, the
        calls under way come back to the next one."""
        try:
            with db.session():
                if not self._lanes:
                    accounts.ensure(a for c in self._channels.values() for a in c.accounts)
                    self._lanes = {lane.account.id: lane for lane in self._make_lanes()}
                try:
                    while not stop.is_set():
                        self.tick()
                        # After it: a sender that fails each time must not look alive.
                        self._beat()
                        await self._rest()
                    await self._finish()
                finally:
                    # A lost connection has taken its locks along.
                    for lane in self._lanes.values():
                        lane.let_go()
        except db.DatabaseError as error:
            log.error("database error=%s", where(error))
            await asyncio.sleep(1.0)

    def _make_lanes(self) -> list[Lane]:
        return [
            Lane(
                account,
                terms=wire.terms(channel),
                worker=self._worker,
                renditions=self._renditions,
            )
            for channel in self._channels.values()
            for account in channel.accounts
        ]

    def _wake_in(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        def wake() -> None:
            # Told once more while the loop is closing.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._something.set)

        return wake

    async def _rest(self) -> None:
        """A tick while there is something to do; else until somebody writes something."""
        if self._live or self._tasks or self._answers:
            await asyncio.sleep(TICK)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._something.wait(), LOOK_AGAIN)
        self._something.clear()

    def tick(self) -> None:
        """One look: answers back into the table, then what may leave now onto the wire."""
        at = time.monotonic()
        self._flush()
        self._live = [b for b in broadcasts.unfinished() if b.state in LIVE]
        self._progress.forget({b.id for b in self._live})
        for broadcast in self._live:
            self._progress.say(broadcast.id, at)
        for lane in self._lanes.values():
            # Read anew: what was written until here took time that must not count as pace unused.
            now, at = clock.now(), time.monotonic()
            if lane.is_ours(at, now):
                lane.refresh(at)
                room = self._in_flight - len(self._tasks)
                for outgoing in lane.next(self._live, now, at, room, reserve=self._reserve):
                    self._launch(lane, outgoing)

    def _launch(self, lane: Lane, outgoing: Outgoing) -> None:
        sender = self._senders[lane.account.channel]
        task = asyncio.get_running_loop().create_task(self._send(sender, outgoing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, sender: Sender, outgoing: Outgoing) -> None:
        try:
            file = await self._media(sender, outgoing)
            result = await sender.send(
                outgoing.account,
                outgoing.address,
                outgoing.content,
                tracker=tracker(outgoing.id, outgoing.attempt),
                media=file,
            )
        except ProviderError as error:
            result = Result(error.outcome, code=error.code)
        except Exception as error:
            # A fault of ours between the row and the wire: whether it left is not known.
            log.error("send delivery=%s error=%s", outgoing.id, where(error))
            result = Result(Outcome.UNKNOWN, code=type(error).__name__)
        self._answers.append(Answered(outgoing, result))

    async def _media(self, sender: Sender, outgoing: Outgoing) -> str | None:
        """The provider's id of the picture; uploaded once per number, whoever needs it first."""
        content = outgoing.content
        picture = content.picture if isinstance(content, Text | TemplateMessage) else None
        if picture is None:
            return None
        known = media.find(outgoing.account, picture, clock.now())
        if known is not None:
            return known
        key = outgoing.account, picture
        if key not in self._uploads:
            self._uploads[key] = asyncio.create_task(self._upload(sender, *key))
        # One try for everybody who waits for it: if it fails, it has failed for all of them, and
        # none outlives its lease waiting for its own.
        return await asyncio.shield(self._uploads[key])

    async def _upload(self, sender: Sender, account: str, picture: str) -> str:
        try:
            uploaded = await asyncio.wait_for(sender.upload(account, picture), self._upload_seconds)
        except TimeoutError:
            raise ProviderError(Outcome.TRANSIENT, "upload_timeout", "no answer") from None
        finally:
            self._uploads.pop((account, picture), None)
        media.note(account, picture, uploaded)
        return uploaded

    def _flush(self) -> bool:
        """Writes the answers that are in; they stay in hand until they are committed."""
        answered = list(self._answers)
        if not answered:
            return False
        results.record(answered)
        del self._answers[: len(answered)]
        now, at = clock.now(), time.monotonic()
        for item in answered:
            self._lanes[item.outgoing.account].landed(item.outgoing.address.key, at)
        for item in answered:
            self._progress.note(item.outgoing.broadcast_id, item.result)
            self._lanes[item.outgoing.account].learn(item.result, now, at)
            self._count_mistakes(item)
        self._mark_started({item.outgoing.broadcast_id for item in answered})
        return True

    def _mark_started(self, ids: set[int | None]) -> None:
        """Also of one that was stopped meanwhile: somebody may have got it."""
        known = {row.id for row in self._live if row.started_at is not None}
        for id in filter(None, ids - known):
            broadcasts.mark_started(id, clock.now())

    def _count_mistakes(self, item: Answered) -> None:
        """A mistake of ours must not use up every recipient, one after the other."""
        broadcast_id = item.outgoing.broadcast_id
        if broadcast_id is None:
            return
        if item.result.outcome is Outcome.ACCEPTED:
            self._mistakes[broadcast_id] = -(2**31)
        elif item.result.outcome is Outcome.OUR_MISTAKE:
            count = self._mistakes[broadcast_id] = self._mistakes.get(broadcast_id, 0) + 1
            if count == MISTAKES_IN_A_ROW:
                holds.hold(broadcast_id, f"our_mistake {item.result.code}")
                log.error("held broadcast=%s code=%s", broadcast_id, item.result.code)

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timedelta(seconds=20).total_seconds())
        self._flush()
        for lane in self._lanes.values():
            lane.give_back(clock.now())
