"""A city with two channels, both ours: what is written goes by the real journal and receiver."""

import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import open_city
from bot.city import City
from bot.receiver import Receiver
from broadcasts import clock, db, journal
from broadcasts.channels.base import Account, Address, Event, MessageGone, MessageIn
from broadcasts.delivery.outbox import Delivery
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import SECOND
from tests.fakes import FakeChannel
from tests.system import NUMBER, write_config

ONE, OTHER = "whatsapp", "second"


class Talking(FakeChannel):
    """Reads what `Two.write` has written."""

    def writers(self, payload: Any) -> Iterable[str]:
        return (payload["sender"],)

    def parse(self, payload: Any) -> Iterable[Event]:
        at = datetime.fromisoformat(payload["at"])
        sender = Address(wa_id=payload["sender"])
        account = self.accounts[0].id
        if "taken_back" in payload:
            yield MessageGone(payload["id"], account, sender, payload["taken_back"], at)
        else:
            yield MessageIn(payload["id"], account, sender, at, text=payload["text"])


class Two:
    def __init__(self, city: City) -> None:
        self.city = city
        self._receiver = Receiver(city)
        self._count = itertools.count()

    def write(self, kind: str, text: str, *, number: int = 1, at: datetime | None = None) -> None:
        """Somebody writes; it is applied."""
        self.post(kind, text, number=number, at=at)
        while self._receiver.drain():
            pass

    def post(self, kind: str, text: str, *, number: int = 1, at: datetime | None = None) -> None:
        """Into the journal only."""
        self._post(kind, number, {"text": text, "at": (at or clock.now()).isoformat()})

    def _post(self, kind: str, number: int, written: dict[str, str]) -> None:
        sender = f"49176040690{number:02}"
        whole = {
            "id": f"{kind}-{next(self._count)}",
            "sender": sender,
            "at": clock.now().isoformat(),
            **written,
        }
        journal.append([journal.Arrival(kind, json.dumps(whole).encode(), (sender,))])

    def take_back(self, kind: str, *, number: int = 1) -> None:
        """The person deletes what they wrote last."""
        last = f"{kind}-{next(self._count) - 1}"
        self._post(kind, number, {"taken_back": last})
        while self._receiver.drain():
            pass

    def take_back_next(self, kind: str) -> None:
        """The same of what the provider brings only after it."""
        number = next(self._count)
        self._post(kind, 1, {"taken_back": f"{kind}-{number + 2}"})

    def said(self, kind: str, text: str, *, number: int = 1, at: datetime | None = None) -> str:
        """What was answered there."""
        before = len(self.answers(kind))
        self.write(kind, text, number=number, at=at)
        return "\n".join(self.answers(kind)[before:])

    def answers(self, kind: str) -> list[str]:
        query = Delivery.select().where(Delivery.broadcast.is_null(), Delivery.channel == kind)
        return [str(row.content["body"]) for row in query.order_by(Delivery.id)]

    def row(self, kind: str, number: int = 1) -> Subscriber:
        sender = f"49176040690{number:02}"
        found: Subscriber = Subscriber.get(Subscriber.channel == kind, Subscriber.wa_id == sender)
        return found

    def close_windows(self) -> None:
        """From now on nothing reaches anybody on the second channel who has not written lately."""
        channel = self.city.channels[OTHER]
        assert isinstance(channel, Talking)
        channel.window, channel.has_templates = timedelta(hours=24), False

    def release(self) -> None:
        """Another receiver takes over."""
        self._receiver.release()

    def close(self) -> None:
        self._receiver.release()
        self._receiver.close()


def two_channels(city: City) -> City:
    number = Account(ONE, NUMBER, "+49 176 04069000", 80, join="https://one.example/?text={text}")
    channels = {
        ONE: Talking(ONE, (number,)),
        OTHER: Talking(OTHER, (SECOND,), window=None),
    }
    return replace(city, newsroom=replace(city.newsroom, channels=channels))


@contextmanager
def opened(url: str | None = None) -> Iterator[Two]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        url = url or f"sqlite:///{path / 'stadtbote.db'}"
        made = Two(two_channels(open_city(write_config(path, url=f'"{url}"'))))
        with db.session():
            yield made
            made.close()
        db.close_database()
