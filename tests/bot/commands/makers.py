"""What tests of commands share: their words for a command, and readers."""

from collections.abc import Callable
from datetime import date
from typing import Any

from broadcasts import clock
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import reader
from tests.newsroom.makers import BERLIN
from tests.system import NUMBER

Run = Callable[..., Any]
Say = Callable[..., str]


def readers(number: int, **more: Any) -> list[Subscriber]:
    people = [reader(index, **more) for index in range(1, number + 1)]
    Subscriber.update(account=NUMBER).execute()
    return people


def today() -> date:
    return clock.today(BERLIN)
