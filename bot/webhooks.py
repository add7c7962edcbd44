"""HTTP in: verify, journal, 200.

Owns: the doors at which providers knock, a thin WSGI layer before Flask: thousands of statuses a
second come through here. Never: reads what a message means; answers before the raw body is on disk
(invariant 1). Wired by bot/app.
"""

import hmac
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request

from broadcasts import db, journal
from broadcasts.channels.base import Channel, WebhookError
from broadcasts.faults import where

log = logging.getLogger(__name__)

LARGEST_BODY = 3 * 1024 * 1024
"""Bytes: Meta's payloads can be up to 3 MB
(developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview)."""

PATIENCE = 3.0
"""Seconds for which a request waits for the disk."""

LARGEST_GROUP = 200
"""Requests in one commit."""

ROOT = "/webhooks/"

MAIL = "message/rfc822"
"""The one kind of body that is no JSON: a mail, as its server has it."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Door:
    """Answers `GET` and `POST /webhooks/<kind>` for every configured channel, with a part of the
    address that nobody can guess where it has one; everything else is the inner application's."""

    def __init__(self, inner: Wsgi, channels: Mapping[str, Channel]) -> None:
        self._inner = inner
        self._channels = channels
        self._commits = GroupCommit()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        channel = self._channel(path.removeprefix(ROOT)) if path.startswith(ROOT) else None
        if channel is None:
            return self._inner(environ, start_response)
        status, text = self._answer(channel, environ)
        body = text.encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
        ]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    def _channel(self, path: str) -> Channel | None:
        kind, _, rest = path.partition("/")
        channel = self._channels.get(kind)
        if channel is None or not hmac.compare_digest(rest.encode(), channel.path().encode()):
            return None
        return channel

    def _answer(self, channel: Channel, environ: dict[str, Any]) -> tuple[int, str]:
        try:
            if environ["REQUEST_METHOD"] == "GET":
                return 200, channel.challenge(Request(environ).args)
            if environ["REQUEST_METHOD"] != "POST":
                return 405, "GET or POST"
            self._receive(channel, environ)
        except WebhookError as error:
            log.warning("refused channel=%s status=%s", channel.kind, error.status)
            return error.status, error.reason
        except Exception as error:
            # Not 200: the provider keeps it and brings it again, for 7 days.
            log.error("not stored channel=%s error=%s", channel.kind, where(error))
            return 503, "cannot be stored now"
        return 200, "ok"

    def _receive(self, channel: Channel, environ: dict[str, Any]) -> None:
        raw = _read_body(environ)
        channel.verify(_Headers(environ), raw)
        if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == MAIL:
            raw = _wrapped(raw)
        entry = journal.Arrival(channel.kind, raw, channel.writers(_read_json(raw)))
        self._commits.append(entry)


class _Headers(Mapping[str, str]):
    """The request's headers, whatever their case; read where they stand, because few are."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return str(self._environ[f"HTTP_{name.upper().replace('-', '_')}"])

    def __iter__(self) -> Iterator[str]:
        return (key[5:].replace("_", "-") for key in self._environ if key.startswith("HTTP_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _read_body(environ: dict[str, Any]) -> bytes:
    # The stated length first: what is too large must not even be read.
    stated = environ.get("CONTENT_LENGTH") or "0"
    if not stated.isdigit():
        raise WebhookError(400, "no such length")
    if int(stated) > LARGEST_BODY:
        raise WebhookError(413, "larger than 3 MB")
    if environ.get("wsgi.input_terminated") or environ.get("HTTP_TRANSFER_ENCODING"):
        raw: bytes = environ["wsgi.input"].read(LARGEST_BODY + 1)
    else:
        raw = environ["wsgi.input"].read(int(stated))
    if len(raw) > LARGEST_BODY:
        raise WebhookError(413, "larger than 3 MB")
    return raw


def _wrapped(raw: bytes) -> bytes:
    """A mail as JSON, byte for byte: each is one sign."""
    return json.dumps({MAIL: raw.decode("latin-1")}).encode()


def _read_json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise WebhookError(400, "not JSON") from error


class StuckError(Exception):
    """The disk or the database holds us up; the provider may come again."""


class _Waiting:
    """One request until what it brought is on disk."""

    def __init__(self, arrival: journal.Arrival) -> None:
        self.arrival = arrival
        self.error: Exception | None = None
        self.given_up = False
        self.settled = threading.Lock()
        self.settled.acquire()


class GroupCommit:
    """Many requests, one commit: a thread writes whatever has come while it wrote the last.

    A commit that waits for the disk costs as much for fifty bodies as for one.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None
        self._writing_since: float | None = None

    def append(self, arrival: journal.Arrival) -> None:
        """Returns once it is on disk. Raises what the database raises, to each of the group, and
        StuckError after PATIENCE: requests that wait for ever would keep /healthz from answering.
        """
        if self._writer is None:
            self._start()
        since = self._writing_since
        if since is not None and time.monotonic() - since > PATIENCE:
            raise StuckError
        mine = _Waiting(arrival)
        self._queue.put(mine)
        if not mine.settled.acquire(timeout=PATIENCE):
            # If it is stored after all, the second delivery is recognised.
            mine.given_up = True
            raise StuckError
        if mine.error is not None:
            raise mine.error

    def _start(self) -> None:
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while True:
            group = [self._queue.get()]
            while len(group) < LARGEST_GROUP and not self._queue.empty():
                group.append(self._queue.get())
            self._writing_since = time.monotonic()
            error = _commit([one for one in group if not one.given_up])
            self._writing_since = None
            for one in group:
                one.error = error
                one.settled.release()


def _commit(group: list[_Waiting]) -> Exception | None:
    try:
        with db.session():
            journal.append([one.arrival for one in group])
    except Exception as error:
        # Whatever it is: nobody of the group may be told that it is stored.
        return error
    return None
