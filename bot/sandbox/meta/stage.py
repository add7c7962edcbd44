"""One of Meta's two messengers in the stand-in: its parts, put together.

Owns: what belongs to whom. Never: a rule. Made by the server, asked by tests.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from aiohttp import web

from bot.sandbox.faults import Faults
from bot.sandbox.meta.api import MetaApi
from bot.sandbox.meta.control import MetaControl
from bot.sandbox.meta.manners import Manners
from bot.sandbox.meta.phone import MetaPhone
from bot.sandbox.meta.webhooks import MetaWebhooks
from bot.sandbox.meta.world import MetaSettings, MetaWorld

T = TypeVar("T")


class House(Protocol):
    """The stand-in as a whole."""

    url: str

    def call(self, function: Callable[[], T]) -> T: ...

    def wait_for(self, condition: Callable[[], bool], seconds: float = 120.0) -> None: ...


class MetaStage:
    """`stage.url` is what goes into `graph_url`."""

    def __init__(self, house: House, manners: Manners, settings: MetaSettings, seed: int) -> None:
        self._house, self.settings = house, settings
        self.world = MetaWorld(manners, settings)
        self.faults = Faults(seed)

    @property
    def origin(self) -> str:
        return self._house.url

    @property
    def url(self) -> str:
        return f"{self._house.url}/{self.world.manners.kind}"

    def open(self) -> list[web.RouteDef]:
        """In the stand-in's loop: what knocks at the city, and the paths."""
        self.webhooks = MetaWebhooks(self.world)
        parts = self.world, self.faults, self.webhooks
        return [*MetaControl(*parts).routes(), *MetaApi(*parts).routes()]

    def call(self, function: Callable[[], T]) -> T:
        return self._house.call(function)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 120.0) -> None:
        self._house.wait_for(condition, seconds)

    # ------------------------------------------------ what tests ask of it

    def set_webhook(self, url: str) -> None:
        """As it is entered in the app's settings."""
        self.call(lambda: self.webhooks.set_url(url))

    def advance(self, seconds: float) -> None:
        """The stand-in's clock goes on by so much."""
        self.world.shift += seconds

    def phone(self, last: int, *, name: str = "") -> MetaPhone:
        """A person's telephone; they have written nothing yet."""
        id = str(self.world.manners.first_id + last)
        return MetaPhone(self, self.call(lambda: self.world.person(id, name)))

    def accepted(self) -> list[dict[str, Any]]:
        """Accepted messages in order."""
        return self.call(lambda: list(self.world.log))

    @property
    def is_quiet(self) -> bool:
        """Nothing waits to be told."""
        return not self.webhooks.pending
