"""The stand-in as one object: a thread with its own loop, started and stopped by whoever needs it.

Owns: the server's life, and what tests ask of it. Never: a rule. Every method may be called from
any thread.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from aiohttp import web

from bot.sandbox import acts
from bot.sandbox.control import Control
from bot.sandbox.faults import Faults
from bot.sandbox.graph import Graph
from bot.sandbox.meta import MetaSettings, MetaStage
from bot.sandbox.meta.manners import INSTAGRAM, MESSENGER
from bot.sandbox.telegram import TelegramPhone, TelegramSettings, TelegramWorld
from bot.sandbox.telegram.api import TelegramApi
from bot.sandbox.telegram.control import TelegramControl
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Bubble, Person, SandboxSettings, World

T = TypeVar("T")


class Sandbox:
    """`with Sandbox(settings) as sandbox: …`; `sandbox.url` is what goes into `graph_url`."""

    def __init__(
        self,
        settings: SandboxSettings,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        telegram: TelegramSettings | None = None,
        messenger: MetaSettings | None = None,
        instagram: MetaSettings | None = None,
    ) -> None:
        self.settings = settings
        page, account = MetaSettings(), MetaSettings(account="17840000000000001")
        self.messenger = MetaStage(self, MESSENGER, messenger or page, settings.seed)
        self.instagram = MetaStage(self, INSTAGRAM, instagram or account, settings.seed)
        self.telegram = TelegramWorld(telegram or TelegramSettings())
        self.telegram_faults = Faults(settings.seed)
        self._host, self._port = host, port
        self.url = ""
        self.world = World(settings)
        self.faults = Faults(settings.seed)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._failure: BaseException | None = None

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> "Sandbox":
        self._thread.start()
        self._ready.wait(10)
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(10)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self.webhooks = Webhooks(self.world, self.faults)
        self.graph = Graph(self.world, self.faults, self.webhooks)
        self.updates = Updates(self.telegram)
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.add_routes(TelegramControl(self.telegram, self.telegram_faults, self.updates).routes())
        app.add_routes(Control(self.world, self.faults, self.webhooks, self.graph).routes())
        app.add_routes(TelegramApi(self.telegram, self.telegram_faults, self.updates).routes())
        for stage in (self.messenger, self.instagram):
            app.add_routes(stage.open())
        app.add_routes(self.graph.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, self._host, self._port)
        await site.start()
        address = runner.addresses[0]
        self.url = f"http://{address[0]}:{address[1]}"
        tellers = (
            self.webhooks,
            self.updates,
            self.messenger.webhooks,
            self.instagram.webhooks,
        )
        sending = [asyncio.create_task(teller.run()) for teller in tellers]
        self._ready.set()
        await self._stopped.wait()
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        await runner.cleanup()

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function in the stand-in's loop and gives its result."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 120.0) -> None:
        """Until it holds; TimeoutError if it never does."""
        deadline = time.monotonic() + seconds
        while not self.call(condition):
            if time.monotonic() > deadline:
                raise TimeoutError("the condition never held")
            time.sleep(0.01)

    # ------------------------------------------------ what tests ask of it

    def set_webhook(self, url: str) -> None:
        self.webhooks.url = url
        self.call(self.webhooks.reopen)

    def advance(self, seconds: float) -> None:
        """The stand-in's clock goes on by so much."""
        self.world.shift += seconds

    def replace_token(self, token: str) -> None:
        """The old one is invalid from now on."""
        self.world.token = token

    def set_account_error(self, code: int | None) -> None:
        self.world.account_error = code

    def set_tier(self, tier: str) -> None:
        """The portfolio's limit from now on."""
        self.world.tier = tier

    def set_template(self, name: str, language: str, status: str) -> None:
        self.call(lambda: self.graph.set_template(name, language, status))

    def open_door(self) -> None:
        self.call(self.webhooks.reopen)

    def tell(self, phone_id: str, field: str, value: dict[str, Any]) -> None:
        """Sends any webhook item."""
        self.call(lambda: self.webhooks.tell(phone_id, field, value))

    def phone(self, number: str, *, shape: str = "both", name: str = "") -> "Phone":
        """A citizen's phone; `shape` is what webhooks tell: phone, both or bsuid."""
        return Phone(self, self.call(lambda: self.world.person(number, shape=shape, name=name)))

    def telegram_phone(self, id: int, *, name: str = "", language: str = "de") -> TelegramPhone:
        """A person's Telegram; they have written nothing yet."""
        person = self.call(lambda: self.telegram.person(id, name))
        person.language = language
        return TelegramPhone(self, person)

    def add_readers(self, numbers: Sequence[str]) -> None:
        """Citizens whom nobody plays: they only receive."""

        def add() -> None:
            for number in numbers:
                self.world.person(number).is_played = False

        self.call(add)

    def accepted(self) -> list[dict[str, Any]]:
        """Accepted messages in order."""
        return self.call(lambda: list(self.world.log))

    def accepted_on_telegram(self) -> list[dict[str, Any]]:
        return self.call(lambda: list(self.telegram.log))

    def busiest_second(self, phone_id: str) -> int:
        return self.call(lambda: self.world.meters[phone_id].most)

    def is_quiet(self) -> bool:
        """Nothing waits to be told."""
        stages = self.messenger, self.instagram
        return self.call(
            lambda: (
                self.webhooks.waiting == 0
                and not self.updates.pending
                and all(stage.is_quiet for stage in stages)
            )
        )


class Phone:
    """A citizen's phone in a test's hand."""

    def __init__(self, sandbox: Sandbox, person: Person) -> None:
        self._sandbox, self.person = sandbox, person
        self.number = sandbox.settings.numbers[0].phone_id

    def _do(self, act: Callable[..., str], *arguments: Any, **more: Any) -> str:
        world, webhooks = self._sandbox.world, self._sandbox.webhooks
        return self._sandbox.call(
            lambda: act(world, webhooks, self.person, self.number, *arguments, **more)
        )

    def text(self, body: str, *, at: float | None = None) -> str:
        """Writes; returns the message's id."""
        return self._do(acts.text, body, at=at)

    def tap(self, choice: str) -> str:
        """Taps the newest button with this label or id."""
        return self._do(acts.tap, choice)

    def image(self, caption: str = "") -> str:
        return self._do(acts.image, caption)

    def voice(self) -> str:
        return self._do(acts.voice)

    def react(self, emoji: str) -> str:
        return self._do(acts.react, emoji)

    def stop_marketing(self, *, resume: bool = False) -> None:
        self._do(acts.preference, resume=resume)

    def change_number(self, number: str) -> None:
        self._do(acts.change_number, number)

    def block(self, blocked: bool = True) -> None:
        self.person.blocked = blocked

    @property
    def messages(self) -> list[Bubble]:
        """What the city wrote, as on the screen."""
        return self._sandbox.call(
            lambda: [replace(bubble) for bubble in self.person.screen if not bubble.mine]
        )

    @property
    def bodies(self) -> list[str]:
        return [bubble.body for bubble in self.messages]

    def wait_for(self, number: int, seconds: float = 120.0) -> list[Bubble]:
        """Until the city has written at least so many messages."""
        self._sandbox.wait_for(
            lambda: sum(not bubble.mine for bubble in self.person.screen) >= number, seconds
        )
        return self.messages
