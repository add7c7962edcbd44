"""The sender: one asyncio loop that puts claimed rows on the wire and writes the answers back.

Owns: the calls under way. Never: decides who gets what (lane, wire) or what an answer means
(policy). Run by bot/app in a thread of its own; its database connection belongs to that thread.
"""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
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
from broadcasts.delivery import accounts, broadcasts, media, results, settling
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.lane import Lane
from broadcasts.delivery.results import Answered
from broadcasts.delivery.states import LIVE
from broadcasts.delivery.statuses import tracker
from broadcasts.delivery.wire import Outgoing, Renditions
from broadcasts.faults import where

log = logging.getLogger(__name__)

TICK = 0.02
"""Seconds between two looks; what is found costs one transaction."""

LOOK_AGAIN = 0.25
"""Seconds after which the database is asked even if nobody has changed anything: for retries."""

MISTAKES_IN_A_ROW = 10
"""So many refusals for our own mistake without one success are the broadcast's fault."""


def _host() -> str:
    return socket.gethostname().replace(":", "-")[:20]


def is_dead(worker: str) -> bool:
    """Whether the process that gave itself this name surely does not live any more. Of another
    machine's nothing is known: its leases end by themselves."""
    host, _, rest = worker.partition(":")
    if host != _host():
        return False
    try:
        os.kill(int(rest.partition(":")[0]), 0)
    except ProcessLookupError:
        return True
    except (ValueError, PermissionError):
        return False
    return False


class SendLoop:
    def __init__(
        self,
        channels: Mapping[str, Channel],
        *,
        default_language: str,
        in_flight: int,
        request_timeout: timedelta = timedelta(seconds=15),
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._channels = channels
        self._in_flight = in_flight
        self._seconds = request_timeout.total_seconds()
        self._beat = beat
        self._worker = f"{_host()}:{os.getpid()}:{threading.get_ident() % 10000}"
        self._renditions = Renditions(default_language)
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: list[Answered] = []
        self._uploads: dict[tuple[str, str], asyncio.Lock] = {}
        self._mistakes: dict[int, int] = {}
        self._live: list[Broadcast] = []
        self._seen_counter = -1
        self._looked_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Sends until `stop` is set; then lets the calls under way come back."""
        asyncio.run(self._run(stop))

    async def _run(self, stop: threading.Event) -> None:
        with db.session():
            accounts.ensure(a for channel in self._channels.values() for a in channel.accounts)
            self._senders = {
                kind: channel.sender(seconds=self._seconds)
                for kind, channel in self._channels.items()
            }
            settling.free_the_dead(clock.now(), is_dead)
            self._lanes = {lane.account.id: lane for lane in self._make_lanes()}
            try:
                while not stop.is_set():
                    await self._guarded_tick()
                await self._finish()
            finally:
                for sender in self._senders.values():
                    await sender.close()

    def _make_lanes(self) -> list[Lane]:
        return [
            Lane(
                account,
                needs_window=channel.window is not None,
                worker=self._worker,
                renditions=self._renditions,
            )
            for channel in self._channels.values()
            for account in channel.accounts
        ]

    async def _guarded_tick(self) -> None:
        """The database may be locked, full or away for a while: nothing is lost, we try again."""
        try:
            self._beat()
            self.tick()
            await asyncio.sleep(TICK)
        except db.DatabaseError as error:
            log.error("database error=%s", where(error))
            await asyncio.sleep(1.0)

    def tick(self) -> None:
        """One look: answers back into the table, then what may leave now onto the wire."""
        at = time.monotonic()
        wrote = self._flush()
        if not (self._has_changed() or wrote or self._live or at - self._looked_at > LOOK_AGAIN):
            return
        self._looked_at = at
        self._live = [b for b in broadcasts.unfinished() if b.state in LIVE]
        now = clock.now()
        for lane in self._lanes.values():
            lane.refresh(at)
            room = self._in_flight - len(self._tasks)
            for outgoing in lane.next(self._live, now, at, room):
                self._launch(lane, outgoing)

    def _has_changed(self) -> bool:
        before, self._seen_counter = self._seen_counter, db.change_counter()
        return before != self._seen_counter

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
        lock = self._uploads.setdefault((outgoing.account, picture), asyncio.Lock())
        async with lock:
            known = media.find(outgoing.account, picture, clock.now())
            if known is not None:
                return known
            uploaded = await sender.upload(outgoing.account, picture)
            media.note(outgoing.account, picture, uploaded)
            return uploaded

    def _flush(self) -> bool:
        """Writes the answers that are in; they stay in hand until they are committed."""
        answered = list(self._answers)
        if not answered:
            return False
        results.record(answered)
        del self._answers[: len(answered)]
        for item in answered:
            self._lanes[item.outgoing.account].landed()
        now, at = clock.now(), time.monotonic()
        for item in answered:
            self._lanes[item.outgoing.account].learn(item.result, now, at)
            self._count_mistakes(item)
        self._mark_started({item.outgoing.broadcast_id for item in answered})
        return True

    def _mark_started(self, ids: set[int | None]) -> None:
        for broadcast in self._live:
            if broadcast.id in ids and broadcast.started_at is None:
                broadcasts.mark_started(broadcast.id, clock.now())

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
                broadcasts.hold(broadcast_id, f"our_mistake {item.result.code}")
                log.error("held broadcast=%s code=%s", broadcast_id, item.result.code)

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timedelta(seconds=20).total_seconds())
        self._flush()
        for lane in self._lanes.values():
            lane.give_back(clock.now())
