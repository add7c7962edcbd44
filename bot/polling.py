"""Fetching what came in, where a provider cannot knock: a machine behind a firewall.

Owns: one thread per channel that polls, one of them at a time over all machines. Never: reads what
came. It is on disk before the provider is told to forget it (invariant 1). Run by bot/loops.
"""

import json
import logging
import threading
from datetime import timedelta

from broadcasts import db, figures, journal
from broadcasts.channels.base import Channel, Poller, ProviderError
from broadcasts.faults import where
from broadcasts.figures import Recent
from broadcasts.journal import Arrival
from broadcasts.locks import Lock

log = logging.getLogger(__name__)

REST = timedelta(seconds=5)
"""After a refusal; of two that fetch at once the provider throws one out each time."""


TROUBLE = "fetching {kind}"
"""Under this name stands the provider's code while nothing can be fetched, and since when."""


def trouble(kind: str) -> Recent | None:
    """None: what comes in is fetched, or brought to our door. Its data is the provider's code."""
    return figures.kept(TROUBLE.format(kind=kind))


class Polling(threading.Thread):
    def __init__(self, channel: Channel, poller: Poller, stop: threading.Event) -> None:
        super().__init__(name=f"polling-{channel.kind}")
        self._code: str | None = None
        self._channel, self._poller, self._stop_event = channel, poller, stop
        self._lock = Lock(f"polling-{channel.kind}")

    def run(self) -> None:
        """Until `stop`; whatever goes wrong is waited out."""
        while not self._stop_event.is_set():
            try:
                with db.session():
                    self._while_connected()
            except Exception as error:
                log.error("polling channel=%s error=%s", self._channel.kind, where(error))
                self._rest()
        self._poller.close()

    def cancel(self) -> None:
        """After `stop` is set: a question that waits for an answer ends at once."""
        self._poller.cancel()

    def _while_connected(self) -> None:
        """What was stored and not confirmed (a crash in between) comes again, and is recognised by
        its message ids like any second delivery."""
        upto: int | None = None
        try:
            while not self._stop_event.is_set():
                if not self._lock.acquire():
                    upto = None
                    self._rest()
                    continue
                try:
                    fetched = self._poller.fetch(upto)
                except ProviderError as error:
                    self._note(error.code)
                    self._rest()
                    continue
                self._note("")
                if fetched.updates:
                    journal.append([self._arrival(update) for update in fetched.updates])
                upto = fetched.upto if fetched.upto is not None else upto
        finally:
            self._lock.release()

    def _note(self, code: str) -> None:
        """Said when it changes; empty: all is well."""
        if code == self._code:
            return
        name = TROUBLE.format(kind=self._channel.kind)
        if not code:
            figures.forget(name)
        elif not self._code:
            figures.keep(name, code)
        self._code = code
        if code:
            log.warning("polling channel=%s code=%s", self._channel.kind, code)

    def _arrival(self, update: bytes) -> Arrival:
        """One entry each: an erasure finds what only one person wrote."""
        return Arrival(self._channel.kind, update, self._channel.writers(json.loads(update)))

    def _rest(self) -> None:
        self._stop_event.wait(REST.total_seconds())
